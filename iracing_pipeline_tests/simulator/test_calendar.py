"""The made-up world is the same everywhere, and turns like iRacing's calendar.

In: WorldSource under a moving clock; one pass through HTTP. Out: shapes (test_simulator_shapes).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from iracing_pipeline.simulator import Simulator, SimulatorError, WorldSource
from iracing_pipeline.simulator.source import BadRequestError, NotFoundError
from iracing_pipeline.simulator.world.calendar import index_of, start_of
from iracing_pipeline_tests.support.simulator_client import HTTP, Wire

AUGUST = datetime(2025, 8, 20, 12, tzinfo=timezone.utc)
SERIES = ("get", "assets", "seasons", "season_list", "stats_series")
ENDPOINTS = [
    *(f"series/{method}" for method in SERIES),
    *(f"{service}/get" for service in ("car", "carclass", "track")),
    *("car/assets", "track/assets", "season/race_guide", "lookup/licenses", "doc"),
]


def at(moment: datetime = AUGUST, **options: Any) -> WorldSource:
    return WorldSource(now=lambda: moment, **options)


@pytest.fixture(scope="module")
def world() -> WorldSource:
    return at()


# -- sameness --------------------------------------------------------------------------------------


def test_the_same_seed_and_moment_give_the_same_bodies(world: WorldSource) -> None:
    twin = at()
    for endpoint in ENDPOINTS:
        assert twin.answer_json(endpoint, {}, AUGUST) == world.answer_json(endpoint, {}, AUGUST)
    assert at(seed=7).answer("series/seasons") != world.answer("series/seasons")


def test_another_process_with_another_hash_seed_gives_the_same_bodies(world: WorldSource) -> None:
    code = (
        "import hashlib; from datetime import datetime, timezone;"
        "from iracing_pipeline.simulator import WorldSource;"
        "now = datetime(2025, 8, 20, 12, tzinfo=timezone.utc);"
        "body = WorldSource(now=lambda: now).answer_json('series/seasons', {}, now);"
        "print(hashlib.sha256(body).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_past_stays_the_same_when_the_clock_moves(world: WorldSource) -> None:
    later = AUGUST + timedelta(days=400)
    names = re.compile(r'"(season_name|series_name|track_name|config_name|name)":"[^"]*"')
    for season in world.seasons(AUGUST)[:-60:23]:
        if not season.has_ended(AUGUST):
            continue
        asked = {"season_id": str(season.season_id)}
        before = json.dumps(world.answer("series/season_schedule", asked), separators=(",", ":"))
        after = json.dumps(
            world.answer("series/season_schedule", asked, later), separators=(",", ":")
        )
        assert names.sub("", before) == names.sub("", after)


def test_capped_history_keeps_the_newest_quarters_of_each_series() -> None:
    capped = at(past_quarters=4, series=30)
    for series in capped.answer("series/stats_series"):
        quarters = {(s["season_year"], s["season_quarter"]) for s in series["seasons"]}
        assert len(quarters) <= 5
    full = {season.season_id: season for season in at(series=30).seasons(AUGUST)}
    assert all(full[season.season_id] == season for season in capped.seasons(AUGUST))


# -- the calendar ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "quarter", "start"),
    [
        (2022, 1, "2021-12-14"),
        (2023, 1, "2022-12-13"),
        (2025, 2, "2025-03-18"),
        (2025, 3, "2025-06-17"),
        (2025, 4, "2025-09-16"),
        (2026, 1, "2025-12-16"),
        (2026, 3, "2026-06-16"),
    ],
)
def test_quarters_start_when_iracings_did(year: int, quarter: int, start: str) -> None:
    assert start_of(index_of(year, quarter)) == date.fromisoformat(start)


def test_race_week_rolls_on_tuesday_at_midnight(world: WorldSource) -> None:
    series_id = world.series[0].series_id

    def week(moment: datetime) -> int:
        seasons = world.answer("series/seasons", now=moment)
        return next(
            int(s["race_week"]) for s in seasons if s["series_id"] == series_id and s["active"]
        )

    tuesday = datetime(2025, 8, 19, tzinfo=timezone.utc)
    assert week(tuesday - timedelta(seconds=1)) == 8
    assert week(tuesday) == 9
    assert week(tuesday + timedelta(days=6, hours=23)) == 9


def _series_running(world: WorldSource, moment: datetime) -> set[int]:
    return {row["series_id"] for row in world.answer("series/get", now=moment)}


def _kinds(world: WorldSource, moment: datetime) -> list[str]:
    return [s.series.kind for s in world.listed(moment) if s.is_running(moment)]


def test_week_13_shrinks_the_active_list_and_the_next_quarter_fills_it(world: WorldSource) -> None:
    ordinary = {"quarter", "rookie"}
    week_12 = datetime(2025, 9, 8, 12, tzinfo=timezone.utc)
    week_13 = datetime(2025, 9, 10, tzinfo=timezone.utc)
    next_quarter = datetime(2025, 9, 17, tzinfo=timezone.utc)
    assert ordinary <= set(_kinds(world, week_12))
    assert "week13" not in _kinds(world, week_12)
    late = [s for s in world.listed(week_13) if s.series.has("late-week") and s.is_running(week_13)]
    assert set(_kinds(world, week_13)) >= {"week13", "through13"}
    running_13 = [k for k in _kinds(world, week_13) if k in ordinary]
    assert len(running_13) == len(late)
    assert len(_series_running(world, week_13)) < len(_series_running(world, week_12)) / 2
    assert ordinary <= set(_kinds(world, next_quarter))
    assert "week13" not in _kinds(world, next_quarter)
    old = {s.season_id for s in world.listed(week_12) if s.series.kind == "quarter"}
    new = {s["season_id"] for s in world.answer("series/seasons", now=next_quarter)}
    assert not {i for i in old if i in new and index_of(2025, 3) == _quarter(world, i)}


def _quarter(world: WorldSource, season_id: int) -> int:
    moment = AUGUST + timedelta(days=60)
    return next(s.quarter_index for s in world.seasons(moment) if s.season_id == season_id)


def test_seasons_of_a_turn_switch_on_in_two_steps(world: WorldSource) -> None:
    tuesday = datetime(2025, 9, 16, tzinfo=timezone.utc)
    sizes = [
        len(world.answer("series/get", now=tuesday + timedelta(hours=hours)))
        for hours in (-1, 0, 11, 12, 24)
    ]
    assert sizes[0] < sizes[1] == sizes[2] < sizes[3] == sizes[4]


def test_some_seasons_are_announced_three_weeks_ahead(world: WorldSource) -> None:
    moment = datetime(2025, 9, 1, tzinfo=timezone.utc)
    future = [
        season
        for season in world.answer("series/seasons", now=moment)
        if season["start_date"] > "2025-09-01"
    ]
    assert {season["active"] for season in future} == {True, False}
    assert {season["race_week"] for season in future} == {0}
    assert all(season["season_quarter"] == 4 for season in future)
    quarter = {"season_year": "2025", "season_quarter": "4"}
    ids = [season["season_id"] for season in world.answer("series/seasons", quarter, moment)]
    assert ids == [season["season_id"] for season in future]


def test_an_ended_season_becomes_past_and_complete(world: WorldSource) -> None:
    before = datetime(2025, 9, 8, 12, tzinfo=timezone.utc)
    after = datetime(2025, 9, 10, tzinfo=timezone.utc)
    season = next(s for s in world.listed(before) if s.series.kind == "quarter")
    asked = {"series_id": str(season.series.series_id)}

    def active(moment: datetime) -> bool:
        rows = world.answer("series/past_seasons", asked, moment)["series"]["seasons"]
        return next(bool(r["active"]) for r in rows if r["season_id"] == season.season_id)

    assert active(before)
    assert not active(after)
    quarter = {"season_year": "2025", "season_quarter": "3"}
    later = datetime(2025, 9, 20, tzinfo=timezone.utc)
    rows = world.answer("series/seasons", quarter, later)
    ended = next(row for row in rows if row["season_id"] == season.season_id)
    assert (ended["active"], ended["complete"]) == (False, True)


def test_season_list_of_a_quarter_holds_every_season_that_it_had(world: WorldSource) -> None:
    body = world.answer("season/list", {"season_year": "2024", "season_quarter": "2"})
    expected = {s.season_id for s in world.seasons(AUGUST) if (s.year, s.quarter) == (2024, 2)}
    assert {row["season_id"] for row in body["seasons"]} == expected
    names = [row["series_name"] for row in body["seasons"]]
    assert names == sorted(names)


def test_past_quarters_are_answered_in_four_modes() -> None:
    quarter = {"season_year": "2024", "season_quarter": "1"}
    world = at(series=30)
    full = world.answer("series/seasons", quarter)
    assert {(s["season_year"], s["season_quarter"]) for s in full} == {(2024, 1)}
    assert all(s["schedules"] and not s["active"] and s["complete"] for s in full)
    world.past_mode = "list"
    listed = world.answer("series/seasons", quarter)
    assert [s["season_id"] for s in listed] == [s["season_id"] for s in full]
    assert not any("schedules" in s for s in listed)
    world.past_mode = "active"
    assert world.answer("series/seasons", quarter) == world.answer("series/seasons")
    world.past_mode = "empty"
    assert world.answer("series/seasons", quarter) == []
    assert world.answer("series/season_list", quarter) == {"seasons": []}
    current = {"season_year": "2025", "season_quarter": "3"}
    assert world.answer("series/seasons", current) == world.answer("series/seasons")
    with pytest.raises(SimulatorError, match="past_mode"):
        at(past_mode="sometimes")


def test_current_season_is_the_official_clock(world: WorldSource) -> None:
    def now(moment: datetime) -> list[str]:
        lookups = world.answer("lookup/current_season", now=moment)[0]["lookups"]
        return [row["lookup_values"][0]["value"] for row in lookups]

    turn = datetime(2025, 12, 16, tzinfo=timezone.utc)
    assert now(turn - timedelta(seconds=1)) == ["2025", "4"]
    assert now(turn) == ["2026", "1"]


def test_what_is_not_there_is_said_so(world: WorldSource) -> None:
    for endpoint, params in (
        ("series/nonsense", {}),
        ("constants/nonsense", {}),
        ("doc/nonsense", {}),
        ("series/season_schedule", {"season_id": "999999"}),
        ("series/past_seasons", {"series_id": "999999"}),
    ):
        with pytest.raises(NotFoundError):
            world.answer(endpoint, params)
    with pytest.raises(BadRequestError):
        world.answer("season/list", {"season_year": "2025", "season_quarter": "5"})


# -- size and the wire -----------------------------------------------------------------------------


def test_a_body_is_made_once_whatever_leaves_it_the_same() -> None:
    world = at(series=30, past_quarters=2)
    index = world.answer_json("series/stats_series", {}, AUGUST)
    seasons = world.answer_json("series/seasons", {}, AUGUST)
    assert world.answer_json("series/stats_series", {}, AUGUST) is index
    assert world.answer_json("series/seasons", {"include_series": "true"}, AUGUST) is seasons


def test_over_the_wire_the_clock_turns_the_world_and_forecasts_answer() -> None:
    with Simulator(at(series=30)) as sim:
        wire = Wire(sim)
        seasons = wire.body("series/seasons", include_series="true")
        url = seasons[0]["schedules"][0]["weather"]["weather_url"]
        assert re.search(r"/season/\d+/rw0_evt5_display\.json\?X-Amz-", url)
        forecast = HTTP.get(url).json()
        assert all({"time_offset", "air_temp", "precip_chance"} <= row.keys() for row in forecast)
        sim.clock.move_to(datetime(2025, 9, 17, tzinfo=timezone.utc))
        turned = wire.body("series/seasons")
        assert {s["season_id"] for s in turned} != {s["season_id"] for s in seasons}
        assert HTTP.get(url).status_code in (200, 403)
