"""race_sessions(): descriptors → UTC starts, bounded by the week. On a real Postgres."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table

EVER = ("2000-01-01T00:00Z", "2100-01-01T00:00Z")


def store(
    database: Database,
    week: dict[str, Any],
    *descriptors: dict[str, Any],
    number: int = 0,
    **season: Any,
) -> None:
    key = {"season_id": 1, "race_week_num": number}
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(
                    table("seasons"),
                    [{"season_id": 1, "series_id": 1, "season_name": "S", **season}],
                ),
                TableBatch(table("season_schedules"), [{**key, **week}]),
                TableBatch(
                    table("race_time_descriptors"),
                    [
                        {**key, "descriptor_num": position, **descriptor}
                        for position, descriptor in enumerate(descriptors)
                    ],
                ),
            ],
            run_id="test",
        )


def starts(
    database: Database, span: tuple[str, str] = EVER, zone: str = "America/New_York"
) -> list[str]:
    with database.begin() as connection:
        # Another zone than UTC must make no difference.
        connection.exec_driver_sql(f"SET LOCAL timezone = '{zone}'")
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


@pytest.mark.promise(10)
def test_a_pattern_of_every_two_hours_has_84_sessions_a_week(database: Database) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("00:45", 120, "2026-03-17", [0, 1, 2, 3, 4, 5, 6]),
    )
    found = starts(database)
    assert len(found) == 84
    assert (found[0], found[-1]) == ("2026-03-17 00:45", "2026-03-23 22:45")


@pytest.mark.promise(10)
def test_a_one_day_week_ends_with_the_session_at_week_end_time(
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


@pytest.mark.promise(10)
def test_sessions_after_week_end_time_do_not_exist(database: Database) -> None:
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


# Clocks change in Europe on 29 March and 25 October 2026, in America on 8 March and 1 November.
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("first", ["2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31"])
def test_days_when_clocks_change_are_as_long_as_others_in_utc(
    database: Database, first: str, zone: str
) -> None:
    begin = moment(f"{first}T00:00")
    store(
        database,
        {"start_date": day(first), "week_end_time": begin + timedelta(days=3, minutes=-2)},
        pattern("00:30", 60, first, [0, 1, 2]),
    )
    expected = [begin + timedelta(minutes=30, hours=hours) for hours in range(72)]
    assert starts(database, zone=zone) == [f"{start:%Y-%m-%d %H:%M}" for start in expected]


@pytest.mark.parametrize(
    ("first", "ends", "expected"),
    [
        ("2025-12-30", "2026-01-05T23:58", ["2025-12-31 23:30", "2026-01-01 23:30"]),
        ("2028-02-27", "2028-03-04T23:58", ["2028-02-28 23:30", "2028-02-29 23:30"]),
        ("2027-02-27", "2027-03-05T23:58", ["2027-02-28 23:30", "2027-03-01 23:30"]),
    ],
)
def test_a_week_may_span_the_turn_of_a_year_or_of_february(
    database: Database, first: str, ends: str, expected: list[str]
) -> None:
    week = {"start_date": day(first), "week_end_time": moment(ends)}
    store(database, week, pattern("23:30", None, first, [1, 2]))
    assert starts(database) == expected


@pytest.mark.parametrize("days", range(1, 15))
@pytest.mark.promise(10)
def test_a_week_of_1_to_14_days_has_the_sessions_of_each_day(database: Database, days: int) -> None:
    begin = moment("2026-03-17T00:00")
    last = begin + timedelta(days=days - 1, hours=22, minutes=45)
    store(
        database,
        {"start_date": begin.date(), "week_end_time": last},
        # Listed for longer than the week is.
        pattern("00:45", 120, "2026-03-17", list(range(15))),
    )
    found = starts(database)
    assert len(found) == 12 * days
    assert (found[0], found[-1]) == ("2026-03-17 00:45", f"{last:%Y-%m-%d %H:%M}")


@pytest.mark.parametrize("gap", range(2, 7))
def test_nothing_happens_in_the_weeks_between_two_weeks(database: Database, gap: int) -> None:
    first = moment("2025-12-04T00:00")
    second = first + timedelta(weeks=gap)
    for number, start in enumerate((first, second)):
        store(
            database,
            {"start_date": start.date(), "week_end_time": start + timedelta(days=4, minutes=-2)},
            pattern("19:00", None, f"{start:%Y-%m-%d}", [0, 3]),
            number=number,
        )
    days = [first, first + timedelta(days=3), second, second + timedelta(days=3)]
    assert starts(database) == [f"{start:%Y-%m-%d} 19:00" for start in days]
    between = (f"{first + timedelta(days=4):%Y-%m-%dT%H:%MZ}", f"{second:%Y-%m-%dT%H:%MZ}")
    assert starts(database, between) == []


def test_a_session_listed_for_the_day_before_its_week_is_found_by_that_day(
    database: Database,
) -> None:
    listed = {"repeating": False, "session_times": [moment("2026-03-16T23:00")]}
    week = {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")}
    store(database, week, listed)
    assert starts(database, ("2026-03-16T00:00Z", "2026-03-17T00:00Z")) == ["2026-03-16 23:00"]


def test_weeks_of_2022_without_an_end_have_the_sessions_they_list(database: Database) -> None:
    store(database, {"start_date": day("2022-02-08")}, pattern("19:00", None, "2022-02-08", [0]))
    assert starts(database) == ["2022-02-08 19:00"]


@pytest.mark.parametrize(("minutes", "opens"), [(15, "18:45"), (0, "19:00"), (None, None)])
def test_registration_opens_as_the_season_says_or_is_unknown(
    database: Database, minutes: int | None, opens: str | None
) -> None:
    store(
        database,
        {"start_date": day("2026-03-17"), "week_end_time": moment("2026-03-23T23:58")},
        pattern("19:00", None, "2026-03-17", [0]),
        reg_open_minutes=minutes,
    )
    with database.begin() as connection:
        found = connection.exec_driver_sql(
            "SELECT registration_opens FROM iracing.race_sessions(%s, %s)", EVER
        ).scalar_one()
    assert found == (moment(f"2026-03-17T{opens}") if opens else None)


def test_upcoming_sessions_say_when_registration_opens_and_how_many_drivers_it_takes(
    database: Database,
) -> None:
    start = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=3)
    store(
        database,
        {"start_date": start.date(), "week_end_time": start},
        {"repeating": False, "session_times": [start], "session_minutes": 360},
        reg_open_minutes=30,
        driver_changes=True,
        min_team_drivers=2,
        max_team_drivers=16,
    )
    with database.begin() as connection:
        row = connection.exec_driver_sql(
            """SELECT start_time, end_time, registration_opens, driver_changes, min_team_drivers,
                      max_team_drivers FROM iracing.upcoming_sessions"""
        ).one()
        uncommented = connection.exec_driver_sql(
            """SELECT attname FROM pg_attribute
               WHERE attrelid = 'iracing.upcoming_sessions'::regclass AND attnum > 0
                 AND col_description(attrelid, attnum) IS NULL"""
        ).all()
    opens = start - timedelta(minutes=30)
    assert tuple(row) == (start, start + timedelta(hours=6), opens, True, 2, 16)
    assert uncommented == []


def test_a_condition_on_the_season_is_known_before_anything_is_expanded(database: Database) -> None:
    with database.begin() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT * FROM iracing.race_sessions(%s, %s) WHERE season_id = 7", EVER
        ).scalars()
        text = "\n".join(plan)
    assert "season_id = 7" in text
    assert "Function Scan on race_sessions" not in text


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
