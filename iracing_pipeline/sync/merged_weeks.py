"""Which list of current seasons has its weeks in the tables already, so that it need not be read again.

In: the sync run of season_schedules. Out: MergedWeeks, or the fact to remember. Merges nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from iracing_pipeline.core.response import Response
from iracing_pipeline.core.rows import Counts, RowBatch
from iracing_pipeline.sync.run import SyncRun
from iracing_pipeline.warehouse.ledger.state import WEEKS_MERGED, get_state, set_state
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.queries.seasons import rows_of_seasons
from iracing_pipeline.warehouse.responses.lists import current_list_landed


@dataclass(frozen=True)
class MergedWeeks:
    """A landed list whose weeks are in the tables, as they were when they were merged."""

    response: Response
    """Without its body."""
    counts: Mapping[str, Counts]
    """How many rows are unchanged, by table."""


def merged_weeks(run: SyncRun) -> MergedWeeks | None:
    """The landed list, where merging it would write no row: it is the same, and so are its seasons' rows.

    None where somebody wants it read, and where items of it were set aside or drifted.
    """
    options = run.options
    is_whole = options.quarter is None and not options.selects_series
    if not is_whole or options.refresh or options.allow_shrink or options.dry_run:
        return None
    if run.recorder.open_items or run.recorder.misses_fields:
        return None
    with run.reading() as connection:
        fact, landed = get_state(connection, WEEKS_MERGED), current_list_landed(connection)
        if fact is None or landed is None or fact["list"] != [landed[0], HEAD]:
            return None
        if fact["rows"] != rows_of_seasons(connection, fact["seasons"]):
            return None
    return MergedWeeks(
        landed[1], {name: Counts(unchanged=count) for name, count in fact["unchanged"].items()}
    )


def remember_weeks(
    connection: Connection, run: SyncRun, batch: RowBatch, season_ids: Collection[int]
) -> None:
    """Note what has been merged, in the transaction that merged it: a list of which everything was read."""
    landed = current_list_landed(connection)
    has_drifted = any(
        drift.unknown_fields or drift.unexpected_types or drift.repeated
        for drift in run.recorder.drift.values()
    )
    if batch.rejected or has_drifted or landed is None:
        return
    if [one.fetched_at for one in run.responses.read] != [landed[1].fetched_at]:
        return
    fact = {
        "list": [landed[0], HEAD],
        "seasons": sorted(season_ids),
        "rows": rows_of_seasons(connection, sorted(season_ids)),
        "unchanged": {name: len(rows) for name, rows in batch.rows.items()},
    }
    set_state(connection, {WEEKS_MERGED: fact})
