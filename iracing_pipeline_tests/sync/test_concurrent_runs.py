"""Several runs at once, killed runs, many threads: nothing hangs, nothing is lost, newer wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterInstance

from iracing_pipeline.api.client import IracingClient
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.runs import Outcome, Superseded, finish_run, start_run
from iracing_pipeline.warehouse.responses.landing import Response
from iracing_pipeline.warehouse.token_store import PostgresTokenStore
from iracing_pipeline_tests.support.dagster_sync import query, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses


@pytest.fixture
def simulator(answers: RecordedResponses) -> Iterator[Simulator]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield running


@pytest.mark.parametrize("flow", ["password", "refresh token"])
def test_many_threads_renew_one_token_once_and_keep_the_single_use_refresh_token(
    simulator: Simulator,
    settings_for: Callable[..., Settings],
    database: Database,
    flow: str,
) -> None:
    environment = dict(simulator.environment)
    if flow == "refresh token":
        environment["IRACING_REFRESH_TOKEN"] = simulator.issue_tokens()["refresh_token"]
        for name in ("IRACING_USERNAME", "IRACING_PASSWORD"):
            del environment[name]
    settings = settings_for(environment)
    client = IracingClient(
        api_url=settings.api_url,
        oauth_url=settings.oauth_url,
        credentials=settings.credentials,
        tokens=PostgresTokenStore(database),
        limits=Limits(total_seconds=20),
    )
    with client:
        client.get("track/get")  # the budget is known, so the threads below really go at once
        asked = (simulator.logins, simulator.refreshes)
        simulator.revoke_tokens()
        failures: list[BaseException] = []

        def work() -> None:
            try:
                client.get("car/get")
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
    assert (simulator.logins - asked[0], simulator.refreshes - asked[1]) == (0, 1)


def _landed(fetched_at: datetime) -> Response:
    return Response("track/get", {}, [], 2, fetched_at, None)


def test_an_answer_older_than_one_that_landed_meanwhile_cannot_be_closed(
    database: Database,
) -> None:
    now = datetime.now(timezone.utc)
    older, newer = _landed(now - timedelta(minutes=1)), _landed(now)

    def close(answer: Response, *, fetched: bool) -> None:
        with database.begin() as connection:
            number = start_run(connection, run_id="r", asset="tracks", partition=None).sync_run_id
            finish_run(
                connection,
                number,
                Outcome("success"),
                [],
                fetched=[answer] if fetched else [],
                read=[answer],
                run_id="r",
            )

    close(newer, fetched=True)
    with pytest.raises(Superseded):
        close(older, fetched=True)
    with pytest.raises(Superseded):  # also one that was read from the landing before
        close(older, fetched=False)
    close(newer, fetched=False)
    # A moment that lies ahead was written by a wrong clock: it stops nobody.
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.responses SET fetched_at = '2100-01-01'")
    close(older, fetched=True)


def test_a_slow_run_with_an_old_answer_does_not_undo_a_quick_one_with_a_new(
    simulator: Simulator,
    answers: RecordedResponses,
    settings_for: Callable[..., Settings],
    database: Database,
) -> None:
    settings = settings_for(simulator.environment)
    sync(settings, "tracks")
    answers["track/get"][0]["track_name"] = "Old Name"
    # The slow run has its answer, then waits for the table, which somebody else holds.
    with database.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended('iracing.tracks', 0))"
        )
        slow = threading.Thread(target=sync, args=(settings, "tracks"), kwargs={"refresh": True})
        slow.start()
        for _ in range(400):
            waiting = query(database, "SELECT count(*) FROM pg_locks WHERE NOT granted")
            if waiting != [(0,)]:
                break
            time.sleep(0.05)
        # Meanwhile a newer answer lands (as another installation's run would do it).
        connection.exec_driver_sql(
            """UPDATE iracing.responses SET fetched_at = now() + interval '1 minute',
               body = jsonb_set(body, '{0,track_name}', '"New Name"')"""
        )
        connection.exec_driver_sql(
            "UPDATE iracing.tracks SET track_name = 'New Name' WHERE track_id = 101"
        )
    slow.join(60)
    assert query(database, "SELECT track_name FROM iracing.tracks WHERE track_id = 101") == [
        ("New Name",)
    ]
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]
    assert query(
        database, "SELECT status, updated, unchanged FROM iracing.sync_runs ORDER BY sync_run_id"
    ) == [("success", 0, 0), ("success", 0, 2)]


def test_a_full_sync_overtaken_by_a_limited_one_still_writes_everything(
    simulator: Simulator,
    settings_for: Callable[..., Settings],
    database: Database,
) -> None:
    settings = settings_for(simulator.environment)
    simulator.faults.add("slow", "series/assets", seconds=4, times=1)
    results = []
    full = threading.Thread(target=lambda: results.append(sync(settings, "series", refresh=True)))
    full.start()
    for _ in range(400):
        if simulator.calls("series/get"):
            break
        time.sleep(0.02)
    time.sleep(0.2)
    assert sync(settings, "series", refresh=True, limit=1).success
    assert query(database, "SELECT series_id FROM iracing.series") == [(10,)]
    full.join(60)
    assert results[0].success
    assert query(database, "SELECT series_id FROM iracing.series ORDER BY 1") == [(10,), (20,)]
    assert results[0].metadata("series")["dagster/row_count"] == 2


def test_three_syncs_at_once_end_in_one_set_of_tables(
    simulator: Simulator, settings_for: Callable[..., Settings], database: Database
) -> None:
    settings = settings_for(simulator.environment)
    results = []

    def work() -> None:
        results.append(sync(settings, refresh=True))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [result.success for result in results] == [True] * 3
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]
    assert simulator.logins == 1


def test_change_records_do_not_depend_on_the_time_zone_of_the_server(
    simulator: Simulator,
    answers: RecordedResponses,
    settings_for: Callable[..., Settings],
    database: Database,
    database_url: str,
) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    with database.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET timezone = 'America/New_York'")
    database.dispose()
    settings = settings_for(simulator.environment)
    sync(settings, "current_seasons")
    answers.season(1001)["start_date"] = "2026-03-18T00:00:00Z"
    sync(settings, "current_seasons", refresh=True)
    assert query(database, "SELECT before, after FROM iracing.changes") == [
        (
            {"start_date": "2026-03-17T00:00:00+00:00"},
            {"start_date": "2026-03-18T00:00:00+00:00"},
        )
    ]


def test_a_dry_run_in_a_kept_instance_materializes_nothing(
    simulator: Simulator,
    settings_for: Callable[..., Settings],
    tmp_path: Path,
    database: Database,
) -> None:
    settings = settings_for(simulator.environment)
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert sync(settings, "tracks", instance=instance, dry_run=True).success
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert instance.get_latest_materialization_event(AssetKey("tracks")) is None
        observed = instance.fetch_observations(AssetKey("tracks"), limit=5).records
        assert len(observed) == 1
    # Nor does it say whose data this database is for.
    assert query(database, "SELECT count(*) FROM iracing.installation") == [(0,)]


def test_a_named_series_without_a_season_is_synced_all_the_same(
    simulator: Simulator,
    answers: RecordedResponses,
    settings_for: Callable[..., Settings],
    database: Database,
) -> None:
    answers["series/seasons"].remove(answers.season(1002))
    done = sync(settings_for(simulator.environment), series_ids=[20])
    assert done.success
    assert query(database, "SELECT series_id FROM iracing.series") == [(20,)]
    assert query(database, "SELECT count(*) FROM iracing.seasons") == [(0,)]


def test_a_bad_season_of_another_series_is_set_aside_but_does_not_fail_this_one(
    simulator: Simulator,
    answers: RecordedResponses,
    settings_for: Callable[..., Settings],
    database: Database,
) -> None:
    del answers.season(1002)["season_name"]
    done = sync(settings_for(simulator.environment), series_ids=[10])
    assert done.failed_checks() == {}
    assert query(database, "SELECT item_key FROM iracing.quarantine") == [("season_id=1002",)]
