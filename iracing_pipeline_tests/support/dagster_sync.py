"""Real Dagster runs against a simulator and a database, as the tests start them.

In: settings. Out: Sync, with the run's result and what it said. No shortcut around the definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dagster import (
    AssetCheckSeverity,
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    ExecuteInProcessResult,
)

from iracing_pipeline.api.limits import Limits
from iracing_pipeline.core.options import options_of
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services, utc_now
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.engine_sync import ALL, QUICK

# Without weather_forecasts: those depend on when they were fetched.
DATA_TABLES = (
    "series",
    "series_licenses",
    "seasons",
    "season_car_classes",
    "season_schedules",
    "race_time_descriptors",
    "car_restrictions",
    "tracks",
    "cars",
    "car_classes",
    "car_class_cars",
)


@dataclass
class Sync:
    """One run and what can be asked about it."""

    result: ExecuteInProcessResult

    @property
    def success(self) -> bool:
        return self.result.success

    def metadata(self, asset: str) -> dict[str, Any]:
        (event,) = self.result.asset_materializations_for_node(asset)
        return {name: value.value for name, value in event.metadata.items()}

    def counts(self) -> dict[str, dict[str, int]]:
        merged: dict[str, dict[str, int]] = {}
        for event in self.result.all_events:
            if event.is_step_materialization:
                metadata = event.step_materialization_data.materialization.metadata
                merged |= metadata["rows_by_table"].value
        return merged

    def written(self) -> int:
        """Rows inserted, updated or retired, over all tables."""
        return sum(
            counts[name]
            for counts in self.counts().values()
            for name in ("inserted", "updated", "retired")
        )

    def failures(self) -> dict[str, str]:
        """Message by asset that failed."""
        found = {}
        for event in self.result.all_events:
            if event.event_type == DagsterEventType.STEP_FAILURE:
                data = event.step_failure_data
                user = data.user_failure_data
                found[str(event.step_key)] = (user and user.description) or str(data.error)
        return found

    def failed_checks(self) -> dict[str, str]:
        return self._checks(AssetCheckSeverity.ERROR)

    def warnings(self) -> dict[str, str]:
        """Description of the checks that only warn, by asset."""
        return self._checks(AssetCheckSeverity.WARN)

    def _checks(self, severity: AssetCheckSeverity) -> dict[str, str]:
        return {
            check.asset_key.path[-1]: check.description or ""
            for check in self.result.get_asset_check_evaluations()
            if not check.passed and check.severity == severity
        }


def sync(
    settings: Settings,
    *assets: str,
    instance: AbstractContextManager[DagsterInstance] | None = None,
    limits: Limits = QUICK,
    clock: Callable[[], datetime] = utc_now,
    calendar_checks: bool = False,
    **options: Any,
) -> Sync:
    """Run assets (default: all) as one Dagster run, each with those of the options that it takes.

    `calendar_checks`: with the checks of the calendar, as jobs have them and the command line has not.
    """
    names = assets or ALL
    services = Services(settings, limits=limits, clock=clock)
    engine = GivenEngine(services)
    definitions = build_definitions(
        iracing=engine, warehouse=engine, calendar_checks=calendar_checks
    )
    job = definitions.resolve_implicit_global_asset_job_def()
    try:
        with instance or DagsterInstance.ephemeral() as opened:
            return Sync(
                job.execute_in_process(
                    run_config={
                        "ops": {
                            name: {
                                "config": {
                                    option: value
                                    for option, value in options.items()
                                    if option in (options_of(name) or options)
                                }
                            }
                            for name in names
                        },
                        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    },
                    instance=opened,
                    asset_selection=[AssetKey(name) for name in names],
                    raise_on_error=False,
                )
            )
    finally:
        services.close()


def dump(database: Database, *tables: str) -> dict[str, list[Any]]:
    """All rows of data tables without the bookkeeping columns, in key order."""
    from iracing_pipeline.warehouse.schema.base import BOOKKEEPING, key_columns
    from iracing_pipeline.warehouse.schema.tables import table

    found = {}
    with database.begin() as connection:
        for name in tables or DATA_TABLES:
            columns = [c.name for c in table(name).columns if c.name not in BOOKKEEPING]
            quoted = ", ".join(f'"{column}"' for column in columns)
            order = ", ".join(key_columns(table(name)))
            found[name] = [
                tuple(row)
                for row in connection.exec_driver_sql(
                    f"SELECT {quoted}, retired_at IS NULL FROM iracing.{name} ORDER BY {order}"
                )
            ]
    return found


def query(database: Database, statement: str) -> list[Any]:
    """Rows of a query, as tuples."""
    with database.begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
