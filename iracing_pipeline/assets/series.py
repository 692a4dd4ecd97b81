"""The asset `series`, and the partitions that it adds: one per series."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, DagsterInstance, DynamicPartitionsDefinition, asset

from iracing_pipeline.assets.adapter import AssetEvent, sync_asset
from iracing_pipeline.assets.asset_factory import sync_asset_options
from iracing_pipeline.assets.config import SeriesConfig
from iracing_pipeline.resources import IRacingResource, WarehouseResource

if TYPE_CHECKING:
    from iracing_pipeline.sync.result import SeriesListed

SERIES_PARTITIONS = "series_id"
SERIES = DynamicPartitionsDefinition(name=SERIES_PARTITIONS)
"""One partition per series, running or not; `series` adds the keys."""


@asset(
    **sync_asset_options(
        "series", group="series", version="2", tables=["series", "series_licenses"]
    )
)
def series(
    context: AssetExecutionContext,
    iracing: IRacingResource,
    warehouse: WarehouseResource,
    config: SeriesConfig,
) -> Iterator[AssetEvent]:
    """Every series, running or not: names, category, licences, starters, first season, logo.

    series/get lists a series only while it runs; week 13 lists a quarter of them. The others come from
    the index of all series, which is asked for once a week, and when something unknown turns up. Only
    a series that the index no longer knows is retired.
    """
    from iracing_pipeline.sync.series import sync_series

    options, instance = config.options(), context.instance

    def set_partitions(found: "SeriesListed") -> None:
        # A dry run changes no kept instance.
        if not options.dry_run or instance.is_ephemeral:
            _set_partitions(instance, found)

    yield from sync_asset(
        context, iracing, warehouse, options, sync_series, on_listed=set_partitions
    )


def _set_partitions(instance: DagsterInstance, found: "SeriesListed") -> None:
    """A partition key per known series, none for a retired one."""
    known = set(instance.get_dynamic_partitions(SERIES_PARTITIONS))
    new = [str(series_id) for series_id in sorted(found.known - found.gone)]
    new = [key for key in new if key not in known]
    if new:
        instance.add_dynamic_partitions(SERIES_PARTITIONS, new)
    for key in known.intersection(map(str, found.gone)):
        instance.delete_dynamic_partition(SERIES_PARTITIONS, key)
