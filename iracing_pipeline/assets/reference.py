"""The assets `tracks`, `cars` and `car_classes`: reference data, one call each."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, AssetsDefinition, asset

from iracing_pipeline.assets.adapter import AssetEvent, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options
from iracing_pipeline.assets.config import ReferenceConfig
from iracing_pipeline.resources import IRacingResource, WarehouseResource


def _reference(name: str, version: str, description: str, *more_tables: str) -> AssetsDefinition:
    @asset(
        **sync_asset_options(name, group="reference", version=version, tables=[name, *more_tables]),
        description=description,
    )
    def reference(
        context: AssetExecutionContext,
        iracing: IRacingResource,
        warehouse: WarehouseResource,
        config: ReferenceConfig,
    ) -> Iterator[AssetEvent]:
        from iracing_pipeline.sync.reference import sync_reference

        yield from sync_asset(context, iracing, warehouse, config.options(), sync_reference)

    return reference


tracks = _reference(
    "tracks",
    "1",
    "Track configurations: names, package, price, length, place, time zone, what they allow.",
)
cars = _reference("cars", "2", "Cars: names, package, price, power, weight, categories.")
car_classes = _reference("car_classes", "1", "Car classes and the cars in them.", "car_class_cars")
