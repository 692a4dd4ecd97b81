"""Dagster's storage is told of many partitions at once: the same events as one by one, in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.simulator import Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.sync_command import Command

TOLD = """
    SELECT dagster_event_type, asset_key, partition, step_key,
           event::jsonb #> '{dagster_event,event_specific_data,materialization,metadata_entries}', xmin::text
    FROM dagster.event_logs
    WHERE run_id = (SELECT run_id FROM dagster.event_logs WHERE asset_key = '["past_seasons"]'
                    ORDER BY id DESC LIMIT 1)
      AND dagster_event_type LIKE 'ASSET_MATERIALIZATION%%'
    ORDER BY 1, 3
"""
LAST_RUN = "SELECT last_run_id FROM dagster.asset_keys WHERE asset_key = '[\"past_seasons\"]'"


@pytest.fixture
def command(
    simulator: Simulator, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DAGSTER_HOME", "")
    return Command(simulator, database_url, tmp_path, monkeypatch)


def test_a_batch_of_events_is_what_the_events_one_by_one_are(
    command: Command, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(size: int) -> list[Any]:
        monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", str(size))
        assert command.sync(kept=True, sync_seasons=False).status == 0
        return query(database, TOLD)

    single, batched = told(0), told(500)
    assert [row[:-1] for row in batched] == [row[:-1] for row in single]
    kinds = {(row[0], row[2]) for row in batched}
    partitions = {partition for _, partition in kinds}
    assert len(partitions) == 2
    assert len(kinds) == 2 * len(partitions)
    # Transactions: one for what is planned, one for the series of a commit.
    assert len({row[-1] for row in single}) == len(single)
    assert len({row[-1] for row in batched}) == 2
    runs = query(database, "SELECT run_id FROM dagster.runs ORDER BY id")
    assert query(database, LAST_RUN)[0] in runs[-3:]
