"""The definitions without schedules and sensors, for tests that start runs themselves."""

from dagster import Definitions, in_process_executor

from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.definitions import ASSETS

defs = Definitions(assets=ASSETS, resources={"pipeline": Pipeline()}, executor=in_process_executor)
