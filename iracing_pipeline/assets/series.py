"""The asset `series`: series/get and series/assets → tables series and series_licenses.

In: two answers. Out: rows of the series that run now; a series that rests keeps its rows.
"""

from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.asset_run import AssetRun, require_rows, run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.model.selection import select_series

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract


@asset(**asset_options("series", group="series", version="1", tables=["series", "series_licenses"]))
def series(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> MaterializeResult:
    """Series that run now: names, category, licences, starters, first season, logo.

    iRacing lists a series only while it runs; week 13 lists a quarter of them. So a series that is
    missing keeps its row: nothing is retired here.
    """
    return run_asset(context, pipeline, config, _read)


def _read(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.series_rows import series_rows

    extract = require_rows(
        series_rows(run.answer("series/get"), run.answer("series/assets")), "series", "series/get"
    )
    chosen = select_series(
        (row["series_id"] for row in extract.rows["series"]),
        series_ids=run.options.series_ids,
        limit=run.options.limit,
    )
    return extract if chosen is None else extract.only(lambda row: row["series_id"] in chosen)
