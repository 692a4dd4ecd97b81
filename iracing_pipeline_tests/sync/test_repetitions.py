"""What stands twice in one response is stored once, in its fuller version, and nothing fails for it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

ASSETS = (*ALL, "past_seasons")

Answered = list[tuple[str, list[Any], str]]


def repeatable(answers: RecordedResponses) -> Answered:
    """Every list of the answers in which an object may stand twice: endpoint, list, key."""
    found: Answered = [
        ("series/get", answers["series/get"], "series_id"),
        ("series/stats_series", answers["series/stats_series"], "series_id"),
        ("series/seasons", answers["series/seasons"], "season_id"),
        ("track/get", answers["track/get"], "track_id"),
        ("car/get", answers["car/get"], "car_id"),
        ("carclass/get", answers["carclass/get"], "car_class_id"),
    ]
    for one in answers["series/get"]:
        found.append(("series/get", one["allowed_licenses"], "license_group"))
    for one in answers["series/stats_series"]:
        found.append(("series/stats_series", one["seasons"], "season_id"))
        for season in one["seasons"]:
            found.append(("series/stats_series", season["race_weeks"], "race_week_num"))
    for one in answers["carclass/get"]:
        found.append(("carclass/get", one["cars_in_class"], "car_id"))
    for season in answers["series/seasons"]:
        found.append(("series/seasons", season["schedules"], "race_week_num"))
        for week in season["schedules"]:
            found.append(("series/seasons", week["car_restrictions"], "car_id"))
    return found


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED), rate_limit=100_000) as simulator:
        simulator.faults.transform = answers.transform
        yield settings_for(simulator.environment)


def moved(one: Any) -> Any:
    """The same a moment later: the counters have moved, the links are signed anew."""
    again = copy.deepcopy(one)
    for season in (again, *again.get("seasons", ())):
        if "schedules" in season:
            season["reg_user_count"] += 1
            season["next_race_session"] = {"start_time": "2026-03-18T01:00:00Z"}
    for week in (again, *again.get("schedules", ())):
        if "weather" in week:
            week["weather"]["weather_url"] += "-signed-anew"
    return again


def emptied(one: Any, key: str) -> Any:
    """A version that tells less: every list is empty, and what may be left out is null."""
    needed = {key, "track", "season_id", "series_id", "season_year", "season_quarter", "seasons"}
    return {
        name: ([] if isinstance(value, list) else value)
        if name in needed or "name" in name or isinstance(value, list)
        else None
        for name, value in one.items()
    }


@pytest.mark.promise(2)
@pytest.mark.promise(4)
def test_whatever_stands_twice_is_stored_once_and_fully_with_a_warning_if_the_versions_differ(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    assert sync(settings, *ASSETS, sync_past_seasons=False).failed_checks() == {}
    before = dump(database)
    for _, found, _ in reversed(repeatable(answers)):
        found.extend([moved(one) for one in found])
    same = sync(settings, *ASSETS, refresh=True, sync_past_seasons=False)
    assert (same.failures(), same.failed_checks()) == ({}, {})
    assert [result.warnings for result in same.results.values()] == [[]] * len(ASSETS)
    assert dump(database) == before

    names: dict[str, set[str]] = {}
    for endpoint, found, key in repeatable(answers):
        # The poorer version first, and last.
        poorer = [emptied(one, key) for one in found]
        found[:] = [*poorer, *found, *poorer]
        names.setdefault(endpoint, set()).add(key)
    other = sync(settings, *ASSETS, refresh=True, sync_past_seasons=False)
    assert (other.failures(), other.failed_checks()) == ({}, {})
    assert other.written() == 0
    assert dump(database) == before
    assert query(database, "SELECT count(*) FROM iracing.quarantine") == [(0,)]
    warned = "\n".join(text for one in other.results.values() for text in one.warnings)
    for endpoint in names:
        assert f"{endpoint} holds these more than once" in warned


@pytest.mark.parametrize("number", [1, 2, 3])
def test_of_several_versions_the_one_that_tells_most_stays_wherever_it_stands(number: int) -> None:
    full = {"id": 1, "name": "Long", "weeks": [{"track": 1}, {"track": 2}]}
    poor = {"id": 1, "name": "Long", "weeks": [{"track": 1, "laps": None}]}
    versions = [poor, poor, poor]
    versions.insert(number, full)
    drift = Drift()
    assert once(versions, ("id",), drift, "parent=9") == [full]
    assert list(drift.repeated) == ["parent=9 id=1"]
