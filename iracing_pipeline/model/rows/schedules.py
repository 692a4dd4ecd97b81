"""Weeks of seasons → rows of `season_schedules`, `race_time_descriptors`, `car_restrictions`.

In: raw weeks as series/seasons and series/season_schedule give them. Out: RowBatch. A week fails alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from iracing_pipeline.api.types.items import Item, readable
from iracing_pipeline.api.types.parsing import Parsed, parse_items
from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.api.types.series import (
    RaceTimeDescriptor,
    Season,
    Weather,
    WeatherSummary,
    Week,
)
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Coverage, Rejected, Row, RowBatch, sorted_ids
from iracing_pipeline.model.rows.units import celsius, metres_per_second

# Where in a week a column is told. What is not told there at all was left out, which is not NULL: of
# a past season the sources leave out different things.
_TOLD_BY: Mapping[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in (
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
            "full_course_cautions",
            "short_parade_lap",
            "start_zone",
            "enable_pitlane_collisions",
            "special_event_type",
        )
    },
    "race_week_car_ids": ("race_week_cars",),
    "race_week_car_class_ids": ("race_week_car_class_ids",),
    "leave_marbles": ("track_state", "leave_marbles"),
    "practice_rubber_pct": ("track_state", "practice_rubber"),
    "qualify_rubber_pct": ("track_state", "qualify_rubber"),
    "warmup_rubber_pct": ("track_state", "warmup_rubber"),
    "race_rubber_pct": ("track_state", "race_rubber"),
    **{
        name: ("weather", name)
        for name in (
            "simulated_start_time",
            "simulated_time_multiplier",
            "time_of_day",
            "skies",
            "wind_dir",
            "allow_fog",
            "track_water",
            "precip_option",
        )
    },
    "weather_version": ("weather", "version"),
    "simulated_time_offsets_minutes": ("weather", "simulated_time_offsets"),
    "temp_c": ("weather", "temp_value"),
    "rel_humidity_pct": ("weather", "rel_humidity"),
    "wind_speed_ms": ("weather", "wind_value"),
    "forecast_type": ("weather", "forecast_options", "forecast_type"),
    "weather_seed": ("weather", "forecast_options", "weather_seed"),
    "precip_chance_pct": ("weather", "weather_summary", "precip_chance"),
    "max_precip_rate_mm_h": ("weather", "weather_summary", "max_precip_rate"),
    "max_precip_rate_desc": ("weather", "weather_summary", "max_precip_rate_desc"),
    "temp_low_c": ("weather", "weather_summary", "temp_low"),
    "temp_high_c": ("weather", "weather_summary", "temp_high"),
    "wind_low_ms": ("weather", "weather_summary", "wind_low"),
    "wind_high_ms": ("weather", "weather_summary", "wind_high"),
    "summary_wind_dir": ("weather", "weather_summary", "wind_dir"),
    "skies_low": ("weather", "weather_summary", "skies_low"),
    "skies_high": ("weather", "weather_summary", "skies_high"),
}
# Only lists of seasons say these: their presence must not tell how a backfill got at a past season.
_NOT_IN_THE_PAST = ("race_week_car_ids", "race_week_car_class_ids")
_RESTRICTION = (
    "max_pct_fuel_fill",
    "power_adjust_pct",
    "weight_penalty_kg",
    "max_dry_tire_sets",
    "race_setup_id",
    "qual_setup_id",
)
_DESCRIPTOR = (
    "repeating",
    "session_minutes",
    "super_session",
    "start_date",
    "day_offset",
    "first_session_time",
    "repeat_minutes",
    "session_times",
)


def current_schedule_rows(
    seasons: Parsed[Season], drift: Drift | None = None, over: Collection[int] = ()
) -> RowBatch:
    """Rows of every week that series/seasons carries inside its seasons, some of which may be `over`.

    Weeks of a season that could not itself be read are not looked at: the season stands for them.
    """
    drift = drift if drift is not None else Drift()
    weeks: Parsed[Week] = Parsed(drift=drift)
    for season in seasons.items:
        of_season = _weeks_of(season.season_id, season.schedules or (), drift)
        weeks.items += of_season.items
        weeks.rejected += of_season.rejected
    series_of = {season.season_id: season.series_id for season in seasons.items}
    return schedule_rows(weeks, series_of, over)


def past_schedule_rows(
    season_id: int, series_id: int, raw_weeks: list[Any], drift: Drift | None = None
) -> RowBatch:
    """Rows of the weeks of one season that is over, from either endpoint that tells of them.

    The two give the same week in two shapes; the rows have the columns that both give.
    """
    weeks = _weeks_of(season_id, raw_weeks, drift if drift is not None else Drift())
    batch = schedule_rows(weeks, {season_id: series_id}, {season_id})
    for row in batch.rows["season_schedules"]:
        for name in _NOT_IN_THE_PAST:
            row.pop(name, None)
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


def schedule_rows(
    weeks: Parsed[Week], series_of: Mapping[int, int], over: Collection[int]
) -> RowBatch:
    """Rows of weeks, their session times and their car restrictions.

    `series_of` gives the series where a week does not name it; `over` are the seasons that are, whose
    rows other sources complete.
    """
    schedules: list[Row] = []
    descriptors: list[Row] = []
    restrictions: list[Row] = []
    for week in weeks.items:
        key = {"season_id": week.season_id, "race_week_num": week.race_week_num}
        is_over = week.season_id in over
        schedules.append(_week_row(week, series_of.get(week.season_id), is_over=is_over))
        patterns: list[Row] = []
        for descriptor in map(_descriptor_row, week.race_time_descriptors or ()):
            if descriptor not in patterns:
                patterns.append(descriptor)
        descriptors.extend(
            {**key, "descriptor_num": number, **pattern} for number, pattern in enumerate(patterns)
        )
        restrictions.extend(
            {
                **key,
                "car_id": item.car_id,
                **readable(item, _RESTRICTION),
            }
            for item in once(
                week.car_restrictions or (),
                ("car_id",),
                weeks.drift,
                f"season_id={week.season_id} race_week_num={week.race_week_num}",
            )
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
        completes=Coverage(("season_id",), frozenset((season_id,) for season_id in over))
        if over
        else None,
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


def _columns_by_object() -> dict[tuple[str, ...], list[tuple[str, str]]]:
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for column, path in _TOLD_BY.items():
        found.setdefault(path[:-1], []).append((column, path[-1]))
    return found


# By the way to an object of the week: (column, field) of what it tells.
_TOLD_IN = _columns_by_object()
_LEFT_OUT, _UNREAD = object(), object()


def _object_at(week: Item, path: Iterable[str]) -> Any:
    """The object at the end of the path, _LEFT_OUT or _UNREAD; below an object that is null all is null."""
    found: Any = week
    for name in path:
        if found is None:
            return None
        if name in found.unread:
            return _UNREAD
        if name not in found.model_fields_set:
            return _LEFT_OUT
        found = getattr(found, name)
    return found


def _told(week: Item, *, is_over: bool) -> Row:
    """The columns that the week tells; what is left out is None, but not where the season is over."""
    row: Row = {}
    for path, columns in _TOLD_IN.items():
        found = _object_at(week, path)
        if isinstance(found, Item):
            # Straight from what pydantic keeps: there are forty columns, and weeks in their ten thousands.
            values, told, unread = found.__dict__, found.model_fields_set, found.unread
            for column, name in columns:
                if name not in told:
                    if not is_over:
                        row[column] = None
                elif name not in unread:
                    row[column] = values[name]
        elif found is None or (found is _LEFT_OUT and not is_over):
            row.update((column, None) for column, _ in columns)
    return row


def _week_row(week: Week, series_id: int | None, *, is_over: bool) -> Row:
    """The columns of a week, in SI units; unknown is None, never 0.

    What cannot be read stays as stored, and of a season that is over what the week leaves out: another
    source may have told it.
    """
    row: Row = {
        "season_id": week.season_id,
        "race_week_num": week.race_week_num,
        "is_in_schedule": True,
        "series_id": week.series_id if week.series_id is not None else series_id,
        # A track is one thing: without a configuration it has no config_name at all.
        **readable(week.track, ("track_id", "track_name", "config_name")),
    }
    for name, value in readable(week.track, ("category", "category_id")).items():
        row[f"track_{name}"] = value
    row |= _told(week, is_over=is_over)
    # Until 2022 the same rule was called yellow_flags.
    if row.get("full_course_cautions") is None and week.yellow_flags is not None:
        row["full_course_cautions"] = week.yellow_flags
    elif "yellow_flags" in week.unread and week.full_course_cautions is None:
        row.pop("full_course_cautions", None)
    weather = week.weather or Weather()
    summary = weather.weather_summary or WeatherSummary()
    for column, told, units, convert in (
        ("temp_c", weather, "temp_units", celsius),
        ("wind_speed_ms", weather, "wind_units", metres_per_second),
        ("temp_low_c", summary, "temp_units", celsius),
        ("temp_high_c", summary, "temp_units", celsius),
        ("wind_low_ms", summary, "wind_units", metres_per_second),
        ("wind_high_ms", summary, "wind_units", metres_per_second),
    ):
        if row.get(column) is None:
            continue
        unit = getattr(told, units)
        if units in told.unread or (unit is None and is_over):
            del row[column]
        else:
            row[column] = convert(row[column], unit)
    if row.get("race_week_car_ids") is not None:
        row["race_week_car_ids"] = sorted_ids(car.car_id for car in row["race_week_car_ids"])
    if "race_week_car_class_ids" in row:
        row["race_week_car_class_ids"] = sorted_ids(row["race_week_car_class_ids"])
    return row


def _descriptor_row(descriptor: RaceTimeDescriptor) -> Row:
    row = readable(descriptor, _DESCRIPTOR)
    if "day_offset" in row:
        row["day_offset"] = sorted_ids(descriptor.day_offset)
    if "session_times" in row:
        row["session_times"] = _sorted_moments(descriptor.session_times)
    return row


def _sorted_moments(moments: Iterable[datetime] | None) -> list[datetime] | None:
    # Sorted in answers since 2025, unsorted before: the order carries nothing.
    return None if moments is None else sorted(set(moments))
