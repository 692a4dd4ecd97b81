"""A server that was restarted between two uses of a kept connection: nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from dagster import DagsterInstance

from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database


@pytest.fixture
def instance(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DagsterInstance]:
    """As the web server has it: its connections are kept."""
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    provide_dagster_home(Settings.from_environment())
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
            # The one of the data, and one each of Dagster's three storages.
            assert restart() >= 4
