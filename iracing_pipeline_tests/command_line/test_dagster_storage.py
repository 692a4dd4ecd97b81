"""What Dagster asks its storage about its own tables: once, until the answer is yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance
from sqlalchemy import event

from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database


@pytest.fixture
def instance(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DagsterInstance]:
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    provide_dagster_home(Settings.from_environment())
    with kept_instance() as found:
        yield found


def test_a_migration_that_was_made_is_looked_up_once(instance: DagsterInstance) -> None:
    storage: Any = instance.event_log_storage
    asked = []
    event.listen(
        storage._engine,
        "before_cursor_execute",
        lambda *details: asked.append(details[2]) if "pg_catalog" in details[2] else None,
    )
    assert storage.supports_asset_checks
    first = len(asked)
    for _ in range(3):
        assert storage.supports_asset_checks
        assert storage.has_table("dynamic_partitions")
        instance.get_run_records(limit=1)
    assert first > 0
    assert len(asked) <= first + 2


def test_one_that_was_not_made_is_looked_up_again(
    instance: DagsterInstance, database: Database
) -> None:
    storage: Any = instance.event_log_storage
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE dagster.dynamic_partitions RENAME TO aside")
    assert not storage.has_table("dynamic_partitions")
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE dagster.aside RENAME TO dynamic_partitions")
    assert storage.has_table("dynamic_partitions")
