"""Weeks of seasons → rows of `season_schedules`, `race_time_descriptors`, `car_restrictions`.

In: raw weeks as series/seasons and series/season_schedule give them. Out: RowBatch. A week fails alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from iracing_pipeline.api.types.parsing import Parsed, parse_items
from iracing_pipeline.api.types.series import RaceTimeDescriptor, Season, Weather, Week
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Coverage, Rejected, Row, RowBatch, sorted_ids
from iracing_pipeline.model.rows.units import celsius, metres_per_second

# Same name and meaning in answer and table.
_SAME = (
    "season_id",
    "race_week_num",
    "schedule_name",
    "start_date",
    "week_end_time",
    "category",
    "category_id",
    "race_lap_limit",
    "race_time_limit",
    "practice_length",
    "qualify_laps",
    "qualify_length",
    "warmup_length",
    "qual_attached",
    "start_type",
    "restart_type",
    "short_parade_lap",
    "start_zone",
    "enable_pitlane_collisions",
    "special_event_type",
)
# Only the list of current seasons says these; once a season is over their absence must not erase
# them, and their presence must not tell how a past season was fetched.
_NOT_IN_THE_PAST = ("race_week_car_ids", "race_week_car_class_ids")
_RESTRICTION = (
    "max_pct_fuel_fill",
    "power_adjust_pct",
    "weight_penalty_kg",
    "max_dry_tire_sets",
    "race_setup_id",
    "qual_setup_id",
)


def current_schedule_rows(seasons: Parsed[Season], drift: Drift | None = None) -> RowBatch:
    """Rows of every week that series/seasons carries inside its seasons.

    Weeks of a season that could not itself be read are not looked at: the season stands for them.
    """
    drift = drift if drift is not None else Drift()
    weeks: Parsed[Week] = Parsed(drift=drift)
    for season in seasons.items:
        of_season = _weeks_of(season.season_id, season.schedules or (), drift)
        weeks.items += of_season.items
        weeks.rejected += of_season.rejected
    series_of = {season.season_id: season.series_id for season in seasons.items}
    return schedule_rows(weeks, series_of)


def past_schedule_rows(
    season_id: int, series_id: int, raw_weeks: list[Any], drift: Drift | None = None
) -> RowBatch:
    """Rows of the weeks of one season that is over, from either endpoint that tells of them.

    The two give the same week in two shapes; the rows have the columns that both give.
    """
    weeks = _weeks_of(season_id, raw_weeks, drift if drift is not None else Drift())
    batch = schedule_rows(weeks, {season_id: series_id})
    for row in batch.rows["season_schedules"]:
        for name in _NOT_IN_THE_PAST:
            del row[name]
    return batch


def _weeks_of(season_id: int, schedules: Iterable[Any], drift: Drift) -> Parsed[Week]:
    raw_weeks = [
        {"season_id": season_id, **week} if isinstance(week, dict) else week for week in schedules
    ]
    parsed = parse_items(Week, raw_weeks, ("season_id", "race_week_num"), drift)
    key = f"season_id={season_id}"
    parsed.rejected = [item.under(key) for item in parsed.rejected]
    for week in [week for week in parsed.items if week.season_id != season_id]:
        parsed.items.remove(week)
        parsed.rejected.append(
            Rejected(
                f"{key} race_week_num={week.race_week_num}",
                f"The week says that it belongs to season {week.season_id}.",
                week.model_dump(mode="json"),
            )
        )
    return parsed


def schedule_rows(weeks: Parsed[Week], series_of: dict[int, int]) -> RowBatch:
    """Rows of weeks, their session times and their car restrictions.

    `series_of` gives the series where a week does not name it.
    """
    schedules: list[Row] = []
    descriptors: list[Row] = []
    restrictions: list[Row] = []
    for week in weeks.items:
        key = {"season_id": week.season_id, "race_week_num": week.race_week_num}
        schedules.append(_week_row(week, series_of.get(week.season_id)))
        descriptors.extend(
            {**key, "descriptor_num": number, **_descriptor_row(descriptor)}
            for number, descriptor in enumerate(week.race_time_descriptors or ())
        )
        by_car = {item.car_id: item for item in week.car_restrictions or ()}
        restrictions.extend(
            {
                **key,
                "car_id": item.car_id,
                **{name: getattr(item, name) for name in _RESTRICTION},
            }
            for item in by_car.values()
        )
    return RowBatch(
        rows={
            "season_schedules": schedules,
            "race_time_descriptors": descriptors,
            "car_restrictions": restrictions,
        },
        coverage={
            "race_time_descriptors": _said(weeks.items, "race_time_descriptors"),
            "car_restrictions": _said(weeks.items, "car_restrictions"),
        },
        rejected=weeks.rejected,
    )


def _said(weeks: Iterable[Week], name: str) -> Coverage:
    """The weeks that do give a list, be it an empty one: only there can something have vanished."""
    return Coverage(
        ("season_id", "race_week_num"),
        frozenset(
            (week.season_id, week.race_week_num)
            for week in weeks
            if getattr(week, name) is not None
        ),
    )


def _week_row(week: Week, series_id: int | None) -> Row:
    track, state = week.track, week.track_state
    return {
        **{name: getattr(week, name) for name in _SAME},
        "is_in_schedule": True,
        "series_id": week.series_id if week.series_id is not None else series_id,
        "track_id": track.track_id,
        "track_name": track.track_name,
        "config_name": track.config_name,
        "track_category": track.category,
        "track_category_id": track.category_id,
        # Until 2022 the same rule was called yellow_flags.
        "full_course_cautions": (
            week.full_course_cautions
            if week.full_course_cautions is not None
            else week.yellow_flags
        ),
        "race_week_car_ids": sorted_ids(car.car_id for car in week.race_week_cars)
        if week.race_week_cars is not None
        else None,
        "race_week_car_class_ids": sorted_ids(week.race_week_car_class_ids),
        "leave_marbles": state.leave_marbles if state else None,
        "practice_rubber_pct": state.practice_rubber if state else None,
        "qualify_rubber_pct": state.qualify_rubber if state else None,
        "warmup_rubber_pct": state.warmup_rubber if state else None,
        "race_rubber_pct": state.race_rubber if state else None,
        **_weather_columns(week.weather or Weather()),
    }


def _weather_columns(weather: Weather) -> Row:
    """The weather setting and its summary in SI units; unknown is None, never 0."""
    options, summary = weather.forecast_options, weather.weather_summary
    temp_units = summary.temp_units if summary else None
    wind_units = summary.wind_units if summary else None
    return {
        "weather_version": weather.version,
        "simulated_start_time": weather.simulated_start_time,
        "simulated_time_multiplier": weather.simulated_time_multiplier,
        "simulated_time_offsets_minutes": weather.simulated_time_offsets,
        "time_of_day": weather.time_of_day,
        "temp_c": celsius(weather.temp_value, weather.temp_units),
        "rel_humidity_pct": weather.rel_humidity,
        "skies": weather.skies,
        "wind_speed_ms": metres_per_second(weather.wind_value, weather.wind_units),
        "wind_dir": weather.wind_dir,
        "allow_fog": weather.allow_fog,
        "track_water": weather.track_water,
        "precip_option": weather.precip_option,
        "forecast_type": options.forecast_type if options else None,
        "weather_seed": options.weather_seed if options else None,
        "precip_chance_pct": summary.precip_chance if summary else None,
        "max_precip_rate_mm_h": summary.max_precip_rate if summary else None,
        "max_precip_rate_desc": summary.max_precip_rate_desc if summary else None,
        "temp_low_c": celsius(summary.temp_low, temp_units) if summary else None,
        "temp_high_c": celsius(summary.temp_high, temp_units) if summary else None,
        "wind_low_ms": metres_per_second(summary.wind_low, wind_units) if summary else None,
        "wind_high_ms": metres_per_second(summary.wind_high, wind_units) if summary else None,
        "summary_wind_dir": summary.wind_dir if summary else None,
        "skies_low": summary.skies_low if summary else None,
        "skies_high": summary.skies_high if summary else None,
    }


def _descriptor_row(descriptor: RaceTimeDescriptor) -> Row:
    return {
        "repeating": descriptor.repeating,
        "session_minutes": descriptor.session_minutes,
        "super_session": descriptor.super_session,
        "start_date": descriptor.start_date,
        "day_offset": sorted_ids(descriptor.day_offset),
        "first_session_time": descriptor.first_session_time,
        "repeat_minutes": descriptor.repeat_minutes,
        "session_times": _sorted_moments(descriptor.session_times),
    }


def _sorted_moments(moments: Iterable[datetime] | None) -> list[datetime] | None:
    # Sorted in answers since 2025, unsorted before: the order carries nothing.
    return None if moments is None else sorted(set(moments))
