"""The asset `season_schedules`."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, asset

from iracing_pipeline.assets.adapter import AssetEvent, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options, with_lineage
from iracing_pipeline.assets.config import SeasonSchedulesConfig
from iracing_pipeline.assets.current_seasons import current_seasons
from iracing_pipeline.assets.past_seasons import past_seasons
from iracing_pipeline.resources import IRacingResource, WarehouseResource


@asset(
    **sync_asset_options(
        "season_schedules",
        group="seasons",
        version="2",
        tables=["season_schedules", "race_time_descriptors", "car_restrictions"],
        deps=[current_seasons],
    )
)
def _season_schedules(
    context: AssetExecutionContext,
    iracing: IRacingResource,
    warehouse: WarehouseResource,
    config: SeasonSchedulesConfig,
) -> Iterator[AssetEvent]:
    """Race weeks: track, bounds, session times, weather, car restrictions.

    Of the current seasons from the response that current_seasons landed, without a call. Of past seasons
    whatever is missing, in the fewest calls the API allows, in batches that each commit: a season that is
    over is asked for once in a lifetime.
    """
    from iracing_pipeline.sync.season_schedules import sync_season_schedules

    yield from sync_asset(context, iracing, warehouse, config.options(), sync_season_schedules)


# What past_seasons adds is missing here until the next run at the latest: no step has to wait for it.
season_schedules = with_lineage(_season_schedules, past_seasons)
