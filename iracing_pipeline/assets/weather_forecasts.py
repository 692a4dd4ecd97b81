"""The asset `weather_forecasts`."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, asset

from iracing_pipeline.assets.adapter import AssetEvent, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options
from iracing_pipeline.assets.config import WeatherForecastsConfig
from iracing_pipeline.assets.season_schedules import season_schedules
from iracing_pipeline.resources import IRacingResource, WarehouseResource


@asset(
    **sync_asset_options(
        "weather_forecasts",
        group="seasons",
        version="1",
        tables=["weather_forecasts"],
        deps=[season_schedules],
        takes_responses=False,
    )
)
def weather_forecasts(
    context: AssetExecutionContext,
    iracing: IRacingResource,
    warehouse: WarehouseResource,
    config: WeatherForecastsConfig,
) -> Iterator[AssetEvent]:
    """Forecasts of the weeks that are not over, in degrees Celsius, m/s, %, mm/h.

    The links come with the list of seasons and die within days, so the forecasts are fetched in the run
    that asks for the list; a run that is served by a landed list has none. They cost no request of the
    account's budget. A dead link is noted, never a failure. Materialized alone, it asks for the list.
    """
    from iracing_pipeline.sync.weather_forecasts import sync_weather_forecasts

    yield from sync_asset(context, iracing, warehouse, config.options(), sync_weather_forecasts)
