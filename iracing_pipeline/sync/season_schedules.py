"""`season_schedules`: weeks, session times, car restrictions of current and of past seasons.

In: the landed list of current seasons; for past seasons what schedule_backfill.py fetches. Out: rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse
from iracing_pipeline.api.types.series import Season
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import SEASONS, season_list_params
from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.model.plan import DetailsPlan
from iracing_pipeline.model.retirement import weeks_gone
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.sync.backfill_result import (
    BackfillResult,
    backfill_failure,
    note_backfill,
    note_plan,
)
from iracing_pipeline.sync.current_seasons import parse_list
from iracing_pipeline.sync.merged_weeks import MergedWeeks, merged_weeks, remember_weeks
from iracing_pipeline.sync.responses import NothingLanded, read_landed
from iracing_pipeline.sync.result import SyncEvent
from iracing_pipeline.sync.run import PREVIEW_ROWS, SyncRun, engine, require_rows, selected_series
from iracing_pipeline.sync.schedule_backfill import ScheduleBackfill
from iracing_pipeline.sync.writer import count_living, write, write_newest
from iracing_pipeline.warehouse.ledger.runs import Superseded
from iracing_pipeline.warehouse.queries.seasons import SeasonRows, season_rows

TABLES = ("season_schedules", "race_time_descriptors", "car_restrictions")


def sync_season_schedules(run: SyncRun) -> Iterator[SyncEvent]:
    """Race weeks of the current seasons without a call; then what is missing of past seasons."""
    yield from engine(run, _sync)


def _sync(run: SyncRun) -> Iterator[SyncEvent]:
    no_list: NothingLanded | UnusableResponse | None = None
    batch = RowBatch({name: [] for name in TABLES})
    stored = SeasonRows()
    listed: frozenset[int] = frozenset()

    def look_up(run: SyncRun) -> None:
        nonlocal stored
        with run.reading() as connection:
            stored = season_rows(connection)

    def read(run: SyncRun) -> RowBatch:
        nonlocal batch, listed
        look_up(run)
        batch, listed = _read(run, stored)
        return batch

    def remember(connection: Connection) -> None:
        if run.options.quarter is None and not run.options.selects_series:
            remember_weeks(connection, run, batch, listed)

    def goes_on() -> bool:
        lacks_history = stored.lack_history or bool(run.session.planned)
        return run.options.sync_past_seasons and lacks_history

    merged = merged_weeks(run)
    if merged is not None:
        look_up(run)
        if not goes_on() and _close_unread(run, merged):
            yield run.result(replace(batch, row_total=merged.counts[TABLES[0]].unchanged))
            return
    try:
        batch = write_newest(run, read, closes=lambda: not goes_on(), also=remember)
    except (NothingLanded, UnusableResponse) as error:
        # History does not need the list; and that it could not be read, current_seasons has said.
        if not goes_on():
            raise
        no_list = error
    if not goes_on():
        if run.options.sync_past_seasons:
            note_plan(run, DetailsPlan())
        yield run.result(batch)
        return
    # The list is megabytes, which nobody needs while as many come for each quarter.
    batch = batch.told(PREVIEW_ROWS)
    run.responses.take()
    if not run.options.dry_run:
        run.session.forget_responses()
    found = ScheduleBackfill(run).fill_alone()
    batch = batch.rejecting(found.rejected)
    note_backfill(run, found)
    if no_list is not None and not found.plan.seasons:
        raise no_list
    _close(run, batch, found)
    yield run.result(batch, failure=backfill_failure(run, found))


def _close_unread(run: SyncRun, merged: MergedWeeks) -> bool:
    """End a run whose list is in the tables already; False where a newer one has landed meanwhile."""
    run.recorder.counts = dict(merged.counts)
    count_living(run)
    run.recorder.saved_call(merged.response.endpoint, merged.response.params)
    try:
        write(
            run,
            [],
            read=[merged.response],
            closes=lambda counts: run.recorder.outcome(counts, []),
        )
    except Superseded:
        return False
    if run.options.sync_past_seasons:
        note_plan(run, DetailsPlan())
    return True


def _close(run: SyncRun, batch: RowBatch, found: BackfillResult) -> None:
    if found.plan.seasons and not run.options.dry_run:
        count_living(run)
    outcome = run.recorder.outcome(run.recorder.counts, batch.rejected)
    if found.failed or found.stopped_by:
        named = "\n".join(filter(None, [str(found.stopped_by or ""), found.named()]))
        outcome = replace(outcome, status="partial", message=named)
    run.recorder.close(outcome)


def weeks_batch(
    parsed: Parsed[Season],
    stored_weeks: Mapping[int, Collection[int]],
    drift: Drift | None = None,
    *,
    over: Collection[int] = (),
    allow_shrink: bool = False,
) -> RowBatch:
    """Rows of the weeks of listed seasons; weeks that their season no longer holds are gone.

    `over`: seasons that are, as stored; a list of another quarter tells of such.
    """
    batch = current_schedule_rows(parsed, drift, over)
    if any(season.schedules for season in parsed.items):
        require_rows(batch, SEASONS)
    gone, shrunk = weeks_gone(stored_weeks, parsed, batch, allow_shrink=allow_shrink)
    return batch.covering("season_schedules", gone).rejecting(shrunk)


def _read(run: SyncRun, rows: SeasonRows) -> tuple[RowBatch, frozenset[int]]:
    """What there is to merge, and the seasons that are listed."""
    quarter = run.options.quarter
    body = read_landed(run, SEASONS, season_list_params(quarter), filled_by="current_seasons")
    parsed, _ = parse_list(body, quarter)
    drift = run.drift_of(SEASONS, watches_fields=quarter is None)
    batch = weeks_batch(
        parsed,
        rows.weeks,
        drift,
        over=rows.over if quarter is not None else (),
        allow_shrink=run.options.allow_shrink,
    )
    selected = selected_series(run, [season.series_id for season in parsed.items])
    # A week needs its season's row; after a limited sync not every season of the response has one.
    stored = rows.season_ids
    if run.options.dry_run:
        stored = stored | {season.season_id for season in parsed.items}
    wanted = {
        season.season_id
        for season in parsed.items
        if season.season_id in stored and (selected is None or season.series_id in selected)
    }
    everything = frozenset(season.series_id for season in parsed.items)
    if quarter is not None and selected is None:
        run.recorder.about = everything
    batch = batch.of_series(selected or everything, lambda row: row["season_id"] in wanted)
    if quarter is None:
        run.recorder.list_merged()
    # The first load is a load, also where the index has filled the table before.
    listed = frozenset(season.season_id for season in parsed.items)
    return replace(batch, is_load=not rows.have_schedules), listed
