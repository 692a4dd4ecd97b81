"""The asset `series`: series/get and series/assets → tables series and series_licenses.

In: two answers. Out: rows of the series that run now; a series that rests keeps its rows.
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

from iracing_pipeline.assets.asset_run import AssetRun, choose_series, require_rows
from iracing_pipeline.assets.attempt import run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract


@asset(**asset_options("series", group="series", version="1", tables=["series", "series_licenses"]))
def series(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Series that run now: names, category, licences, starters, first season, logo.

    iRacing lists a series only while it runs; week 13 lists a quarter of them. So a series that is
    missing keeps its row: nothing is retired here.
    """
    yield from run_asset(context, pipeline, config, _read)


def _read(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.series_rows import series_rows

    extract = require_rows(
        series_rows(run.answer("series/get"), _assets(run)), "series", "series/get"
    )
    chosen = choose_series(run, [row["series_id"] for row in extract.rows["series"]])
    if chosen is None:
        return extract
    return extract.of_series(chosen, lambda row: row["series_id"] in chosen)


def _assets(run: AssetRun) -> object:
    """series/assets, or None where it fails: pictures decorate, the series is worth having without."""
    from iracing_pipeline.api.errors import ApiError

    try:
        return run.answer("series/assets")
    except ApiError as error:
        # What would stop every other call too is not this answer's fault.
        if error.kind not in {"permanent", "transient"}:
            raise
        run.context.log.warning(f"Pictures and descriptions stay as stored: {error}")
        return None
