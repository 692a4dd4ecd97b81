"""The asset `season_schedules`: weeks, session times, car restrictions of current and of past seasons.

In: the landed list of current seasons; for past seasons the answers that history.py fetches. Out: rows.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.asset_run import AssetRun, NothingLanded, choose_series, require_rows
from iracing_pipeline.assets.attempt import (
    Books,
    attempt,
    count_living,
    outcome_of,
    read_and_write,
    skipped_checks,
)
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.filled import Filled, failure_of, note_filled
from iracing_pipeline.assets.history import History
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.refusal import telling_refusals
from iracing_pipeline.assets.seasons import ENDPOINT as LIST_ENDPOINT
from iracing_pipeline.assets.seasons import asked_for, current_seasons
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.warehouse.queries.seasons import SeasonRows

TABLES = ("season_schedules", "race_time_descriptors", "car_restrictions")


@asset(
    **asset_options(
        "season_schedules",
        group="seasons",
        version="2",
        tables=TABLES,
        asks_api=True,
        # past_seasons is no dependency although its seasons are read here: Dagster skips, in a green
        # run, what comes after an asset that materializes its partitions one by one. Whatever it adds
        # later is missing here at the next time.
        deps=[current_seasons],
    )
)
def season_schedules(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Race weeks: track, bounds, session times, weather, car restrictions.

    Of the current seasons from the answer that current_seasons landed, without a call. Of past seasons
    whatever is missing, in the fewest calls the API allows, in batches that each commit: a season that is
    over is asked for once in a lifetime.
    """
    yield from telling_refusals(context, _results(context, pipeline, config))


def _results(
    context: AssetExecutionContext, pipeline: Pipeline, config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    from iracing_pipeline.assets.metadata import in_words, results

    with attempt(context, pipeline, config) as (run, books):
        extract, filled = _current_and_past(run, books)
    if run.is_skipped:
        yield from skipped_checks(run, books)
        return
    run.say(in_words(run, extract), ended=not extract.rejects and not failure_of(run, filled))
    yield from results(run, extract)
    failure = failure_of(run, filled)
    if failure is not None:
        raise failure


def _current_and_past(run: AssetRun, books: Books) -> "tuple[Extract, Filled | None]":
    from dataclasses import replace

    from iracing_pipeline.api.types.parsing import UnusableAnswer
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.warehouse.queries.seasons import SeasonRows

    no_list: NothingLanded | UnusableAnswer | None = None
    extract = Extract({name: [] for name in TABLES})
    stored = SeasonRows()

    def read(run: AssetRun) -> "Extract":
        nonlocal stored
        stored = _season_rows(run)
        return _read_schedules(run, stored)

    def goes_on() -> bool:
        missing = stored.lack_history or bool(run.pipeline.rehearsed)
        return run.options.sync_past_seasons and missing

    try:
        extract = read_and_write(run, books, read, closes=lambda: not goes_on())
    except (NothingLanded, UnusableAnswer) as error:
        # History does not need the list; and that it could not be read, current_seasons has said.
        if not goes_on():
            raise
        no_list = error
    history = History(run, books)
    if not goes_on():
        if run.options.sync_past_seasons:
            history.note_that_nothing_is_missing()
        return extract, None
    filled = history.fill_alone()
    extract.rejects = [*extract.rejects, *filled.rejects]
    note_filled(run, filled)
    if no_list is not None and not filled.plan.seasons:
        raise no_list
    if filled.plan.seasons and not run.options.dry_run:
        count_living(run)
    outcome = outcome_of(run, extract)
    if filled.failed or filled.stopped_by:
        named = "\n".join(filter(None, [str(filled.stopped_by or ""), filled.named()]))
        outcome = replace(outcome, status="partial", message=named)
    books.close(outcome)
    return extract, filled


def _season_rows(run: AssetRun) -> "SeasonRows":
    from iracing_pipeline.warehouse.queries.seasons import season_rows

    with run.pipeline.database.autocommit() as connection:
        return season_rows(connection)


def _read_schedules(run: AssetRun, rows: "SeasonRows") -> "Extract":
    from iracing_pipeline.model.retirement import weeks_gone
    from iracing_pipeline.model.rows.schedules import current_schedule_rows
    from iracing_pipeline.model.rows.seasons import parse_seasons

    body = run.landed_answer(
        LIST_ENDPOINT, run.options.seasons_params, filled_by=current_seasons.key.to_user_string()
    )
    parsed = asked_for(run, parse_seasons(body))
    drift = run.drift_of(LIST_ENDPOINT, watches_fields=run.options.quarter is None)
    extract = current_schedule_rows(parsed, drift)
    if any(season.schedules for season in parsed.items):
        require_rows(extract, "season_schedules", LIST_ENDPOINT)
    extract.complete["season_schedules"], shrunk = weeks_gone(
        rows.weeks, parsed, extract, allow_shrink=run.options.allow_shrink
    )
    extract.rejects += shrunk
    chosen = choose_series(run, [season.series_id for season in parsed.items])
    # A week needs its season's row; after a limited sync not every season of the answer has one.
    stored = rows.season_ids
    if run.options.dry_run:
        stored = stored | {season.season_id for season in parsed.items}
    wanted = {
        season.season_id
        for season in parsed.items
        if season.season_id in stored and (chosen is None or season.series_id in chosen)
    }
    # The first load is a load, also where the index has filled the table before.
    extract.is_load = not rows.have_schedules
    everything = frozenset(season.series_id for season in parsed.items)
    if run.options.quarter is not None and chosen is None:
        run.about = everything
    return extract.of_series(chosen or everything, lambda row: row["season_id"] in wanted)
