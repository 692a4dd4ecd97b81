"""Forecasts: units, what is unknown, links that die, files that change, hosts that are not there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.response import ResponseKey
from iracing_pipeline.model.rows.forecasts import forecast_links, forecast_rows
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator, WorldSource
from iracing_pipeline.sync.fetching import MOST_IN_A_ROW
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import QUICK, sync
from iracing_pipeline_tests.support.places import CAPTURES, RECORDED
from iracing_pipeline_tests.support.scripted_api import Say, ScriptedApi
from iracing_pipeline_tests.support.sync_command import Command

HOURS = json.loads((RECORDED / "weather_url_body.json").read_text())
CAPTURE = CAPTURES / "weather_url_body.json"
SEASONS = ("series", "current_seasons", "season_schedules", "weather_forecasts")


# -- pure ---------------------------------------------------------------------------------------------


def test_an_hour_is_scaled_to_celsius_metres_per_second_percent_and_mm_per_hour() -> None:
    extract = forecast_rows((1001, 0), HOURS)
    assert extract.rejected == []
    assert extract.rows["weather_forecasts"][0] == {
        "season_id": 1001,
        "race_week_num": 0,
        "time_offset": -65,
        "timestamp": datetime(2026, 4, 13, 12),  # noqa: DTZ001 - local to the track
        "raw_air_temp_c": 7.72,
        "air_temp_c": 18.63,
        "precip_chance_pct": 98.5,
        "precip_amount_mm_h": 4.2,
        "pressure_hpa": 967.1,
        "wind_speed_ms": 6.07,
        "wind_dir_deg": 239,
        "cloud_cover_pct": 76.6,
        "rel_humidity_pct": 99.99,
        "is_sun_up": True,
        "affects_session": False,
        "allow_precip": True,
    }
    # Nothing is something: 0 stays 0.
    calm = extract.rows["weather_forecasts"][1]
    assert (calm["air_temp_c"], calm["wind_speed_ms"], calm["precip_chance_pct"]) == (-1.25, 0, 0)


@pytest.mark.parametrize(
    "hour",
    [
        {"time_offset": 0},
        {"time_offset": 0, "air_temp": None, "precip_amount": None},
        {**HOURS[1], "time_offset": 0, "valid_stats": False},
        {"time_offset": 0, "air_temp": "warm", "wind_speed": {}, "precip_chance": []},
    ],
    ids=["missing", "null", "called invalid", "of another type"],
)
def test_unknown_is_null_never_0(hour: dict[str, Any]) -> None:
    extract = forecast_rows((1, 0), [hour], Drift())
    (row,) = extract.rows["weather_forecasts"]
    assert extract.rejected == []
    for name in ("air_temp_c", "wind_speed_ms", "precip_chance_pct", "precip_amount_mm_h"):
        assert row.get(name) is None


def test_links_are_read_from_either_shape_and_weeks_without_one_have_none() -> None:
    weeks = [
        {"race_week_num": 0, "weather": {"weather_url": "https://a/0?X-Amz-Signature=s"}},
        {"race_week_num": 1, "weather": {"weather_url": None}},
        {"race_week_num": 2, "weather": None},
        {"race_week_num": "three", "weather": {"weather_url": "https://a/3"}},
        "no week",
    ]
    seasons = [{"season_id": 7, "schedules": weeks}, {"season_id": 8}, None]
    expected = {(7, 0): "https://a/0?X-Amz-Signature=s"}
    assert forecast_links(seasons) == expected
    assert forecast_links({"seasons": seasons}) == expected
    assert forecast_links("Rate limit exceeded") == {}


def test_a_file_that_is_no_list_is_set_aside_as_its_week() -> None:
    extract = forecast_rows((7, 3), {"error": "x"})
    (item,) = extract.rejected
    assert item.item_key == "season_id=7 race_week_num=3"
    assert item.source == ResponseKey("weather_url", {"season_id": "7", "race_week_num": "3"})


@pytest.mark.skipif(not CAPTURE.is_file(), reason="no folder of captured answers")
def test_the_captured_forecast_is_read_whole() -> None:
    body = json.loads(CAPTURE.read_text())
    drift = Drift()
    extract = forecast_rows((1, 0), body, drift)
    assert extract.rejected == []
    rows = extract.rows["weather_forecasts"]
    assert len(rows) == 8
    assert (rows[0]["precip_chance_pct"], rows[0]["wind_speed_ms"]) == (100, 6.07)
    assert drift.unknown_fields == {}


# -- through real runs --------------------------------------------------------------------------------


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(WorldSource(series=8, past_quarters=0)) as running:
        yield running


@pytest.fixture
def settings(simulator: Simulator, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(simulator.environment)


def files(simulator: Simulator) -> int:
    """Weather files that were asked for."""
    return sum("weather-forecast" in row.path for row in simulator.log)


def lists(simulator: Simulator) -> int:
    return sum(call.path == "/data/series/seasons" for call in simulator.calls())


def count(database: Database, condition: str = "true") -> int:
    found = query(database, f"SELECT count(*) FROM iracing.weather_forecasts WHERE {condition}")
    return int(found[0][0])


def test_every_week_that_is_not_over_has_its_forecast_from_the_run_that_learned_the_link(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    first = sync(settings, *SEASONS)
    assert first.success
    weeks = query(database, "SELECT count(*) FROM iracing.season_schedules")[0][0]
    asked = files(simulator)
    assert asked == weeks > 50
    assert (
        query(
            database,
            "SELECT count(DISTINCT (season_id, race_week_num)) FROM iracing.weather_forecasts",
        )[0][0]
        == weeks
    )
    # Without the budget, without a token, and without a trace of the signatures.
    assert all(row.status == 200 for row in simulator.log if row.origin == "storage")
    assert "weather_url" not in [
        row[0] for row in query(database, "SELECT endpoint FROM iracing.api_calls")
    ]
    bodies = query(database, "SELECT body::text FROM iracing.responses")
    assert not any("X-Amz" in row[0] for row in bodies)
    # A landed list brings no links: nothing is fetched, nothing is lost.
    again = sync(settings, *SEASONS)
    assert again.success
    assert files(simulator) == asked
    assert again.written() == 0
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


@pytest.mark.promise(2)
def test_the_same_forecasts_fetched_again_write_no_row(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, *SEASONS)
    before = query(database, "SELECT * FROM iracing.weather_forecasts ORDER BY 1, 2, 3")
    asked = files(simulator)
    again = sync(settings, *SEASONS, refresh=True)
    # Weeks that are over keep what they have.
    over = query(
        database, "SELECT count(*) FROM iracing.season_schedules WHERE week_end_time < now()"
    )[0][0]
    assert files(simulator) == 2 * asked - over
    assert again.written() == 0
    assert query(database, "SELECT * FROM iracing.weather_forecasts ORDER BY 1, 2, 3") == before


@pytest.mark.promise(5)
def test_forecasts_that_a_killed_run_left_out_are_brought_in_by_the_next(
    simulator: Simulator, settings: Settings
) -> None:
    # As of a run that was killed between the list, which landed without its links, and the forecasts.
    assert sync(settings, *SEASONS[:-1]).success
    assert files(simulator) == 0
    for lists in (2, 2):
        done = sync(settings, *SEASONS)
        assert done.success
        assert files(simulator) > 0
        assert len(simulator.calls("series/seasons")) == lists


@pytest.mark.promise(5)
def test_a_forecast_of_which_another_run_has_landed_a_newer_one_stops_no_other(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, *SEASONS)
    newer = """
        UPDATE iracing.responses SET fetched_at = now() + interval '3 minutes'
        WHERE (endpoint, params) = (
            SELECT endpoint, params FROM iracing.responses r
            JOIN iracing.season_schedules w ON r.params = jsonb_build_object(
                'season_id', w.season_id::text, 'race_week_num', w.race_week_num::text)
            WHERE endpoint = 'weather_url' AND week_end_time > now() LIMIT 1)
        RETURNING (params ->> 'season_id')::int, (params ->> 'race_week_num')::int"""
    with database.begin() as connection:
        week = connection.exec_driver_sql(newer).one()

    def warmer(endpoint: str, params: dict[str, str], body: Any) -> Any:
        return [{**hour, "air_temp": 4242} for hour in body] if endpoint == "weather_url" else body

    simulator.faults.transform = warmer
    again = sync(settings, *SEASONS, refresh=True)
    assert again.failures() == {}
    left = query(
        database,
        """SELECT DISTINCT season_id, race_week_num FROM iracing.weather_forecasts
           JOIN iracing.season_schedules USING (season_id, race_week_num)
           WHERE week_end_time > now() AND air_temp_c IS DISTINCT FROM 42.42""",
    )
    assert left == [tuple(week)]


def test_a_forecast_rolled_again_replaces_its_week_and_no_other(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, *SEASONS)
    week = query(
        database,
        """SELECT season_id, race_week_num FROM iracing.season_schedules
           WHERE week_end_time > now() ORDER BY 1, 2 LIMIT 1""",
    )[0]
    named = {"season_id": str(week[0]), "race_week_num": str(week[1])}

    def rolled(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "weather_url" and params == named:
            return [{**body[0], "air_temp": 4242}, *body[2:]]
        return body

    simulator.faults.transform = rolled
    again = sync(settings, *SEASONS, refresh=True)
    counts = again.counts()["weather_forecasts"]
    assert (counts["inserted"], counts["updated"], counts["retired"]) == (0, 1, 1)
    assert query(
        database,
        "SELECT table_name, kind, key ->> 'season_id' FROM iracing.changes ORDER BY kind",
    ) == [
        ("weather_forecasts", "retired", str(week[0])),
        ("weather_forecasts", "updated", str(week[0])),
    ]
    # People are told of the week's summary, not of its hours.
    assert query(database, "SELECT * FROM iracing.schedule_changes") == []


@pytest.mark.promise(6)
@pytest.mark.parametrize("status", [403, 404])
def test_a_dead_link_is_noted_fails_nothing_and_is_remembered(
    simulator: Simulator, settings: Settings, database: Database, status: int
) -> None:
    simulator.faults.add("storage_status", "weather_url", status=status, times=3)
    done = sync(settings, *SEASONS, concurrency=1)
    assert done.success
    assert done.failed_checks() == {}
    metadata = done.metadata("weather_forecasts")
    assert metadata["dead_links"] == 3
    assert "their weeks keep the one they have" in str(metadata["warnings"])
    assert "X-Amz" not in str(metadata)
    weeks = query(database, "SELECT count(*) FROM iracing.season_schedules")[0][0]
    stored = "SELECT count(DISTINCT (season_id, race_week_num)) FROM iracing.weather_forecasts"
    assert query(database, stored) == [(weeks - 3,)]
    dead = query(database, "SELECT file, reason FROM iracing.dead_links")
    assert len(dead) == 3
    assert "X-Amz" not in str(dead)
    assert all(f"HTTP {status}" in reason for _, reason in dead)
    # It brings the links anew, and asks for none of them: what is stored is fresh.
    asked = files(simulator)
    assert sync(settings, "weather_forecasts").success
    assert files(simulator) == asked
    # Whoever asks for everything gets what is there again, of weeks that are not over.
    sync(settings, *SEASONS, refresh=True)
    over = query(
        database,
        """SELECT count(*) FROM iracing.dead_links d
           JOIN iracing.season_schedules w USING (season_id, race_week_num) WHERE week_end_time < now()""",
    )[0][0]
    assert query(database, stored) == [(weeks - over,)]
    assert query(database, "SELECT count(*) FROM iracing.dead_links") == [(over,)]


def test_links_that_past_quarters_bring_are_followed_by_nobody(
    settings_for: Callable[..., Settings], database: Database
) -> None:
    with Simulator(WorldSource(series=4, past_quarters=3, past_mode="full")) as simulator:
        done = sync(settings_for(simulator.environment), *SEASONS, "past_seasons")
        assert done.success
        assert lists(simulator) > 1
        asked = files(simulator)
    past, current = query(
        database,
        """SELECT count(*) FILTER (WHERE complete), count(*) FILTER (WHERE NOT complete)
           FROM iracing.season_schedules JOIN iracing.seasons USING (season_id)
           WHERE is_in_schedule""",
    )[0]
    assert past > 50
    assert asked == current > 20


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("storage_status", {"status": 503}),
        ("storage_cut", {}),
        ("storage_malformed", {}),
        ("storage_slow", {"seconds": 2}),
    ],
)
def test_a_storage_host_that_fails_is_left_alone_and_costs_the_forecasts_and_nothing_else(
    simulator: Simulator,
    settings: Settings,
    database: Database,
    fault: str,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(MOST_IN_A_ROW, "transient", 8)
    done_before = 20
    # A few bad files among good ones are the files' own trouble.
    for after in (3, 9):
        simulator.faults.add("storage_status", "weather_url", status=503, after=after, times=1)
    simulator.faults.add(fault, "weather_url", after=done_before, **options)
    hasty = replace(QUICK, file_attempts=2, read_timeout=0.3, unreachable_seconds=0.1)
    done = sync(settings, *SEASONS, limits=hasty, concurrency=2)
    assert done.success
    metadata = done.metadata("weather_forecasts")
    assert metadata["forecasts_fetched"] + metadata["not_fetched"] == metadata["links"] > 50
    assert 15 < metadata["forecasts_fetched"] <= done_before
    assert query(
        database,
        "SELECT count(DISTINCT (season_id, race_week_num)) FROM iracing.weather_forecasts",
    ) == [(metadata["forecasts_fetched"],)]
    assert metadata["not_tried"] > 20
    # Of four threads twenty results may be on their way, or wait, by then: those may have failed, too.
    in_a_row = re.search(
        r"were not tried, after (\d+) that failed one after the other", metadata["warnings"]
    )
    assert in_a_row
    assert 8 <= int(in_a_row[1]) < 8 + 20
    assert files(simulator) < 60
    assert "X-Amz" not in str(metadata)


@pytest.mark.promise(4)
@pytest.mark.promise(8)
def test_a_link_that_leads_elsewhere_is_not_followed_and_fails_alone(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    with ScriptedApi() as inside:
        inside.on("storage", "/latest/meta-data", Say(body=[{"time_offset": 1, "key": "ASIA"}]))
        links = iter(
            [
                f"{inside.storage_url}/latest/meta-data?X-Amz-Signature=s",
                "http://169.254.169.254/latest/meta-data",
                "http://[::ffff:10.0.0.1]/",
                "https://scorpio-assets.s3.amazonaws.com/x?X-Amz-Signature=s",
            ]
        )

        def spoilt(endpoint: str, params: dict[str, str], body: Any) -> Any:
            for season in body if endpoint == "series/seasons" else ():
                weather = season["schedules"][0]["weather"]
                weather["weather_url"] = next(links, weather["weather_url"])
            return body

        simulator.faults.transform = spoilt
        done = sync(settings, *SEASONS)
        assert inside.seen == []
    assert done.success
    metadata = done.metadata("weather_forecasts")
    assert metadata["refused_links"] == 4
    assert metadata["forecasts_fetched"] == metadata["links"] - 4 > 50
    assert "4 of" in str(metadata["warnings"])
    assert "not followed" in str(metadata["warnings"])
    assert "169.254.169.254" in str(metadata["links_were_refused"])
    assert "X-Amz" not in str(metadata)
    kept = query(
        database, "SELECT body::text FROM iracing.responses WHERE endpoint = 'weather_url'"
    )
    assert not any("ASIA" in row[0] for row in kept)


@pytest.mark.promise(4)
def test_an_hour_that_cannot_be_read_is_set_aside_alone(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, *SEASONS)
    hours = count(database)
    week = query(
        database,
        """SELECT season_id, race_week_num FROM iracing.season_schedules
           WHERE week_end_time > now() ORDER BY 1, 2 LIMIT 1""",
    )[0]
    named = {"season_id": str(week[0]), "race_week_num": str(week[1])}

    def spoilt(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "weather_url" and params == named:
            return [{**body[0], "time_offset": "soon"}, *body[1:]]
        return body

    simulator.faults.transform = spoilt
    bad = sync(settings, *SEASONS, refresh=True)
    assert (
        f"season_id={week[0]} race_week_num={week[1]}" in bad.failed_checks()["weather_forecasts"]
    )
    assert count(database, "retired_at IS NULL") == hours
    open_items = "SELECT endpoint, params FROM iracing.quarantine WHERE resolved_at IS NULL"
    assert query(database, open_items) == [("weather_url", named)]
    simulator.faults.clear()
    assert sync(settings, *SEASONS, refresh=True).failed_checks() == {}
    assert query(database, open_items) == []


def test_materialized_alone_it_asks_for_the_list_once_and_for_its_links_only(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, "series", "current_seasons", "season_schedules")
    landed = query(database, "SELECT sha256, fetched_at FROM iracing.responses ORDER BY 1")
    assert count(database) == 0
    asked = lists(simulator)
    assert sync(settings, "weather_forecasts").success
    assert lists(simulator) == asked + 1
    assert count(database) > 0
    kept = "SELECT sha256, fetched_at FROM iracing.responses WHERE endpoint <> 'weather_url' ORDER BY 1"
    assert query(database, kept) == landed


def test_a_limited_sync_fetches_the_forecasts_of_its_series(
    simulator: Simulator, settings: Settings, database: Database
) -> None:
    sync(settings, *SEASONS, limit=1)
    assert query(
        database,
        """SELECT count(DISTINCT s.series_id) FROM iracing.weather_forecasts
           JOIN iracing.seasons s USING (season_id)""",
    ) == [(1,)]
    weeks = query(database, "SELECT count(*) FROM iracing.season_schedules")[0][0]
    assert files(simulator) == weeks


def test_the_shell_command_brings_forecasts_and_a_dry_run_stores_none(
    simulator: Simulator,
    database: Database,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = Command(simulator, database_url, tmp_path, monkeypatch)
    dry = command.sync(sync_past_seasons=False, dry_run=True)
    assert dry.status == 0
    assert count(database) == 0
    done = command.sync(sync_past_seasons=False)
    assert done.status == 0
    assert "weather_forecasts" in done.text
    assert count(database) > 0


def test_one_file_for_every_week_from_a_folder_of_captures(
    settings_for: Callable[..., Settings], database: Database
) -> None:
    with Simulator(CaptureSource(RECORDED)) as running:
        assert sync(settings_for(running.environment), *SEASONS).success
    assert count(database) == 3 * len(HOURS)
