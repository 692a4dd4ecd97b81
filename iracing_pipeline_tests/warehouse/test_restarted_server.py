"""Connections that are kept: as long as their owner lasts, and through a restart of the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from dagster import DagsterInstance

from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that leads Dagster to the test's database."""
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    provide_dagster_home(Settings.from_environment())


@pytest.fixture
def instance(home: None) -> Iterator[DagsterInstance]:
    with kept_instance() as instance:
        yield instance


@pytest.fixture
def restart(database_url: str) -> Callable[[], int]:
    """For its clients: every connection of theirs ends as it does when the server is shut down."""

    def end_connections() -> int:
        with psycopg.connect(database_url, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return len(ended)

    return end_connections


def test_kept_connections_are_checked_before_they_serve_again(
    database: Database,
    instance: DagsterInstance,
    restart: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("iracing_pipeline.warehouse.database.RESTS_UNASKED_SECONDS", 0)
    for _ in range(2):
        for door in (database.begin, database.autocommit, database.dry_run):
            with door() as connection:
                assert connection.exec_driver_sql("SELECT 1").scalar() == 1
            assert instance.get_runs() == []
            instance.add_dynamic_partitions("series_id", ["1"])
            assert instance.all_instigator_state() == []
            # The one of the data, and the one of Dagster's storages.
            assert restart() >= 2


def test_dagsters_storages_share_connections_which_last_as_long_as_their_instance(
    database: Database, home: None
) -> None:
    backends = """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                  AND application_name = 'iracing_pipeline_dagster' ORDER BY 1"""

    def use(instance: DagsterInstance) -> None:
        assert instance.get_runs() == []
        assert instance.all_asset_keys() == []
        assert instance.all_instigator_state() == []

    def is_left(number: int) -> None:
        # A server process takes a moment to end.
        while len(query(database, backends)) != number:
            time.sleep(0.01)

    with DagsterInstance.get() as first:
        use(first)
        is_left(1)
        kept = query(database, backends)
        with DagsterInstance.get() as second:
            use(second)
            assert len(query(database, backends)) == 2
        is_left(1)
        use(first)
        assert query(database, backends) == kept
        # As a web server asks for it: in place of the one that is kept already.
        first.optimize_for_webserver(statement_timeout=0, pool_recycle=-1, max_overflow=20)
        use(first)
        is_left(1)
        assert query(database, backends) != kept
    is_left(0)
