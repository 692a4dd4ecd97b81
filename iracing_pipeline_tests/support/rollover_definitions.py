"""The definitions as they are, with the simulator's clock, quick sensors, and a hand that pulls the schedule.

In: TEST_SIMULATOR (its API's URL), a file of ticks in DAGSTER_HOME. Out: defs for a real daemon.
"""

import json
import os
import urllib.request
from datetime import datetime
from pathlib import Path

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    build_schedule_context,
    sensor,
)

from iracing_pipeline.automation.jobs import sync_current_seasons
from iracing_pipeline.automation.schedules import current_seasons_schedule
from iracing_pipeline.automation.sensors import SENSORS
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services


def simulated_now() -> datetime:
    with urllib.request.urlopen(f"{os.environ['TEST_SIMULATOR']}/_simulator") as answer:  # noqa: S310
        return datetime.fromisoformat(json.load(answer)["now"])


ENGINE = GivenEngine(Services(Settings.from_environment(), clock=simulated_now), retries_steps=True)


@sensor(
    job=sync_current_seasons,
    minimum_interval_seconds=1,
    default_status=DefaultSensorStatus.RUNNING,
)
def ticks(context: SensorEvaluationContext) -> SensorResult | SkipReason:
    """What the scheduler does when a tick of the schedule is due, at moments that a file names."""
    moments = (Path(os.environ["DAGSTER_HOME"]) / "ticks").read_text().split()
    done = int(context.cursor or 0)
    if done == len(moments):
        return SkipReason("no tick")
    with build_schedule_context(
        instance=context.instance,
        scheduled_execution_time=datetime.fromisoformat(moments[done]),
        resources={"iracing": ENGINE, "warehouse": ENGINE},
    ) as schedule_context:
        (request,) = current_seasons_schedule.evaluate_tick(schedule_context).run_requests
    run = RunRequest(run_key=moments[done], run_config=request.run_config, tags=request.tags)
    return SensorResult([run], cursor=str(done + 1))


for _sensor in SENSORS:
    # A second instead of minutes: nobody waits for a test.
    _sensor._min_interval = 1
defs = build_definitions(iracing=ENGINE, warehouse=ENGINE, more_sensors=[ticks])
