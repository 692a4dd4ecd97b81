-- Race session starts between two moments: the one expansion of race_time_descriptors.
--
-- Postgres inlines the function into the query that calls it, because it has no SET clause and is one
-- SELECT: so it knows the span when it plans, and expands nothing that a WHERE leaves out. In return
-- nothing here may depend on the session's time zone: days are 24 hours, dates are taken as UTC. The
-- bounds on weeks are there for the index, and wider than any week: a session may be listed up to 8 days
-- before its week begins, no week ends a year after it, and no pattern reaches beyond 400 days. A week
-- without any bound has no sessions.

CREATE OR REPLACE FUNCTION iracing.race_sessions("from" timestamptz, "to" timestamptz)
RETURNS TABLE (
    season_id integer,
    race_week_num integer,
    descriptor_num smallint,
    start_time timestamptz,
    end_time timestamptz,
    super_session boolean,
    registration_opens timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
AS $function$
    SELECT d.season_id, d.race_week_num, d.descriptor_num, t.start_time,
           t.start_time + d.session_minutes * interval '1 minute', d.super_session,
           t.start_time - s.reg_open_minutes * interval '1 minute'
    FROM iracing.season_schedules w
    JOIN iracing.race_time_descriptors d USING (season_id, race_week_num)
    JOIN iracing.seasons s ON s.season_id = w.season_id
    CROSS JOIN LATERAL iracing.week_end(w) AS e
    CROSS JOIN LATERAL (
        -- A pattern: first_session_time on every listed day, then every repeat_minutes until the day
        -- is over; a pattern that does not repeat within the day has one start.
        SELECT k.start_time
        FROM unnest(CASE WHEN d.repeating THEN d.day_offset END) AS days (day_offset)
        CROSS JOIN LATERAL (
            SELECT (coalesce(d.start_date, w.start_date) + days.day_offset)::timestamp AT TIME ZONE 'UTC'
        ) AS day (midnight)
        CROSS JOIN LATERAL generate_series(
            day.midnight + d.first_session_time::interval,
            day.midnight + interval '24 hours' - interval '1 microsecond',
            coalesce(d.repeat_minutes, 1440) * interval '1 minute'
        ) AS k (start_time)
        WHERE day.midnight > "from" - interval '24 hours' AND day.midnight < "to"
        UNION ALL
        SELECT unnest(CASE WHEN NOT d.repeating THEN d.session_times END)
    ) AS t
    WHERE d.retired_at IS NULL AND w.retired_at IS NULL AND s.retired_at IS NULL
      AND (w.week_end_time >= "from" AND w.week_end_time < "to" + interval '366 days'
           OR w.week_end_time IS NULL AND (w.start_date > ("from" AT TIME ZONE 'UTC')::date - 800
                                           OR w.start_date IS NULL AND w.is_in_schedule))
      AND (w.start_date IS NULL OR w.start_date < ("to" AT TIME ZONE 'UTC')::date + 8)
      AND t.start_time >= "from" AND t.start_time < "to"
      AND t.start_time <= e.week_end
$function$;

COMMENT ON FUNCTION iracing.race_sessions(timestamptz, timestamptz) IS
    'Race session starts, UTC, from "from" (inclusive) to "to" (exclusive), bounded by each week''s '
    'week_end (inclusive). registration_opens is start_time less the season''s reg_open_minutes, '
    'NULL where the API does not give them. Retired rows never show.';
