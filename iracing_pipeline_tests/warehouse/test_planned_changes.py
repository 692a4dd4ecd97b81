"""Which changes racers plan by, and in which words: one rule for the view, the webhook and the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sqlalchemy import ARRAY, Boolean, Date, DateTime, Numeric, Table, Text, Time
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.base import recorded_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.places import ROOT

DAY = date(2026, 11, 24)  # a Tuesday
WEEK = {"season_id": 1, "race_week_num": 0}
KEYS: Mapping[str, dict[str, Any]] = {
    "series": {"series_id": 10},
    "series_licenses": {"series_id": 10, "license_group": 2},
    "seasons": {"season_id": 1},
    "season_schedules": WEEK,
    "race_time_descriptors": {**WEEK, "descriptor_num": 0},
    "car_restrictions": {**WEEK, "car_id": 7},
}
PLANNED = {
    *("series name", "category", "lowest level of Class D", "highest level of Class D"),
    *(
        "season",
        "season name",
        "season start",
        "weeks",
        "drops",
        "race times",
        "official",
        "set-up",
    ),
    *(
        "multiclass",
        "heats",
        "driver changes",
        "fewest drivers of a team",
        "most drivers of a team",
    ),
    *("licence", "other licence categories", "listed members only", "one car for the season"),
    *("track", "week start", "week end", "race laps", "race time", "practice", "qualifying laps"),
    *("qualifying", "warm-up", "cars", "car classes", "chance of rain", "strongest rain"),
    *("repeating sessions", "session length", "super session", "sessions from", "session days"),
    *("first session", "a session every", "session times"),
}
NOBODY_PLANS_BY = {
    *("race_week", "series_copy", "forum_url", "oval_caution_type", "road_caution_type", "weather_seed"),
    *("sky", "wind direction", "wind", "temperature", "humidity", "time_of_day", "precip_option"),
    *("active", "logo", "special_event_type", "schedule_name", "heat_ses_info", "rain per hour"),
    *("fuel of car 7", "power of car 7", "race_setup_id of car 7", "incident limit", "track_types"),
}  # fmt: skip


def value(column: SqlColumn[Any], turn: int) -> Any:
    """A value of the column's type, another one at each turn, that every constraint allows."""
    kind = column.type
    if isinstance(kind, ARRAY):
        return [value(SqlColumn(column.name, kind.item_type), turn)]
    if isinstance(kind, Boolean):
        # What changes when a season is over is told no more: so it was, and is not.
        return bool(turn) is not (column.name == "complete")
    if isinstance(kind, Date):
        return DAY + turn * timedelta(days=7)
    if isinstance(kind, DateTime):
        zone = timezone.utc if kind.timezone else None
        return datetime(2026, 12, 24 + turn, 18, tzinfo=zone)
    if isinstance(kind, Time):
        return time(10 + turn, 30)
    if isinstance(kind, (Text, JSONB)):
        return f"{column.name} {turn}"
    if column.name in {"season_year", "first_season_year"}:
        return 2025 + turn
    return float(1 + turn) if isinstance(kind, Numeric) else 1 + turn


def row_of(found: Table, key: dict[str, Any], turn: int) -> dict[str, Any]:
    names = [one for one in recorded_columns(found) if one not in {*key, "series_id", "group_name"}]
    series = {"series_id": 10} if "series_id" in found.columns else {}
    group = {"group_name": "Class D"} if "group_name" in found.columns else {}
    return {**key, **series, **group, **{name: value(found.columns[name], turn) for name in names}}


def store(database: Database, run_id: str, *batches: TableBatch) -> None:
    with database.begin() as connection:
        merge_tables(connection, batches, run_id=run_id)


def lines(database: Database, importance: str | None = "high") -> list[tuple[Any, ...]]:
    found = query(
        database,
        """SELECT importance, season_id, race_week_num, kind, what, old, new
           FROM iracing.schedule_changes ORDER BY change_id, what""",
    )
    return [line[1:] for line in found if importance in {None, line[0]}]


def test_every_column_is_either_planned_by_and_has_a_word_or_is_of_low_importance(
    database: Database,
) -> None:
    for turn in (0, 1):
        store(
            database,
            f"turn {turn}",
            *(
                TableBatch(table(name), [row_of(table(name), key, turn)])
                for name, key in KEYS.items()
            ),
        )
    ((columns,),) = query(
        database, "SELECT count(*) FROM iracing.changes, jsonb_object_keys(after)"
    )
    high, low = lines(database), lines(database, "low")
    # The five columns of a track are one line.
    assert len(high) + len(low) == columns - 4
    assert {line[3] for line in high} == PLANNED
    assert {line[3] for line in low} >= NOBODY_PLANS_BY
    # Whoever reads of the rule finds each of its words.
    dictionary = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert [
        word for word in PLANNED if f"`{word.partition(' of Class')[0]}`" not in dictionary
    ] == []
    # What column_words names is there.
    named = query(database, "SELECT table_name, column_name FROM iracing_private.column_words")
    assert [name for name in named if name[1] not in table(name[0]).columns] == []


INT_MAX = 2**31 - 1
HOURS = ("01:00 UTC", "09:00 UTC")
ROWS: Mapping[str, dict[str, Any]] = {
    "series": {"series_id": 10, "series_name": "Cup"},
    "series_licenses": {**KEYS["series_licenses"], "group_name": "Class D"},
    "seasons": {
        "season_id": 1,
        "series_id": 10,
        "season_name": "Cup",
        "drops": 1,
        "complete": False,
    },
    "season_car_classes": {"season_id": 1, "car_class_id": 3},
    "season_schedules": {**WEEK, "track_id": 5, "track_name": "Track", "start_date": DAY},
    "race_time_descriptors": {
        **KEYS["race_time_descriptors"],
        "repeating": True,
        "start_date": DAY,
        "day_offset": [0],
        "first_session_time": time(1),
    },
    "car_restrictions": {**KEYS["car_restrictions"], "power_adjust_pct": 1.0},
    "cars": {"car_id": 7, "car_name": "MX-5"},
    "car_classes": {"car_class_id": 3, "name": "GT Class", "short_name": "GT"},
}


def store_all(database: Database) -> None:
    """One row of each table: a first load, which is no change."""
    store(database, "load", *(TableBatch(table(name), [row]) for name, row in ROWS.items()))


SAID: list[tuple[str, str, Any, Any, tuple[str | None, ...]]] = [
    ("seasons", "license_group", 3, 4, ("licence", "Class C", "Class B")),
    ("seasons", "license_group", 9, INT_MAX, ("licence", "9", str(INT_MAX))),
    ("seasons", "fixed_setup", True, False, ("set-up", "fixed", "open")),
    ("seasons", "official", None, False, ("official", None, "no")),
    ("seasons", "complete", False, True, ("season", "Cup", "over")),
    ("seasons", "complete", True, None, ("season", "over", "Cup")),
    ("seasons", "complete", None, False, ("complete", None, "no")),
    ("series_licenses", "min_license_level", 5, 8, ("lowest level of Class D", "Class D 1.0", "Class D 4.0")),
    ("series_licenses", "max_license_level", 28, 99, ("highest level of Class D", "Pro/WC 4.0", "99")),
    ("series_licenses", "max_license_level", 99, INT_MAX, ("highest level of Class D", "99", str(INT_MAX))),
    ("season_schedules", "race_time_limit", 30, 45, ("race time", "30 min", "45 min")),
    ("season_schedules", "precip_chance_pct", 0, None, ("chance of rain", "0 %", None)),
    ("season_schedules", "skies", 0, 2, ("sky", "clear", "mostly cloudy")),
    ("season_schedules", "skies", 3, 99, ("sky", "overcast", "99")),
    ("season_schedules", "wind_dir", 0, 7, ("wind direction", "N", "NW")),
    ("season_schedules", "category", "sports_car", "dirt_oval", ("category", "sports car", "dirt oval")),
    ("season_schedules", "race_week_car_ids", [7], [7, 8], ("cars", "MX-5", "MX-5, car 8")),
    ("season_schedules", "race_week_car_class_ids", [3], [4], ("car classes", "GT", "car class 4")),
    ("season_schedules", "weather_seed", 1, 2, ("weather_seed", "1", "2")),
    ("race_time_descriptors", "day_offset", [0, 4], [5], ("session days", "Tue, Sat", "Sun")),
    ("race_time_descriptors", "day_offset", [0], [INT_MAX], ("session days", "Tue", "Wed")),
    ("race_time_descriptors", "first_session_time", time(1), time(9), ("first session", *HOURS)),
    ("race_time_descriptors", "repeat_minutes", 120, 60, ("a session every", "120 min", "60 min")),
    ("car_restrictions", "power_adjust_pct", -1.75, -2.0, ("power of MX-5", "-1.75 %", "-2 %")),
]  # fmt: skip


def test_values_are_told_as_people_say_them(database: Database) -> None:
    store_all(database)
    found = []
    for name, column, before, after, _ in SAID:
        for run_id, one in (("before", before), ("after", after)):
            store(database, run_id, TableBatch(table(name), [{**ROWS[name], column: one}]))
        found += query(
            database,
            """SELECT what, old, new FROM iracing.schedule_changes
               WHERE change_id = (SELECT max(change_id) FROM iracing.changes)""",
        )
    assert found == [said for *_, said in SAID]


# -- what comes and goes -------------------------------------------------------------------------


def part(name: str, *rows: dict[str, Any], all_of: int | None = None) -> TableBatch:
    """Rows of a table; `all_of`: the season of which they are all that is left."""
    coverage = None if all_of is None else Coverage(("season_id",), frozenset({(all_of,)}))
    return TableBatch(table(name), [{**ROWS[name], **row} for row in rows], coverage)


def schedule(season_id: int, *weeks: int) -> list[TableBatch]:
    """Weeks with session times and a car restriction each."""
    rows = [
        {"season_id": season_id, "race_week_num": n, "start_date": DAY + timedelta(days=7 * n)}
        for n in weeks
    ]
    return [
        part("season_schedules", *rows),
        part("race_time_descriptors", *rows),
        part("car_restrictions", *({k: row[k] for k in WEEK} for row in rows)),
    ]


def season(season_id: int, **more: Any) -> list[TableBatch]:
    return [
        part("seasons", {"season_id": season_id, "season_name": f"Cup {season_id}", **more}),
        part("season_car_classes", {"season_id": season_id}),
    ]


def test_a_season_and_its_schedule_come_in_a_line_each_whatever_they_bring(
    database: Database,
) -> None:
    store_all(database)
    store(database, "one run", *season(2), *schedule(2, 0, 1, 2))
    # In other runs; and as the index has it, tracks first.
    store(database, "list", *season(3))
    store(database, "schedules", *schedule(3, 4, 5))
    store(database, "index", *season(4), schedule(4, 0, 1)[0])
    store(database, "times", *schedule(4, 0, 1)[1:])
    assert lines(database) == [
        (2, None, "inserted", "season", None, "Cup 2"),
        (2, None, "inserted", "schedule", None, "3 weeks from 2026-11-24"),
        (3, None, "inserted", "season", None, "Cup 3"),
        (3, None, "inserted", "schedule", None, "2 weeks from 2026-12-22"),
        (4, None, "inserted", "season", None, "Cup 4"),
        (4, None, "inserted", "schedule", None, "2 weeks from 2026-11-24"),
        (4, None, "inserted", "session times", None, "2 weeks from 2026-11-24"),
    ]
    # Nothing of it is left out of the view.
    tables = ("season_car_classes", "season_schedules", "race_time_descriptors", "car_restrictions")
    assert [
        query(
            database,
            f"SELECT count(*) FROM iracing.schedule_changes WHERE table_name = '{name}'"
            " AND importance = 'low'",
        )
        for name in tables
    ] == [[(3,)], [(7,)], [(7,)], [(7,)]]


def test_what_a_season_that_was_there_gains_or_loses_is_told_by_the_week(
    database: Database,
) -> None:
    store_all(database)
    store(database, "season", *season(2), *schedule(2, 0, 1))
    before = len(lines(database))
    store(database, "more", *schedule(2, 2, 3))
    kept = schedule(2, 0, 1, 2)[0].rows
    store(database, "less", part("season_schedules", *kept, all_of=2))
    store(database, "back", *schedule(2, 3))
    store(database, "season gone", part("seasons", all_of=2))
    store(database, "season back", *season(2))
    assert lines(database)[before:] == [
        (2, 2, "inserted", "week", None, "Track"),
        (2, 3, "inserted", "week", None, "Track"),
        (2, 3, "retired", "week", "Track", None),
        (2, 3, "restored", "week", None, "Track"),
        (2, None, "retired", "season", "Cup 2", None),
        (2, None, "restored", "season", None, "Cup 2"),
    ]
    more = {"season_id": 2, "descriptor_num": 1}
    store(database, "times", part("race_time_descriptors", more))
    assert [line[:4] for line in lines(database)[before + 6 :]] == [
        (2, 0, "inserted", "session times")
    ]


def test_of_a_season_that_is_over_only_its_end_is_told(database: Database) -> None:
    store_all(database)
    store(database, "season", *season(2), *schedule(2, 0, 1))
    before = len(lines(database))
    store(database, "while it runs", *season(2, drops=4))
    store(database, "end", *season(2, drops=5, complete=True, active=False))
    store(database, "after", *season(2, drops=6, complete=True), *schedule(2, 2))
    store(database, "known late", *season(9, complete=True))
    assert lines(database)[before:] == [
        (2, None, "updated", "drops", "1", "4"),
        (2, None, "updated", "season", "Cup 2", "over"),
    ]
