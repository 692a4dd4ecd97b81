"""The asset `past_seasons`, one partition per series."""

import warnings
from collections.abc import Iterator

from dagster import AssetExecutionContext, BackfillPolicy, BetaWarning, asset

from iracing_pipeline.assets.adapter import AssetEvent, is_of_partitions, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options
from iracing_pipeline.assets.config import PastSeasonsConfig
from iracing_pipeline.assets.series import SERIES, SERIES_PARTITIONS, series
from iracing_pipeline.resources import IRacingResource, WarehouseResource


def _past_seasons(
    context: AssetExecutionContext,
    iracing: IRacingResource,
    warehouse: WarehouseResource,
    config: PastSeasonsConfig,
) -> Iterator[AssetEvent]:
    """All seasons of a series since 2008, with car classes and week → track, by series.

    Read from the landed index of all series: a backfill of every partition costs no call. Dates, session
    times and weather of past weeks come with season_schedules. A run without partitions is about every
    series. A series that fails is named, and fails alone; so does a key that can be no series' id.
    """
    from iracing_pipeline.sync.past_seasons import sync_past_seasons

    keys = (
        context.partition_keys
        if is_of_partitions(context)
        else context.instance.get_dynamic_partitions(SERIES_PARTITIONS)
    )
    yield from sync_asset(
        context,
        iracing,
        warehouse,
        config.options(),
        lambda run: sync_past_seasons(run, list(keys)),
    )


with warnings.catch_warnings():
    # Backfill policies are marked beta; nobody who runs a sync can do anything about that.
    # One run for all partitions that lie side by side: it costs seconds to start, a partition
    # milliseconds. And `dagster asset materialize --partition-range` takes no other policy.
    warnings.simplefilter("ignore", BetaWarning)
    past_seasons = asset(
        **sync_asset_options(
            "past_seasons",
            group="seasons",
            version="1",
            tables=["seasons", "season_car_classes", "season_schedules"],
            deps=[series],
        ),
        partitions_def=SERIES,
        backfill_policy=BackfillPolicy.single_run(),
    )(_past_seasons)
