"""When a week ends: one rule, by which every view, function, check and page takes it.

Every season of a family in which weeks state no end has a twin that states the right ones: both are told of
alike, wherever weeks are told of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from iracing_pipeline.core.seasons import StoredSeason
from iracing_pipeline.outputs.calendars import events
from iracing_pipeline.outputs.report.calendar_queries import read_seasons
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.queries.checks import track_facts, week_facts
from iracing_pipeline.warehouse.queries.quarters import stored_quarters
from iracing_pipeline.warehouse.queries.seasons import missing_schedules, seasons_of_series
from iracing_pipeline.warehouse.responses.forecasts import forecast_states
from iracing_pipeline.warehouse.responses.replay import merged
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.merging import merge

NOW = datetime.now(timezone.utc).replace(microsecond=0)
TODAY = datetime.combine(NOW.date(), time(), timezone.utc)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TWIN = 1000
CHANGES = {"changes_in_words", "schedule_changes"}


def pattern(days: int, first: str = "00:45", every: int | None = 120, **more: Any) -> Any:
    return {
        "repeating": True,
        "session_minutes": 30,
        "day_offset": list(range(days)),
        "first_session_time": time.fromisoformat(first),
        "repeat_minutes": every,
        **more,
    }


def listed(*days: float) -> Any:
    return {"repeating": False, "session_times": [TODAY + day * DAY for day in days]}


def at(day: int, clock: str) -> datetime:
    return datetime.combine((TODAY + day * DAY).date(), time.fromisoformat(clock), timezone.utc)


# Weeks in the order of race_week_num: first day from today, its descriptors, the end by the rule.
Weeks = list[tuple[int | date | None, list[Any], datetime | None]]
FAMILY: Mapping[str, Weeks] = {
    "the next week begins": [
        (-3, [pattern(7)], TODAY + 4 * DAY - SECOND),
        (4, [pattern(7)], at(10, "22:45")),
    ],
    "the next week begins, and the pattern has an eighth day": [
        (-7, [pattern(8)], TODAY - SECOND),
        (0, [pattern(7)], at(6, "22:45")),
    ],
    "the next week begins after a gap": [
        (-10, [pattern(1)], TODAY + 11 * DAY - SECOND),
        (11, [], TODAY + 18 * DAY - SECOND),
    ],
    "the next week by date has a lower number": [
        (2, [pattern(1, "19:00", None)], at(2, "19:00")),
        (-1, [pattern(7)], TODAY + 2 * DAY - SECOND),
    ],
    "two weeks begin together": [
        (-1, [listed(0.5)], TODAY + 0.5 * DAY),
        (-1, [listed(1.5)], TODAY + 1.5 * DAY),
    ],
    "the last week has an eighth day": [(-7, [pattern(8)], at(0, "22:45"))],
    "the last week has one day": [(0, [pattern(1, "00:00", 15)], at(0, "23:45"))],
    "the last week lists its sessions": [(-2, [listed(-1, 3.75, 1)], TODAY + 3.75 * DAY)],
    "the last week has two patterns": [
        (-2, [pattern(1), pattern(3, "23:30", None), listed(-2)], at(0, "23:30"))
    ],
    "a pattern begins on a day of its own": [
        (-2, [pattern(2, start_date=(TODAY + DAY).date())], at(2, "22:45"))
    ],
    "the last week says nothing of sessions": [(-6, [], TODAY + DAY - SECOND)],
    "the last week has been over for a while": [(-20, [], TODAY - 13 * DAY - SECOND)],
    "the season is to come": [
        (30, [pattern(7)], TODAY + 37 * DAY - SECOND),
        (37, [], TODAY + 44 * DAY - SECOND),
    ],
    "nothing is dated": [(None, [], None)],
    "the calendar ends": [
        (date(9999, 12, 28), [], datetime(9999, 12, 30, 23, 59, 59, tzinfo=timezone.utc))
    ],
}


def rows(of: str) -> Iterator[dict[str, Any]]:
    """Rows of a table: of every season of the family, and of its twin."""
    for number, twin in ((n, twin) for n in range(len(FAMILY)) for twin in (0, TWIN)):
        season = {"season_id": 1 + number + twin}
        if of == "seasons":
            # A quarter of its own for each, so that what is said of a quarter is said of one season.
            yield {
                **season,
                "series_id": 10 + number + twin,
                "season_name": "Season",
                "season_year": 2030 + number,
                "season_quarter": 1 if twin else 2,
                "has_rules": True,
            }
        elif of == "series":
            yield {"series_id": 10 + number + twin, "series_name": "Series"}
        elif of == "series_licenses":
            yield {"series_id": 10 + number + twin, "license_group": 1, "group_name": "Rookie"}
        elif of == "season_car_classes":
            yield {**season, "car_class_id": 7}
        for week, (first, descriptors, end) in enumerate([*FAMILY.values()][number]):
            key = {**season, "race_week_num": week}
            if of == "season_schedules":
                yield {
                    **key,
                    "series_id": 10 + number + twin,
                    "start_date": (TODAY + first * DAY).date() if isinstance(first, int) else first,
                    "week_end_time": end if twin else None,
                    "track_id": 101 + twin,
                    "track_name": "Park",
                    "precip_chance_pct": 30,
                    "is_in_schedule": True,
                }
            elif of == "race_time_descriptors":
                for position, descriptor in enumerate(descriptors):
                    yield {**key, "descriptor_num": position, **descriptor}


@pytest.fixture
def family(database: Database) -> Database:
    tracks = [{"track_id": 101 + twin, "track_name": "Park"} for twin in (0, TWIN)]
    made = {
        "tracks": [{**track, "free_with_subscription": True} for track in tracks],
        "cars": [{"car_id": 1, "car_name": "Car", "free_with_subscription": True}],
        "car_classes": [{"car_class_id": 7, "name": "Class"}],
        "car_class_cars": [{"car_class_id": 7, "car_id": 1}],
    }
    of_seasons = (
        *("series", "series_licenses", "seasons", "season_car_classes", "season_schedules"),
        "race_time_descriptors",
    )
    made |= {name: list(rows(name)) for name in of_seasons}
    merge(database, "first", *(TableBatch(table(name), found) for name, found in made.items()))
    return database


def apart(found: Iterator[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """What is said of the family and of the twins, as text in which the one reads like the other."""
    sides: tuple[list[str], list[str]] = ([], [])
    for row in found:
        ids = [value for name, value in row.items() if name in ("season_id", "series_id")]
        is_twin = ids[0] > TWIN
        told = {
            name: value - TWIN
            if is_twin and name in ("season_id", "series_id", "track_id")
            else value
            for name, value in row.items()
            if name != "season_quarter"
        }
        sides[is_twin].append(repr(told))
    return sorted(sides[0]), sorted(sides[1])


def test_a_week_ends_as_stated_or_before_the_next_or_with_its_last_session_or_after_seven_days(
    family: Database,
) -> None:
    found = query(
        family,
        """SELECT w.season_id, e.week_end FROM iracing.season_schedules w
           CROSS JOIN LATERAL iracing.week_end(w) AS e ORDER BY w.season_id, w.race_week_num""",
    )
    ends = [[end for *_, end in weeks] for weeks in FAMILY.values()]
    for first in (1, 1 + TWIN):
        for number, name in enumerate(FAMILY):
            assert [end for season, end in found if season == first + number] == ends[number], name


@pytest.mark.promise(10)
def test_every_view_and_function_tells_of_a_week_without_an_end_as_of_one_that_states_it(
    family: Database,
) -> None:
    views = query(
        family,
        """SELECT DISTINCT c.table_name FROM information_schema.columns c
           JOIN information_schema.views v USING (table_schema, table_name)
           WHERE table_schema = 'iracing' AND column_name IN ('season_id', 'series_id')""",
    )
    asked = {name: f"SELECT * FROM iracing.{name}" for (name,) in views if name not in CHANGES}
    assert {"current_weeks", "season_status", "series_by_license", "upcoming_sessions"} <= set(
        asked
    )
    asked["race_sessions"] = (
        "SELECT * FROM iracing.race_sessions(now() - interval '30 days', now() + interval '60 days')"
    )
    asked["playable_weeks"] = "SELECT * FROM iracing.playable_weeks()"
    told = {}
    with family.begin() as connection:
        for name, statement in asked.items():
            found = connection.exec_driver_sql(statement).mappings()
            told[name] = apart(dict(row) for row in found)
    for name, (ours, twins) in told.items():
        assert ours, name
        assert ours == twins, name
    runs_now = query(
        family,
        f"SELECT season_id - 1 FROM iracing.current_weeks WHERE season_id < {TWIN} ORDER BY 1",
    )
    running = {
        number
        for number, weeks in enumerate(FAMILY.values())
        for first, _, end in weeks
        if isinstance(first, int) and end and first <= 0 and end >= NOW
    }
    assert {number for (number,) in runs_now} == running


def test_checks_the_report_the_feeds_and_the_engine_take_a_weeks_end_by_the_same_rule(
    family: Database,
) -> None:
    keys = [(row["season_id"], row["race_week_num"]) for row in rows("season_schedules")]
    series = [row["series_id"] for row in rows("series")]
    told: dict[str, tuple[list[str], list[str]]] = {}
    with family.begin() as connection:
        pages = read_seasons(connection, NOW, session_days=7)
        told["report"] = apart({f.name: getattr(s, f.name) for f in fields(s)} for s in pages)
        stored = seasons_of_series(connection, series, NOW)
        told["engine"] = apart(
            {
                f.name: getattr(season, f.name)
                for f in fields(StoredSeason)
                if f.name not in ("updated_at", "quarter")
            }
            for season in stored
        )
        facts = week_facts(connection, NOW)
        for name in ("seasons", "overlaps", "silent_weeks", "bare_weeks"):
            told[f"check {name}"] = apart(one._asdict() for one in getattr(facts, name))
        assert facts.current_weeks > 0
        assert facts.current_weeks % 2 == 0
        connection.exec_driver_sql("DELETE FROM iracing.tracks")
        unknown = track_facts(connection, NOW).unknown
        assert unknown[0][1:] == unknown[1][1:]
        told["past"] = apart(
            {"season_id": one.season_id, "ends": sorted(one.scheduled_weeks.items())}
            for one in missing_schedules(connection)
        )
        told["rebuild"] = apart(
            {"season_id": season_id, "ends": sorted(one.scheduled_weeks.items())}
            for season_id, one in merged(connection).seasons.items()
        )
        told["forecasts"] = apart(
            {"season_id": key[0], "week": key[1], "end": state.week_end}
            for key, state in forecast_states(connection, keys).items()
        )
        told["feeds"] = apart(
            {"series_id": found[0]}
            for found in events.running(connection, now=NOW, until=NOW + 14 * DAY)
        )
        lengths = {
            (one.season_year, one.season_quarter): one.weeks
            for one in stored_quarters(connection, newest=2 * len(FAMILY))
        }
    for name, (ours, twins) in told.items():
        assert ours == twins, name
    assert all(told["report"])
    assert all(lengths[year, 1] == lengths[year, 2] for year, _ in lengths)


def test_where_a_week_ends_is_asked_only_of_weeks_that_do_not_say(family: Database) -> None:
    with family.begin() as connection:
        plan = connection.exec_driver_sql("EXPLAIN SELECT * FROM iracing.current_weeks").scalars()
        text = "\n".join(plan)
    # Inlined: nothing calls the function row by row.
    assert "week_end(" not in text
    assert "COALESCE(week_end_time, " in text
