"""The definitions without schedules and sensors, for tests that start runs themselves."""

from dagster import Definitions, in_process_executor

from iracing_pipeline.definitions import ASSETS
from iracing_pipeline.resources import IRacingResource, WarehouseResource

defs = Definitions(
    assets=ASSETS,
    resources={"iracing": IRacingResource(), "warehouse": WarehouseResource()},
    executor=in_process_executor,
)
