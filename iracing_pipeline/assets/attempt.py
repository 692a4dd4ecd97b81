"""One attempt of one asset, from start to books closed; one message if it fails.

In: what an asset reads (a function from AssetRun to Extract). Out: rows merged, results for Dagster.
Assets that write in several transactions use Books themselves (past_seasons.py, history.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetExecutionContext, AssetObservation, MaterializeResult

from iracing_pipeline.assets.asset_run import AssetRun, rejects_in_words
from iracing_pipeline.assets.drift import drift_check, enter_drift
from iracing_pipeline.assets.failures import (
    INTERRUPTS,
    Interrupted,
    StepRetries,
    as_failure,
    kind_of,
)
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.refusal import answer_not_read, telling_refusals
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.warehouse.ledger.drift import KnownFields
    from iracing_pipeline.warehouse.ledger.runs import AnswerRead, Outcome, SetAside
    from iracing_pipeline.warehouse.responses.landing import Landed

logger = logging.getLogger(__name__)


_CHANGES_SHOWN = 10
# How often an answer may be overtaken by a newer one before the run gives up.
ROUNDS = 3
# Tag of a run that did nothing because the API was in maintenance.
SKIPPED_TAG = "iracing/skipped"


class Overtaken(Exception):
    """Other runs kept landing newer answers while this one merged."""

    kind = "transient"

    def __str__(self) -> str:
        return f"Other runs landed newer answers {ROUNDS} times over. Nothing was written; run it again."


class OptionsError(ValueError):
    """Options that contradict each other or lie outside their range."""

    kind = "misuse"


class Books:
    """An attempt's entries in the ledger: opened, added to by its transactions, closed.

    A dry run has none: its transactions are rolled back.
    """

    def __init__(self, run: AssetRun) -> None:
        self.run = run
        self.sync_run_id: int | None = None
        self.open_items = 0
        """Items of the asset that were in quarantine when the attempt began."""
        self.known_fields: KnownFields | None = None

    def open(self) -> None:
        from iracing_pipeline.warehouse.ledger.runs import start_run

        run = self.run
        if run.options.dry_run:
            return
        with run.pipeline.database.autocommit() as connection:
            started = start_run(
                connection, run_id=run.run_id, asset=run.asset, partition=_partition(run.context)
            )
        self.sync_run_id, self.open_items = started.sync_run_id, started.open_items
        self.known_fields = started.fields

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commits at its end; in a dry run it is rolled back."""
        database = self.run.pipeline.database
        dry = self.run.options.dry_run
        with database.rehearse() if dry else database.begin() as connection:
            yield connection

    def enter(
        self,
        connection: Connection,
        outcome: Outcome | None,
        *,
        fetched: Sequence[Landed],
        read: Sequence[Landed],
        answers: Sequence[AnswerRead],
        items: Sequence[SetAside],
    ) -> None:
        """Land what was fetched, enter calls, items set aside, facts and the outcome, if there is one.

        In the transaction of the rows. `answers` are those whose items in quarantine are settled by
        `items`. Raises Superseded where one of the answers `read` is no longer the newest.
        """
        from iracing_pipeline.warehouse.ledger.runs import finish_run, set_aside

        run = self.run
        has_changed = any(counts.written for counts in run.counts.values())
        if run.options.dry_run or (outcome is not None and has_changed):
            _note_changes(run, connection)
        if outcome is not None:
            enter_drift(run, connection, self.known_fields)
        if self.sync_run_id is None:
            return
        run.pipeline.brand(connection)
        if items or self.open_items:
            set_aside(connection, asset=run.asset, answers=answers, items=items, run_id=run.run_id)
        finish_run(
            connection,
            self.sync_run_id,
            outcome,
            run.calls,
            answers=fetched,
            read=read,
            facts=run.facts,
            run_id=run.run_id,
            asset=run.asset,
            series_ids=run.about,
        )

    def close(self, outcome: Outcome) -> None:
        """Enter the outcome, the drift and the calls that are left."""
        from iracing_pipeline.warehouse.ledger.runs import finish_run

        if self.sync_run_id is None:
            return
        with self.run.pipeline.database.begin() as connection:
            # A failure has no check that could tell of it: the next success does.
            if outcome.status not in {"failure", "skipped"}:
                enter_drift(self.run, connection, self.known_fields)
            finish_run(
                connection,
                self.sync_run_id,
                outcome,
                self.run.take_calls(),
                run_id=self.run.run_id,
                series_ids=self.run.about,
            )

    def skip(self, reason: str) -> None:
        """Enter that nothing was done because the API is in maintenance, and mark the run with it.

        The run is no failure, and must not be taken for a success either: nothing is materialized.
        """
        run = self.run
        run.is_skipped = True
        self._end("skipped", reason)
        run.context.log.warning(f"Skipped: {reason} A sensor tries again when it may be over.")
        run.context.instance.add_run_tags(run.run_id, {SKIPPED_TAG: "API in maintenance"})
        run.context.log_event(
            AssetObservation(run.context.asset_key, metadata={"skipped_because": reason})
        )
        run.say("skipped: the API is in maintenance", ended=True)

    def fail(self, text: str) -> None:
        """Enter that the attempt failed; that this fails too is only logged."""
        self._end("failure", text)

    def _end(self, status: str, text: str) -> None:
        from iracing_pipeline.warehouse.ledger.runs import Outcome
        from iracing_pipeline.warehouse.merge.batches import Counts

        run = self.run
        run.calls += run.pipeline.take_calls()
        counts = sum(run.counts.values(), Counts())
        try:
            self.close(Outcome(status, counts, 0, run.made_calls(), text))
        except Exception as error:  # noqa: BLE001 - the failure being reported matters more than its entry
            logger.warning(
                "The %s could not be entered in sync_runs: %s", status, type(error).__name__
            )


def _note_changes(run: AssetRun, connection: Connection) -> None:
    """Keep in words what the asset changed, before a rehearsal is rolled back."""
    from iracing_pipeline.warehouse.queries.changes import first_changes

    left = _CHANGES_SHOWN - len(run.first_changes)
    if left > 0:
        run.first_changes += first_changes(connection, run.run_id, left, list(run.counts))


def is_of_partitions(context: AssetExecutionContext) -> bool:
    """Whether the run names partitions; one that names none is about all there are."""
    return context.has_partition_key or context.has_partition_key_range


def _partition(context: AssetExecutionContext) -> str | None:
    if context.assets_def.partitions_def is None or not is_of_partitions(context):
        return None
    keys = context.partition_keys
    return keys[0] if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"


@contextmanager
def attempt(
    context: AssetExecutionContext,
    pipeline: Pipeline,
    options: SyncOptions,
    *,
    asks_api: bool = True,
) -> Iterator[tuple[AssetRun, Books]]:
    """An attempt of the asset at hand: checked, prepared, its books open.

    Whatever stops it becomes one dagster.Failure with one message, entered in the ledger. An asset
    made of stored rows alone (`asks_api` false) needs no credentials; it closes its books itself,
    with `books.close(Outcome("success", ...))`. Where the API is in maintenance and nobody waits for the
    run, it ends here without a word of failure: whoever called has to look at `run.is_skipped`.
    """
    run = AssetRun(context, pipeline, options, context.asset_key.path[-1])
    books = Books(run)
    try:
        if pipeline.is_interrupted or StepRetries.told_to_stop:
            raise Interrupted
        problems = options.problems()
        if problems:
            raise OptionsError(" ".join(problems))
        pipeline.prepare(asks_api=asks_api)
        books.open()
        yield run, books
    except (*INTERRUPTS, Exception) as caught:  # noqa: BLE001 - one message and one entry
        error: BaseException = caught
        # Dagster would take ^C inside a step for a step to be tried again in a minute; and what ^C
        # tears apart (a query under way) may surface as any other error.
        if isinstance(caught, INTERRUPTS) or pipeline.is_interrupted:
            pipeline.interrupt()
            error = Interrupted()
        if kind_of(error) == "maintenance" and run.is_scheduled:
            books.skip(str(error))
            return
        failure = as_failure(error, retries_steps=pipeline.retries_steps)
        books.fail(failure.description or "")
        run.say("interrupted" if pipeline.is_interrupted else "failed, see below", ended=False)
        # A bug keeps its traceback; a known failure has said everything, and its causes may quote
        # what nobody should read.
        raise failure from (error if kind_of(error) is None else None)


def run_asset(
    context: AssetExecutionContext,
    pipeline: Pipeline,
    options: SyncOptions,
    work: Callable[[AssetRun], Extract],
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Run one asset: `work` fetches and parses; rows, landing and ledger are one transaction.

    Items that could not be read are set aside and fail the asset's check; everything else lands.
    Raises dagster.Failure with one message for whatever stops the asset as a whole.
    """
    yield from telling_refusals(context, _run_asset(context, pipeline, options, work))


def _run_asset(
    context: AssetExecutionContext,
    pipeline: Pipeline,
    options: SyncOptions,
    work: Callable[[AssetRun], Extract],
) -> Iterator[MaterializeResult | AssetCheckResult]:
    with attempt(context, pipeline, options) as (run, books):
        extract = read_and_write(run, books, work)
    if run.is_skipped:
        yield from skipped_checks(run, books)
        return
    from iracing_pipeline.assets.metadata import in_words, results

    run.say(in_words(run, extract), ended=not extract.rejects)

    yield from results(run, extract)


def skipped_checks(run: AssetRun, books: Books) -> Iterator[AssetCheckResult]:
    """What can be said of an asset that was skipped: its items in quarantine are where they were."""
    from iracing_pipeline.assets.metadata import quarantine_as_stored

    yield quarantine_as_stored(books.open_items)
    yield drift_check(run)
    yield from answer_not_read(run.context)


def read_and_write(
    run: AssetRun,
    books: Books,
    work: Callable[[AssetRun], Extract],
    *,
    closes: Callable[[], bool] = lambda: True,
) -> Extract:
    """Read, merge, land. Where another run lands a newer answer meanwhile, that one is merged instead.

    With this run's own selection: the other may have been about fewer series. Merging what is
    already merged costs nothing. `closes`: asked once `work` is done, whether it is the attempt's
    last transaction.
    """
    from iracing_pipeline.warehouse.ledger.runs import Superseded

    for _ in range(ROUNDS):
        extract = work(run)
        run.calls += run.pipeline.take_calls()
        try:
            _write(run, books, extract, closes())
        except Superseded:
            run.say("another run has landed a newer answer: merging that one")
            run.start_over()
        else:
            run.take_calls()
            return extract
    raise Overtaken


def _write(run: AssetRun, books: Books, extract: Extract, closes: bool) -> None:
    from iracing_pipeline.assets.batching import batches_of
    from iracing_pipeline.warehouse.ledger.runs import AnswerRead
    from iracing_pipeline.warehouse.merge.merging import merge_all

    run.say("comparing" if run.options.dry_run else "writing")
    with books.transaction() as connection:
        run.counts = merge_all(connection, batches_of(extract), run_id=run.run_id)
        _refuse_shrunk_tables(run, extract)
        books.enter(
            connection,
            outcome_of(run, extract) if closes else None,
            fetched=run.fetched,
            read=run.read,
            answers=[AnswerRead(landed.endpoint, landed.params) for landed in run.read],
            items=_set_aside_items(run, extract),
        )


def _refuse_shrunk_tables(run: AssetRun, extract: Extract) -> None:
    """The merge is rolled back where it retired more than half of a table of which it had all rows."""
    from iracing_pipeline.core.rows import EVERYTHING
    from iracing_pipeline.model.retirement import refuse_shrunk_table

    for name, complete in extract.complete.items():
        if complete == EVERYTHING and name in run.counts and not run.options.allow_shrink:
            counts = run.counts[name]
            before = counts.living + counts.retired - counts.inserted
            refuse_shrunk_table(name, expected=before, lacking=counts.retired)


def _set_aside_items(run: AssetRun, extract: Extract) -> list[SetAside]:
    from iracing_pipeline.assets.batching import as_set_aside

    if not run.read:
        return []
    default = (run.read[0].endpoint, run.read[0].params)
    return [
        as_set_aside(item, item.source or default)
        for item in (*extract.rejects, *extract.rejects_elsewhere)
    ]


def count_living(run: AssetRun) -> None:
    """Count once, at the end, what the merges of a history did not: the rows alive in each table."""
    from iracing_pipeline.warehouse.queries.seasons import living_rows

    if run.counts:
        with run.pipeline.database.autocommit() as connection:
            living = living_rows(connection, list(run.counts))
        run.counts = {
            name: replace(counts, living=living[name]) for name, counts in run.counts.items()
        }


def outcome_of(run: AssetRun, extract: Extract) -> Outcome:
    """The outcome of an attempt that has written everything it could read."""
    from iracing_pipeline.warehouse.ledger.runs import Outcome
    from iracing_pipeline.warehouse.merge.batches import Counts

    return Outcome(
        status="partial" if extract.rejects else "success",
        counts=sum(run.counts.values(), Counts()),
        quarantined=len(extract.rejects),
        api_calls=run.made_calls(),
        message=rejects_in_words(extract) if extract.rejects else None,
    )
