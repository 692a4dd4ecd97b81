"""One attempt of one asset: its answers, its one transaction, its entry in the ledger.

In: a Dagster context, the pipeline, the options. Out: rows merged, metadata. Knows no endpoint's meaning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, MaterializeResult

from iracing_pipeline.assets.failures import INTERRUPTS, Interrupted, as_failure, kind_of
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract
    from iracing_pipeline.warehouse.landing import Landed
    from iracing_pipeline.warehouse.ledger import Call, Outcome, SetAside
    from iracing_pipeline.warehouse.merge import Batch, Counts

logger = logging.getLogger(__name__)


class EmptyAnswer(ValueError):
    """An answer without a single usable item: believed by nobody, least of all by the tables."""

    kind = "answer"


class NothingLanded(ValueError):
    """An asset that reads landed answers only found none."""

    kind = "misuse"


@dataclass
class AssetRun:
    """Collects what one attempt reads and writes."""

    context: AssetExecutionContext
    pipeline: Pipeline
    options: SyncOptions
    asset: str
    fetched: list[Landed] = field(default_factory=list)
    read: list[Landed] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        return self.context.run.run_id

    def answer(self, endpoint: str, params: Mapping[str, str] | None = None) -> Any:
        """The body of an answer: landed and fresh, or fetched now (and landed with the rows)."""
        from iracing_pipeline.api.redact import strip_signatures
        from iracing_pipeline.warehouse.landing import Landed, landed
        from iracing_pipeline.warehouse.ledger import Call

        pipeline, params = self.pipeline, params or {}
        if not self.options.refresh:
            with pipeline.database.autocommit() as connection:
                known = landed(
                    connection,
                    endpoint,
                    params,
                    fetched_after=pipeline.freshness_limit(),
                    now=pipeline.now(),
                )
            if known is not None:
                self.say(f"{endpoint}: landed {known.fetched_at:%Y-%m-%d %H:%M} UTC, no request")
                self.calls.append(
                    Call(at=pipeline.now(), endpoint=endpoint, params=params, from_cache=True)
                )
                self._note(known)
                return known.body
        self.say(f"{endpoint}: asking the API")
        answer = pipeline.fetch(endpoint, params)
        fresh = Landed(
            endpoint=endpoint,
            params=params,
            body=strip_signatures(answer.body),
            bytes=answer.bytes,
            fetched_at=answer.fetched_at,
            expires_at=pipeline.expires_at(answer.fetched_at),
        )
        self.fetched.append(fresh)
        self._note(fresh)
        self.say(f"{endpoint}: {answer.bytes:,} bytes in {answer.milliseconds:,} ms")
        return fresh.body

    def landed_answer(self, endpoint: str, params: Mapping[str, str], *, filled_by: str) -> Any:
        """The newest landed body whatever its age, without a request.

        Raises NothingLanded, naming the asset that fills it, where there is none.
        """
        from iracing_pipeline.warehouse.landing import landed
        from iracing_pipeline.warehouse.ledger import Call

        known = self.pipeline.kept(self.run_id, endpoint, params)
        if known is None:
            with self.pipeline.database.autocommit() as connection:
                known = landed(connection, endpoint, params)
        if known is None:
            asked = " ".join(f"{name}={value}" for name, value in params.items())
            raise NothingLanded(
                f"No answer of {endpoint} ({asked}) has landed yet: materialize {filled_by} first."
            )
        self.calls.append(
            Call(at=self.pipeline.now(), endpoint=endpoint, params=params, from_cache=True)
        )
        self._note(known)
        return known.body

    def _note(self, landed: Landed) -> None:
        self.read.append(landed)
        self.pipeline.keep(self.run_id, landed)

    def say(self, text: str) -> None:
        self.pipeline.progress(self.asset, text)
        if self.options.verbose:
            self.context.log.info(text)
        else:
            self.context.log.debug(text)

    def made_calls(self) -> int:
        return sum(not call.from_cache for call in self.calls)

    def saved_calls(self) -> int:
        return sum(call.from_cache for call in self.calls)


def run_asset(
    context: AssetExecutionContext,
    pipeline: Pipeline,
    options: SyncOptions,
    work: Callable[[AssetRun], Extract],
) -> MaterializeResult:
    """Run one asset: `work` fetches and parses; rows, landing and ledger are one transaction.

    Items that could not be read are set aside and fail the asset's check; everything else lands.
    Raises dagster.Failure with one message for whatever stops the asset as a whole.
    """
    asset = context.asset_key.path[-1]
    run = AssetRun(context, pipeline, options, asset)
    sync_run_id: int | None = None
    try:
        if pipeline.is_interrupted:
            raise Interrupted
        problems = options.problems()
        if problems:
            raise OptionsError(" ".join(problems))
        pipeline.prepare()
        open_items = 0
        if not options.dry_run:
            sync_run_id, open_items = _start(run)
        extract = work(run)
        run.calls += pipeline.take_calls()
        _write(run, extract, sync_run_id, open_items)
    except INTERRUPTS:
        # Dagster would take ^C for a step to be tried again in a minute.
        pipeline.is_interrupted = True
        run.calls += pipeline.take_calls()
        failure = as_failure(Interrupted(), retries_steps=False)
        _finish_failed(run, sync_run_id, failure.description or "")
        raise failure from None
    except Exception as error:  # noqa: BLE001 - whatever it is becomes one message and a ledger entry
        run.calls += pipeline.take_calls()
        failure = as_failure(error, retries_steps=pipeline.retries_steps)
        _finish_failed(run, sync_run_id, failure.description or "")
        # A bug keeps its traceback; a known failure has said everything, and its causes may quote
        # what nobody should read.
        raise failure from (error if kind_of(error) is None else None)
    from iracing_pipeline.assets.metadata import result

    return result(run, extract)


class OptionsError(ValueError):
    """Options that contradict each other or lie outside their range."""

    kind = "misuse"


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


def _write(run: AssetRun, extract: Extract, sync_run_id: int | None, open_items: int) -> None:
    from iracing_pipeline.warehouse.ledger import finish_run, set_aside
    from iracing_pipeline.warehouse.merge import merge_all

    database = run.pipeline.database
    run.say("comparing" if sync_run_id is None else "writing")
    with database.rehearse() if sync_run_id is None else database.begin() as connection:
        run.counts = merge_all(connection, _batches(extract), run_id=run.run_id)
        if sync_run_id is None:
            return
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
            run_id=run.run_id,
        )


def _set_aside_items(run: AssetRun, extract: Extract) -> list[SetAside]:
    from iracing_pipeline.warehouse.ledger import SetAside

    answer = run.read[0]
    return [
        SetAside(answer.endpoint, answer.params, item.item_key, item.reason, item.payload)
        for item in extract.rejects
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


def rejects_in_words(extract: Extract, most: int = 10) -> str:
    """The items that could not be read, named with their reason, one a line."""
    lines = [f"{item.item_key}: {item.reason}" for item in extract.rejects[:most]]
    more = len(extract.rejects) - most
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def require_rows(extract: Extract, table: str, endpoint: str) -> Extract:
    """The extract, or EmptyAnswer where not one row of its main table could be read."""
    if not extract.rows.get(table):
        why = f"; of {len(extract.rejects)} items none could be read, such as " + (
            rejects_in_words(extract, 1) if extract.rejects else ""
        )
        raise EmptyAnswer(
            f"{endpoint} answered without a single usable item{why if extract.rejects else ''}. "
            "Nothing was written."
        )
    return extract
