"""SQL behind calendar_events: sessions, special events and their words, compared with what was told.

In: nothing. Out: statements. What they are for, and in which order, is events.py's business.
"""

from __future__ import annotations

# Sessions of one week that start at one moment are one event, whichever descriptors name them. A season
# that was broken off is complete, and its weeks to come will not be raced.
_SESSIONS = """
    SELECT r.season_id, r.race_week_num, r.start_time,
           nullif((max(extract(epoch FROM r.end_time - r.start_time)) / 60)::int, 0) AS minutes,
           coalesce(bool_or(r.super_session), false) AS super_session
    FROM iracing.race_sessions(%(since)s, %(until)s) r
    JOIN iracing.seasons s USING (season_id)
    WHERE s.complete IS NOT TRUE
    GROUP BY 1, 2, 3
"""

SPECIAL = "special-"
"""What the UID of a special event begins with; that of a session begins with a number."""

# What people plan a year around: what iRacing calls special, seasons of one week, and team races of two
# hours and more. Their days are those of the sessions that are listed; else those of the week; else,
# where the week is not dated, the day on which the season begins.
_SPECIALS = """
    SELECT w.season_id, w.race_week_num, d.first_day, d.last_day,
           array_remove(ARRAY['special event', CASE WHEN is_endurance THEN 'endurance' END], NULL)
               AS categories
    FROM iracing.season_schedules w
    JOIN iracing.seasons s USING (season_id)
    CROSS JOIN LATERAL iracing.week_end(w) AS e
    CROSS JOIN LATERAL (
        SELECT bool_or(t.repeating) AS repeats, max(t.session_minutes) AS minutes,
               min(listed.start) AS first_start,
               max(listed.start + coalesce(t.session_minutes, 0) * interval '1 minute') AS last_end
        FROM iracing.race_time_descriptors t
        LEFT JOIN LATERAL unnest(t.session_times) AS listed (start) ON true
        WHERE t.season_id = w.season_id AND t.race_week_num = w.race_week_num AND t.retired_at IS NULL
    ) AS r
    CROSS JOIN LATERAL (
        SELECT coalesce(s.driver_changes AND greatest(w.race_time_limit, r.minutes) >= 120, false)
                   AS is_endurance,
               coalesce(CASE WHEN NOT r.repeats THEN r.first_start END,
                        w.start_date::timestamp AT TIME ZONE 'UTC', s.start_date) AS first_moment,
               coalesce(CASE WHEN NOT r.repeats THEN r.last_end - interval '1 second' END, e.week_end)
                   AS last_moment
    ) AS m
    CROSS JOIN LATERAL (
        SELECT (m.first_moment AT TIME ZONE 'UTC')::date AS first_day,
               (greatest(m.first_moment, m.last_moment) AT TIME ZONE 'UTC')::date AS last_day
    ) AS d
    WHERE w.retired_at IS NULL AND s.retired_at IS NULL AND s.complete IS NOT TRUE
      AND (w.is_in_schedule OR w.special_event_type IS NOT NULL)
      AND (w.special_event_type IS NOT NULL OR s.max_weeks = 1 OR m.is_endurance)
      AND greatest(m.first_moment, m.last_moment) >= %(since)s AND m.first_moment < %(special_until)s
"""

_WEEKS = """
    SELECT w.season_id, w.race_week_num, s.series_id, s.license_group, place.track AS location,
           concat_ws(' · ', coalesce(x.series_name, s.season_name),
                     'week ' || w.race_week_num + 1, place.track) AS summary,
           concat_ws(E'\\n', s.season_name, 'Cars: ' || cars.names, 'Race: ' || nullif(concat_ws(
                         ' or ', w.race_lap_limit || ' laps', w.race_time_limit || ' minutes'), ''),
                     nullif(concat_ws(', ', licence.name,
                         CASE WHEN s.official THEN 'official' WHEN NOT s.official THEN 'unofficial' END,
                         CASE WHEN s.fixed_setup THEN 'fixed set-up'
                              WHEN NOT s.fixed_setup THEN 'open set-up' END,
                         CASE WHEN s.multiclass THEN 'multiclass' END,
                         CASE WHEN s.driver_changes THEN 'driver changes' END), ''),
                     'Chance of rain: ' || w.precip_chance_pct || ' %%',
                     'Registration opens ' || s.reg_open_minutes || ' minutes before the start'
           ) AS description,
           array_remove(ARRAY[
               replace(coalesce(w.category, x.category), '_', ' '), licence.name,
               CASE WHEN s.fixed_setup THEN 'fixed set-up' END], NULL) AS categories,
           w.race_time_limit::int AS race_minutes
    FROM iracing.season_schedules w
    JOIN iracing.seasons s USING (season_id)
    LEFT JOIN iracing.series x ON x.series_id = s.series_id
    LEFT JOIN iracing.tracks t USING (track_id)
    CROSS JOIN LATERAL (
        SELECT nullif(CASE WHEN w.track_name IS NULL THEN concat_ws(' - ', t.track_name, t.config_name)
                           ELSE concat_ws(' - ', w.track_name, w.config_name) END, '') AS track
    ) AS place
    CROSS JOIN LATERAL (
        SELECT %(license_names)s::jsonb ->> s.license_group::text AS name
    ) AS licence
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(car_name, 'car ' || car_id), ', '
                          ORDER BY car_name COLLATE "C", car_id) AS names
        FROM iracing.week_cars k
        WHERE k.season_id = w.season_id AND k.race_week_num = w.race_week_num
    ) AS cars
    WHERE EXISTS (
        SELECT FROM chosen n
        WHERE n.season_id = w.season_id AND n.race_week_num = w.race_week_num)
"""

CONTENT = "session_minutes, license_group, summary, location, description, categories"
"""What subscribers read: sequence rises when one of it changes."""
_TOLD = f"start_time, {CONTENT}"
_IDENTITY = "uid, series_id, season_id, race_week_num, start_time"

# A table, not a subquery: it gets statistics, and one statement reads one state of the schedules.
STAGE = f"""
    CREATE TEMP TABLE wanted_events ON COMMIT DROP AS
    SELECT {_IDENTITY}, {CONTENT} FROM iracing.calendar_events WITH NO DATA
"""  # noqa: S608 - composed of constants

FILL = f"""
    WITH chosen AS MATERIALIZED ({_SESSIONS}), weeks AS MATERIALIZED ({_WEEKS})
    INSERT INTO wanted_events ({_IDENTITY}, {CONTENT})
    SELECT n.season_id || '-' || n.race_week_num || '-'
               || to_char(n.start_time AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')
               || '@iracing-pipeline',
           w.series_id, n.season_id, n.race_week_num, n.start_time,
           coalesce(n.minutes, w.race_minutes), w.license_group, w.summary, w.location, w.description,
           CASE WHEN n.super_session THEN w.categories || 'super session'::text ELSE w.categories END
    FROM chosen n JOIN weeks w USING (season_id, race_week_num)
"""  # noqa: S608 - composed of constants

FILL_SPECIALS = f"""
    WITH chosen AS MATERIALIZED ({_SPECIALS}), weeks AS MATERIALIZED ({_WEEKS})
    INSERT INTO wanted_events ({_IDENTITY}, {CONTENT})
    SELECT '{SPECIAL}' || n.season_id || '-' || n.race_week_num || '@iracing-pipeline',
           w.series_id, n.season_id, n.race_week_num, n.first_day::timestamp AT TIME ZONE 'UTC',
           (n.last_day - n.first_day + 1) * 1440, w.license_group, w.summary, w.location,
           w.description, w.categories || n.categories
    FROM chosen n JOIN weeks w USING (season_id, race_week_num)
"""  # noqa: S608 - composed of constants


def _columns_of(event: str) -> str:
    return ", ".join(f"{event}.{column}" for column in _TOLD.split(", "))


def _lies_ahead(event: str) -> str:
    """A session that has begun stays as it was told; a special event may change until it is over."""
    return (
        f"{event}.start_time + CASE WHEN starts_with({event}.uid, '{SPECIAL}') "
        f"THEN {event}.session_minutes ELSE 0 END * interval '1 minute' > %(now)s"
    )


COMPARE = f"""
    WITH differing AS MATERIALIZED (
        SELECT w.*, e.uid IS NULL AS is_new, e.cancelled_at IS NOT NULL AS was_cancelled
        FROM wanted_events w LEFT JOIN iracing.calendar_events e USING (uid)
        WHERE e.uid IS NULL OR ({_lies_ahead("e")} OR {_lies_ahead("w")}) AND (
            e.cancelled_at IS NOT NULL
            OR ({_columns_of("e")}) IS DISTINCT FROM ({_columns_of("w")}))
    ), inserted AS (
        INSERT INTO iracing.calendar_events ({_IDENTITY}, {CONTENT}, sequence, last_modified)
        SELECT {_IDENTITY}, {CONTENT}, 0, %(now)s FROM differing WHERE is_new
    ), changed AS (
        UPDATE iracing.calendar_events e SET
            ({_TOLD}) = ({_columns_of("d")}),
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = NULL
        FROM differing d WHERE e.uid = d.uid
    ), cancelled AS (
        UPDATE iracing.calendar_events e SET
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = %(now)s
        WHERE {_lies_ahead("e")} AND e.cancelled_at IS NULL
          AND (e.start_time < %(until)s OR starts_with(e.uid, '{SPECIAL}'))
          AND NOT EXISTS (SELECT FROM wanted_events w WHERE w.uid = e.uid)
        RETURNING 1
    ), deleted AS (
        DELETE FROM iracing.calendar_events
        WHERE start_time + make_interval(mins => coalesce(session_minutes, 0)) < %(forgotten)s
        RETURNING 1
    )
    SELECT count(*) FILTER (WHERE is_new),
           count(*) FILTER (WHERE NOT is_new AND NOT was_cancelled),
           (SELECT count(*) FROM cancelled),
           count(*) FILTER (WHERE was_cancelled),
           (SELECT count(*) FROM wanted_events) - count(*),
           (SELECT count(*) FROM deleted)
    FROM differing
"""  # noqa: S608 - composed of constants
