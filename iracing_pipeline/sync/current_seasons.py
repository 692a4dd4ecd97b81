"""`current_seasons`: series/seasons → seasons and their car classes; which seasons are over.

In: the list of current seasons, or of one quarter. Out: rows of the listed seasons, the end or the retirement
of those that left the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse
from iracing_pipeline.api.types.series import Season
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import SEASONS, season_list_params
from iracing_pipeline.core.rows import Coverage, Row, RowBatch
from iracing_pipeline.core.seasons import YearQuarter
from iracing_pipeline.model.lifecycle import current_list_of
from iracing_pipeline.model.retirement import missing_from_list
from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
from iracing_pipeline.sync.responses import read_response
from iracing_pipeline.sync.result import SyncEvent
from iracing_pipeline.sync.run import SyncRun, engine, ids_of, require_rows, selected_series
from iracing_pipeline.sync.writer import write_newest
from iracing_pipeline.warehouse.queries.seasons import current_seasons
from iracing_pipeline.warehouse.responses.lists import (
    IndexStatus,
    expire_index,
    expire_index_without,
    index_says,
)

# An index that still knows a season which the list no longer holds is asked for anew after:
_DOUBT_LASTS = timedelta(days=1)


@dataclass
class _IndexDoubt:
    """Why the landed index of all series may be too old to serve."""

    new_seasons: list[int] = field(default_factory=list)
    """Listed seasons that are not stored: an index without them is too old."""
    fetched_before: datetime | None = None
    """An index older than this cannot tell what became of seasons that left the list."""

    def expire(self, connection: Connection) -> bool:
        """Let the landed index serve no longer where it is too old; whether it was."""
        is_due = bool(self.new_seasons) and expire_index_without(connection, self.new_seasons)
        if self.fetched_before is not None:
            is_due = expire_index(connection, fetched_before=self.fetched_before) or is_due
        return is_due


def sync_current_seasons(run: SyncRun) -> Iterator[SyncEvent]:
    """Running and announced seasons of every series, in one call."""
    yield from engine(run, _sync)


def _sync(run: SyncRun) -> Iterator[SyncEvent]:
    doubt = _IndexDoubt()
    is_due = False

    def expire(connection: Connection) -> None:
        nonlocal is_due
        is_due = doubt.expire(connection)

    batch = write_newest(run, lambda run: _read(run, doubt), also=expire)
    if is_due and not run.options.dry_run:
        run.say("seasons came or went that the index of all series does not hold: it is due")
    yield run.result(batch)


def parse_list(
    body: Any, quarter: YearQuarter | None = None, drift: Drift | None = None
) -> tuple[Parsed[Season], int]:
    """The seasons of the list, or of one quarter's list; and how many of other quarters were left out.

    The API answers some quarters with the list of active seasons. Raises UnusableResponse where not
    one season is of the quarter.
    """
    parsed = parse_seasons(body, drift)
    if quarter is None:
        return parsed, 0
    of_quarter = [
        season for season in parsed.items if (season.season_year, season.season_quarter) == quarter
    ]
    others = len(parsed.items) - len(of_quarter)
    if others and not of_quarter:
        raise UnusableResponse(
            f"{SEASONS} for {quarter[0]} quarter {quarter[1]} answered with {others} seasons of other "
            "quarters and none of this one: the API does not serve this quarter. Nothing was written."
        )
    return Parsed(of_quarter, parsed.rejected, parsed.drift), others


def _read(run: SyncRun, doubt: _IndexDoubt) -> RowBatch:
    quarter = run.options.quarter
    # Seasons of another quarter need not have every field of today's.
    drift = run.drift_of(SEASONS, watches_fields=quarter is None)
    body = read_response(run, SEASONS, season_list_params(quarter))
    parsed, others = parse_list(body, quarter, drift)
    if others:
        run.say(f"{others} seasons of other quarters in the response are left out")
    batch = require_rows(
        season_rows(parsed, is_current=quarter is None),
        SEASONS,
        may_be_empty=run.options.allow_shrink,
    )
    selected = selected_series(run, [season.series_id for season in parsed.items])
    if selected is not None:
        wanted = {season.season_id for season in parsed.items if season.series_id in selected}
        batch = batch.of_series(selected, lambda row: row["season_id"] in wanted)
    if quarter is None:
        run.recorder.list_merged()
        return _with_missing(run, parsed, selected, batch, doubt)
    if selected is None:
        # One quarter is not the list: it must not make the asset look fresh.
        run.recorder.about = frozenset(season.series_id for season in parsed.items)
    return batch


def _with_missing(
    run: SyncRun,
    parsed: Parsed[Season],
    selected: frozenset[int] | None,
    batch: RowBatch,
    doubt: _IndexDoubt,
) -> RowBatch:
    """The batch with what became of seasons that the list does not hold: over, or retired."""
    current = current_list_of(
        (season.season_id, season.season_year, season.season_quarter, season.active)
        for season in parsed.items
    )
    # A season that could not be read is listed all the same: nothing is said of its end.
    unread = ids_of([item.payload for item in parsed.rejected], "season_id")
    listed = {*current.listed, *unread}
    now = run.services.now()
    with run.reading() as connection:
        new, stored = current_seasons(connection, sorted(listed), now)
        left = [
            (season.season_id, season.series_id)
            for season in stored
            if season.season_id not in listed and season.series_id is not None
        ]
        index = index_says(connection, left) if left else IndexStatus({}, frozenset())
    found = missing_from_list(
        stored,
        listed,
        index.active,
        index.covered,
        current,
        now,
        allow_shrink=run.options.allow_shrink,
    )
    if len(unread) < len(parsed.rejected) and not run.options.allow_shrink:
        # An item without a readable id could be any of the missing seasons.
        found.doubtful += found.gone
        found.gone = []
    doubt.new_seasons = sorted(current.listed.intersection(new))
    # Known by the index, or unknown to one that is too old to tell.
    is_unproven = bool(set(found.doubtful).difference(index.active, index.covered))
    doubt.fetched_before = (now if is_unproven else now - _DOUBT_LASTS) if found.doubtful else None
    series_of = {season.season_id: season.series_id for season in stored}

    def of_selected(season_ids: Sequence[int]) -> list[int]:
        return [one for one in season_ids if selected is None or series_of[one] in selected]

    def over(season_ids: Sequence[int]) -> list[Row]:
        return [
            {"season_id": season_id, "complete": True, "active": False}
            for season_id in of_selected(season_ids)
        ]

    ended = over(found.ended)
    run.recorder.notes["seasons_that_ended"] = len(ended)
    keys = frozenset((season_id,) for season_id in of_selected(found.gone))
    return replace(
        batch.covering("seasons", Coverage(("season_id",), keys)),
        updates={"seasons": ended},
        discoveries={"seasons": over(found.over)},
    )
