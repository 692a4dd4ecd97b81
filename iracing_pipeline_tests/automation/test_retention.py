"""Maintenance: exactly what is beyond its retention goes; what is still read, by anybody, stays."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value
from rich.console import Console

from iracing_pipeline.assets.series import SERIES
from iracing_pipeline.commands.maintain import run_maintain
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import WorldSource
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.retention import (
    Retention,
    RetentionError,
    end_killed_runs,
    remove_expired,
)
from iracing_pipeline.warehouse.ledger.statistics import analyse_changed
from iracing_pipeline_tests.support.dagster_sync import Sync, query
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.sync.test_rebuild import rebuild
from iracing_pipeline_tests.sync.test_schedule_backfill import start  # noqa: F401 - the fixture
from iracing_pipeline_tests.warehouse.test_health import DAY, HOUR, NOW, call, enter, health

SECOND = timedelta(seconds=1)


def maintain(
    database_url: str, folder: Any, instance: DagsterInstance | None = None, **config: Any
) -> Sync:
    """The asset as Dagster runs it, without credentials."""
    environment = {"IRACING_DATABASE_URL": database_url, "IRACING_DATA_DIR": str(folder)}
    engine = GivenEngine(Services(Settings.from_environment(environment)))
    job = build_definitions(
        iracing=engine, warehouse=engine
    ).resolve_implicit_global_asset_job_def()
    try:
        with instance or DagsterInstance.ephemeral() as opened:
            return Sync(
                job.execute_in_process(
                    run_config={
                        "ops": {"housekeeping": {"config": config}},
                        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    },
                    instance=opened,
                    asset_selection=[AssetKey("housekeeping")],
                    raise_on_error=False,
                )
            )
    finally:
        engine.services().close()


def remove(database: Database, keep: Retention | None = None, **more: Any) -> dict[str, int]:
    with database.autocommit() as connection:
        return remove_expired(connection, keep or Retention(), NOW, **more)


NOTHING = {"api_calls": 0, "sync_runs": 0, "quarantine": 0, "drift": 0, "changes": 0}


def set_aside(database: Database, key: str, resolved: timedelta | None) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.quarantine (endpoint, params, item_key, reason, first_seen_at,"
            " last_seen_at, resolved_at, asset, run_id)"
            " VALUES ('e', '{}', %s, 'r', %s, %s, %s, 'series', 'r')",
            (key, NOW - 900 * DAY, NOW - 900 * DAY, None if resolved is None else NOW - resolved),
        )


def drifted(database: Database, field: str, resolved: timedelta | None) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.drift (endpoint, kind, field, found, occurrences, first_seen_at,"
            " last_seen_at, resolved_at, asset, run_id)"
            " VALUES ('e', 'vanished_field', %s, '', 1, %s, %s, %s, 'series', 'r')",
            (field, NOW - 900 * DAY, NOW - 900 * DAY, None if resolved is None else NOW - resolved),
        )


def changed(database: Database, age: timedelta) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.changes (table_name, key, kind, after, changed_at, run_id)"
            " VALUES ('series', '{}', 'inserted', '{}', %s, 'r')",
            (NOW - age,),
        )


def test_what_is_older_than_it_is_kept_goes_and_nothing_younger(database: Database) -> None:
    for age in (90 * DAY + SECOND, 90 * DAY - SECOND, HOUR):
        call(database, age)
        set_aside(database, f"resolved {age}", age)
        drifted(database, f"back {age}", age)
        changed(database, age)
    for age in (400 * DAY + SECOND, 400 * DAY - SECOND):
        enter(database, "series", age, "failure")
    set_aside(database, "open", None)
    drifted(database, "gone", None)
    changed(database, 5000 * DAY)
    expected = {**NOTHING, "api_calls": 1, "sync_runs": 1, "quarantine": 1, "drift": 1}
    assert remove(database, dry_run=True) == expected
    assert remove(database) == expected
    assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(2,)]
    assert query(database, "SELECT started_at FROM iracing.sync_runs") == [
        (NOW - 400 * DAY + SECOND,)
    ]
    assert query(database, "SELECT count(*), count(resolved_at) FROM iracing.quarantine") == [
        (3, 2)
    ]
    assert query(database, "SELECT count(*), count(resolved_at) FROM iracing.drift") == [(3, 2)]
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(4,)]
    assert remove(database) == NOTHING


def test_history_of_changes_goes_only_where_somebody_said_so(database: Database) -> None:
    for age in (DAY, 99 * DAY, 101 * DAY):
        changed(database, age)
    keep = Retention(*[None] * 4, changes_days=100)
    assert remove(database, keep) == {**NOTHING, "changes": 1}


def test_many_rows_go_in_batches(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.api_calls (at, endpoint, params, from_cache, run_id)"
            " SELECT %s, 'e', '{}', false, 'r' FROM generate_series(1, 25)",
            (NOW - 100 * DAY,),
        )
    left = []

    def between() -> None:
        ((count,),) = query(database, "SELECT count(*) FROM iracing.api_calls")
        left.append(count)

    assert remove(database, batch=10, between=between)["api_calls"] == 25
    # Each batch is committed: others see it at once.
    assert left[:4] == [15, 5, 0, 0]


def test_the_last_success_of_an_asset_stays_however_old_it_is(database: Database) -> None:
    for age in (900, 800, 700):
        enter(database, "tracks", age * DAY)
    enter(database, "tracks", 600 * DAY, "failure")
    enter(database, "tracks", 500 * DAY, series_ids=[1])
    enter(database, "cars", 900 * DAY, "partial")
    enter(database, "cars", DAY, "failure")
    before = [(one.name, one.succeeded_at) for one in health(database).assets]
    assert remove(database)["sync_runs"] == 3
    assert query(
        database,
        "SELECT asset, status, series_ids FROM iracing.sync_runs ORDER BY started_at, asset",
    ) == [
        ("cars", "partial", None),
        ("tracks", "success", None),
        ("tracks", "success", [1]),
        ("cars", "failure", None),
    ]
    assert [(one.name, one.succeeded_at) for one in health(database).assets] == before
    assert remove(database)["sync_runs"] == 0


def test_a_success_about_some_series_goes_when_a_later_one_covers_them(database: Database) -> None:
    enter(database, "past_seasons", 900 * DAY, series_ids=[1, 2])
    enter(database, "past_seasons", 800 * DAY, series_ids=[3])
    enter(database, "past_seasons", 700 * DAY, series_ids=[1, 2, 4])
    enter(database, "past_seasons", 600 * DAY, series_ids=[2])
    assert remove(database)["sync_runs"] == 1
    assert query(database, "SELECT series_ids FROM iracing.sync_runs ORDER BY started_at") == [
        ([3],),
        ([1, 2, 4],),
        ([2],),
    ]


def test_two_successes_that_ended_at_once_do_not_both_go(database: Database) -> None:
    enter(database, "cars", 900 * DAY)
    enter(database, "cars", 900 * DAY)
    assert remove(database)["sync_runs"] == 1
    assert remove(database)["sync_runs"] == 0


def test_a_killed_attempt_is_entered_as_failed_after_a_day_and_one_that_runs_is_left_alone(
    database: Database,
) -> None:
    enter(database, "past_seasons", 24 * HOUR + SECOND, "running", partition="1...9", inserted=None)
    enter(database, "tracks", 24 * HOUR - SECOND, "running")
    keep = Retention()
    with database.autocommit() as connection:
        assert end_killed_runs(connection, keep, NOW, dry_run=True) == 1
        assert end_killed_runs(connection, keep, NOW) == 1
        assert end_killed_runs(connection, keep, NOW) == 0
    assert query(
        database, "SELECT asset, status, finished_at, message FROM iracing.sync_runs ORDER BY asset"
    ) == [
        ("past_seasons", "failure", None, "It did not end: its process was killed."),
        ("tracks", "running", None, None),
    ]
    # It stays an attempt, unlike the rows of partitions that failed.
    (past, *_) = [one for one in health(database).assets if one.name == "past_seasons"]
    assert (past.state, past.attempts, past.p95_seconds) == ("failed", 1, None)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"api_calls_days": 29}, "api_calls_days is 29: 30 or more"),
        ({"sync_runs_days": -1}, "sync_runs_days is -1: 30 or more"),
        ({"quarantine_days": -1}, "quarantine_days is -1: 0 or more"),
        ({"drift_days": -5}, "drift_days is -5: 0 or more"),
        ({"changes_days": 29}, "changes_days is 29: 30 or more"),
        ({"running_hours": 4}, "running_hours is 4: more than 4"),
    ],
)
def test_a_retention_that_would_remove_what_is_read_is_refused(
    setting: dict[str, int], words: str
) -> None:
    with pytest.raises(RetentionError, match=words):
        Retention(**setting).check()


def test_what_changed_is_analysed_once(database: Database) -> None:
    with database.autocommit() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.api_calls (at, endpoint, params, from_cache, run_id)"
            " SELECT now(), 'e', '{}', false, 'r' FROM generate_series(1, 500)"
        )
        assert analyse_changed(connection, 0.05) == ["iracing.api_calls"]
        assert analyse_changed(connection, 0.05) == []


# -- the asset -------------------------------------------------------------------------------------


def test_the_asset_says_what_it_removed_and_enters_itself_in_the_ledger(
    database: Database, database_url: str, tmp_path: Any
) -> None:
    now = datetime.now(timezone.utc)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO iracing.api_calls (at, endpoint, params, from_cache, run_id)"
            " SELECT now() - d * interval '1 day', 'e', '{}', false, 'r' FROM generate_series(1, 200) d"
        )
    enter(database, "series", 30 * HOUR, "running", now=now)
    rehearsed = maintain(database_url, tmp_path, dry_run=True)
    assert rehearsed.metadata("housekeeping")["removed_api_calls"] == 110 + 1
    assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(200,)]
    assert query(database, "SELECT count(*) FROM iracing.sync_runs") == [(1,)]
    done = maintain(database_url, tmp_path)
    assert done.success, done.failures()
    metadata = done.metadata("housekeeping")
    assert {name: metadata[name] for name in metadata if name.startswith("removed_")} == {
        "removed_api_calls": 111,
        "removed_sync_runs": 0,
        "removed_quarantine": 0,
        "removed_drift": 0,
        "removed_changes": 0,
    }
    assert metadata["runs_entered_as_failed"] == 1
    assert "iracing.api_calls" in metadata["analyzed_tables"]
    assert metadata["database_bytes"] > metadata["landed_bytes"] > 0
    assert "| `iracing.api_calls` |" in metadata["biggest_tables"]
    assert query(
        database,
        "SELECT status, message, api_calls FROM iracing.sync_runs WHERE asset = 'housekeeping'",
    ) == [("success", None, 0)]
    again = maintain(database_url, tmp_path).metadata("housekeeping")
    assert again["removed_api_calls"] == again["runs_entered_as_failed"] == 0


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"changes_days": 7, "drift_days": -1}, "drift_days is -1: 0 or more"),
        ({"dagster_runs_days": 0}, "dagster_runs_days is 0: 30 or more"),
        ({"analyze_share": 2.0}, "analyze_share is 2: 0 to 1"),
    ],
)
def test_a_refused_setting_fails_the_asset_with_its_name_and_removes_nothing(
    database: Database, database_url: str, tmp_path: Any, config: dict[str, Any], words: str
) -> None:
    call(database, 900 * DAY)
    done = maintain(database_url, tmp_path, **config)
    assert words in done.failures()["housekeeping"]
    assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(1,)]
    assert query(database, "SELECT asset, status FROM iracing.sync_runs") == [
        ("housekeeping", "failure")
    ]


def test_no_landed_answer_goes_and_rebuild_finds_no_difference_however_old_the_books_are(
    start: Callable[..., Any],  # noqa: F811
    tmp_path: Any,
) -> None:
    command, database = start(series=12, past_quarters=3)
    assert command.fill().status == 0
    one = query(database, "SELECT min(series_id) FROM iracing.seasons")[0][0]
    command.fill(series_ids=(one,), refresh=True)
    # Two years later.
    with database.begin() as connection:
        for statement in (
            "UPDATE iracing.responses SET fetched_at = fetched_at - interval '2 years',"
            " expires_at = expires_at - interval '2 years'",
            "UPDATE iracing.api_calls SET at = at - interval '2 years'",
            "UPDATE iracing.sync_runs SET started_at = started_at - interval '2 years',"
            " finished_at = finished_at - interval '2 years'",
            "UPDATE iracing.installation SET value = to_jsonb(to_char("
            "(value #>> '{}')::timestamptz - interval '2 years', 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF'))"
            " WHERE name = 'index_merged'",
        ):
            connection.exec_driver_sql(statement)
    landed = query(database, "SELECT endpoint, params, sha256 FROM iracing.responses ORDER BY 1, 2")
    before = rebuild(dry_run=True)
    assert "\n0 differences" in before
    done = maintain(database.url, tmp_path).metadata("housekeeping")
    assert done["removed_api_calls"] > 10
    assert done["landed_answers"] == len(landed)
    assert (
        query(database, "SELECT endpoint, params, sha256 FROM iracing.responses ORDER BY 1, 2")
        == landed
    )
    assert rebuild(dry_run=True) == before


# -- Dagster's own records -----------------------------------------------------------------------------


PARTITIONED = AssetKey("past_seasons")


@dataclass
class Standing:
    """What Dagster makes of its books: an asset's state, a partition's, a check's."""

    materialized: set[str]
    failed: set[str]
    last: dict[str, str]
    """Run of the last materialization, by asset."""
    checks: dict[str, Any]

    @classmethod
    def of(cls, instance: DagsterInstance, database: Database) -> Standing:
        # Computed anew: the cache would hide what is gone.
        with database.begin() as connection:
            connection.exec_driver_sql("UPDATE dagster.asset_keys SET cached_status_data = NULL")
        value = get_and_update_asset_status_cache_value(instance, PARTITIONED, SERIES)
        assert value is not None
        events = {
            key.to_user_string(): instance.get_latest_materialization_event(key)
            for key in instance.all_asset_keys()
        }
        keys = [
            AssetCheckKey(key, name)
            for key in instance.all_asset_keys()
            for name in ("nothing_set_aside", "no_new_drift")
        ]
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
        return cls(
            set(value.deserialize_materialized_partition_subsets(SERIES).get_partition_keys()),
            set(value.deserialize_failed_partition_subsets(SERIES).get_partition_keys()),
            {name: event.run_id for name, event in events.items() if event},
            {str(key): (record.run_id, record.status) for key, record in found.items()},
        )


def test_old_runs_of_dagster_go_and_every_asset_partition_and_check_stands_as_it_stood(
    start: Callable[..., Any],  # noqa: F811
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = WorldSource(series=5, past_quarters=2)
    command, database = start(world)
    bad = world.series[0].series_id

    def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/past_seasons":
            body["series"]["seasons"][0]["season_year"] = "MMXX"
        return body

    assert command.sync(kept=True).status == 0
    assert command.sync(kept=True, refresh=True).status == 0
    command.simulator.faults.transform = spoil
    assert command.sync(kept=True, refresh=True, series_ids=(bad,)).status == 1
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    monkeypatch.setenv("IRACING_DATABASE_URL", database.url)

    with DagsterInstance.from_config(str(home)) as instance:
        runs = {run.run_id for run in instance.get_runs()}
        standing = Standing.of(instance, database)
        keys = set(instance.get_dynamic_partitions(str(SERIES.name)))
    assert standing.failed == {str(bad)}
    assert standing.materialized == keys
    assert len(keys) > 2
    assert len(runs) == 9
    removed = []
    for age in ("0 days", "179 days", "2 days", "0 days"):
        with database.begin() as connection:
            connection.exec_driver_sql(
                f"UPDATE dagster.runs SET create_timestamp = create_timestamp - interval '{age}'"
                " WHERE run_id = ANY (%s)",
                (list(runs),),
            )
        with DagsterInstance.from_config(str(home)) as instance:
            done = maintain(database.url, tmp_path, instance)
        metadata = done.metadata("housekeeping")
        removed.append((metadata["dagster_runs_removed"], metadata["dagster_runs_needed"]))
    # The third sync's three runs stay, and of the second what the third did not do: other partitions.
    assert removed == [(0, 0), (0, 0), (5, 4), (0, 4)]
    with DagsterInstance.from_config(str(home)) as instance:
        after = Standing.of(instance, database)
        left = {run.run_id for run in instance.get_runs()} & runs
    del after.last["housekeeping"]
    assert after == standing
    assert len(left) == 4
    # And their events went with them.
    ((orphans,),) = query(
        database,
        "SELECT count(*) FROM dagster.event_logs e WHERE run_id <> '' AND NOT EXISTS"
        " (SELECT FROM dagster.runs r WHERE r.run_id = e.run_id)",
    )
    assert orphans == 0


def test_db_maintain_runs_the_asset_and_its_dry_run_leaves_no_trace(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(database, 900 * DAY)
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")

    def run(*, dry_run: bool) -> str:
        output = io.StringIO()
        assert run_maintain(Console(file=output, width=200), dry_run=dry_run) == 0
        return output.getvalue().splitlines()[-1]

    assert run(dry_run=True) == "housekeeping: 1 of api_calls would be removed"
    assert query(database, "SELECT count(*) FROM dagster.runs") == [(0,)]
    assert query(database, "SELECT count(*) FROM iracing.sync_runs") == [(0,)]
    assert run(dry_run=False).startswith("housekeeping: 1 of api_calls removed")
    assert query(database, "SELECT status FROM dagster.runs") == [("SUCCESS",)]
    assert run(dry_run=False).startswith("housekeeping: nothing removed")
