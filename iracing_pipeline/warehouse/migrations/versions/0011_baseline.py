"""The baseline: all tables. Their views and functions have files of their own (sql_files.py).

It stands for revisions 0001 to 0011 and keeps the id of the last one: a database that they made is at it.
"""

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Identity,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = DateTime(timezone=True)


def upgrade() -> None:
    create_tables()


def downgrade() -> None:
    raise NotImplementedError("Nothing comes before the baseline.")


# Not the helpers of warehouse/schema: what a revision makes must never change.


def table(name: str, comment: str, *parts: Any, schema: str = "iracing") -> None:
    op.create_table(name, *parts, comment=comment, schema=schema)


def column(name: str, type_: Any, comment: str, **options: Any) -> Column[Any]:
    return Column(name, type_, comment=comment, **options)


def required(name: str, type_: Any, comment: str, **options: Any) -> Column[Any]:
    return Column(name, type_, comment=comment, nullable=False, **options)


def key(name: str, type_: Any, comment: str) -> Column[Any]:
    return Column(name, type_, comment=comment, primary_key=True, autoincrement=False)


def running_number(name: str) -> Column[Any]:
    return Column(name, BigInteger, Identity(always=True), comment="Running number.", primary_key=True)


def flag(name: str, comment: str) -> Column[Any]:
    return required(name, Boolean, comment, server_default=text("false"))


def bookkeeping() -> tuple[Column[Any], ...]:
    return (
        required("first_seen_at", MOMENT, "When this row was first stored here."),
        required("updated_at", MOMENT, "When a value of this row last changed."),
        column("retired_at", MOMENT, "When the row vanished from a complete answer of the API; NULL while it is alive."),
        required("run_id", Text, "Dagster run that last changed this row."),
    )


def check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=op.f(name))


def unique(name: str, *columns: str) -> UniqueConstraint:
    return UniqueConstraint(*columns, name=op.f(name))


def references(name: str, columns: list[str], parent: str) -> ForeignKeyConstraint:
    """The columns have the same names in the parent."""
    targets = [f"iracing.{parent}.{child}" for child in columns]
    return ForeignKeyConstraint(columns, targets, name=op.f(name), deferrable=True)


def index(name: str, of_table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else text(where)
    op.create_index(name, of_table, columns, schema="iracing", postgresql_where=condition)


def create_tables() -> None:
    table(
        "series",
        "One row per iRacing series. Names are rewritten by iRacing at season turns: never join on them.",
        key("series_id", Integer, "iRacing's id of the series; never reused."),
        required("series_name", Text, "Current name."),
        column("series_short_name", Text, "Current short name, mostly equal to series_name."),
        column("category", Text, "oval, dirt_oval, dirt_road, sports_car, formula_car; before 2024 also road."),
        column("category_id", Integer, "1 oval, 2 road (before 2024), 3 dirt oval, 4 dirt road, 5 sports car, 6 formula car."),
        column("min_starters", Integer, "Drivers needed for an official race."),
        column("max_starters", Integer, "Largest grid of one split."),
        column("oval_caution_type", Integer, "iRacing's code (undocumented) for cautions on ovals."),
        column("road_caution_type", Integer, "iRacing's code (undocumented) for cautions on road courses."),
        column("first_season_year", Integer, "Year of the series' first season."),
        column("first_season_quarter", SmallInteger, "Quarter (1-4) of the series' first season."),
        column("forum_url", Text, "Forum of the series."),
        column("search_filters", Text, "Comma-separated search words."),
        column("logo", Text, "Logo file, relative to https://images-static.iracing.com/img/logos/series/."),
        column("large_image", Text, "Large image file, relative to https://images-static.iracing.com/."),
        column("small_image", Text, "Small image file, relative to https://images-static.iracing.com/."),
        column("series_copy", Text, "iRacing's description of the series, HTML."),
        *bookkeeping(),
        column("active", Boolean, "Runs now, by the index of all series (read weekly)."),
        column("official", Boolean, "Counts for ratings and standings, by the index of all series."),
        column("fixed_setup", Boolean, "Everyone drives the same set-up, by the index of all series."),
        column("license_group", Integer, "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC, by the index of all series."),
        check("series_first_season_quarter_check", "first_season_quarter BETWEEN 1 AND 4"),
    )
    table(
        "series_licenses",
        "Who may race a series: one row per licence class that is let in.",
        key("series_id", Integer, "Series."),
        key("license_group", Integer, "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC."),
        column("group_name", Text, "Name of the class, such as Class D."),
        column("min_license_level", Integer, "Lowest level let in; class g spans 4g-3 to 4g."),
        column("max_license_level", Integer, "Highest level let in."),
        *bookkeeping(),
        check("series_licenses_levels_check", "min_license_level >= 0 AND max_license_level >= 0"),
        references("series_licenses_series_id_fkey", ["series_id"], "series"),
    )
    table(
        "seasons",
        "One row per season of a series: running, announced or past.",
        key("season_id", Integer, "iRacing's id of the season; never reused."),
        required("series_id", Integer, "Series the season belongs to."),
        required("season_name", Text, "Current name; iRacing rewrites it retroactively."),
        column("season_short_name", Text, "Such as 2025 Season 3; unreliable in old seasons."),
        column("season_year", Integer, "Year the season is filed under; season 1 may start in the December before."),
        column("season_quarter", SmallInteger, "Quarter 1-4; long seasons keep the one they started in."),
        column("start_date", MOMENT, "Start of the season, UTC; up to 4 days before its first week."),
        column("active", Boolean, "The API lists the season as active."),
        column("complete", Boolean, "The season is over; NULL while that is not known."),
        column("official", Boolean, "Counts for ratings and standings."),
        column("fixed_setup", Boolean, "Everyone drives the same set-up."),
        column("multiclass", Boolean, "More than one car class on track."),
        column("grid_by_class", Boolean, "Classes are gridded separately."),
        column("driver_changes", Boolean, "Team racing with driver changes."),
        column("driver_change_rule", Integer, "iRacing's code for the driver change rule."),
        column("min_team_drivers", Integer, "Fewest drivers of a team."),
        column("max_team_drivers", Integer, "Most drivers of a team."),
        column("license_group", Integer, "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC."),
        column("license_group_types", ARRAY(Integer), "Licence groups the season is listed under, ascending."),
        column("max_weeks", Integer, "Number of race weeks."),
        column("drops", Integer, "Weeks dropped from the standings."),
        column("race_week", Integer, "Index of the current or next week as the API gives it; can be stale."),
        column("race_week_to_make_divisions", Integer, "Week after which divisions are made."),
        column("schedule_description", Text, "Free text, such as: Races every 30 minutes at :15 past."),
        column("car_types", ARRAY(Text), "Search tags of the cars, sorted."),
        column("track_types", ARRAY(Text), "Categories of the tracks, sorted."),
        column("incident_limit", Integer, "Incident points that disqualify; 0 is no limit."),
        column("incident_warn_mode", Integer, "iRacing's code: how warnings repeat."),
        column("incident_warn_param1", Integer, "Incident points of the first warning."),
        column("incident_warn_param2", Integer, "Incident points between further warnings."),
        column("unsport_conduct_rule_mode", Integer, "iRacing's code (undocumented)."),
        column("connection_black_flag", Boolean, "Connection quality can earn a black flag."),
        column("caution_laps_do_not_count", Boolean, "Caution laps are not counted as race laps."),
        column("consec_caution_within_nlaps", Integer, "Laps within which cautions count as consecutive."),
        column("consec_cautions_single_file", Boolean, "Consecutive cautions restart single file."),
        column("green_white_checkered_limit", Integer, "Attempts at a green-white-checkered finish."),
        column("lucky_dog", Boolean, "First car a lap down gets the lap back at a caution."),
        column("must_use_diff_tire_types_in_race", Boolean, "Two tyre types have to be used."),
        column("start_on_qual_tire", Boolean, "Race starts on the qualifying tyre."),
        column("qualifier_must_start_race", Boolean, "Whoever qualified has to start."),
        column("num_opt_laps", Integer, "Optional-path (joker) laps to drive."),
        column("num_fast_tows", Integer, "Fast repairs."),
        column("hardcore_level", Integer, "iRacing's code for driving aids that are barred."),
        column("short_parade_lap", Boolean, "Pace lap is shortened."),
        column("start_zone", Boolean, "Starts happen inside a start zone."),
        column("enable_pitlane_collisions", Boolean, "Cars collide in the pit lane."),
        column("cross_license", Boolean, "Drivers of neighbouring licence categories may race."),
        column("ignore_license_for_practice", Boolean, "Anybody may practise."),
        column("region_competition", Boolean, "Regional competition."),
        column("restrict_by_member", Boolean, "Only listed members may race."),
        column("restrict_to_car", Boolean, "Drivers stay with their first car."),
        column("restrict_viewing", Boolean, "Spectating is restricted."),
        column("car_switching", Boolean, "Cars may be switched during the season."),
        column("send_to_open_practice", Boolean, "Drivers wait in open practice."),
        column("open_practice_session_type_id", Integer, "iRacing's code of the open practice."),
        column("op_duration", Integer, "Length of the open practice, minutes."),
        column("reg_open_minutes", Integer, "Registration opens so many minutes before the start."),
        column("rookie_season", Text, "Letter of a rookie series' short season."),
        column("score_as_carclassid", Integer, "Car class the standings are scored as."),
        column("distributed_matchmaking", Boolean, "Distributed matchmaking."),
        column("has_supersessions", Boolean, "Has super sessions."),
        column("is_heat_racing", Boolean, "Runs heats; see heat_ses_info."),
        column("heat_ses_info", JSONB, "Format of the heats, as the API gives it."),
        *bookkeeping(),
        flag("has_rules", "Its dates, rules and limits are known, from the list of current seasons. False: from the index alone."),
        flag("has_final_schedule", "The season is over and its weeks are as the API gave them afterwards: they are not asked for again."),
        check("seasons_max_weeks_check", "max_weeks >= 0"),
        check("seasons_season_quarter_check", "season_quarter BETWEEN 1 AND 4"),
        check("seasons_season_year_check", "season_year >= 2008"),
    )
    index("seasons_series_id_idx", "seasons", ["series_id"])
    table(
        "season_car_classes",
        "Car classes of a season. Unknown class ids are kept: there is no foreign key to car_classes.",
        key("season_id", Integer, "Season."),
        key("car_class_id", Integer, "Car class, see car_classes."),
        *bookkeeping(),
        references("season_car_classes_season_id_fkey", ["season_id"], "seasons"),
    )
    table(
        "season_schedules",
        "One row per race week of a season: track, length, conditions, bounds. A track swap updates the row. Weeks that only the index knows have a track and no dates: is_in_schedule is false.",
        key("season_id", Integer, "Season."),
        key("race_week_num", Integer, "Week within the season, from 0; not always weekly, not always contiguous."),
        column("series_id", Integer, "Series, repeated for convenience."),
        column("schedule_name", Text, "iRacing's name of the schedule template, typos included."),
        column("start_date", Date, "First day of the week, UTC."),
        column("week_end_time", MOMENT, "Last moment a session may start, inclusive; not midnight."),
        column("track_id", Integer, "Track configuration, see tracks. Unknown ids are kept."),
        column("track_name", Text, "Track name as the schedule gives it."),
        column("config_name", Text, "Track configuration; NULL where the track has only one."),
        column("track_category", Text, "Category of the track: road, oval, dirt_oval, dirt_road."),
        column("track_category_id", Integer, "Category id of the track."),
        column("category", Text, "Category of the event; may vary by week and differs from the track's."),
        column("category_id", Integer, "Category id of the event."),
        column("race_lap_limit", Integer, "Laps; NULL where only time limits the race."),
        column("race_time_limit", Integer, "Minutes; NULL where only laps limit the race."),
        column("practice_length", Integer, "Minutes; NULL for heat racing."),
        column("qualify_laps", Integer, "Laps; NULL for heat racing."),
        column("qualify_length", Integer, "Minutes; NULL for heat racing."),
        column("warmup_length", Integer, "Minutes; NULL for heat racing."),
        column("qual_attached", Boolean, "Qualifying belongs to the race session."),
        column("start_type", Text, "Rolling or Standing."),
        column("restart_type", Text, "Such as Double-file Back."),
        column("full_course_cautions", Boolean, "Full-course cautions (yellow_flags until 2022)."),
        column("short_parade_lap", Boolean, "Pace lap is shortened."),
        column("start_zone", Boolean, "Starts happen inside a start zone."),
        column("enable_pitlane_collisions", Boolean, "Cars collide in the pit lane."),
        column("special_event_type", Integer, "iRacing's code of a special event."),
        column("race_week_car_ids", ARRAY(Integer), "Cars of this week where they vary by week, ascending; empty otherwise."),
        column("race_week_car_class_ids", ARRAY(Integer), "Car classes of this week where they vary, ascending."),
        column("leave_marbles", Boolean, "Marbles stay between sessions."),
        column("practice_rubber_pct", Integer, "Rubber at the start of practice, %; NULL is automatic."),
        column("qualify_rubber_pct", Integer, "Rubber at the start of qualifying, %; NULL is carried over."),
        column("warmup_rubber_pct", Integer, "Rubber at the start of warm-up, %; NULL is carried over."),
        column("race_rubber_pct", Integer, "Rubber at the start of the race, %; NULL is carried over."),
        column("weather_version", Integer, "1 since 2024 S2, 0 before."),
        column("simulated_start_time", DateTime, "Date and time on track, local to the track."),
        column("simulated_time_multiplier", Integer, "How much faster time passes on track."),
        column("simulated_time_offsets_minutes", ARRAY(Integer), "Offset of each session from simulated_start_time, minutes."),
        column("time_of_day", Integer, "iRacing's code of the time of day."),
        column("temp_c", Double, "Air temperature setting, degrees Celsius."),
        column("rel_humidity_pct", Integer, "Relative humidity setting, %."),
        column("skies", Integer, "0 clear, 1 partly cloudy, 2 mostly cloudy, 3 overcast."),
        column("wind_speed_ms", Double, "Wind setting, metres per second."),
        column("wind_dir", Integer, "Wind direction: 0 N, 1 NE ... 7 NW."),
        column("allow_fog", Boolean, "Fog may appear."),
        column("track_water", Integer, "Water on track at the start, iRacing's scale."),
        column("precip_option", Integer, "iRacing's code of the rain option."),
        column("forecast_type", Integer, "iRacing's code of the forecast type."),
        column("weather_seed", BigInteger, "Seed of the generated weather; changes when it is rolled again."),
        column("precip_chance_pct", Integer, "Chance of rain over the event, %."),
        column("max_precip_rate_mm_h", Double, "Strongest rain expected, mm per hour."),
        column("max_precip_rate_desc", Text, "The same in words: None, Light, ..."),
        column("temp_low_c", Double, "Lowest temperature expected, degrees Celsius."),
        column("temp_high_c", Double, "Highest temperature expected, degrees Celsius; may be 0.1 below temp_low_c."),
        column("wind_low_ms", Double, "Least wind expected, metres per second."),
        column("wind_high_ms", Double, "Most wind expected, metres per second."),
        column("summary_wind_dir", Integer, "Prevailing wind direction expected: 0 N ... 7 NW."),
        column("skies_low", Integer, "Clearest sky expected, code as in skies."),
        column("skies_high", Integer, "Most clouded sky expected, code as in skies."),
        *bookkeeping(),
        flag("is_in_schedule", "Known from a schedule, which has dates and session times. False: from the index alone."),
        flag("is_in_index", "Known from the index of all seasons, which has the track only."),
        check("season_schedules_race_week_num_check", "race_week_num >= 0"),
        check("season_schedules_week_bounds_check", "week_end_time >= (start_date::timestamp AT TIME ZONE 'UTC')"),
        references("season_schedules_season_id_fkey", ["season_id"], "seasons"),
    )
    index("season_schedules_series_id_idx", "season_schedules", ["series_id"])
    index("season_schedules_track_id_idx", "season_schedules", ["track_id"])
    index("season_schedules_week_end_time_start_date_idx", "season_schedules", ["week_end_time", "start_date"], where="retired_at IS NULL")
    table(
        "race_time_descriptors",
        "How the sessions of a week recur; race_sessions() expands them into UTC starts.",
        key("season_id", Integer, "Season."),
        key("race_week_num", Integer, "Week within the season."),
        key("descriptor_num", SmallInteger, "Position in the API's list, from 0."),
        required("repeating", Boolean, "True: a pattern; false: session_times lists the starts."),
        column("session_minutes", Integer, "Length of one session, minutes."),
        column("super_session", Boolean, "Super session."),
        column("start_date", Date, "First day of the pattern, UTC."),
        column("day_offset", ARRAY(Integer), "Days after start_date on which the pattern runs, ascending."),
        column("first_session_time", Time, "First start of each day, UTC."),
        column("repeat_minutes", Integer, "Minutes between starts."),
        column("session_times", ARRAY(MOMENT), "Listed starts, UTC, ascending."),
        *bookkeeping(),
        check("race_time_descriptors_repeat_minutes_check", "repeat_minutes > 0"),
        check("race_time_descriptors_says_when_check", "CASE WHEN repeating THEN first_session_time IS NOT NULL AND day_offset IS NOT NULL ELSE session_times IS NOT NULL END"),
        check("race_time_descriptors_session_minutes_check", "session_minutes >= 0"),
        references("race_time_descriptors_season_id_fkey", ["season_id", "race_week_num"], "season_schedules"),
    )
    table(
        "car_restrictions",
        "Balance of performance of a week, one row per car. Unknown car ids are kept.",
        key("season_id", Integer, "Season."),
        key("race_week_num", Integer, "Week within the season."),
        key("car_id", Integer, "Car, see cars."),
        column("max_pct_fuel_fill", Double, "Largest fuel fill, %."),
        column("power_adjust_pct", Double, "Power adjustment, %."),
        column("weight_penalty_kg", Double, "Ballast, kg."),
        column("max_dry_tire_sets", Integer, "Dry tyre sets; 0 is unlimited."),
        column("race_setup_id", Integer, "Fixed set-up of the race."),
        column("qual_setup_id", Integer, "Fixed set-up of qualifying."),
        *bookkeeping(),
        references("car_restrictions_season_id_fkey", ["season_id", "race_week_num"], "season_schedules"),
    )
    table(
        "weather_forecasts",
        "Hourly forecast of a week's event, from the file behind weather.weather_url. Unknown is NULL, never 0.",
        key("season_id", Integer, "Season."),
        key("race_week_num", Integer, "Week within the season."),
        key("time_offset", Integer, "Minutes from the start of the session; negative before it."),
        column("timestamp", DateTime, "Moment on track, local to the track."),
        column("raw_air_temp_c", Double, "Air temperature before adjustment, degrees Celsius."),
        column("air_temp_c", Double, "Air temperature, degrees Celsius."),
        column("precip_chance_pct", Double, "Chance of rain, %."),
        column("precip_amount_mm_h", Double, "Rain, mm per hour."),
        column("pressure_hpa", Double, "Air pressure, hPa."),
        column("wind_speed_ms", Double, "Wind, metres per second."),
        column("wind_dir_deg", Double, "Wind direction, degrees."),
        column("cloud_cover_pct", Double, "Cloud cover, %."),
        column("rel_humidity_pct", Double, "Relative humidity, %."),
        column("is_sun_up", Boolean, "The sun is up."),
        column("affects_session", Boolean, "The hour lies within the session."),
        column("allow_precip", Boolean, "Rain may fall in this hour."),
        *bookkeeping(),
        references("weather_forecasts_season_id_fkey", ["season_id", "race_week_num"], "season_schedules"),
    )
    table(
        "tracks",
        "One row per track configuration; configurations that are bought together share package_id.",
        key("track_id", Integer, "iRacing's id of the configuration."),
        required("track_name", Text, "Name; [Retired] and [Legacy] prefixes appear at builds."),
        column("config_name", Text, "Configuration; NULL where the track has only one."),
        column("category", Text, "road, oval, dirt_oval, dirt_road."),
        column("category_id", Integer, "Category id."),
        column("track_type", Integer, "iRacing's code of the surface and shape."),
        column("track_type_text", Text, "The same in words."),
        column("track_types", ARRAY(Text), "Track types, sorted."),
        column("package_id", Integer, "What is bought; see also cars.package_id."),
        column("price", Numeric, "Price in US dollars."),
        column("price_display", Text, "Price as shown."),
        column("sku", Integer, "Stock keeping number; 0 where it is not sold."),
        column("purchasable", Boolean, "Can be bought."),
        column("is_ps_purchasable", Boolean, "Can be bought with participation credits."),
        column("free_with_subscription", Boolean, "Comes with the membership."),
        column("award_exempt", Boolean, "Exempt from awards."),
        column("retired", Boolean, "Taken out of use by iRacing (not retired_at)."),
        column("track_config_length", Double, "Length of a lap, miles."),
        column("corners_per_lap", Integer, "Corners of a lap."),
        column("is_oval", Boolean, "Oval."),
        column("is_dirt", Boolean, "Dirt."),
        column("banking", Text, "Banking as shown, HTML entities included."),
        column("nominal_lap_time", Double, "Typical lap, seconds."),
        column("pit_road_speed_limit", Integer, "Pit road speed limit, mph."),
        column("grid_stalls", Integer, "Places on the grid."),
        column("number_pitstalls", Integer, "Pit stalls."),
        column("max_cars", Integer, "Most cars on track."),
        column("qualify_laps", Integer, "Default qualifying laps."),
        column("solo_laps", Integer, "Default solo laps."),
        column("lap_scoring", Integer, "iRacing's code of lap scoring."),
        column("latitude", Double, "Degrees north."),
        column("longitude", Double, "Degrees east."),
        column("location", Text, "Place."),
        column("time_zone", Text, "IANA time zone of the track."),
        column("opens", Date, "First day of its season at the real place."),
        column("closes", Date, "Last day of its season at the real place."),
        column("created", MOMENT, "When iRacing entered the track."),
        column("first_sale", MOMENT, "When it was first sold."),
        column("rain_enabled", Boolean, "Rain is possible."),
        column("night_lighting", Boolean, "Has lights."),
        column("fully_lit", Boolean, "Lit all around."),
        column("ai_enabled", Boolean, "AI drivers can race here."),
        column("allow_pitlane_collisions", Boolean, "Pit lane collisions can be enabled."),
        column("allow_rolling_start", Boolean, "Rolling starts are possible."),
        column("allow_standing_start", Boolean, "Standing starts are possible."),
        column("has_opt_path", Boolean, "Has an optional path (joker lap)."),
        column("has_short_parade_lap", Boolean, "Has a short parade lap."),
        column("has_start_zone", Boolean, "Has a start zone."),
        column("has_svg_map", Boolean, "iRacing has a map of it."),
        column("start_on_left", Boolean, "Starts on the left."),
        column("restart_on_left", Boolean, "Restarts on the left."),
        column("supports_grip_compound", Boolean, "Traction compound can be applied."),
        column("tech_track", Boolean, "A test track for developers."),
        column("priority", Integer, "iRacing's sort order."),
        column("folder", Text, "Image folder, relative to https://images-static.iracing.com/."),
        column("logo", Text, "Logo, relative to https://images-static.iracing.com/."),
        column("small_image", Text, "Small image, inside folder."),
        column("search_filters", Text, "Comma-separated search words."),
        column("site_url", Text, "Web site of the track."),
        column("track_dirpath", Text, "Folder in the simulator's installation."),
        *bookkeeping(),
    )
    index("tracks_package_id_idx", "tracks", ["package_id"])
    table(
        "cars",
        "One row per car.",
        key("car_id", Integer, "iRacing's id of the car."),
        required("car_name", Text, "Name."),
        column("car_name_abbreviated", Text, "Short name."),
        column("car_make", Text, "Make."),
        column("car_model", Text, "Model."),
        column("categories", ARRAY(Text), "Licence categories the car races in, sorted."),
        column("car_types", ARRAY(Text), "Search tags, sorted."),
        column("package_id", Integer, "What is bought; see also tracks.package_id."),
        column("price", Numeric, "Price in US dollars."),
        column("price_display", Text, "Price as shown."),
        column("sku", Integer, "Stock keeping number; 0 where it is not sold."),
        column("is_ps_purchasable", Boolean, "Can be bought with participation credits."),
        column("free_with_subscription", Boolean, "Comes with the membership."),
        column("award_exempt", Boolean, "Exempt from awards."),
        column("retired", Boolean, "Taken out of use by iRacing (not retired_at)."),
        column("hp", Integer, "Power, hp."),
        column("car_weight", Integer, "Weight, pounds."),
        column("min_power_adjust_pct", Double, "Least power adjustment, %."),
        column("max_power_adjust_pct", Double, "Most power adjustment, %."),
        column("max_weight_penalty_kg", Double, "Most ballast, kg."),
        column("rain_enabled", Boolean, "Can race in rain."),
        column("has_headlights", Boolean, "Has headlights."),
        column("has_multiple_dry_tire_types", Boolean, "Has several dry tyre types."),
        column("has_rain_capable_tire_types", Boolean, "Has rain tyres."),
        column("ai_enabled", Boolean, "AI drivers can race it."),
        column("created", MOMENT, "When iRacing entered the car."),
        column("first_sale", MOMENT, "When it was first sold."),
        column("patterns", Integer, "Paint patterns."),
        column("allow_number_colors", Boolean, "Number colours can be chosen."),
        column("allow_number_font", Boolean, "Number font can be chosen."),
        column("allow_sponsor1", Boolean, "First sponsor can be chosen."),
        column("allow_sponsor2", Boolean, "Second sponsor can be chosen."),
        column("allow_wheel_color", Boolean, "Wheel colour can be chosen."),
        column("paint_rules", JSONB, "Paint rules, as the API gives them."),
        column("car_configs", JSONB, "Which configuration runs on which track, as the API gives it."),
        column("car_config_defs", JSONB, "Configurations of the car, as the API gives them."),
        column("folder", Text, "Image folder, relative to https://images-static.iracing.com/."),
        column("logo", Text, "Logo, relative to https://images-static.iracing.com/."),
        column("sponsor_logo", Text, "Sponsor's logo, relative to https://images-static.iracing.com/."),
        column("small_image", Text, "Small image, inside folder."),
        column("search_filters", Text, "Comma-separated search words."),
        column("forum_url", Text, "Forum of the car."),
        column("site_url", Text, "Web page of the car."),
        column("car_dirpath", Text, "Folder in the simulator's installation."),
        *bookkeeping(),
    )
    index("cars_package_id_idx", "cars", ["package_id"])
    table(
        "car_classes",
        "One row per car class.",
        key("car_class_id", Integer, "iRacing's id of the class."),
        required("name", Text, "Name; [L] marks legacy classes."),
        column("short_name", Text, "Short name."),
        column("relative_speed", Integer, "Speed relative to other classes; larger is faster."),
        column("rain_enabled", Boolean, "Can race in rain."),
        column("cust_id", Integer, "Member who made the class; 0 is iRacing."),
        *bookkeeping(),
    )
    table(
        "car_class_cars",
        "Cars of a class. Unknown car ids are kept: there is no foreign key to cars.",
        key("car_class_id", Integer, "Class."),
        key("car_id", Integer, "Car, see cars."),
        column("car_dirpath", Text, "Folder in the simulator's installation."),
        column("rain_enabled", Boolean, "Can race in rain."),
        column("retired", Boolean, "Taken out of use by iRacing (not retired_at)."),
        *bookkeeping(),
        references("car_class_cars_car_class_id_fkey", ["car_class_id"], "car_classes"),
    )
    table(
        "responses",
        "Every landed answer, newest per endpoint and parameters: the cache, and what tables are rebuilt from.",
        key("endpoint", Text, "Such as series/seasons."),
        key("params", JSONB, "Query parameters."),
        required("body", JSONB, "The answer; signatures of links are cut off."),
        required("sha256", Text, "SHA-256 of the body with sorted keys, hexadecimal."),
        required("bytes", Integer, "Size of the answer as received, uncompressed."),
        required("fetched_at", MOMENT, "When the API answered."),
        column("expires_at", MOMENT, "Until when it serves instead of the API; NULL is for ever."),
        required("run_id", Text, "Dagster run that fetched it."),
        column("asset", Text, "Asset that landed it; NULL before that was noted."),
        column("same_since", MOMENT, "When the API first gave this very body; later answers with the same sha256 leave it."),
    )
    table(
        "api_calls",
        "Every request to the data API, and every one that a landed answer saved.",
        running_number("call_id"),
        required("at", MOMENT, "When the request was sent."),
        required("endpoint", Text, "Such as series/seasons."),
        required("params", JSONB, "Query parameters."),
        column("status", Integer, "HTTP status; NULL where nothing answered or a landed answer served."),
        column("milliseconds", Integer, "Duration, body included; NULL where a landed answer served."),
        column("bytes", Integer, "Size of the body, uncompressed."),
        required("from_cache", Boolean, "A landed answer served; no request was made."),
        column("ratelimit_remaining", Integer, "Requests left in the account's window, as the API said."),
        column("error", Text, "What went wrong, for the reader."),
        required("run_id", Text, "Dagster run."),
    )
    index("api_calls_at_idx", "api_calls", ["at"])
    table(
        "sync_runs",
        "One row per asset (and partition) and attempt, started and finished.",
        running_number("sync_run_id"),
        required("run_id", Text, "Dagster run."),
        required("asset", Text, "Asset."),
        column("partition", Text, "Partition key; NULL for assets without partitions."),
        required("started_at", MOMENT, "Start."),
        column("finished_at", MOMENT, "End; NULL while it runs, or where it was killed."),
        required("status", Text, "running, success, partial (some items quarantined), failure, or skipped: the API was in maintenance and a schedule, not a person, had asked."),
        column("inserted", Integer, "Rows new to their tables."),
        column("updated", Integer, "Rows whose values changed."),
        column("unchanged", Integer, "Rows that were already so."),
        column("retired", Integer, "Rows that vanished from a complete answer."),
        column("quarantined", Integer, "Items set aside."),
        column("api_calls", Integer, "Requests made."),
        column("message", Text, "What went wrong, for the reader."),
        column("series_ids", ARRAY(Integer), "Series the attempt was about; NULL for all."),
        check("sync_runs_status_check", "status IN ('running', 'success', 'partial', 'failure', 'skipped')"),
    )
    index("sync_runs_asset_started_at_idx", "sync_runs", ["asset", "started_at"])
    table(
        "changes",
        "What changed in the data tables, written in the same transaction as the change. Filling an empty table is a load: its rows are not listed.",
        running_number("change_id"),
        required("table_name", Text, "Table."),
        required("key", JSONB, "Natural key of the row."),
        required("kind", Text, "inserted, updated, retired or restored."),
        column("before", JSONB, "Changed columns before; NULL for inserted rows."),
        column("after", JSONB, "Changed columns after; NULL for retired rows."),
        required("changed_at", MOMENT, "When."),
        required("run_id", Text, "Dagster run."),
        check("changes_before_and_after_check", "(before IS NULL) = (kind = 'inserted') AND (after IS NULL) = (kind = 'retired')"),
        check("changes_kind_check", "kind IN ('inserted', 'updated', 'retired', 'restored')"),
    )
    index("changes_changed_at_idx", "changes", ["changed_at"])
    index("changes_run_id_idx", "changes", ["run_id"])
    index("changes_table_name_key_idx", "changes", ["table_name", "key"])
    table(
        "quarantine",
        "Items of an answer that could not be read; everything else of that answer landed.",
        running_number("quarantine_id"),
        required("endpoint", Text, "Endpoint of the answer."),
        required("params", JSONB, "Query parameters of the answer."),
        required("item_key", Text, "Which item, such as season_id=5862 or race_week_num=3."),
        required("reason", Text, "Why it could not be read."),
        column("payload", JSONB, "The item as received; signatures of links are cut off."),
        required("first_seen_at", MOMENT, "When it was first set aside."),
        required("last_seen_at", MOMENT, "When it was last seen so."),
        column("resolved_at", MOMENT, "When the item could be read again, or was gone from the answer."),
        required("asset", Text, "Asset that met it."),
        required("run_id", Text, "Dagster run that last saw it."),
        unique("quarantine_asset_endpoint_params_item_key_key", "asset", "endpoint", "params", "item_key"),
    )
    index("quarantine_open_idx", "quarantine", ["asset"], where="resolved_at IS NULL")
    table(
        "drift",
        "Where answers are no longer what the tables foresee, one row each: nothing is lost, landed bodies keep everything.",
        running_number("drift_id"),
        required("endpoint", Text, "Endpoint of the answers."),
        required("kind", Text, "new_field, vanished_field or new_type."),
        required("field", Text, "Object and field, such as Season.drops."),
        required("found", Text, "JSON type that was not expected; empty for fields that came or went."),
        required("occurrences", Integer, "How many objects of the last answer had it; for a vanished field, how many lacked it."),
        required("first_seen_at", MOMENT, "When it was first seen."),
        required("last_seen_at", MOMENT, "When it was last seen."),
        column("resolved_at", MOMENT, "When a vanished field was there again."),
        required("asset", Text, "Asset that saw it first."),
        required("run_id", Text, "Dagster run that saw it first."),
        check("drift_kind_check", "kind IN ('new_field', 'vanished_field', 'new_type')"),
        unique("drift_endpoint_kind_field_found_key", "endpoint", "kind", "field", "found"),
    )
    table(
        "calendar_events",
        "Every race session that calendar feeds have told of and that is not long past: what subscribers know, so that a change is told as one.",
        key("uid", Text, "UID of the event: made of season, week and start, so it never changes."),
        required("series_id", Integer, "Series."),
        required("season_id", Integer, "Season."),
        required("race_week_num", Integer, "Week within the season, from 0; summary counts from 1."),
        required("start_time", MOMENT, "Start of the race session, UTC."),
        column("session_minutes", Integer, "Length of the session, minutes; NULL where it is not known."),
        column("license_group", Integer, "Licence class of the season: 1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC."),
        required("summary", Text, "Series, week and track, for people."),
        column("location", Text, "Track and configuration."),
        required("description", Text, "Season, cars, length and the rest, a line each."),
        required("categories", ARRAY(Text), "Discipline, licence class and the like."),
        required("sequence", Integer, "SEQUENCE of the event: raised whenever something else of the row changes."),
        required("last_modified", MOMENT, "When sequence was last raised."),
        column("cancelled_at", MOMENT, "When the session vanished from the schedules; NULL while it is to take place."),
        check("calendar_events_sequence_check", "sequence >= 0"),
    )
    index("calendar_events_start_time_idx", "calendar_events", ["start_time"])
    table(
        "installation",
        "Facts about this installation, such as which API its data came from.",
        key("name", Text, "Fact."),
        required("value", JSONB, "Its value."),
        required("updated_at", MOMENT, "When it was last set."),
    )
    table(
        "oauth_tokens",
        "Access and refresh tokens shared by this installation's processes, encrypted with its credentials.",
        key("name", Text, "Hash of token endpoint, client and user."),
        required("value", Text, "Encrypted; readable only by who holds the credentials."),
        required("updated_at", MOMENT, "When it was last set."),
        schema="iracing_private",
    )
    table(
        "announcements",
        "Messages to the webhook, entered before they are posted: what is not acknowledged is posted again, unchanged.",
        running_number("announcement_id"),
        required("kind", Text, "schedule_changes, run_failure or run_recovered."),
        required("idempotency_key", Text, "Sent along as Idempotency-Key, the same at every attempt."),
        required("body", JSONB, "The message; Discord gets it in its own shape."),
        required("created_at", MOMENT, "When it was entered."),
        required("attempts", Integer, "How often it was posted.", server_default=text("0")),
        column("last_attempt_at", MOMENT, "When it was last posted."),
        column("not_before", MOMENT, "Until when the webhook asked to be left alone."),
        column("problem", Text, "Why the last attempt was not acknowledged, for the reader."),
        column("acknowledged_at", MOMENT, "When the webhook took it; NULL until then."),
        check("announcements_kind_check", "kind IN ('schedule_changes', 'run_failure', 'run_recovered')"),
        unique("announcements_idempotency_key_key", "idempotency_key"),
    )
    index("announcements_waiting_idx", "announcements", ["kind", "announcement_id"], where="acknowledged_at IS NULL")
    table(
        "announced_changes",
        "Which message tells of a change. What has no row here, and is above the fact announced_up_to, is still to be announced.",
        key("change_id", BigInteger, "Change, see changes."),
        column("announcement_id", BigInteger, "Message; NULL for a change that was there before a webhook was set."),
        references("announced_changes_announcement_id_fkey", ["announcement_id"], "announcements"),
    )
    table(
        "watched_runs",
        "How Dagster's runs ended, a row per job, or per asset where no job ran: what alerts are made of.",
        key("subject", Text, "Such as job daily, or asset series."),
        key("run_id", Text, "Dagster run."),
        required("ended_at", MOMENT, "When the run ended."),
        required("outcome", Text, "success, failure, or neutral: says nothing, such as maintenance."),
        column("kind", Text, "Kind of the failure, such as credentials; bug where it is none we know."),
        column("failed_assets", ARRAY(Text), "Assets that failed."),
        column("message", Text, "What went wrong, for the reader."),
        check("watched_runs_outcome_check", "outcome IN ('success', 'failure', 'neutral')"),
    )
    index("watched_runs_subject_ended_at_idx", "watched_runs", ["subject", "ended_at"])
