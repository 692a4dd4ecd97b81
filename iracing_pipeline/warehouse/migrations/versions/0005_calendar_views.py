"""The calendar as people ask for it: views of seasons and weeks, and when registration opens."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEASON_STATUS = """
CREATE VIEW iracing.season_status AS
SELECT s.season_id, s.series_id, x.series_name, s.season_name, s.season_year, s.season_quarter,
       CASE
           WHEN s.complete OR w.last_week_end < now() THEN 'complete'
           WHEN w.first_week_start > now() THEN 'future'
           WHEN w.first_week_start <= now() OR s.active THEN 'active'
       END AS status,
       w.first_week_start, w.last_week_end, w.weeks, w.weeks_left
FROM iracing.seasons s
LEFT JOIN iracing.series x USING (series_id)
LEFT JOIN LATERAL (
    SELECT min(start_date)::timestamp AT TIME ZONE 'UTC' AS first_week_start,
           max(week_end_time) AS last_week_end, count(*)::int AS weeks,
           (count(*) FILTER (WHERE week_end_time >= now()))::int AS weeks_left
    FROM iracing.season_schedules
    WHERE season_id = s.season_id AND retired_at IS NULL
) AS w ON true
WHERE s.retired_at IS NULL
"""

SEASON_CALENDAR = """
CREATE VIEW iracing.season_calendar AS
SELECT s.series_id, x.series_name, w.season_id, s.season_name, s.season_year, s.season_quarter,
       w.race_week_num, w.start_date::timestamp AT TIME ZONE 'UTC' AS week_start, w.week_end_time,
       w.track_id, w.track_name, w.config_name, coalesce(w.category, x.category) AS category,
       s.license_group, s.official, s.fixed_setup, s.multiclass, s.complete,
       w.race_lap_limit, w.race_time_limit, w.precip_chance_pct, w.max_precip_rate_mm_h,
       w.temp_low_c, w.temp_high_c
FROM iracing.season_schedules w
JOIN iracing.seasons s USING (season_id)
LEFT JOIN iracing.series x ON x.series_id = s.series_id
WHERE w.retired_at IS NULL AND s.retired_at IS NULL
"""

CURRENT_WEEKS = """
CREATE VIEW iracing.current_weeks AS
SELECT * FROM iracing.season_calendar
WHERE week_start <= now() AND week_end_time >= now() AND complete IS NOT TRUE
"""

NEXT_WEEKS = """
CREATE VIEW iracing.next_weeks AS
SELECT DISTINCT ON (season_id) * FROM iracing.season_calendar
WHERE week_start > now() AND complete IS NOT TRUE
ORDER BY season_id, week_start, race_week_num
"""

RAIN_WEEKS = """
CREATE VIEW iracing.rain_weeks AS
SELECT * FROM iracing.season_calendar
WHERE precip_chance_pct > 0 AND week_end_time >= now() AND complete IS NOT TRUE
"""

_GRID_WEEKS = 13
WEEK_GRID = f"""
CREATE VIEW iracing.week_grid AS
SELECT series_id, series_name, season_id, season_name, license_group, category,
       {
    ", ".join(
        f"max(track) FILTER (WHERE race_week_num = {number}) AS week_{number}"
        for number in range(_GRID_WEEKS)
    )
},
       count(*)::int AS weeks
FROM (
    SELECT c.*, concat_ws(' - ', c.track_name, c.config_name) AS track
    FROM (
        SELECT series_id, series_name, season_id, season_name, license_group,
               min(category) OVER (PARTITION BY season_id) AS category,
               race_week_num, track_name, config_name
        FROM iracing.season_calendar WHERE complete IS NOT TRUE
    ) AS c
) AS tracks
GROUP BY series_id, series_name, season_id, season_name, license_group, category
"""  # noqa: S608 - composed of constants

WEEK_CARS = """
CREATE VIEW iracing.week_cars AS
SELECT w.season_id, w.race_week_num, k.car_id, c.car_name, c.package_id, c.free_with_subscription
FROM iracing.season_schedules w
JOIN iracing.seasons s USING (season_id)
CROSS JOIN LATERAL (
    -- The week's own cars, else those of the week's own classes, else those of the season's.
    SELECT unnest(w.race_week_car_ids)
    UNION
    SELECT m.car_id
    FROM (
        SELECT unnest(w.race_week_car_class_ids) AS car_class_id
        UNION ALL
        SELECT car_class_id FROM iracing.season_car_classes
        WHERE season_id = w.season_id AND retired_at IS NULL
          AND coalesce(cardinality(w.race_week_car_class_ids), 0) = 0
    ) AS classes
    JOIN iracing.car_class_cars m USING (car_class_id)
    WHERE m.retired_at IS NULL AND coalesce(cardinality(w.race_week_car_ids), 0) = 0
) AS k (car_id)
LEFT JOIN iracing.cars c USING (car_id)
WHERE w.retired_at IS NULL AND s.retired_at IS NULL
"""

SERIES_BY_LICENSE = """
CREATE VIEW iracing.series_by_license AS
SELECT l.license_group, l.group_name, l.min_license_level, l.max_license_level,
       x.series_id, x.series_name, x.category,
       EXISTS (
           SELECT FROM iracing.current_weeks c WHERE c.series_id = x.series_id
       ) AS runs_now
FROM iracing.series_licenses l
JOIN iracing.series x USING (series_id)
WHERE l.retired_at IS NULL AND x.retired_at IS NULL
"""

PLAYABLE_WEEKS = """
CREATE FUNCTION iracing.playable_weeks(package_ids integer[] DEFAULT '{}')
RETURNS TABLE (
    series_id integer, series_name text, season_id integer, season_name text,
    race_week_num integer, week_start timestamptz, week_end_time timestamptz,
    track_id integer, track_name text, config_name text, license_group integer, cars text[]
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    SELECT c.series_id, c.series_name, c.season_id, c.season_name, c.race_week_num, c.week_start,
           c.week_end_time, c.track_id, c.track_name, c.config_name, c.license_group, k.cars
    FROM iracing.season_calendar c
    JOIN iracing.tracks t ON t.track_id = c.track_id
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(w.car_name, 'car ' || w.car_id) ORDER BY w.car_name, w.car_id)
        FROM iracing.week_cars w
        WHERE w.season_id = c.season_id AND w.race_week_num = c.race_week_num
          AND (w.free_with_subscription OR w.package_id = ANY (package_ids))
    ) AS k (cars)
    WHERE c.week_end_time >= now() AND c.complete IS NOT TRUE
      AND (t.free_with_subscription OR t.package_id = ANY (package_ids))
      AND k.cars IS NOT NULL
    ORDER BY c.week_start, c.series_name, c.season_id, c.race_week_num
$function$
"""

COMMENTS = {
    "VIEW iracing.season_status": "Every living season and whether it is future, active or complete, by "
    "its own weeks; NULL where nothing is known but its name.",
    "VIEW iracing.season_calendar": "Every week of every living season, with series, track, bounds in UTC "
    "and rain.",
    "VIEW iracing.current_weeks": "The week each season is in now, by the API's own bounds.",
    "VIEW iracing.next_weeks": "The next week of each season that has one.",
    "VIEW iracing.rain_weeks": "Weeks that run or are to come in which it may rain.",
    "VIEW iracing.week_grid": "Seasons that are not over and the track of each week, a column per "
    "race_week_num from 0 to 12; weeks counts all of them.",
    "VIEW iracing.week_cars": "The cars of each week: its own, where they vary by week, else those of its "
    "car classes.",
    "VIEW iracing.series_by_license": "Who may race what: a row per series and licence class that is let "
    "in.",
    "FUNCTION iracing.playable_weeks(integer[])": "Weeks that run or are to come for whoever owns these "
    "packages (tracks.package_id, cars.package_id), free content included, with the cars to choose from.",
}


def upgrade() -> None:
    for statement in (
        SEASON_STATUS,
        SEASON_CALENDAR,
        CURRENT_WEEKS,
        NEXT_WEEKS,
        RAIN_WEEKS,
        WEEK_GRID,
        WEEK_CARS,
        SERIES_BY_LICENSE,
        PLAYABLE_WEEKS,
    ):
        op.get_bind().exec_driver_sql(statement)
    for name, text in COMMENTS.items():
        op.get_bind().exec_driver_sql(
            f"COMMENT ON {name} IS '{text.replace(chr(39), chr(39) * 2)}'"
        )


def downgrade() -> None:
    op.execute("DROP FUNCTION iracing.playable_weeks(integer[])")
    for name in (
        "series_by_license",
        "week_cars",
        "week_grid",
        "rain_weeks",
        "next_weeks",
        "current_weeks",
        "season_calendar",
        "season_status",
    ):
        op.execute(f"DROP VIEW iracing.{name}")
