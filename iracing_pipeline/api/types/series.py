"""Typed answers about series, seasons and race weeks, under the API's own names.

In: JSON objects. Out: pydantic objects: identity is required, everything else may be absent. No rows.
"""

from __future__ import annotations

from datetime import datetime, time, timezone
from typing import Any

from pydantic import model_validator

from iracing_pipeline.api.types.items import (
    BigInt,
    ClockTime,
    Count,
    Day,
    DayOffset,
    Id,
    Int,
    Interval,
    Item,
    LocalTime,
    Minutes,
    Moment,
    Optional,
    Quarter,
    Real,
    WeekNumber,
    Year,
)
from iracing_pipeline.api.types.reference import CarType, TrackType


class YearQuarter(Item):
    season_year: Year
    season_quarter: Quarter


class AllowedLicense(Item):
    license_group: Id
    group_name: Optional[str] = None
    min_license_level: Optional[Count] = None
    max_license_level: Optional[Count] = None
    parent_id: Optional[Id] = None


class Series(Item):
    """series/get: a series that runs now."""

    series_id: Id
    series_name: str
    series_short_name: Optional[str] = None
    category: Optional[str] = None
    category_id: Optional[Id] = None
    min_starters: Optional[Int] = None
    max_starters: Optional[Int] = None
    oval_caution_type: Optional[Int] = None
    road_caution_type: Optional[Int] = None
    first_season: Optional[YearQuarter] = None
    forum_url: Optional[str] = None
    search_filters: Optional[str] = None
    eligible: Optional[bool] = None
    allowed_licenses: Optional[list[AllowedLicense]] = None


class SeriesAsset(Item):
    """series/assets: pictures and description of a series, by its id."""

    series_id: Id
    logo: Optional[str] = None
    large_image: Optional[str] = None
    small_image: Optional[str] = None
    series_copy: Optional[str] = None


class LicenseGroupType(Item):
    license_group_type: Id


class Season(Item):
    """series/seasons: a season, without its weeks (`schedules` stays raw: a week fails alone)."""

    season_id: Id
    series_id: Id
    season_name: str
    schedules: list[Any] | None = None
    season_short_name: Optional[str] = None
    season_year: Year
    season_quarter: Quarter
    start_date: Optional[Moment] = None
    active: Optional[bool] = None
    complete: Optional[bool] = None
    official: Optional[bool] = None
    fixed_setup: Optional[bool] = None
    multiclass: Optional[bool] = None
    grid_by_class: Optional[bool] = None
    driver_changes: Optional[bool] = None
    driver_change_rule: Optional[Int] = None
    min_team_drivers: Optional[Int] = None
    max_team_drivers: Optional[Int] = None
    license_group: Optional[Id] = None
    license_group_types: Optional[list[LicenseGroupType]] = None
    car_class_ids: Optional[list[Id]] = None
    max_weeks: Optional[Count] = None
    drops: Optional[Int] = None
    race_week: Optional[Int] = None
    race_week_to_make_divisions: Optional[Int] = None
    schedule_description: Optional[str] = None
    car_types: Optional[list[CarType]] = None
    track_types: Optional[list[TrackType]] = None
    incident_limit: Optional[Int] = None
    incident_warn_mode: Optional[Int] = None
    incident_warn_param1: Optional[Int] = None
    incident_warn_param2: Optional[Int] = None
    unsport_conduct_rule_mode: Optional[Int] = None
    connection_black_flag: Optional[bool] = None
    caution_laps_do_not_count: Optional[bool] = None
    consec_caution_within_nlaps: Optional[Int] = None
    consec_cautions_single_file: Optional[bool] = None
    green_white_checkered_limit: Optional[Int] = None
    lucky_dog: Optional[bool] = None
    must_use_diff_tire_types_in_race: Optional[bool] = None
    start_on_qual_tire: Optional[bool] = None
    qualifier_must_start_race: Optional[bool] = None
    num_opt_laps: Optional[Int] = None
    num_fast_tows: Optional[Int] = None
    hardcore_level: Optional[Int] = None
    short_parade_lap: Optional[bool] = None
    start_zone: Optional[bool] = None
    enable_pitlane_collisions: Optional[bool] = None
    cross_license: Optional[bool] = None
    ignore_license_for_practice: Optional[bool] = None
    region_competition: Optional[bool] = None
    restrict_by_member: Optional[bool] = None
    restrict_to_car: Optional[bool] = None
    restrict_viewing: Optional[bool] = None
    car_switching: Optional[bool] = None
    send_to_open_practice: Optional[bool] = None
    open_practice_session_type_id: Optional[Id] = None
    op_duration: Optional[Real] = None
    reg_open_minutes: Optional[Minutes] = None
    rookie_season: Optional[str] = None
    score_as_carclassid: Optional[Id] = None
    distributed_matchmaking: Optional[bool] = None
    has_supersessions: Optional[bool] = None
    is_heat_racing: Optional[bool] = None
    heat_ses_info: Optional[dict[str, Any]] = None
    # Move at every fetch, or are always null: known, so that they are no drift, and never stored.
    reg_user_count: Any = None
    next_race_session: Any = None
    allowed_season_members: Any = None


class TrackRef(Item):
    track_id: Id
    track_name: Optional[str] = None
    config_name: Optional[str] = None
    category: Optional[str] = None
    category_id: Optional[Id] = None


class TrackState(Item):
    leave_marbles: Optional[bool] = None
    practice_rubber: Optional[Real] = None
    qualify_rubber: Optional[Real] = None
    warmup_rubber: Optional[Real] = None
    race_rubber: Optional[Real] = None
    practice_grip_compound: Optional[Int] = None
    qualify_grip_compound: Optional[Int] = None
    warmup_grip_compound: Optional[Int] = None
    race_grip_compound: Optional[Int] = None


class ForecastOptions(Item):
    allow_fog: Optional[bool] = None
    forecast_type: Optional[Int] = None
    precipitation: Optional[Int] = None
    skies: Optional[Int] = None
    stop_precip: Optional[Int] = None
    temperature: Optional[Int] = None
    weather_seed: Optional[BigInt] = None
    wind_dir: Optional[Int] = None
    wind_speed: Optional[Int] = None


class WeatherSummary(Item):
    max_precip_rate: Optional[Real] = None
    max_precip_rate_desc: Optional[str] = None
    max_precip_rate_before_session: Optional[Real] = None
    max_precip_rate_before_session_desc: Optional[str] = None
    precip_chance: Optional[Real] = None
    precip_chance_before_session: Optional[Real] = None
    skies_high: Optional[Int] = None
    skies_low: Optional[Int] = None
    temp_high: Optional[Real] = None
    temp_low: Optional[Real] = None
    temp_units: Optional[Id] = None
    wind_dir: Optional[Int] = None
    wind_high: Optional[Real] = None
    wind_low: Optional[Real] = None
    wind_units: Optional[Id] = None


class Weather(Item):
    """Weather of a week: version 1 since 2024 S2, version 0 before."""

    version: Optional[Int] = None
    allow_fog: Optional[bool] = None
    temp_units: Optional[Id] = None
    temp_value: Optional[Real] = None
    wind_units: Optional[Id] = None
    wind_value: Optional[Real] = None
    wind_dir: Optional[Int] = None
    rel_humidity: Optional[Real] = None
    skies: Optional[Int] = None
    time_of_day: Optional[Int] = None
    simulated_start_time: Optional[LocalTime] = None
    simulated_time_multiplier: Optional[Real] = None
    simulated_time_offsets: Optional[list[Real]] = None
    precip_option: Optional[Int] = None
    track_water: Optional[Real] = None
    forecast_options: Optional[ForecastOptions] = None
    weather_summary: Optional[WeatherSummary] = None
    # Signed anew at every fetch; the forecast behind it is an asset of its own.
    weather_url: Any = None
    fog: Any = None
    type: Any = None
    weather_var_initial: Any = None
    weather_var_ongoing: Any = None
    simulated_start_utc_time: Any = None


class RaceTimeDescriptor(Item):
    """When the sessions of a week start: a daily pattern, or a list of moments, UTC."""

    repeating: bool
    session_minutes: Optional[Minutes] = None
    super_session: Optional[bool] = None
    start_date: Optional[Day] = None
    day_offset: Optional[list[DayOffset]] = None
    first_session_time: Optional[ClockTime] = None
    repeat_minutes: Optional[Interval] = None
    session_times: Optional[list[Moment]] = None
    end_offset_minutes: Optional[Real] = None

    @model_validator(mode="after")
    def _says_when(self) -> RaceTimeDescriptor:
        if self.repeating and (self.first_session_time is None or self.day_offset is None):
            raise ValueError("repeats, but first_session_time or day_offset cannot be read")
        if not self.repeating and self.session_times is None:
            raise ValueError("does not repeat, and its session_times cannot be read")
        return self


class CarRestriction(Item):
    car_id: Id
    max_pct_fuel_fill: Optional[Real] = None
    power_adjust_pct: Optional[Real] = None
    weight_penalty_kg: Optional[Real] = None
    max_dry_tire_sets: Optional[Int] = None
    race_setup_id: Optional[Id] = None
    qual_setup_id: Optional[Id] = None


class WeekCar(Item):
    car_id: Id
    car_name: Optional[str] = None
    car_name_abbreviated: Optional[str] = None


class Week(Item):
    """One race week of a season, from series/seasons or series/season_schedule."""

    season_id: Id
    race_week_num: WeekNumber
    track: TrackRef
    series_id: Optional[Id] = None
    schedule_name: Optional[str] = None
    start_date: Optional[Day] = None
    week_end_time: Optional[Moment] = None
    category: Optional[str] = None
    category_id: Optional[Id] = None
    race_lap_limit: Optional[Int] = None
    race_time_limit: Optional[Minutes] = None
    practice_length: Optional[Real] = None
    qualify_laps: Optional[Int] = None
    qualify_length: Optional[Real] = None
    warmup_length: Optional[Real] = None
    qual_attached: Optional[bool] = None
    qual_time_descriptors: Optional[list[Any]] = None
    start_type: Optional[str] = None
    restart_type: Optional[str] = None
    full_course_cautions: Optional[bool] = None
    yellow_flags: Optional[bool] = None
    short_parade_lap: Optional[bool] = None
    start_zone: Optional[bool] = None
    enable_pitlane_collisions: Optional[bool] = None
    special_event_type: Optional[Int] = None
    # None: not said. One that cannot be read sets its week aside, so these do not forgive.
    car_restrictions: list[CarRestriction] | None = None
    race_time_descriptors: list[RaceTimeDescriptor] | None = None
    race_week_cars: Optional[list[WeekCar]] = None
    race_week_car_class_ids: Optional[list[Id]] = None
    race_week_car_classes: Any = None
    event_sessions: Optional[list[Any]] = None
    event_options: Optional[dict[str, Any]] = None
    track_state: Optional[TrackState] = None
    weather: Optional[Weather] = None
    # Repeated from the season, the series or the weather.
    season_name: Any = None
    series_name: Any = None
    simulated_time_multiplier: Any = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Week:
        if self.start_date is not None and self.week_end_time is not None:
            first_moment = datetime.combine(self.start_date, time(), timezone.utc)
            if self.week_end_time < first_moment:
                raise ValueError("week_end_time lies before start_date")
        return self
