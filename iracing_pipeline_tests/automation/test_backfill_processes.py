"""History as processes: killed and resumed, by partition in a shell, backfilled by the daemon."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster import AssetKey

from iracing_pipeline.assets.series import SERIES
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.forked_daemon import ForkedDaemon
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.shell import fork, run

pytestmark = pytest.mark.usefixtures("prepared")
BACKFILL = "iracing_pipeline_tests.support.backfill_definitions"
SCHEDULE = "series/season_schedule"
HISTORY = ("sync", "--sync-seasons", "--sync-past-seasons")


def environment_of(simulator: Simulator, database_url: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **simulator.environment,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(folder / "data"),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
    }


def asked(simulator: Simulator) -> Counter[int]:
    """How often each season's schedule was asked for."""
    return Counter(int(call.params["season_id"]) for call in simulator.calls(SCHEDULE))


@pytest.mark.chaos
@pytest.mark.promise(5)
def test_killed_at_three_points_a_history_resumes_and_repeats_nothing(
    new_database_url: Callable[[str | None], str], template: str, tmp_path: Path
) -> None:
    world = {"series": 12, "past_quarters": 6, "past_mode": "list"}
    with Simulator(WorldSource(**world), rate_limit=100_000) as simulator:  # type: ignore[arg-type]
        url = new_database_url(template)
        environment = environment_of(simulator, url, tmp_path)
        database = Database(url, tmp_path)
        for point in (3, 25, 50):
            done = len(simulator.calls(SCHEDULE))
            killed = fork(*HISTORY, environment=environment)
            deadline = time.monotonic() + 90
            while len(simulator.calls(SCHEDULE)) < max(point, done + 1):
                assert time.monotonic() < deadline
                assert killed.poll() is None
                time.sleep(0.005)
            killed.send_signal(signal.SIGKILL)
            killed.wait(30)
            finished = {
                row[0]
                for row in query(
                    database, "SELECT season_id FROM iracing.seasons WHERE has_final_schedule"
                )
            }
            before = asked(simulator)
            # What is stored of a season is all of it, with its answer.
            assert query(
                database,
                """SELECT count(*) FROM iracing.seasons s WHERE has_final_schedule AND NOT EXISTS (
                       SELECT FROM iracing.responses r WHERE endpoint = 'series/season_schedule'
                       AND params ->> 'season_id' = s.season_id::text AND expires_at IS NULL)""",
            ) == [(0,)]
        last = run(*HISTORY, environment=environment)
        assert last.returncode == 0, last.stdout + last.stderr
        repeated = asked(simulator) - before
        assert finished
        assert not finished & set(repeated)
        # Only what was under way at a kill was asked for twice.
        assert sum(count - 1 for count in asked(simulator).values()) <= 3 * 24
        resumed = dump(database)
        database.dispose()
    with Simulator(WorldSource(**world), rate_limit=100_000) as simulator:  # type: ignore[arg-type]
        url = new_database_url(template)
        undisturbed = Database(url, tmp_path)
        assert (
            run(*HISTORY, environment=environment_of(simulator, url, tmp_path / "other")).returncode
            == 0
        )
        assert dump(undisturbed) == resumed
        undisturbed.dispose()


def test_partitions_are_materialized_in_a_shell_one_and_a_range(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    with Simulator(WorldSource(series=8, past_quarters=2), rate_limit=100_000) as simulator:
        home = tmp_path / "home"
        home.mkdir()
        (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
        environment = {
            **environment_of(simulator, database_url, tmp_path),
            "DAGSTER_HOME": str(home),
        }
        materialize = ("asset", "materialize", "-m", "iracing_pipeline.definitions", "--select")

        def dagster(*arguments: str) -> None:
            done = run(*materialize, *arguments, environment=environment, program="dagster")
            assert done.returncode == 0, done.stdout + done.stderr

        dagster("series")
        calls = len(simulator.calls())
        assert calls == 3
        keys = [
            str(row[0])
            for row in query(database, "SELECT series_id FROM iracing.series ORDER BY 1")
        ]
        assert len(keys) >= 6
        dagster("past_seasons", "--partition", keys[3])
        assert query(database, "SELECT DISTINCT series_id FROM iracing.seasons") == [
            (int(keys[3]),)
        ]
        dagster("past_seasons", "--partition-range", f"{keys[0]}...{keys[-1]}")
        assert query(database, "SELECT count(DISTINCT series_id) FROM iracing.seasons") == [
            (len(keys),)
        ]
        # Every season and every week → track, without one more call.
        assert len(simulator.calls()) == calls
        weeks = "SELECT count(*) > 50 FROM iracing.season_schedules WHERE track_id IS NOT NULL"
        assert query(database, weeks) == [(True,)]


def test_a_backfill_through_the_daemon_isolates_partitions_and_a_rerun_touches_only_the_failed(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    with Simulator(WorldSource(series=30, past_quarters=2), rate_limit=100_000) as simulator:
        environment = environment_of(simulator, database_url, tmp_path)
        home = tmp_path / "home"
        sick: list[int] = []

        def spoil(endpoint: str, params: dict[str, str], body: object) -> object:
            if endpoint == "series/stats_series" and isinstance(body, list):
                sick[:] = sorted(series["series_id"] for series in body)[5:8]
                for series in body:
                    if series["series_id"] in sick:
                        series["seasons"] = {}
            return body

        simulator.faults.transform = spoil
        with ForkedDaemon(home, environment, module=BACKFILL) as daemon:
            first = run(
                *("asset", "materialize", "-m", "iracing_pipeline.definitions"),
                *("--select", "series"),
                environment={**environment, "DAGSTER_HOME": str(home)},
                program="dagster",
            )
            assert first.returncode == 0, first.stderr
            for series_id in sick:
                simulator.faults.add(
                    "status", "series/past_seasons", params={"series_id": series_id}
                )
            keys = daemon.instance.get_dynamic_partitions("series_id")
            assert len(keys) > 20
            done = daemon.backfill("past_seasons", keys)
            failed = {str(series_id) for series_id in sick}
            assert len(done.runs) <= 2
            assert done.failed == failed
            assert done.materialized == set(keys) - failed
            status = daemon.instance.get_status_by_partition(AssetKey("past_seasons"), keys, SERIES)
            assert status is not None
            assert {
                key for key, value in status.items() if value and value.name == "FAILED"
            } == failed
            stored = query(database, "SELECT count(DISTINCT series_id) FROM iracing.seasons")
            assert stored == [(len(keys) - len(sick),)]
            reasons = dict(
                query(
                    database,
                    "SELECT partition, message FROM iracing.sync_runs "
                    "WHERE asset = 'past_seasons' AND status = 'failure'",
                )
            )
            assert set(reasons) == failed
            assert all("series/past_seasons (series_id=" in text for text in reasons.values())

            simulator.faults.clear()
            simulator.log.clear()
            again = daemon.backfill("past_seasons", done.failed)
            assert again.materialized == failed
            assert not again.failed
            assert sorted(int(call.params["series_id"]) for call in simulator.calls()) == sick
            assert query(database, "SELECT count(DISTINCT series_id) FROM iracing.seasons") == [
                (len(keys),)
            ]
