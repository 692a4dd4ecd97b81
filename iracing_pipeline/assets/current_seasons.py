"""The asset `current_seasons`."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, asset

from iracing_pipeline.assets.adapter import AssetEvent, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options
from iracing_pipeline.assets.config import CurrentSeasonsConfig
from iracing_pipeline.assets.series import series
from iracing_pipeline.resources import IRacingResource, WarehouseResource


@asset(
    **sync_asset_options(
        "current_seasons",
        group="seasons",
        version="1",
        tables=["seasons", "season_car_classes"],
        deps=[series],
    )
)
def current_seasons(
    context: AssetExecutionContext,
    iracing: IRacingResource,
    warehouse: WarehouseResource,
    config: CurrentSeasonsConfig,
) -> Iterator[AssetEvent]:
    """Running and announced seasons of every series, in one call (a cold one takes up to 30 seconds)."""
    from iracing_pipeline.sync.current_seasons import sync_current_seasons

    yield from sync_asset(context, iracing, warehouse, config.options(), sync_current_seasons)
