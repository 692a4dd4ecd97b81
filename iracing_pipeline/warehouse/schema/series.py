"""What races and when: series, their licences, seasons, weeks, session times, car restrictions, forecasts.

In: the API's facts as columns under the API's own names. Out: tables. Reference data and ledgers live elsewhere.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    SmallInteger,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.warehouse.schema.base import (
    EMPTY_IS_A_VALUE,
    TIMESTAMPTZ,
    check,
    column,
    data_table,
    flag,
    key,
    references,
    required,
)

QUARTER = "season_quarter BETWEEN 1 AND 4"

series = data_table(
    "series",
    "One row per iRacing series. Names are rewritten by iRacing at season turns: never join on them.",
    key("series_id", Integer, "iRacing's id of the series; never reused."),
    required("series_name", Text, "Current name."),
    column("series_short_name", Text, "Current short name, mostly equal to series_name."),
    column(
        "category",
        Text,
        "oval, dirt_oval, dirt_road, sports_car, formula_car; before 2024 also road.",
    ),
    column(
        "category_id",
        Integer,
        "1 oval, 2 road (before 2024), 3 dirt oval, 4 dirt road, 5 sports car, 6 formula car.",
    ),
    column("min_starters", Integer, "Drivers needed for an official race."),
    column("max_starters", Integer, "Largest grid of one split."),
    column("oval_caution_type", Integer, "iRacing's code (undocumented) for cautions on ovals."),
    column(
        "road_caution_type", Integer, "iRacing's code (undocumented) for cautions on road courses."
    ),
    column("first_season_year", Integer, "Year of the series' first season."),
    column("first_season_quarter", SmallInteger, "Quarter (1-4) of the series' first season."),
    column("forum_url", Text, "Forum of the series."),
    column("search_filters", Text, "Comma-separated search words."),
    column(
        "logo", Text, "Logo file, relative to https://images-static.iracing.com/img/logos/series/."
    ),
    column(
        "large_image", Text, "Large image file, relative to https://images-static.iracing.com/."
    ),
    column(
        "small_image", Text, "Small image file, relative to https://images-static.iracing.com/."
    ),
    column("series_copy", Text, "iRacing's description of the series, HTML."),
    column("active", Boolean, "Runs now, by the index of all series (read weekly)."),
    column("official", Boolean, "Counts for ratings and standings, by the index of all series."),
    column("fixed_setup", Boolean, "Everyone drives the same set-up, by the index of all series."),
    column(
        "license_group",
        Integer,
        "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC, by the index of all series.",
    ),
    check("first_season_quarter", "first_season_quarter BETWEEN 1 AND 4"),
)

series_licenses = data_table(
    "series_licenses",
    "Who may race a series: one row per licence class that is let in.",
    key("series_id", Integer, "Series."),
    key("license_group", Integer, "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC."),
    column("group_name", Text, "Name of the class, such as Class D."),
    column("min_license_level", Integer, "Lowest level let in; class g spans 4g-3 to 4g."),
    column("max_license_level", Integer, "Highest level let in."),
    references(["series_id"], [series.c.series_id]),
    check("levels", "min_license_level >= 0 AND max_license_level >= 0"),
)

seasons = data_table(
    "seasons",
    "One row per season of a series: running, announced or past.",
    key("season_id", Integer, "iRacing's id of the season; never reused."),
    # No foreign key: a season may be learned before its series, which series/get lists only while it runs.
    required("series_id", Integer, "Series the season belongs to.", index=True),
    required("season_name", Text, "Current name; iRacing rewrites it retroactively."),
    column("season_short_name", Text, "Such as 2025 Season 3; unreliable in old seasons."),
    column(
        "season_year",
        Integer,
        "Year the season is filed under; season 1 may start in the December before.",
    ),
    column(
        "season_quarter", SmallInteger, "Quarter 1-4; long seasons keep the one they started in."
    ),
    column(
        "start_date", TIMESTAMPTZ, "Start of the season, UTC; up to 4 days before its first week."
    ),
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
    column(
        "license_group_types",
        ARRAY(Integer),
        "Licence groups the season is listed under, ascending.",
    ),
    column("max_weeks", Integer, "Number of race weeks."),
    column("drops", Integer, "Weeks dropped from the standings."),
    column(
        "race_week", Integer, "Index of the current or next week as the API gives it; can be stale."
    ),
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
    column(
        "consec_caution_within_nlaps", Integer, "Laps within which cautions count as consecutive."
    ),
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
    column("op_duration", Double, "Length of the open practice, minutes."),
    column("reg_open_minutes", Double, "Registration opens so many minutes before the start."),
    column("rookie_season", Text, "Letter of a rookie series' short season."),
    column("score_as_carclassid", Integer, "Car class the standings are scored as."),
    column("distributed_matchmaking", Boolean, "Distributed matchmaking."),
    column("has_supersessions", Boolean, "Has super sessions."),
    column("is_heat_racing", Boolean, "Runs heats; see heat_ses_info."),
    column("heat_ses_info", JSONB, "Format of the heats, as the API gives it."),
    flag(
        "has_rules",
        "Its dates, rules and limits are known, from the list of current seasons. False: from the index alone.",
    ),
    flag(
        "has_final_schedule",
        "The season is over and its weeks are as the API gave them afterwards: they are not asked for again.",
    ),
    check("season_quarter", QUARTER),
    check("season_year", "season_year >= 2008"),
    check("max_weeks", "max_weeks >= 0"),
)

season_car_classes = data_table(
    "season_car_classes",
    "Car classes of a season. Unknown class ids are kept: there is no foreign key to car_classes.",
    key("season_id", Integer, "Season."),
    key("car_class_id", Integer, "Car class, see car_classes."),
    references(["season_id"], [seasons.c.season_id]),
)

season_schedules = data_table(
    "season_schedules",
    "One row per race week of a season: track, length, conditions, bounds. A track swap updates the row. Weeks that only the index knows have a track and no dates: is_in_schedule is false.",
    key("season_id", Integer, "Season."),
    key(
        "race_week_num",
        Integer,
        "Week within the season, from 0; not always weekly, not always contiguous.",
    ),
    column("series_id", Integer, "Series, repeated for convenience.", index=True),
    column("schedule_name", Text, "iRacing's name of the schedule template, typos included."),
    column("start_date", Date, "First day of the week, UTC."),
    column(
        "week_end_time", TIMESTAMPTZ, "Last moment a session may start, inclusive; not midnight."
    ),
    column(
        "track_id", Integer, "Track configuration, see tracks. Unknown ids are kept.", index=True
    ),
    column("track_name", Text, "Track name as the schedule gives it."),
    column("config_name", Text, "Track configuration; NULL where the track has only one."),
    column("track_category", Text, "Category of the track: road, oval, dirt_oval, dirt_road."),
    column("track_category_id", Integer, "Category id of the track."),
    column(
        "category", Text, "Category of the event; may vary by week and differs from the track's."
    ),
    column("category_id", Integer, "Category id of the event."),
    column("race_lap_limit", Integer, "Laps; NULL where only time limits the race."),
    column("race_time_limit", Double, "Minutes; NULL where only laps limit the race."),
    column("practice_length", Double, "Minutes; NULL for heat racing."),
    column("qualify_laps", Integer, "Laps; NULL for heat racing."),
    column("qualify_length", Double, "Minutes; NULL for heat racing."),
    column("warmup_length", Double, "Minutes; NULL for heat racing."),
    column("qual_attached", Boolean, "Qualifying belongs to the race session."),
    column("start_type", Text, "Rolling or Standing."),
    column("restart_type", Text, "Such as Double-file Back."),
    column("full_course_cautions", Boolean, "Full-course cautions (yellow_flags until 2022)."),
    column("short_parade_lap", Boolean, "Pace lap is shortened."),
    column("start_zone", Boolean, "Starts happen inside a start zone."),
    column("enable_pitlane_collisions", Boolean, "Cars collide in the pit lane."),
    column("special_event_type", Integer, "iRacing's code of a special event."),
    column(
        "race_week_car_ids",
        ARRAY(Integer),
        "Cars of this week where they vary by week, ascending; NULL otherwise.",
    ),
    column(
        "race_week_car_class_ids",
        ARRAY(Integer),
        "Car classes of this week where they vary, ascending; NULL otherwise.",
    ),
    column("leave_marbles", Boolean, "Marbles stay between sessions."),
    column("practice_rubber_pct", Double, "Rubber at the start of practice, %; NULL is automatic."),
    column(
        "qualify_rubber_pct", Double, "Rubber at the start of qualifying, %; NULL is carried over."
    ),
    column("warmup_rubber_pct", Double, "Rubber at the start of warm-up, %; NULL is carried over."),
    column("race_rubber_pct", Double, "Rubber at the start of the race, %; NULL is carried over."),
    column("weather_version", Integer, "1 since 2024 S2, 0 before."),
    column(
        "simulated_start_time",
        DateTime(timezone=False),
        "Date and time on track, local to the track.",
    ),
    column("simulated_time_multiplier", Double, "How much faster time passes on track."),
    column(
        "simulated_time_offsets_minutes",
        ARRAY(Double),
        "Offset of each session from simulated_start_time, minutes.",
    ),
    column("time_of_day", Integer, "iRacing's code of the time of day."),
    column("temp_c", Double, "Air temperature setting, degrees Celsius."),
    column("rel_humidity_pct", Double, "Relative humidity setting, %."),
    column("skies", Integer, "0 clear, 1 partly cloudy, 2 mostly cloudy, 3 overcast."),
    column("wind_speed_ms", Double, "Wind setting, metres per second."),
    column("wind_dir", Integer, "Wind direction: 0 N, 1 NE ... 7 NW."),
    column("allow_fog", Boolean, "Fog may appear."),
    column("track_water", Double, "Water on track at the start, iRacing's scale."),
    column("precip_option", Integer, "iRacing's code of the rain option."),
    column("forecast_type", Integer, "iRacing's code of the forecast type."),
    column(
        "weather_seed",
        BigInteger,
        "Seed of the generated weather; changes when it is rolled again.",
    ),
    column("precip_chance_pct", Double, "Chance of rain over the event, %."),
    column("max_precip_rate_mm_h", Double, "Strongest rain expected, mm per hour."),
    column("max_precip_rate_desc", Text, "The same in words: None, Light, ..."),
    column("temp_low_c", Double, "Lowest temperature expected, degrees Celsius."),
    column(
        "temp_high_c",
        Double,
        "Highest temperature expected, degrees Celsius; may be 0.1 below temp_low_c.",
    ),
    column("wind_low_ms", Double, "Least wind expected, metres per second."),
    column("wind_high_ms", Double, "Most wind expected, metres per second."),
    column("summary_wind_dir", Integer, "Prevailing wind direction expected: 0 N ... 7 NW."),
    column("skies_low", Integer, "Clearest sky expected, code as in skies."),
    column("skies_high", Integer, "Most clouded sky expected, code as in skies."),
    flag(
        "is_in_schedule",
        "Known from a schedule, which has dates and session times. False: from the index alone.",
    ),
    flag("is_in_index", "Known from the index of all seasons, which has the track only."),
    references(["season_id"], [seasons.c.season_id]),
    check("race_week_num", "race_week_num >= 0"),
    check("week_bounds", "week_end_time >= (start_date::timestamp AT TIME ZONE 'UTC')"),
    Index(
        "season_schedules_week_end_time_start_date_idx",
        "week_end_time",
        "start_date",
        postgresql_where=text("retired_at IS NULL"),
    ),
)

_WEEK = [season_schedules.c.season_id, season_schedules.c.race_week_num]

race_time_descriptors = data_table(
    "race_time_descriptors",
    "How the sessions of a week recur; race_sessions() expands them into UTC starts.",
    key("season_id", Integer, "Season."),
    key("race_week_num", Integer, "Week within the season."),
    key("descriptor_num", SmallInteger, "Position in the API's list, from 0."),
    required("repeating", Boolean, "True: a pattern; false: session_times lists the starts."),
    column("session_minutes", Double, "Length of one session, minutes."),
    column("super_session", Boolean, "Super session."),
    column("start_date", Date, "First day of the pattern, UTC."),
    column(
        "day_offset",
        ARRAY(Integer),
        "Days after start_date on which the pattern runs, ascending.",
        info={EMPTY_IS_A_VALUE: True},
    ),
    column("first_session_time", Time(timezone=False), "First start of each day, UTC."),
    column("repeat_minutes", Double, "Minutes between starts."),
    column(
        "session_times",
        ARRAY(DateTime(timezone=True)),
        "Listed starts, UTC, ascending.",
        info={EMPTY_IS_A_VALUE: True},
    ),
    references(["season_id", "race_week_num"], _WEEK),
    check("repeat_minutes", "repeat_minutes > 0"),
    check("session_minutes", "session_minutes >= 0"),
    check(
        "says_when",
        "CASE WHEN repeating THEN first_session_time IS NOT NULL AND day_offset IS NOT NULL "
        "ELSE session_times IS NOT NULL END",
    ),
)

car_restrictions = data_table(
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
    references(["season_id", "race_week_num"], _WEEK),
)

weather_forecasts = data_table(
    "weather_forecasts",
    "Forecast of a week's event, in steps of a quarter of an hour or more, from the file behind weather.weather_url. Unknown is NULL, never 0.",
    key("season_id", Integer, "Season."),
    key("race_week_num", Integer, "Week within the season."),
    key("time_offset", Double, "Minutes from the start of the session; negative before it."),
    column("timestamp", DateTime(timezone=False), "Moment on track, local to the track."),
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
    references(["season_id", "race_week_num"], _WEEK),
)

TABLES = (
    series,
    series_licenses,
    seasons,
    season_car_classes,
    season_schedules,
    race_time_descriptors,
    car_restrictions,
    weather_forecasts,
)
