"""The one transaction in which a sync writes: rows, responses, calls, quarantine, outcome, together.

In: what was read, and from which responses. Out: counts. Nothing else in the engine merges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from iracing_pipeline.core.response import Response, ResponsePart
from iracing_pipeline.core.rows import EVERYTHING, Counts, Rejected, RowBatch
from iracing_pipeline.model.shrinkage import refuse_shrunk_table
from iracing_pipeline.sync.result import SyncEvent
from iracing_pipeline.sync.run import Policy, SyncRun
from iracing_pipeline.warehouse.ledger.runs import Outcome, Superseded
from iracing_pipeline.warehouse.ledger.state import LIST_MERGED
from iracing_pipeline.warehouse.merge.merging import lock_with_dependents, merge
from iracing_pipeline.warehouse.queries.seasons import living_rows

ROUNDS = 20
"""How often a response may be overtaken by a newer one before the run gives up."""

# Their rows leave by a judgement against what is stored, which a replay cannot repeat. Rows of other
# tables are their parents' details: what the parent's response lacks is gone.
_JUDGED = {"series", "seasons", "season_schedules", "tracks", "cars", "car_classes"}

# The asset that fills a table from the list of current seasons, whoever else fills it.
_FILLED_BY = {
    "seasons": "current_seasons",
    "season_car_classes": "current_seasons",
    "season_schedules": "season_schedules",
    "race_time_descriptors": "season_schedules",
    "car_restrictions": "season_schedules",
}


class Overtaken(Exception):
    """Other runs kept landing newer responses while this one merged."""

    kind = "contention"

    def __str__(self) -> str:
        return f"Other runs landed newer responses {ROUNDS} times over. Nothing was written; run it again."


def write(
    run: SyncRun,
    batches: Sequence[RowBatch],
    *,
    fetched: Sequence[Response] = (),
    read: Sequence[Response] = (),
    settles: Sequence[ResponsePart] = (),
    rejected: Sequence[Rejected] | None = None,
    closes: Callable[[Mapping[str, Counts]], Outcome] | None = None,
    also: Callable[[Connection], None] | None = None,
    counts_living: bool = False,
) -> dict[str, Counts]:
    """Merge the batches, land what was fetched, settle the quarantine, in one transaction; returns counts.

    `read`: responses that have to be the newest of their kind still: raises Superseded, with nothing
    written, where one is not. `settles`: the parts of responses whose items in quarantine are settled
    by the `rejected` (those of the batches, unless others are given). `closes` makes the run's outcome
    of its counts: this is its last transaction. `also` joins the transaction. In a dry run everything
    is tried and rolled back.
    """
    recorder, is_replay = run.recorder, run.policy is Policy.REPLAY
    todo = [_for_replay(batch) for batch in batches] if is_replay else list(batches)
    total: dict[str, Counts] = {}

    def work(connection: Connection) -> dict[str, Counts]:
        counts = merge(
            connection,
            todo,
            run_id=run.info.run_id,
            counts_living=counts_living,
            restores=not is_replay,
            first_fills=[
                name for name, asset in _FILLED_BY.items() if recorder.lacks(LIST_MERGED[asset])
            ],
        )
        _refuse_shrunk_tables(run, todo, counts)
        total.clear()
        total.update(recorder.counts)
        for name, found in counts.items():
            total[name] = replace(total.get(name, Counts()) + found, living=found.living)
        if also is not None:
            also(connection)
        items = (
            [item for batch in batches for item in (*batch.rejected, *batch.rejected_elsewhere)]
            if rejected is None
            else rejected
        )
        recorder.enter(
            connection,
            None if closes is None else closes(total),
            counts=total,
            fetched=fetched,
            read=read,
            settles=settles,
            rejected=items,
        )
        return counts

    counts = run.transact(work)
    recorder.counts = total
    if run.connection is None:
        recorder.committed()
    return counts


def write_newest(
    run: SyncRun,
    read: Callable[[SyncRun], RowBatch],
    *,
    closes: Callable[[], bool] = lambda: True,
    also: Callable[[Connection], None] | None = None,
) -> RowBatch:
    """Read, and write what was read. Where another run lands a newer response meanwhile, that one is read.

    With this run's own selection: the other may have been about fewer series. Merging what is
    already merged costs nothing. Whoever has been overtaken takes the tables for itself before it
    reads again: then nobody lands a newer response any more. `closes`: asked once `read` is done,
    whether it is the run's last transaction.
    """
    recorder = run.recorder
    batch = RowBatch()

    def read_and_write(run: SyncRun) -> RowBatch:
        nonlocal batch
        batch = read(run)
        run.say("comparing" if run.options.dry_run else "writing")
        recorder.counts = {}
        found = batch
        write(
            run,
            [found],
            fetched=run.responses.fetched,
            read=run.responses.read,
            settles=[ResponsePart(one.endpoint, one.params) for one in run.responses.read],
            closes=(lambda counts: recorder.outcome(counts, found.rejected)) if closes() else None,
            also=also,
            counts_living=True,
        )
        return found

    def alone(connection: Connection) -> RowBatch:
        run.start_over()
        lock_with_dependents(connection, [*batch.rows, *batch.coverage])
        return read_and_write(replace(run, connection=connection))

    try:
        return read_and_write(run)
    except Superseded:
        pass
    for _ in range(ROUNDS):
        run.say("another run has landed a newer response: merging that one")
        try:
            batch = run.transact(alone)
        except Superseded:
            continue
        recorder.committed()
        return batch
    raise Overtaken


def sync_one_response(
    run: SyncRun,
    read: Callable[[SyncRun], RowBatch],
    *,
    also: Callable[[Connection], None] | None = None,
) -> Iterator[SyncEvent]:
    """The work of an asset that is one transaction: read, write, tell."""
    yield run.result(write_newest(run, read, also=also))


def count_living(run: SyncRun) -> None:
    """Count once, at the end, what the merges of a history did not: the rows alive in each table."""
    recorder = run.recorder
    if recorder.counts:
        with run.reading() as connection:
            living = living_rows(connection, list(recorder.counts))
        # A dry run has been rolled back: the rows are those before it.
        recorder.counts = {
            name: replace(
                counts,
                living=living[name]
                + (counts.inserted - counts.retired if run.options.dry_run else 0),
            )
            for name, counts in recorder.counts.items()
        }


def _for_replay(batch: RowBatch) -> RowBatch:
    kept = {name: found for name, found in batch.coverage.items() if name not in _JUDGED}
    return replace(batch, coverage=kept)


def _refuse_shrunk_tables(
    run: SyncRun, batches: Sequence[RowBatch], counts: Mapping[str, Counts]
) -> None:
    """The merge is rolled back where it retired more than half of a table that it had all rows of."""
    for batch in batches:
        for name, coverage in batch.coverage.items():
            if coverage == EVERYTHING and name in counts and not run.options.allow_shrink:
                found = counts[name]
                before = found.living + found.retired - found.inserted
                refuse_shrunk_table(name, expected=before, lacking=found.retired)
