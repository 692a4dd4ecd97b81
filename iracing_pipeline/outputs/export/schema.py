"""The schema of the export: its tables, what each column is, and its version. The one list of all formats.

In: nothing. Out: TABLES. Who adds a column or a table leaves VERSION as it is; who takes one away, renames
it or gives it another meaning raises it. How rows are read: queries.py.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

NAME = "iracing-calendar"
VERSION = 1


class Kind(Enum):
    """What a column holds; the value is its name in the manifest. Every column may be null but keys."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    MOMENT = "moment"
    """ISO 8601 with its zone, which is UTC; in Parquet a timestamp."""
    INTEGERS = "integers"
    """A list, ascending; in SQLite as JSON text."""


class Column(NamedTuple):
    name: str
    kind: Kind
    meaning: str


class Table(NamedTuple):
    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


def _integer(name: str, meaning: str) -> Column:
    return Column(name, Kind.INTEGER, meaning)


def _number(name: str, meaning: str) -> Column:
    return Column(name, Kind.NUMBER, meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, Kind.BOOLEAN, meaning)


def _text(name: str, meaning: str) -> Column:
    return Column(name, Kind.TEXT, meaning)


def _moment(name: str, meaning: str) -> Column:
    return Column(name, Kind.MOMENT, meaning)


def _integers(name: str, meaning: str) -> Column:
    return Column(name, Kind.INTEGERS, meaning)


_SEASON = _integer("season_id", "Season.")
_SERIES = _integer("series_id", "Series.")
_WEEK = _integer("race_week_num", "Week within the season, from 0.")
_LICENSE = _integer("license_group", "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.")
_BOUGHT = (
    _integer("package_id", "What is bought; tracks and cars share the numbers."),
    _number("price", "US dollars, as stored."),
    _flag("free_with_subscription", "Comes with the membership."),
)

TABLES = (
    Table(
        "series",
        "The series of the seasons below.",
        ("series_id",),
        (
            _SERIES,
            _text("series_name", "Current name."),
            _text("series_short_name", "Current short name."),
            _text("category", "oval, dirt_oval, dirt_road, sports_car, formula_car."),
            _integer("min_starters", "Drivers needed for an official race."),
            _integer("max_starters", "Largest grid of one split."),
            _integers("license_groups", "Licence classes that may race, as license_group."),
            _text("logo", "File, relative to https://images-static.iracing.com/img/logos/series/."),
            _text("forum_url", "Forum of the series."),
        ),
    ),
    Table(
        "seasons",
        "Running and announced seasons, and those that have ended today; with history every season.",
        ("season_id",),
        (
            _SEASON,
            _SERIES,
            _text("season_name", "Current name."),
            _integer("season_year", "Year that the season is filed under."),
            _integer("season_quarter", "Quarter, 1 to 4."),
            _text(
                "status", "future, active or complete; null where nothing is known but the name."
            ),
            _moment("start_date", "Start of the season; up to 4 days before its first week."),
            _LICENSE,
            _flag("official", "Counts for ratings and standings."),
            _flag("fixed_setup", "Everyone drives the same set-up."),
            _flag("multiclass", "More than one car class on track."),
            _flag("driver_changes", "Team racing with driver changes."),
            _integer("max_weeks", "Number of race weeks."),
            _integer("drops", "Weeks dropped from the standings."),
            _text("schedule_description", "Such as: Races every 30 minutes at :15 past."),
            _integers("car_class_ids", "Its car classes."),
        ),
    ),
    Table(
        "weeks",
        "Their race weeks.",
        ("season_id", "race_week_num"),
        (
            _SEASON,
            _WEEK,
            _moment("week_start", "When the week begins."),
            _moment("week_end_time", "The last moment at which a session may start, inclusive."),
            _integer("track_id", "Track configuration."),
            _text("track_name", "Track."),
            _text("config_name", "Configuration; null where the track has only one."),
            _text("category", "Category of the event."),
            _integer("race_lap_limit", "Laps; null where only time limits the race."),
            _number("race_time_limit", "Minutes; null where only laps limit the race."),
            _number("precip_chance_pct", "Chance of rain over the event, %."),
            _number("max_precip_rate_mm_h", "Strongest rain expected, mm per hour."),
            _number("temp_low_c", "Lowest temperature expected, degrees Celsius."),
            _number("temp_high_c", "Highest temperature expected, degrees Celsius."),
            _integers("car_ids", "Cars that may be driven."),
        ),
    ),
    Table(
        "sessions",
        "Race sessions that start from the beginning of today to the end of the last day asked for, UTC.",
        ("season_id", "race_week_num", "start_time"),
        (
            _moment("start_time", "When it starts."),
            _moment("end_time", "When it ends; null where its length is not known."),
            _SEASON,
            _WEEK,
            _flag("super_session", "A super session."),
        ),
    ),
    Table(
        "tracks",
        "Every track configuration.",
        ("track_id",),
        (
            _integer("track_id", "Track configuration."),
            _text("track_name", "Name."),
            _text("config_name", "Configuration; null where the track has only one."),
            _text("category", "road, oval, dirt_oval, dirt_road."),
            *_BOUGHT,
            _flag("retired", "Taken out of use by iRacing."),
            _number("track_config_length", "Length of a lap, miles."),
            _text("location", "Place."),
            _text("time_zone", "IANA time zone of the track."),
        ),
    ),
    Table(
        "cars",
        "Every car.",
        ("car_id",),
        (
            _integer("car_id", "Car."),
            _text("car_name", "Name."),
            _text("car_name_abbreviated", "Short name."),
            *_BOUGHT,
            _flag("retired", "Taken out of use by iRacing."),
            _number("hp", "Power, hp."),
            _number("car_weight", "Weight, pounds."),
        ),
    ),
    Table(
        "car_classes",
        "Every car class.",
        ("car_class_id",),
        (
            _integer("car_class_id", "Car class."),
            _text("name", "Name."),
            _text("short_name", "Short name."),
            _integers("car_ids", "Its cars."),
        ),
    ),
)


def in_markdown() -> str:
    """The schema as docs/exports.md has it."""
    lines = []
    for table in TABLES:
        lines += [f"### `{table.name}`", "", table.meaning, "", "| column | | |", "|---|---|---|"]
        for name, kind, meaning in table.columns:
            shown = f"**`{name}`**" if name in table.key else f"`{name}`"
            lines.append(f"| {shown} | {kind.value} | {meaning} |")
        lines.append("")
    return "\n".join(lines)
