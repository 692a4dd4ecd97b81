"""SQL behind calendar_events: race sessions and their words as events, compared with what was told.

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
        SELECT FROM sessions n
        WHERE n.season_id = w.season_id AND n.race_week_num = w.race_week_num)
"""

CONTENT = "session_minutes, license_group, summary, location, description, categories"
"""What subscribers read: sequence rises when one of it changes."""
_IDENTITY = "uid, series_id, season_id, race_week_num, start_time"

# A table, not a subquery: it gets statistics, and one statement reads one state of the schedules.
STAGE = f"""
    CREATE TEMP TABLE wanted_events ON COMMIT DROP AS
    SELECT {_IDENTITY}, {CONTENT} FROM iracing.calendar_events WITH NO DATA
"""  # noqa: S608 - composed of constants

FILL = f"""
    WITH sessions AS MATERIALIZED ({_SESSIONS}), weeks AS MATERIALIZED ({_WEEKS})
    INSERT INTO wanted_events ({_IDENTITY}, {CONTENT})
    SELECT n.season_id || '-' || n.race_week_num || '-'
               || to_char(n.start_time AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')
               || '@iracing-pipeline',
           w.series_id, n.season_id, n.race_week_num, n.start_time,
           coalesce(n.minutes, w.race_minutes), w.license_group, w.summary, w.location, w.description,
           CASE WHEN n.super_session THEN w.categories || 'super session'::text ELSE w.categories END
    FROM sessions n JOIN weeks w USING (season_id, race_week_num)
"""  # noqa: S608 - composed of constants

# A session that has begun stays as it was told.
COMPARE = f"""
    WITH differing AS MATERIALIZED (
        SELECT w.*, e.uid IS NULL AS is_new, e.cancelled_at IS NOT NULL AS was_cancelled
        FROM wanted_events w LEFT JOIN iracing.calendar_events e USING (uid)
        WHERE e.uid IS NULL OR e.start_time > %(now)s AND (
            e.cancelled_at IS NOT NULL
            OR (e.session_minutes, e.license_group, e.summary, e.location, e.description, e.categories)
               IS DISTINCT FROM
               (w.session_minutes, w.license_group, w.summary, w.location, w.description, w.categories))
    ), inserted AS (
        INSERT INTO iracing.calendar_events ({_IDENTITY}, {CONTENT}, sequence, last_modified)
        SELECT {_IDENTITY}, {CONTENT}, 0, %(now)s FROM differing WHERE is_new
    ), changed AS (
        UPDATE iracing.calendar_events e SET
            ({CONTENT}) = (d.session_minutes, d.license_group, d.summary, d.location, d.description,
                           d.categories),
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = NULL
        FROM differing d WHERE e.uid = d.uid
    ), cancelled AS (
        UPDATE iracing.calendar_events e SET
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = %(now)s
        WHERE e.start_time > %(now)s AND e.start_time < %(until)s AND e.cancelled_at IS NULL
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
