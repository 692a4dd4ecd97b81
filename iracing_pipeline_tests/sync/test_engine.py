"""The engine without Dagster: a whole sync from a script, walks of syncs, what runs of a session share."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.commands.sync_report import SyncReport
from iracing_pipeline.core.rows import Counts
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync.rebuild import rebuild
from iracing_pipeline.sync.result import SyncResult
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import QUICK, query
from iracing_pipeline_tests.support.engine_sync import WORK, run_assets

SEASON_ASSETS = ("series", "past_seasons", "current_seasons", "season_schedules")


def test_a_whole_sync_of_a_generated_world_imports_nothing_of_dagster(
    database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "iracing_pipeline_tests.support.engine_sync"]
    done = subprocess.run(
        [*command, database_url, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["dagster"] == []
    assert set(found["said"]) == set(WORK)
    stored = Database(database_url, tmp_path)
    for name in ("series", "seasons", "season_schedules", "race_time_descriptors", "tracks"):
        assert query(stored, f"SELECT count(*) > 10 FROM iracing.{name}") == [(True,)], name
        assert found["rows"][name] > 0, name
    assert query(stored, "SELECT DISTINCT status FROM iracing.sync_runs") == [("success",)]
    stored.dispose()


class Walk:
    """A world that changes, and syncs of it, as a seed has it."""

    def __init__(self, seed: int, simulator: Simulator, services: Services) -> None:
        self.random = random.Random(seed)
        self.simulator = simulator
        self.services = services
        self.steps: list[str] = []

    def change_the_world(self) -> None:
        """Time passes, and iRacing's answers hold some seasons and weeks less than they did, or more."""
        chance = self.random
        if chance.random() < 0.7:
            self.simulator.clock.advance(days=chance.choice([0.1, 1, 8, 30, 90]))
        lost, bad = chance.randrange(1, 12), chance.randrange(1, 12)
        kind = chance.choice(["whole", "gone", "gone", "fewer seasons", "fewer weeks", "bad items"])

        def edit(endpoint: str, params: dict[str, str], body: Any) -> Any:
            if kind == "whole" or endpoint not in {"series/seasons", "series/stats_series"}:
                return body
            if kind == "gone":
                for item in body:
                    if "seasons" in item:
                        item["seasons"] = [
                            one for one in item["seasons"] if one["season_id"] % 12 != lost
                        ]
                return [item for item in body if item.get("season_id", lost + 1) % 12 != lost]
            if kind == "fewer seasons" and endpoint == "series/seasons":
                return [season for season in body if season["season_id"] % 12 != lost]
            if kind == "fewer weeks" and endpoint == "series/seasons":
                for season in body[::3]:
                    season["schedules"] = season.get("schedules", [])[:-1]
            if kind == "bad items":
                for item in body:
                    for season in item.get("seasons", [item]):
                        if season["season_id"] % 12 == bad:
                            season["season_name"] = None
            return body

        self.simulator.faults.transform = edit
        self.steps.append(f"{self.simulator.clock():%F %H:%M}, {kind}")

    def sync(self) -> None:
        """Some assets in some order, in one session, with some options."""
        chance = self.random
        assets = list(WORK) if chance.random() < 0.4 else list(SEASON_ASSETS)
        if chance.random() < 0.5:
            chance.shuffle(assets)
            assets = assets[: chance.randint(2, len(assets))]
        options: dict[str, Any] = chance.choice(
            [{}, {}, {"refresh": True}, {"limit": 4}, {"sync_past_seasons": False}]
        )
        results = run_assets(self.services, *assets, **options)
        said = {name: one for name, one in results.items() if isinstance(one, str)}
        self.steps.append(f"{assets} {options} {said or ''}")


@pytest.fixture
def walk(settings_for: Callable[..., Settings]) -> Iterator[Callable[[int], Walk]]:
    """Makes a walk of a seed, from a moment that the seed names too."""
    opened: list[Any] = []

    def begin(seed: int) -> Walk:
        chance = random.Random(seed)
        moment = datetime(2025, 1, 7, 3, tzinfo=timezone.utc) + timedelta(
            days=chance.randrange(400)
        )
        mode = chance.choice(["full", "list", "active", "empty"])
        source = WorldSource(seed, lambda: moment, series=12, past_quarters=2, past_mode=mode)
        simulator = Simulator(source, rate_limit=100_000)
        simulator.__enter__()
        services = Services(
            settings_for(simulator.environment), limits=QUICK, clock=simulator.clock
        )
        opened.append((simulator, services))
        return Walk(seed, simulator, services)

    yield begin
    for simulator, services in opened:
        services.close()
        simulator.__exit__(None, None, None)


@pytest.mark.promise(5)
@pytest.mark.parametrize("seed", range(4))
def test_after_any_walk_of_syncs_a_rebuild_writes_nothing(
    walk: Callable[[int], Walk], seed: int
) -> None:
    walked = walk(seed)
    for _ in range(4):
        walked.change_the_world()
        walked.sync()
        done = rebuild(walked.services, dry_run=True)
        assert {name: one for name, one in done.counts.items() if one.written} == {}, "\n".join(
            [*walked.steps, *done.first_changes, *done.left_out]
        )
        assert done.total.unchanged > 0


# -- what the runs of a session share, and what outlives it ------------------------------------------


@pytest.fixture
def served(settings_for: Callable[..., Settings]) -> Iterator[tuple[Simulator, Services]]:
    """One long-lived process: services that many sessions use, and a world of sixty series."""
    with Simulator(WorldSource(series=24, past_quarters=1), rate_limit=100_000) as simulator:
        services = Services(settings_for(simulator.environment), limits=QUICK)
        yield simulator, services
        services.close()


def calls(simulator: Simulator, endpoint: str) -> int:
    return sum(call.path == f"/data/{endpoint}" for call in simulator.calls())


def test_what_a_dry_run_planned_does_not_outlive_its_session(
    served: tuple[Simulator, Services],
) -> None:
    _, services = served
    run_assets(services, "series")
    rehearsed = run_assets(services, *SEASON_ASSETS, dry_run=True)
    # The rows beside what would change are those that would be there then.
    report = SyncReport([], dry_run=True)
    for result in rehearsed.values():
        assert isinstance(result, SyncResult)
        report.add_counts(
            {name: {"rows": one.living, **asdict(one)} for name, one in result.counts.items()}
        )
    assert report.tables["seasons"]["rows"] > 10
    empty_before = {name: one for name, one in report.tables.items() if "series" not in name}
    assert all(counts["rows"] == counts["inserted"] for counts in empty_before.values())
    planned = rehearsed["season_schedules"]
    assert isinstance(planned, SyncResult)
    missing = re.match(r"Schedules of past seasons: ([\d,]+) missing", str(planned.notes["plan"]))
    assert missing is not None, planned
    assert int(missing[1].replace(",", "")) > 10
    run_assets(services, *SEASON_ASSETS)
    with services.database.begin() as connection:
        # What the next session is to find missing is this season, and nothing that was planned once.
        connection.exec_driver_sql(
            """UPDATE iracing.seasons SET has_final_schedule = false WHERE season_id =
               (SELECT min(season_id) FROM iracing.seasons WHERE has_final_schedule)"""
        )
    again = run_assets(services, "season_schedules", dry_run=True)["season_schedules"]
    assert isinstance(again, SyncResult)
    assert str(again.notes["plan"]).startswith("Schedules of past seasons: 1 missing.")


def test_a_refresh_in_a_process_that_lives_on_asks_for_the_index_again(
    served: tuple[Simulator, Services],
) -> None:
    simulator, services = served
    run_assets(services, "series", "past_seasons")
    assert calls(simulator, "series/stats_series") == 1
    run_assets(services, "past_seasons")
    assert calls(simulator, "series/stats_series") == 1
    session = Session(services.now())
    run_assets(services, "past_seasons", session=session, refresh=True)
    assert calls(simulator, "series/stats_series") == 2
    # Within the session, what it has asked for serves.
    run_assets(services, "past_seasons", session=session, refresh=True)
    assert calls(simulator, "series/stats_series") == 2


@pytest.mark.promise(5)
def test_the_index_expires_with_the_rows_that_show_it_to_be_out_of_date(
    served: tuple[Simulator, Services], database: Database
) -> None:
    simulator, services = served
    run_assets(services, "series", "past_seasons")
    hidden = max(season["season_id"] for season in simulator.source.answer("series/seasons"))

    def expiry() -> Any:
        return query(
            database,
            "SELECT expires_at FROM iracing.responses WHERE endpoint = 'series/stats_series'",
        )

    before = expiry()
    renamed = {"season_id": 10_000_000, "season_name": "A newcomer"}

    def add(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint != "series/seasons":
            return body
        like = next(season for season in body if season["season_id"] == hidden)
        weeks = [{**week, "season_id": 10_000_000} for week in like["schedules"]]
        return [*body, {**like, **renamed, "schedules": weeks, "active": False}]

    simulator.faults.transform = add
    with database.begin() as connection:
        connection.exec_driver_sql(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'no room'; END $$"""
        )
        connection.exec_driver_sql(
            """CREATE TRIGGER refuse BEFORE INSERT ON iracing.seasons
               FOR EACH ROW EXECUTE FUNCTION refuse()"""
        )
    assert "no room" in str(run_assets(services, "current_seasons")["current_seasons"])
    assert expiry() == before
    with database.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION refuse CASCADE")
    assert isinstance(run_assets(services, "current_seasons")["current_seasons"], SyncResult)
    assert expiry() < before


@pytest.mark.promise(4)
def test_a_season_that_two_series_list_is_named_also_when_they_are_read_in_different_batches(
    served: tuple[Simulator, Services], database: Database
) -> None:
    simulator, services = served
    index = simulator.source.answer("series/stats_series")
    index.sort(key=lambda series: series["series_id"])
    first, last = index[0], index[-1]
    shared = first["seasons"][0]["season_id"]

    def share(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/stats_series":
            (taker,) = (one for one in body if one["series_id"] == last["series_id"])
            taker["seasons"].append({**first["seasons"][0], "series_id": last["series_id"]})
        return body

    simulator.faults.transform = share
    said = run_assets(services, "series", "past_seasons")["past_seasons"]
    assert f"season_id={shared}" in str(said)
    assert query(database, f"SELECT series_id FROM iracing.seasons WHERE season_id = {shared}") == [
        (first["series_id"],)
    ]
    ((key, reason),) = query(database, "SELECT item_key, reason FROM iracing.quarantine")
    assert key == f"series_id={last['series_id']} season_id={shared}"
    assert "another series" in reason
    simulator.faults.transform = None
    healed = run_assets(services, "series", "past_seasons", refresh=True)["past_seasons"]
    assert isinstance(healed, SyncResult), healed
    assert query(database, "SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL") == [
        (0,)
    ]


def test_a_result_is_told_after_its_commit(
    served: tuple[Simulator, Services], database: Database
) -> None:
    _, services = served
    result = run_assets(services, "tracks")["tracks"]
    assert isinstance(result, SyncResult)
    assert result.counts["tracks"] == Counts(inserted=result.row_total, living=result.row_total)
    assert query(database, "SELECT count(*) FROM iracing.tracks") == [(result.row_total,)]
