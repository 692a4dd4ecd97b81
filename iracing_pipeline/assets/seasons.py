"""The assets `current_seasons` and `season_schedules`: one answer of series/seasons → five tables.

In: series/seasons. Out: seasons, their car classes, weeks, session times, car restrictions.
"""

from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.asset_run import AssetRun, require_rows, run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.series import series
from iracing_pipeline.model.selection import select_series

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract

ENDPOINT = "series/seasons"


@asset(
    **asset_options(
        "current_seasons",
        group="seasons",
        version="1",
        tables=["seasons", "season_car_classes"],
        deps=[series],
    )
)
def current_seasons(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> MaterializeResult:
    """Running and announced seasons of every series, in one call (a cold one takes up to 30 seconds)."""
    return run_asset(context, pipeline, config, _read_seasons)


@asset(
    **asset_options(
        "season_schedules",
        group="seasons",
        version="1",
        tables=["season_schedules", "race_time_descriptors", "car_restrictions"],
        deps=[current_seasons],
    )
)
def season_schedules(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> MaterializeResult:
    """Race weeks of the current seasons: track, bounds, session times, weather, car restrictions.

    Reads the answer that current_seasons landed; makes no call of its own.
    """
    return run_asset(context, pipeline, config, _read_schedules)


def _read_seasons(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.season_rows import parse_seasons, season_rows

    parsed = parse_seasons(run.answer(ENDPOINT, run.options.seasons_params))
    extract = require_rows(season_rows(parsed), "seasons", ENDPOINT)
    chosen = select_series(
        (season.series_id for season in parsed.items),
        series_ids=run.options.series_ids,
        limit=run.options.limit,
    )
    if chosen is None:
        return extract
    wanted = {season.season_id for season in parsed.items if season.series_id in chosen}
    return extract.only(lambda row: row["season_id"] in wanted)


def _read_schedules(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.schedule_rows import current_schedule_rows
    from iracing_pipeline.model.season_rows import parse_seasons
    from iracing_pipeline.warehouse.lookups import season_ids

    body = run.landed_answer(
        ENDPOINT, run.options.seasons_params, filled_by=current_seasons.key.to_user_string()
    )
    parsed = parse_seasons(body)
    extract = require_rows(current_schedule_rows(parsed), "season_schedules", ENDPOINT)
    chosen = select_series(
        (season.series_id for season in parsed.items),
        series_ids=run.options.series_ids,
        limit=run.options.limit,
    )
    # A week needs its season's row; after a limited sync not every season of the answer has one.
    with run.pipeline.database.autocommit() as connection:
        stored = season_ids(connection)
    if run.options.dry_run:
        stored = stored | {season.season_id for season in parsed.items}
    wanted = {
        season.season_id
        for season in parsed.items
        if season.season_id in stored and (chosen is None or season.series_id in chosen)
    }
    return extract.only(lambda row: row["season_id"] in wanted)
