"""The assets `current_seasons` and `season_schedules`: one answer of series/seasons → five tables.

In: series/seasons. Out: seasons, their car classes, weeks, session times, car restrictions.
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
from iracing_pipeline.assets.series import series

if TYPE_CHECKING:
    from iracing_pipeline.api.parsing import Parsed
    from iracing_pipeline.api.series_types import Season
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
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Running and announced seasons of every series, in one call (a cold one takes up to 30 seconds)."""
    yield from run_asset(context, pipeline, config, _read_seasons)


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
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Race weeks of the current seasons: track, bounds, session times, weather, car restrictions.

    Reads the answer that current_seasons landed; makes no call of its own.
    """
    yield from run_asset(context, pipeline, config, _read_schedules)


def _read_seasons(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.season_rows import parse_seasons, season_rows

    parsed = asked_for(run, parse_seasons(run.answer(ENDPOINT, run.options.seasons_params)))
    extract = require_rows(season_rows(parsed), "seasons", ENDPOINT)
    chosen = choose_series(run, [season.series_id for season in parsed.items])
    if chosen is None:
        return extract
    wanted = {season.season_id for season in parsed.items if season.series_id in chosen}
    return extract.of_series(chosen, lambda row: row["season_id"] in wanted)


def _read_schedules(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.schedule_rows import current_schedule_rows
    from iracing_pipeline.model.season_rows import parse_seasons
    from iracing_pipeline.warehouse.lookups import season_ids

    body = run.landed_answer(
        ENDPOINT, run.options.seasons_params, filled_by=current_seasons.key.to_user_string()
    )
    parsed = asked_for(run, parse_seasons(body))
    extract = current_schedule_rows(parsed)
    if any(season.schedules for season in parsed.items):
        require_rows(extract, "season_schedules", ENDPOINT)
    chosen = choose_series(run, [season.series_id for season in parsed.items])
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
    everything = frozenset(season.series_id for season in parsed.items)
    return extract.of_series(chosen or everything, lambda row: row["season_id"] in wanted)


def asked_for(run: AssetRun, parsed: "Parsed[Season]") -> "Parsed[Season]":
    """The seasons of the quarter that was asked for; all of them where none was.

    The API answers some quarters with the list of active seasons. Raises UnusableAnswer where not
    one season is of the quarter.
    """
    from iracing_pipeline.api.parsing import Parsed, UnusableAnswer

    year, quarter = run.options.season_year, run.options.season_quarter
    if year is None or quarter is None:
        return parsed
    meant = [
        season
        for season in parsed.items
        if (season.season_year, season.season_quarter) == (year, quarter)
    ]
    others = len(parsed.items) - len(meant)
    if others and not meant:
        raise UnusableAnswer(
            f"{ENDPOINT} for {year} quarter {quarter} answered with {others} seasons of other "
            "quarters and none of this one: the API does not serve this quarter. Nothing was written."
        )
    if others:
        run.say(f"{others} seasons of other quarters in the answer are left out")
    return Parsed(meant, parsed.rejects, parsed.drift)
