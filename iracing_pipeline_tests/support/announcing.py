"""Ticks of the sensors that post to the webhook, and changes for them to tell of.

In: settings. Out: what the tick said. As a module: one tick by the environment, in a process of its own.
"""

from __future__ import annotations

from typing import Any

from dagster import DagsterInstance, SkipReason, build_sensor_context

from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.automation.alerts import announce_run_failures
from iracing_pipeline.automation.announcements import announce_schedule_changes
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import Batch
from iracing_pipeline.warehouse.merge.merging import merge_all
from iracing_pipeline.warehouse.schema.tables import table

SEASON = {"season_id": 1, "series_id": 10, "season_name": "Rookie Cup S1"}


def announce(settings: Settings) -> str:
    """One tick of announce_schedule_changes."""
    pipeline = Pipeline(lambda: settings)
    try:
        with build_sensor_context(resources={"pipeline": pipeline}) as context:
            return said(announce_schedule_changes(context))
    finally:
        pipeline.close()


def watch_runs(settings: Settings, instance: DagsterInstance) -> str:
    """One tick of announce_run_failures."""
    pipeline = Pipeline(lambda: settings)
    try:
        with build_sensor_context(instance=instance, resources={"pipeline": pipeline}) as context:
            return said(announce_run_failures(context))
    finally:
        pipeline.close()


def said(result: Any) -> str:
    assert isinstance(result, SkipReason), result
    return str(result.skip_message)


def store(database: Database, laps: dict[int, int], **more: Any) -> None:
    """Merge weeks of a season with so many laps each. The first time is a load and no change."""
    with database.begin() as connection:
        merge(connection, laps, **more)


def merge(connection: Any, laps: dict[int, int], **more: Any) -> None:
    """The same in a transaction that is not committed yet."""
    merge_all(
        connection,
        [
            Batch(table("series"), [{"series_id": 10, "series_name": "Rookie Cup"}]),
            Batch(table("seasons"), [{**SEASON, "season_year": 2026, "season_quarter": 1}]),
            Batch(
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
