"""A season turn, week 12 through week 13 into the next quarter, by the real daemon, without a hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterRunStatus
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickStatus

from iracing_pipeline.automation.sensors import SENSORS
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.simulator.world.calendar import (
    midnight,
    quarter_at,
    start_of,
    year_and_quarter,
)
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.forked_daemon import ForkedDaemon

pytestmark = pytest.mark.usefixtures("prepared")
SENSOR_NAMES = {"ticks", *(one.name for one in SENSORS)}
PATIENCE_SECONDS = 240.0


class Deployment:
    """The daemon, and the moments at which its schedule ticks."""

    def __init__(self, daemon: ForkedDaemon, simulator: Simulator, home: Path) -> None:
        self.daemon = daemon
        self.simulator = simulator
        self._ticks = home / "ticks"

    def tick(self, moment: datetime) -> list[str]:
        """Let it be that moment, and let the schedule tick; see `settle`."""
        before = {run.run_id for run in self.daemon.instance.get_runs()}
        self.simulator.clock.move_to(moment)
        with self._ticks.open("a") as file:
            file.write(f"{moment.isoformat()}\n")
        return self.settle(before)

    def settle(self, before: Collection[str] = ()) -> list[str]:
        """Wait until nobody has anything left to do. Returns the jobs that ran, in order."""
        instance = self.daemon.instance
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(before) == instance.get_runs_count() or not self._is_settled():
            assert time.monotonic() < deadline, f"not settled\n{self.daemon._tail()}"
            time.sleep(1)
        fresh = [run for run in reversed(instance.get_runs()) if run.run_id not in before]
        failed = [run for run in fresh if run.status != DagsterRunStatus.SUCCESS]
        assert failed == [], self.daemon._tail()
        return [run.job_name for run in fresh]

    def _is_settled(self) -> bool:
        """Whether every sensor has looked since the last run ended, and wanted nothing."""
        instance = self.daemon.instance
        records = instance.get_run_records()
        if not all(record.dagster_run.is_finished for record in records):
            return False
        last_end = max(record.end_time or record.start_time or 0 for record in records)
        states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
        origins = {
            state.instigator_name: (state.instigator_origin_id, state.selector_id)
            for state in states
        }
        if not origins.keys() >= SENSOR_NAMES:
            return False
        for name in SENSOR_NAMES:
            ticks = instance.get_ticks(*origins[name], limit=1)
            if not ticks or ticks[0].timestamp < last_end or ticks[0].status != TickStatus.SKIPPED:
                return False
        # Whoever ticked first may have looked before the last of them asked for a run.
        return len(records) == instance.get_runs_count()


def test_a_season_turn_arrives_without_a_hand_in_two_scheduled_ticks(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
) -> None:
    url = new_database_url(template)
    database = Database(url, tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    (home / "ticks").touch()
    with Simulator(WorldSource(series=10, past_quarters=2), rate_limit=100_000) as simulator:
        # Ahead of the real clock, which stamps what is fetched.
        coming = quarter_at(simulator.clock().date()) + 2
        turn = midnight(start_of(coming)) + timedelta(hours=6)
        simulator.clock.move_to(turn - timedelta(days=12))
        environment = {
            **simulator.environment,
            "IRACING_DATABASE_URL": url,
            "IRACING_DATA_DIR": str(tmp_path / "data"),
            "TEST_SIMULATOR": simulator.environment["IRACING_API_URL"],
        }
        with ForkedDaemon(
            home, environment, module="iracing_pipeline_tests.support.rollover_definitions"
        ) as daemon:
            deployment = Deployment(daemon, simulator, home)
            # Week 12, and everything that a new installation lacks: before any schedule ticks.
            jobs = deployment.settle()
            assert jobs[0] == "fill_empty_database"
            assert sorted(jobs[1:]) == ["fill_past_seasons", "fill_schedules"]
            running = {row[0] for row in query(database, UNFINISHED)}
            assert running
            assert query(database, MISSING) == [(0,)]

            # Week 13: most seasons have ended, those of one-day weeks run.
            jobs = deployment.tick(turn - timedelta(days=6))
            ended = running - {row[0] for row in query(database, UNFINISHED)}
            assert len(ended) > len(running) / 3
            assert "fill_past_seasons" in jobs
            assert "fill_schedules" in jobs
            assert query(database, MISSING) == [(0,)]

            # The next quarter's first Wednesday.
            deployment.tick(turn + timedelta(days=1))
            year, quarter = year_and_quarter(coming)
            ((seasons, weeks),) = query(
                database,
                f"""SELECT count(DISTINCT season_id), count(*) FROM iracing.season_schedules
                    JOIN iracing.seasons USING (season_id)
                    WHERE season_year = {year} AND season_quarter = {quarter} AND has_rules""",
            )
            assert seasons >= len(running) / 4
            assert weeks > 6 * seasons
            assert query(database, MISSING) == [(0,)]
            keys = set(daemon.instance.get_dynamic_partitions("series_id"))
            past = daemon.instance.get_materialized_partitions(AssetKey("past_seasons"))
            assert past == keys
            assert query(
                database,
                "SELECT DISTINCT status FROM iracing.sync_runs WHERE partition IS NULL",
            ) == [("success",)]
            assert query(database, "SELECT * FROM iracing.quarantine") == []
    database.dispose()


UNFINISHED = """
    SELECT season_id FROM iracing.seasons
    WHERE has_rules AND complete IS NOT TRUE AND retired_at IS NULL
"""
MISSING = "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
