"""race_sessions(): the one expansion of race time descriptors, and the next 24 hours as a view."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RACE_SESSIONS = """
CREATE FUNCTION iracing.race_sessions("from" timestamptz, "to" timestamptz)
RETURNS TABLE (
    season_id integer,
    race_week_num integer,
    descriptor_num smallint,
    start_time timestamptz,
    end_time timestamptz,
    super_session boolean
)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
SET timezone = 'UTC'
AS $function$
    WITH weeks AS (
        SELECT d.*, w.start_date AS week_start, w.week_end_time
        FROM iracing.race_time_descriptors d
        JOIN iracing.season_schedules w USING (season_id, race_week_num)
        JOIN iracing.seasons s ON s.season_id = d.season_id
        WHERE d.retired_at IS NULL AND w.retired_at IS NULL AND s.retired_at IS NULL
          AND (w.week_end_time IS NULL OR w.week_end_time >= "from")
    ), starts AS (
        -- A pattern: first_session_time on every listed day, then every repeat_minutes until the day
        -- is over; a pattern that does not repeat within the day has one start.
        SELECT k.season_id, k.race_week_num, k.descriptor_num, k.session_minutes, k.super_session,
               k.week_end_time, t.start_time
        FROM weeks k
        CROSS JOIN LATERAL unnest(k.day_offset) AS days(day_offset)
        CROSS JOIN LATERAL (
            SELECT (coalesce(k.start_date, k.week_start) + days.day_offset)::timestamptz AS midnight
        ) AS day
        CROSS JOIN LATERAL generate_series(
            day.midnight + k.first_session_time,
            day.midnight + interval '1 day' - interval '1 microsecond',
            make_interval(mins => coalesce(k.repeat_minutes, 1440))
        ) AS t(start_time)
        WHERE k.repeating
          AND day.midnight + interval '1 day' > "from"
          AND day.midnight < "to"
        UNION ALL
        SELECT k.season_id, k.race_week_num, k.descriptor_num, k.session_minutes, k.super_session,
               k.week_end_time, t.start_time
        FROM weeks k
        CROSS JOIN LATERAL unnest(k.session_times) AS t(start_time)
        WHERE NOT k.repeating
    )
    SELECT season_id, race_week_num, descriptor_num, start_time,
           start_time + make_interval(mins => session_minutes), super_session
    FROM starts
    WHERE start_time >= "from" AND start_time < "to"
      AND (week_end_time IS NULL OR start_time <= week_end_time)
$function$
"""

UPCOMING_SESSIONS = """
CREATE VIEW iracing.upcoming_sessions AS
SELECT r.start_time, r.end_time, r.season_id, r.race_week_num, r.super_session,
       s.series_id, x.series_name, s.season_name, s.license_group, s.official, s.fixed_setup,
       w.track_id, w.track_name, w.config_name, w.category, w.race_lap_limit, w.race_time_limit
FROM iracing.race_sessions(now(), now() + interval '24 hours') r
JOIN iracing.seasons s USING (season_id)
JOIN iracing.season_schedules w USING (season_id, race_week_num)
LEFT JOIN iracing.series x ON x.series_id = s.series_id
ORDER BY r.start_time, x.series_name, r.season_id
"""


COLUMNS = {
    "start_time": "Start of the race session, UTC.",
    "end_time": "Its end by the schedule, UTC.",
    "season_id": "Season.",
    "race_week_num": "Week within the season, from 0.",
    "super_session": "Super session.",
    "series_id": "Series.",
    "series_name": "Current name of the series; NULL while only its season is known.",
    "season_name": "Current name of the season.",
    "license_group": "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.",
    "official": "Counts for ratings and standings.",
    "fixed_setup": "Everyone drives the same set-up.",
    "track_id": "Track configuration, see tracks.",
    "track_name": "Track.",
    "config_name": "Track configuration; NULL where the track has only one.",
    "category": "Category of the event.",
    "race_lap_limit": "Laps; NULL where only time limits the race.",
    "race_time_limit": "Minutes; NULL where only laps limit the race.",
}


def upgrade() -> None:
    op.execute(RACE_SESSIONS)
    op.execute(
        """COMMENT ON FUNCTION iracing.race_sessions(timestamptz, timestamptz) IS
        'Race session starts, UTC, from "from" (inclusive) to "to" (exclusive), bounded by each '
        'week''s week_end_time (inclusive). Retired rows never show.'"""
    )
    op.execute(UPCOMING_SESSIONS)
    op.execute(
        "COMMENT ON VIEW iracing.upcoming_sessions IS "
        "'Race sessions that start within the next 24 hours, UTC, with series and track.'"
    )
    for name, text in COLUMNS.items():
        op.execute(f"COMMENT ON COLUMN iracing.upcoming_sessions.{name} IS '{text}'")


def downgrade() -> None:
    op.execute("DROP VIEW iracing.upcoming_sessions")
    op.execute("DROP FUNCTION iracing.race_sessions(timestamptz, timestamptz)")
