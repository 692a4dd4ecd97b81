"""The one place where everything meets: build_definitions(**overrides), and the `defs` Dagster loads.

In: nothing but imports; no API, database or environment is touched. Out: Definitions.
"""

from collections.abc import Sequence
from typing import Any

from dagster import Definitions, in_process_executor

from iracing_pipeline.assets.asset_factory import with_sources
from iracing_pipeline.assets.calendar_export import calendar_export
from iracing_pipeline.assets.calendar_feeds import calendar_feeds
from iracing_pipeline.assets.current_seasons import current_seasons
from iracing_pipeline.assets.housekeeping import housekeeping
from iracing_pipeline.assets.past_seasons import past_seasons
from iracing_pipeline.assets.reference import car_classes, cars, tracks
from iracing_pipeline.assets.season_report import season_report
from iracing_pipeline.assets.season_schedules import season_schedules
from iracing_pipeline.assets.series import series
from iracing_pipeline.assets.weather_forecasts import weather_forecasts
from iracing_pipeline.automation.calendar_checks import CALENDAR_CHECKS
from iracing_pipeline.automation.freshness import with_freshness
from iracing_pipeline.automation.jobs import JOBS
from iracing_pipeline.automation.notification_sensors import (
    announce_run_failures,
    announce_schedule_changes,
)
from iracing_pipeline.automation.schedules import SCHEDULES
from iracing_pipeline.automation.sensors import SENSORS
from iracing_pipeline.resources import GivenEngine, IRacingResource, WarehouseResource

ASSETS = with_sources(
    [
        series,
        past_seasons,
        current_seasons,
        season_schedules,
        weather_forecasts,
        tracks,
        cars,
        car_classes,
        calendar_feeds,
        calendar_export,
        season_report,
        housekeeping,
    ]
)


def build_definitions(
    *,
    iracing: IRacingResource | GivenEngine | None = None,
    warehouse: WarehouseResource | GivenEngine | None = None,
    calendar_checks: bool = True,
    more_sensors: Sequence[Any] = (),
) -> Definitions:
    """Everything, with other resources where they are given: `build_definitions(warehouse=…)`.

    Tests, the demo and the command line come through here too, so that they run what the UI runs. Only
    without the `calendar_checks`: a run of an asset brings its checks along, a step of their own.
    """
    return Definitions(
        assets=with_freshness(ASSETS),
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=[*SENSORS, announce_schedule_changes, announce_run_failures, *more_sensors],
        asset_checks=CALENDAR_CHECKS if calendar_checks else [],
        resources={
            "iracing": iracing or IRacingResource(),
            "warehouse": warehouse or WarehouseResource(),
        },
        # Steps wait for the network and share one budget: a process each would only cost start-up.
        executor=in_process_executor,
    )


defs = build_definitions()
