"""Ticks of the sensors that post to the webhook, and changes for them to tell of.

In: settings. Out: what the tick said. As a module: one tick by the environment, in a process of its own.
"""

from __future__ import annotations

from typing import Any

from dagster import DagsterInstance, SensorDefinition, SkipReason, build_sensor_context

from iracing_pipeline.automation.notification_sensors import (
    announce_run_failures,
    announce_schedule_changes,
)
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table

SEASON = {"season_id": 1, "series_id": 10, "season_name": "Rookie Cup S1"}


def announce(settings: Settings) -> str:
    """One tick of announce_schedule_changes."""
    return _tick(announce_schedule_changes, settings)


def watch_runs(settings: Settings, instance: DagsterInstance) -> str:
    """One tick of announce_run_failures."""
    return _tick(announce_run_failures, settings, instance)


def _tick(
    sensor: SensorDefinition, settings: Settings, instance: DagsterInstance | None = None
) -> str:
    engine = GivenEngine(Services(settings))
    resources = {"iracing": engine, "warehouse": engine}
    try:
        with build_sensor_context(instance=instance, resources=resources) as context:
            result = sensor(context)
    finally:
        engine.services().close()
    assert isinstance(result, SkipReason), result
    return str(result.skip_message)


def store(database: Database, laps: dict[int, int], **more: Any) -> None:
    """Merge weeks of a season with so many laps each. The first time is a load and no change."""
    with database.begin() as connection:
        merge(connection, laps, **more)


def merge(connection: Any, laps: dict[int, int], **more: Any) -> None:
    """The same in a transaction that is not committed yet."""
    merge_tables(
        connection,
        [
            TableBatch(table("series"), [{"series_id": 10, "series_name": "Rookie Cup"}]),
            TableBatch(table("seasons"), [{**SEASON, "season_year": 2026, "season_quarter": 1}]),
            TableBatch(
                table("season_schedules"),
                [
                    {"season_id": 1, "race_week_num": week, "race_lap_limit": count, **more}
                    for week, count in laps.items()
                ],
            ),
        ],
        run_id="test",
    )


if __name__ == "__main__":
    print(announce(Settings.from_environment()), flush=True)
