"""race_sessions(): descriptors → UTC starts, bounded by the week. On a real Postgres."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from typing import Any

import pytest

from iracing_pipeline.warehouse.batches import Batch
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge import merge_all
from iracing_pipeline.warehouse.tables import table

EVER = ("2000-01-01T00:00Z", "2100-01-01T00:00Z")


def store(database: Database, week: dict[str, Any], *descriptors: dict[str, Any]) -> None:
    key = {"season_id": 1, "race_week_num": 0}
    with database.begin() as connection:
        merge_all(
            connection,
            [
                Batch(table("seasons"), [{"season_id": 1, "series_id": 1, "season_name": "S"}]),
                Batch(table("season_schedules"), [{**key, **week}]),
                Batch(
                    table("race_time_descriptors"),
                    [
                        {**key, "descriptor_num": number, **descriptor}
                        for number, descriptor in enumerate(descriptors)
                    ],
                ),
            ],
            run_id="test",
        )


def starts(database: Database, span: tuple[str, str] = EVER) -> list[str]:
    with database.begin() as connection:
        # Another zone than UTC must make no difference.
        connection.exec_driver_sql("SET LOCAL timezone = 'America/New_York'")
        found = connection.exec_driver_sql(
            "SELECT start_time FROM iracing.race_sessions(%s, %s) ORDER BY 1", span
        ).scalars()
        return [start.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M") for start in found]


def pattern(first: str, minutes: int | None, start: str, days: list[int]) -> dict[str, Any]:
    return {
        "repeating": True,
        "session_minutes": 29,
        "super_session": False,
        "start_date": day(start),
        "day_offset": days,
        "first_session_time": time.fromisoformat(first),
        "repeat_minutes": minutes,
        "session_times": None,
    }


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def test_promise_10_a_pattern_of_every_two_hours_has_84_sessions_a_week(database: Database) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("00:45", 120, "2026-03-17", [0, 1, 2, 3, 4, 5, 6]),
    )
    found = starts(database)
    assert len(found) == 84
    assert (found[0], found[-1]) == ("2026-03-17 00:45", "2026-03-23 22:45")


def test_promise_10_a_one_day_week_ends_with_the_session_at_week_end_time(
    database: Database,
) -> None:
    store(
        database,
        {"start_date": day("2026-03-10"), "week_end_time": moment("2026-03-10T23:45")},
        pattern("00:00", 15, "2026-03-10", [0]),
    )
    found = starts(database)
    assert len(found) == 96
    assert found[-1] == "2026-03-10 23:45"


def test_promise_10_sessions_after_week_end_time_do_not_exist(database: Database) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-18T02:45")},
        pattern("00:45", 120, "2026-03-17", [0, 1, 2]),
    )
    assert starts(database)[-2:] == ["2026-03-18 00:45", "2026-03-18 02:45"]


def test_listed_sessions_are_taken_as_they_are(database: Database) -> None:
    listed = {
        "repeating": False,
        "session_minutes": 252,
        "super_session": True,
        "session_times": [moment("2026-03-18T01:00"), moment("2026-03-22T19:00")],
    }
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        listed,
    )
    assert starts(database) == ["2026-03-18 01:00", "2026-03-22 19:00"]
    with database.begin() as connection:
        row = connection.exec_driver_sql(
            "SELECT end_time - start_time, super_session FROM iracing.race_sessions(%s, %s)", EVER
        ).first()
    assert (str(row[0]), row[1]) == ("4:12:00", True)


@pytest.mark.parametrize("minutes", [None, 1440])
def test_a_pattern_that_does_not_repeat_starts_once_a_day(
    database: Database, minutes: int | None
) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("19:00", minutes, "2026-03-17", [1, 4]),
    )
    assert starts(database) == ["2026-03-18 19:00", "2026-03-21 19:00"]


def test_the_span_includes_its_start_and_excludes_its_end(database: Database) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("00:00", 60, "2026-03-17", [0, 1]),
    )
    assert starts(database, ("2026-03-17T23:00Z", "2026-03-18T01:00Z")) == [
        "2026-03-17 23:00",
        "2026-03-18 00:00",
    ]


def test_days_when_clocks_change_are_as_long_as_others_in_utc(database: Database) -> None:
    store(
        database,
        {"start_date": day("2026-03-28"), "week_end_time": moment("2026-03-30T23:58")},
        pattern("00:30", 60, "2026-03-28", [0, 1, 2]),
    )
    assert len(starts(database)) == 72


@pytest.mark.parametrize("name", ["seasons", "season_schedules", "race_time_descriptors"])
def test_retired_rows_never_show(database: Database, name: str) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("00:45", 120, "2026-03-17", [0]),
    )
    with database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE iracing.{name} SET retired_at = now()")
    assert starts(database) == []


def test_a_week_without_bounds_or_descriptors_has_no_sessions(database: Database) -> None:
    store(database, {"start_date": None, "week_end_time": None})
    assert starts(database) == []
