"""One attempt of one asset, from start to books closed: one transaction, one message if it fails.

In: what an asset reads (a function from AssetRun to Extract). Out: rows merged, results for Dagster.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult

from iracing_pipeline.assets.asset_run import AssetRun, rejects_in_words
from iracing_pipeline.assets.failures import (
    INTERRUPTS,
    Interrupted,
    StepRetries,
    as_failure,
    kind_of,
)
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract
    from iracing_pipeline.warehouse.ledger import Outcome, SetAside
    from iracing_pipeline.warehouse.merge import Batch

logger = logging.getLogger(__name__)


# How often an answer may be overtaken by a newer one before the run gives up.
_ROUNDS = 3


class Overtaken(Exception):
    """Other runs kept landing newer answers while this one merged."""

    kind = "transient"

    def __str__(self) -> str:
        return f"Other runs landed newer answers {_ROUNDS} times over. Nothing was written; run it again."


class OptionsError(ValueError):
    """Options that contradict each other or lie outside their range."""

    kind = "misuse"


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
    asset = context.asset_key.path[-1]
    run = AssetRun(context, pipeline, options, asset)
    sync_run_id: int | None = None
    try:
        if pipeline.is_interrupted or StepRetries.told_to_stop:
            raise Interrupted
        problems = options.problems()
        if problems:
            raise OptionsError(" ".join(problems))
        pipeline.prepare()
        open_items = 0
        if not options.dry_run:
            sync_run_id, open_items = _start(run)
        extract = _read_and_write(run, work, sync_run_id, open_items)
    except (*INTERRUPTS, Exception) as caught:  # noqa: BLE001 - one message and one entry
        error: BaseException = caught
        # Dagster would take ^C inside a step for a step to be tried again in a minute; and what ^C
        # tears apart (a query under way) may surface as any other error.
        if isinstance(caught, INTERRUPTS) or pipeline.is_interrupted:
            pipeline.interrupt()
            error = Interrupted()
        run.calls += pipeline.take_calls()
        failure = as_failure(error, retries_steps=pipeline.retries_steps)
        _finish_failed(run, sync_run_id, failure.description or "")
        run.say("interrupted" if pipeline.is_interrupted else "failed, see below", ended=False)
        # A bug keeps its traceback; a known failure has said everything, and its causes may quote
        # what nobody should read.
        raise failure from (error if kind_of(error) is None else None)
    from iracing_pipeline.assets.metadata import in_words, results

    run.say(in_words(run, extract), ended=not extract.rejects)

    yield from results(run, extract)


def _start(run: AssetRun) -> tuple[int, int]:
    from iracing_pipeline.warehouse.ledger import start_run

    with run.pipeline.database.autocommit() as connection:
        return start_run(
            connection,
            run_id=run.run_id,
            asset=run.asset,
            partition=run.context.partition_key if run.context.has_partition_key else None,
        )


def _batches(extract: Extract) -> list[Batch]:
    from iracing_pipeline.warehouse.merge import Batch, Scope
    from iracing_pipeline.warehouse.tables import table

    batches = []
    for name, rows in extract.rows.items():
        complete = extract.complete.get(name)
        scope = Scope(complete.columns, complete.keys) if complete else None
        batches.append(Batch(table(name), rows, scope))
    return batches


def _read_and_write(
    run: AssetRun,
    work: Callable[[AssetRun], Extract],
    sync_run_id: int | None,
    open_items: int,
) -> Extract:
    """Read, merge, land. Where another run lands a newer answer meanwhile, that one is merged instead.

    With this run's own selection: the other may have been about fewer series. Merging what is
    already merged costs nothing.
    """
    from iracing_pipeline.warehouse.ledger import Superseded

    for _ in range(_ROUNDS):
        extract = work(run)
        run.calls += run.pipeline.take_calls()
        try:
            _write(run, extract, sync_run_id, open_items)
        except Superseded:
            run.say("another run has landed a newer answer: merging that one")
            run.start_over()
        else:
            return extract
    raise Overtaken


def _write(run: AssetRun, extract: Extract, sync_run_id: int | None, open_items: int) -> None:
    from iracing_pipeline.warehouse.ledger import finish_run, set_aside
    from iracing_pipeline.warehouse.merge import merge_all

    database = run.pipeline.database
    run.say("comparing" if sync_run_id is None else "writing")
    with database.rehearse() if sync_run_id is None else database.begin() as connection:
        run.counts = merge_all(connection, _batches(extract), run_id=run.run_id)
        if sync_run_id is None:
            return
        run.pipeline.brand(connection)
        items = _set_aside_items(run, extract)
        if items or open_items:
            set_aside(
                connection,
                asset=run.asset,
                answers=[(landed.endpoint, landed.params) for landed in run.read],
                items=items,
                run_id=run.run_id,
            )
        finish_run(
            connection,
            sync_run_id,
            _outcome(run, extract),
            run.calls,
            answers=run.fetched,
            read=run.read,
            run_id=run.run_id,
        )


def _set_aside_items(run: AssetRun, extract: Extract) -> list[SetAside]:
    from iracing_pipeline.warehouse.ledger import SetAside

    answer = run.read[0]
    return [
        SetAside(answer.endpoint, answer.params, item.item_key, item.reason, item.payload)
        for item in (*extract.rejects, *extract.rejects_elsewhere)
    ]


def _outcome(run: AssetRun, extract: Extract) -> Outcome:
    from iracing_pipeline.warehouse.ledger import Outcome
    from iracing_pipeline.warehouse.merge import Counts

    return Outcome(
        status="partial" if extract.rejects else "success",
        counts=sum(run.counts.values(), Counts()),
        quarantined=len(extract.rejects),
        api_calls=run.made_calls(),
        message=rejects_in_words(extract) if extract.rejects else None,
    )


def _finish_failed(run: AssetRun, sync_run_id: int | None, text: str) -> None:
    from iracing_pipeline.warehouse.ledger import Outcome, finish_run

    if sync_run_id is None:
        return
    outcome = Outcome(status="failure", api_calls=run.made_calls(), message=text)
    try:
        with run.pipeline.database.begin() as connection:
            finish_run(connection, sync_run_id, outcome, run.calls, run_id=run.run_id)
    except Exception as error:  # noqa: BLE001 - the failure being reported matters more than its entry
        logger.warning("The failure could not be entered in sync_runs: %s", type(error).__name__)
