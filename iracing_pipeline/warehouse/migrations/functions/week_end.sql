-- The end of a race week, the last moment at which a session of it may start: the one rule for it.
--
-- Postgres inlines the function into the query that calls it (FROM season_schedules w CROSS JOIN LATERAL
-- iracing.week_end(w) AS e), and looks at other rows only for a week that states no end: no answer before
-- 2025 states one. Nothing here may depend on the session's time zone, and no end may lie beyond the year
-- 9999, which clients cannot read.

CREATE OR REPLACE FUNCTION iracing.week_end(week iracing.season_schedules)
RETURNS TABLE (week_end timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
AS $function$
    SELECT coalesce(
        (week).week_end_time,
        -- The moment before the season's next week begins.
        (SELECT min(n.start_date)::timestamp AT TIME ZONE 'UTC' - interval '1 second'
         FROM iracing.season_schedules n
         WHERE n.season_id = (week).season_id AND n.start_date > (week).start_date
           AND n.retired_at IS NULL),
        -- The last session: of a pattern, the last repetition of its last day; or the last one listed.
        (SELECT max(CASE WHEN d.repeating
             THEN day.last + d.first_session_time::interval
                  + floor((86399.999999 - extract(epoch FROM d.first_session_time))
                          / (60 * coalesce(d.repeat_minutes, 1440)))
                      * coalesce(d.repeat_minutes, 1440) * interval '1 minute'
             ELSE (SELECT max(listed) FROM unnest(d.session_times) AS listed) END)
         FROM iracing.race_time_descriptors d
         CROSS JOIN LATERAL (
             SELECT coalesce(d.start_date, (week).start_date)
         ) AS pattern (start_date)
         CROSS JOIN LATERAL (
             SELECT max(pattern.start_date + least(days, '9999-12-31' - pattern.start_date))::timestamp
                        AT TIME ZONE 'UTC'
             FROM unnest(d.day_offset) AS days
         ) AS day (last)
         WHERE d.season_id = (week).season_id AND d.race_week_num = (week).race_week_num
           AND d.retired_at IS NULL),
        ((week).start_date + least(7, '9999-12-31' - (week).start_date))::timestamp AT TIME ZONE 'UTC'
            - interval '1 second'
    )
$function$;

COMMENT ON FUNCTION iracing.week_end(iracing.season_schedules) IS
    'The last moment at which a session of a week may start, inclusive: its week_end_time; where it '
    'states none, the second before the season''s next week begins; else its last session; else the last '
    'second of its seventh day. NULL where nothing of the week is dated.';
