"""The asset `current_seasons`: series/seasons → seasons and their car classes; which seasons are over.

In: series/seasons. Out: rows of the listed seasons, and the end of those that left the list.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.asset_run import AssetRun, choose_series, ids_of, require_rows
from iracing_pipeline.assets.attempt import run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.series import series

if TYPE_CHECKING:
    from iracing_pipeline.api.parsing import Parsed
    from iracing_pipeline.api.series_types import Season
    from iracing_pipeline.model.extract import Extract, Row

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


def _read_seasons(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.season_rows import parse_seasons, season_rows

    # Seasons of another quarter need not have every field of today's.
    drift = run.drift_of(ENDPOINT, watches_fields=run.options.quarter is None)
    body = run.answer(ENDPOINT, run.options.seasons_params)
    parsed = asked_for(run, parse_seasons(body, drift))
    extract = require_rows(
        season_rows(parsed, is_current=run.options.quarter is None), "seasons", ENDPOINT
    )
    chosen = choose_series(run, [season.series_id for season in parsed.items])
    if chosen is not None:
        wanted = {season.season_id for season in parsed.items if season.series_id in chosen}
        extract = extract.of_series(chosen, lambda row: row["season_id"] in wanted)
    if run.options.quarter is None:
        ended, over = _seasons_that_left(run, parsed, chosen)
        extract.updates["seasons"] = ended
        extract.discoveries["seasons"] = over
        run.notes["seasons_that_ended"] = len(ended)
    return extract


def _seasons_that_left(
    run: AssetRun, parsed: "Parsed[Season]", chosen: frozenset[int] | None
) -> "tuple[list[Row], list[Row]]":
    """Updates of seasons that the list does not hold because they are over.

    Those that have ended since, and those of which it was not known.
    """
    from iracing_pipeline.model.standing import Stored, is_complete, present_of
    from iracing_pipeline.warehouse.history import seasons_beyond
    from iracing_pipeline.warehouse.landed_lists import expire_index_without, inactive_in_index

    present = present_of(
        (season.season_id, season.season_year, season.season_quarter, season.active)
        for season in parsed.items
    )
    # A season that could not be read is listed all the same: nothing is said of its end.
    listed = [*present.listed, *ids_of(parsed.rejects, "season_id")]
    series_ids = None if chosen is None else sorted(chosen)
    with run.pipeline.database.autocommit() as connection:
        new, stored = seasons_beyond(connection, listed, series_ids)
        # Most have ended by their own weeks; the index is only asked about the others.
        ran = [season.season_id for season in stored if season.active]
        inactive = inactive_in_index(connection, ran) if ran else frozenset()
        new = sorted(present.listed.intersection(new))
        # A new season that the landed index of all series lacks: the index has to be new too.
        if new and not run.options.dry_run and expire_index_without(connection, new):
            run.say("seasons turned up that the index of all series lacks: it is due")
    now = run.pipeline.now()
    ended: list[Row] = []
    discovered: list[Row] = []
    for season in stored:
        over = is_complete(
            season.season_id,
            (season.season_year or 0, season.season_quarter or 0),
            False if season.season_id in inactive or season.active is False else None,
            Stored(season.active, season.complete, season.last_week_end),
            present,
            now,
        )
        if over:
            target = discovered if season.complete is None else ended
            target.append({"season_id": season.season_id, "complete": True, "active": False})
    return ended, discovered


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
