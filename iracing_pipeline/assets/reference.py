"""The assets `tracks`, `cars` and `car_classes`: reference data, one call each.

In: track/get, car/get, carclass/get. Out: tables of the same names, and car_class_cars.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    MaterializeResult,
    ResourceParam,
    asset,
)

from iracing_pipeline.assets.asset_run import AssetRun, require_rows
from iracing_pipeline.assets.attempt import run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from iracing_pipeline.core.rows import Extract


@asset(**asset_options("tracks", group="reference", version="1", tables=["tracks"], asks_api=True))
def tracks(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Track configurations: names, package, price, length, place, time zone, what they allow."""
    yield from run_asset(context, pipeline, config, _read_tracks)


@asset(**asset_options("cars", group="reference", version="2", tables=["cars"], asks_api=True))
def cars(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Cars: names, package, price, power, weight, categories."""
    yield from run_asset(context, pipeline, config, _read_cars)


@asset(
    **asset_options(
        "car_classes",
        group="reference",
        version="1",
        tables=["car_classes", "car_class_cars"],
        asks_api=True,
    )
)
def car_classes(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Car classes and the cars in them."""
    yield from run_asset(context, pipeline, config, _read_car_classes)


def _read_tracks(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.rows.reference import track_rows

    body = run.answer("track/get")
    return _whole(run, track_rows(body, run.drift_of("track/get")), "tracks", "track/get")


def _read_cars(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.rows.reference import car_rows

    body = run.answer("car/get")
    return _whole(run, car_rows(body, run.drift_of("car/get")), "cars", "car/get")


def _read_car_classes(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.rows.reference import car_class_rows

    body = run.answer("carclass/get")
    extract = car_class_rows(body, run.drift_of("carclass/get"))
    return _whole(run, extract, "car_classes", "carclass/get")


def _whole(run: AssetRun, extract: "Extract", table: str, endpoint: str) -> "Extract":
    """The extract of an answer that lists everything there is: what it lacks has vanished."""
    from iracing_pipeline.core.rows import EVERYTHING

    require_rows(extract, table, endpoint, may_be_empty=run.options.allow_shrink)
    if not extract.rejects:
        # One that could not be read is in no row, and not gone.
        extract.complete[table] = EVERYTHING
    return extract
