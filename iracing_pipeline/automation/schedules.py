"""The schedules, all in UTC and on by default: the original's, and what was missing beside them.

In: ticks. Out: a run request each, or the reason why not. How often is core/cadence.py's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from iracing_pipeline.automation import jobs
from iracing_pipeline.automation.described import described
from iracing_pipeline.automation.guards import no_credentials
from iracing_pipeline.core import cadence
from iracing_pipeline.core.options import options_of
from iracing_pipeline.resources import IRacingResource, WarehouseResource

_BY_DEFAULT: dict[str, Any] = {
    "execution_timezone": "UTC",
    "default_status": DefaultScheduleStatus.RUNNING,
}


def run_config(
    tick: datetime, assets: Sequence[str], more: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Run config under which no answer that is older than the tick serves; `more` by asset."""
    config = {
        name: {
            **({"as_of": tick.isoformat()} if "as_of" in options_of(name) else {}),
            **(more or {}).get(name, {}),
        }
        for name in assets
    }
    return {"ops": {name: {"config": given} for name, given in config.items() if given}}


@described(
    schedule, job=jobs.sync_current_seasons, cron_schedule=cadence.CURRENT.cron, **_BY_DEFAULT
)
def current_seasons_schedule(
    context: ScheduleEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> RunRequest | SkipReason:
    """Tuesday, Wednesday and Friday at 06:00: after the weekly turn, and after its corrections."""
    tick = context.scheduled_execution_time
    config = run_config(tick, jobs.CURRENT, {"season_schedules": {"sync_past_seasons": False}})
    return no_credentials(warehouse.services(iracing)) or RunRequest(run_config=config)


@described(schedule, job=jobs.sync_past_seasons, cron_schedule=cadence.PAST.cron, **_BY_DEFAULT)
def past_seasons_schedule(
    context: ScheduleEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> RunRequest | SkipReason:
    """First day of a quarter, 07:00: every series from a new index, new ones included, in one run."""
    tick = context.scheduled_execution_time
    config = run_config(tick, jobs.PAST, {"series": {"refresh": True}})
    return no_credentials(warehouse.services(iracing)) or RunRequest(run_config=config)


@described(schedule, job=jobs.sync_reference, cron_schedule=cadence.REFERENCE.cron, **_BY_DEFAULT)
def reference_schedule(
    context: ScheduleEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> RunRequest | SkipReason:
    """Monday, 05:23: tracks, cars, car classes."""
    tick = context.scheduled_execution_time
    return no_credentials(warehouse.services(iracing)) or RunRequest(
        run_config=run_config(tick, jobs.REFERENCE)
    )


@described(schedule, job=jobs.maintenance, cron_schedule=cadence.MAINTENANCE.cron, **_BY_DEFAULT)
def maintenance_schedule(context: ScheduleEvaluationContext) -> RunRequest:
    """Daily, 03:41: what has outlived its retention is removed."""
    return RunRequest()


SCHEDULES = [
    current_seasons_schedule,
    past_seasons_schedule,
    reference_schedule,
    maintenance_schedule,
]
