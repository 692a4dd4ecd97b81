"""RecordedResponses nobody should send: each costs its own item at most, and never a neighbour or a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import CheckConstraint

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield settings_for(running.environment)


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "change",
    [
        lambda season: season.update(start_date="9999-12-31T23:59:59-05:00"),
        lambda season: season.update(start_date="20260317"),
        lambda season: season.update(unknown=_nested(300)),
        lambda season: season.update(unknown="nul\x00"),
        lambda season: season.update(unknown=float("inf")),
        lambda season: season.update(unknown=10**4000),
        lambda season: season.update(drops=None, car_types=None, schedules=None),
        lambda season: season.update(drops={"a": 1}, max_weeks=-3, license_group=2**40),
        lambda season: season.pop("schedules"),
    ],
)
@pytest.mark.promise(9)
def test_odd_optional_values_cost_no_item(
    settings: Settings, answers: RecordedResponses, database: Database, change: Any
) -> None:
    change(answers.season(1001))
    done = sync(settings, "current_seasons", "season_schedules")
    assert done.success
    assert done.failed_checks() == {}
    assert query(database, "SELECT season_id FROM iracing.seasons ORDER BY 1") == [(1001,), (1002,)]


@pytest.mark.parametrize(
    "change",
    [
        lambda season: season.update(season_id="x" * 20_000),
        lambda season: season.update(season_id=True),
        lambda season: season.update(season_name=None),
        lambda season: season.update(schedules="none"),
    ],
)
@pytest.mark.promise(4)
def test_odd_identities_cost_one_season(
    settings: Settings, answers: RecordedResponses, database: Database, change: Any
) -> None:
    change(answers.season(1001))
    done = sync(settings, "current_seasons", "season_schedules")
    assert set(done.failed_checks()) == {"current_seasons"}
    assert query(database, "SELECT season_id FROM iracing.seasons") == [(1002,)]
    assert query(database, "SELECT count(*) FROM iracing.quarantine") == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        lambda week: week.update(week_end_time="0001-01-01T00:00:00+05:00", start_date=None),
        lambda week: week.update(car_restrictions=None, race_time_descriptors=None),
        lambda week: week["car_restrictions"][0].update(power_adjust_pct=1e308, unknown=[None]),
        lambda week: week["race_time_descriptors"][0].update(repeat_minutes=0),
        lambda week: week["race_time_descriptors"].append(week["race_time_descriptors"][0]),
        lambda week: week["car_restrictions"].append(week["car_restrictions"][0]),
        lambda week: week.pop("season_id"),
    ],
)
def test_odd_weeks_that_can_be_stored_are(
    settings: Settings, answers: RecordedResponses, database: Database, change: Any
) -> None:
    change(answers.season(1001)["schedules"][0])
    done = sync(settings, "current_seasons", "season_schedules")
    assert done.success
    assert done.failed_checks() == {}
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]
    assert query(
        database, "SELECT count(*) > 80 FROM iracing.race_sessions('2026-01-01', '2027-01-01')"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda descriptor: descriptor.update(day_offset=[2147483647]),
        lambda descriptor: descriptor.update(first_session_time="24:00:00"),
        lambda descriptor: descriptor.pop("first_session_time"),
        lambda descriptor: descriptor.update(repeating=False),
        lambda descriptor: descriptor.update(repeating=None),
    ],
)
def test_a_descriptor_that_cannot_be_read_sets_its_week_aside_and_breaks_no_query(
    settings: Settings, answers: RecordedResponses, database: Database, change: Any
) -> None:
    change(answers.season(1001)["schedules"][0]["race_time_descriptors"][0])
    done = sync(settings, "current_seasons", "season_schedules")
    assert set(done.failed_checks()) == {"season_schedules"}
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(2,)]
    assert query(
        database, "SELECT count(*) FROM iracing.race_sessions('2026-01-01', '2027-01-01')"
    ) == [(86,)]


def _first_week(answers: RecordedResponses) -> Any:
    return answers.season(1001)["schedules"][0]


# What would break each CHECK of the data tables, said by the API.
BREAKS: dict[str, Callable[[RecordedResponses], Any]] = {
    "series_first_season_quarter_check": lambda answers: answers["series/get"][0].update(
        first_season={"season_year": 2020, "season_quarter": 5}
    ),
    "series_licenses_levels_check": lambda answers: answers["series/get"][0]["allowed_licenses"][
        0
    ].update(min_license_level=-1),
    "seasons_season_year_check": lambda answers: answers.season(1001).update(season_year=2007),
    "seasons_season_quarter_check": lambda answers: answers.season(1001).update(season_quarter=0),
    "seasons_max_weeks_check": lambda answers: answers.season(1001).update(max_weeks=-1),
    "season_schedules_race_week_num_check": lambda answers: _first_week(answers).update(
        race_week_num=-1
    ),
    "season_schedules_week_bounds_check": lambda answers: _first_week(answers).update(
        start_date="2026-03-17", week_end_time="2026-03-16T23:59:59Z"
    ),
    "race_time_descriptors_repeat_minutes_check": lambda answers: _first_week(answers)[
        "race_time_descriptors"
    ][0].update(repeat_minutes=0),
    "race_time_descriptors_session_minutes_check": lambda answers: _first_week(answers)[
        "race_time_descriptors"
    ][0].update(session_minutes=-5),
    "race_time_descriptors_says_when_check": lambda answers: _first_week(answers)[
        "race_time_descriptors"
    ][0].update(day_offset=None),
}


def test_every_check_of_the_tables_has_an_answer_here_that_would_break_it() -> None:
    checks = {
        str(constraint.name)
        for table in DATA_TABLES
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == set(BREAKS)


@pytest.mark.parametrize("check", sorted(BREAKS))
@pytest.mark.promise(4)
def test_what_would_break_a_check_costs_its_item_and_nothing_else(
    settings: Settings, answers: RecordedResponses, database: Database, check: str
) -> None:
    assert BREAKS[check](answers) is None
    done = sync(settings)
    assert done.failures() == {}
    # Forgiven where the column may be NULL, else the one item is set aside.
    ((set_aside,),) = query(database, "SELECT count(*) FROM iracing.quarantine")
    ((seasons, weeks),) = query(
        database,
        "SELECT (SELECT count(*) FROM iracing.seasons), count(*) FROM iracing.season_schedules",
    )
    assert set_aside <= 1
    if check.startswith("seasons") and set_aside:
        assert (seasons, weeks) == (1, 1)
    else:
        assert (seasons, weeks) == (2, 3 - set_aside)


def test_a_price_beyond_all_bounds_is_null(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    answers["track/get"][0]["price"] = "1e200000"
    assert sync(settings, "tracks").success
    assert query(database, "SELECT track_id, price FROM iracing.tracks ORDER BY 1") == [
        (101, None),
        (102, 0),
    ]


@pytest.mark.parametrize("how", ["absent", "null"])
@pytest.mark.promise(3)
def test_a_list_that_is_not_given_retires_nothing(
    settings: Settings, answers: RecordedResponses, database: Database, how: str
) -> None:
    sync(settings)
    before = dump(database)
    for season in answers["series/seasons"]:
        for week in season["schedules"]:
            for name in ("race_time_descriptors", "car_restrictions"):
                _silence(week, name, how)
        _silence(season, "car_class_ids", how)
    for series in answers["series/get"]:
        _silence(series, "allowed_licenses", how)
    for car_class in answers["carclass/get"]:
        _silence(car_class, "cars_in_class", how)
    again = sync(settings, refresh=True)
    assert again.success
    assert again.failed_checks() == {}
    assert again.written() == 0
    assert dump(database) == before


def _silence(item: dict[str, Any], name: str, how: str) -> None:
    if how == "absent":
        del item[name]
    else:
        item[name] = None


def test_seasons_without_weeks_are_seasons_all_the_same(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    for season in answers["series/seasons"]:
        season["schedules"] = []
    assert sync(settings, "current_seasons", "season_schedules").success
    assert query(database, "SELECT count(*) FROM iracing.seasons") == [(2,)]


def test_series_without_their_pictures_are_series_all_the_same(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    for odd in (None, [], {"10": None, "20": {"logo": "oval.png"}}):
        answers["series/assets"] = odd
        assert sync(settings, "series", refresh=True).success
    assert query(database, "SELECT series_id, logo FROM iracing.series ORDER BY 1") == [
        (10, "rookie.png"),
        (20, "oval.png"),  # found by its key, though it does not repeat the id
    ]


def test_a_quarter_that_is_answered_with_another_is_not_taken_for_it(
    settings: Settings, database: Database
) -> None:
    quarter = {"season_year": 2024, "season_quarter": 1}
    done = sync(settings, "current_seasons", **quarter)
    assert "2 seasons of other quarters and none of this one" in done.failures()["current_seasons"]
    assert query(database, "SELECT count(*) FROM iracing.seasons") == [(0,)]


def test_only_the_seasons_of_the_quarter_asked_for_are_taken(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    answers.season(1002)["season_quarter"] = 1
    quarter = {"season_year": 2026, "season_quarter": 2}
    assert sync(settings, "current_seasons", "season_schedules", **quarter).success
    assert query(database, "SELECT season_id FROM iracing.seasons") == [(1001,)]
    assert query(database, "SELECT DISTINCT season_id FROM iracing.season_schedules") == [(1001,)]
