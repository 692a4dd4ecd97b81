"""One sync run: one asset, once. What it works with, how it begins and ends, and what a dry run rolls back.

In: services, a session, who started it, options. Out: SyncRun, and the events of an engine function with
whatever stopped it turned into one failure, recorded.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.errors import Interrupted, failure_kind, kind_of, message_of
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.options import OptionsError, SyncOptions
from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.core.wording import counts_in_words, rejected_in_words
from iracing_pipeline.model.selection import select_series
from iracing_pipeline.model.shrinkage import FORCE
from iracing_pipeline.sync.drift import drift_counts, repetitions
from iracing_pipeline.sync.recorder import Recorder
from iracing_pipeline.sync.responses import EmptyResponse, Responses
from iracing_pipeline.sync.result import SyncEvent, SyncFailed, SyncResult, SyncSkipped
from iracing_pipeline.sync.services import Listener, Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.door import DatabaseError
from iracing_pipeline.warehouse.ledger.statistics import analyse, loaded
from iracing_pipeline.warehouse.lock_waits import LockHeld
from iracing_pipeline.warehouse.queries.series import series_ids, series_names

logger = logging.getLogger(__name__)

PREVIEW_ROWS = 8
T = TypeVar("T")


class Policy(enum.Enum):
    """What writing means."""

    SYNC = enum.auto()
    """The response is the newest word: what it lacks is retired, what it brings back is restored."""
    REPLAY = enum.auto()
    """It was read before: what it lacked was retired then, or there was a reason not to."""


@dataclass(frozen=True)
class RunInfo:
    """What the engine knows of whoever started it."""

    run_id: str
    asset: str
    partition: str | None = None
    is_scheduled: bool = False
    """A schedule or a sensor started the run, not a person."""


@dataclass(frozen=True)
class SyncRun:
    """What the engine functions work with."""

    services: Services
    session: Session
    info: RunInfo
    options: SyncOptions
    listener: Listener
    recorder: Recorder
    responses: Responses = field(default_factory=Responses)
    policy: Policy = Policy.SYNC
    connection: Connection | None = None
    """The one transaction that everything is written in; None: each write is a transaction of its own."""

    @classmethod
    def of(
        cls,
        services: Services,
        session: Session,
        info: RunInfo,
        options: SyncOptions | None = None,
        listener: Listener | None = None,
    ) -> SyncRun:
        options = options or SyncOptions()
        recorder = Recorder(services, info.run_id, info.asset, is_dry=options.dry_run)
        return cls(services, session, info, options, listener or services.listener, recorder)

    @property
    def is_interrupted(self) -> bool:
        """Whether the process was told to stop: what has not begun does not begin then."""
        return self.session.is_interrupted or self.services.was_interrupted()

    def say(self, text: str, *, ended: bool | None = None) -> None:
        self.listener.say(self.info.asset, text, ended=ended)

    def progress(self, done: int, total: int, items: str, more: str = "") -> None:
        """Tell that so many of them are done; `more` follows the noun."""
        text = f"{done:,} of {total:,} {items}{more}"
        self.listener.progress(self.info.asset, text, done / total if total else 1)

    def warn(self, text: str) -> None:
        """Something the reader should know although the asset goes on."""
        self.recorder.warnings.append(text)
        self.listener.warn(self.info.asset, text)

    def drift_of(self, endpoint: str, *, watches_fields: bool = True) -> Drift:
        """Where the reading of this endpoint's responses counts what it did not expect.

        `watches_fields`: whether a field that used to be there would be missed, as it would not in
        responses about other years.
        """
        found = self.recorder.drift
        return found.setdefault((endpoint, watches_fields), Drift(watches_fields))

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to look something up: in autocommit, or the transaction of a replay."""
        if self.connection is not None:
            return _Given(self.connection)
        return self.services.database.autocommit()

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction, from its beginning where other sessions get in its way.

        In a dry run it is rolled back; in a replay it is part of the caller's.
        """
        if self.connection is not None:
            return work(self.connection)
        return self.services.database.transact(work, is_dry=self.options.dry_run)

    def start_over(self) -> None:
        """Forget what was read: the next reading takes the newest of what was fetched and has landed."""
        self.responses.start_over()
        self.recorder.warnings.clear()
        self.recorder.drift.clear()
        self.session.forget_responses()

    def result(
        self,
        batch: RowBatch,
        *,
        main_table: str | None = None,
        summary: str | None = None,
        failure: SyncFailed | None = None,
    ) -> SyncResult:
        """What the run came to, once everything is written. It is said, too."""
        recorder = self.recorder
        for text in repetitions(recorder.drift):
            self.warn(text)
        name = main_table or batch.main_table
        rows = batch.rows.get(name, [])
        text = summary or counts_in_words(recorder.counts, len(batch.rejected))
        self.say(text, ended=not batch.rejected and failure is None)
        return SyncResult(
            main_table=name,
            counts=dict(recorder.counts),
            rejected=list(batch.rejected),
            summary=text,
            preview=rows[:PREVIEW_ROWS],
            row_total=len(rows) if batch.row_total is None else batch.row_total,
            api_calls=recorder.api_calls,
            api_calls_saved=recorder.api_calls_saved,
            durations=dict(recorder.durations),
            lowest_budget=recorder.lowest_budget,
            drift=drift_counts(recorder.drift),
            new_drift=list(recorder.new_drift),
            warnings=list(recorder.warnings),
            first_changes=list(recorder.first_changes),
            notes=dict(recorder.notes),
            failure=failure,
        )


class _Given(AbstractContextManager[Connection]):
    """A connection that somebody else opens and closes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        pass


def engine(
    run: SyncRun, work: Callable[[SyncRun], Iterator[SyncEvent]], *, asks_api: bool = True
) -> Iterator[SyncEvent]:
    """The events of `work`: checked before, recorded from start to end.

    Whatever stops it becomes one SyncFailed with one message, entered in sync_runs. What is made of
    stored rows alone (`asks_api` false) needs no credentials. Where the API is in maintenance and no
    person waits for the run, it ends with SyncSkipped instead.
    """
    try:
        if run.is_interrupted:
            raise Interrupted
        problems = run.options.problems()
        if problems:
            raise OptionsError(" ".join(problems))
        run.services.database.tell = partial(run.listener.warn, run.info.asset)
        prepare(run.services, run.session, asks_api=asks_api)
        run.recorder.is_branded = run.session.stored_origin is not None
        run.recorder.open(run.info.partition)
        yield from work(run)
        _analyse_loaded(run)
    except (GeneratorExit, SystemExit):
        raise
    except BaseException as caught:  # noqa: BLE001 - one message and one entry
        error = caught
        # What ^C tears apart (a query under way) may surface as any other error; and orchestrators
        # have interrupts of their own, which are no Exception either.
        if not isinstance(caught, Exception) or run.is_interrupted:
            run.session.is_interrupted = True
            error = Interrupted()
        if kind_of(error) == "maintenance" and run.info.is_scheduled:
            yield _skipped(run, str(error))
            return
        text = message_of(error)
        run.recorder.end("failure", text)
        interrupted = run.session.is_interrupted
        run.say("interrupted" if interrupted else "failed, see below", ended=False)
        # A bug keeps its traceback; a known failure has said everything, and its causes may quote
        # what nobody should read.
        raise SyncFailed(text, kind_of(error)) from (error if kind_of(error) is None else None)


def _analyse_loaded(run: SyncRun) -> None:
    """Have Postgres analyse the tables that this run has filled. Their rows stay, even if that fails."""
    names = loaded(run.recorder.counts)
    if not names or run.options.dry_run or run.connection is not None:
        return
    try:
        with run.reading() as connection:
            analyse(connection, names)
    except (DBAPIError, DatabaseError, LockHeld) as error:
        logger.info(
            "The tables that were filled could not be analysed; autovacuum will do it: %s",
            message_of(error),
        )


def prepare(services: Services, session: Session, *, asks_api: bool = True) -> None:
    """Check the configuration, bring the schema up to date, refuse to mix simulated and real data.

    Raises ConfigurationError before anything is written when credentials are missing. What asks the
    API nothing (`asks_api` false) needs none, and mixes nothing.
    """
    if asks_api:
        services.settings.require_credentials()
    services.database.ensure_current()
    if asks_api and session.stored_origin is None:
        session.stored_origin = services.stored_origin()


def _skipped(run: SyncRun, reason: str) -> SyncSkipped:
    """Nothing was done because the API is in maintenance: no failure, and no success either."""
    run.recorder.end("skipped", reason)
    run.say("skipped: the API is in maintenance", ended=True)
    return SyncSkipped(reason, run.recorder.open_items, run.recorder.new_drift)


def stops_everything(error: BaseException) -> bool:
    """Whether every further item would fail in the same way: also for a bug."""
    kind = kind_of(error)
    return kind is None or failure_kind(kind).stops_everything


def concerns_one_response(error: BaseException) -> bool:
    """Whether other endpoints may answer all the same."""
    kind = kind_of(error)
    return kind is not None and failure_kind(kind).concerns_one_response


def selected_series(
    run: SyncRun, known: Collection[int], more: Collection[int] = ()
) -> frozenset[int] | None:
    """The series that the options select, the same for every asset of a session; None for all.

    `more` are series that exist although the limit does not count them.
    """
    if not run.options.selects_series:
        return None
    selected = run.session.selected
    if selected is None:
        with run.reading() as connection:
            elsewhere = series_ids(connection).union(more)
            names = series_names(connection)
        selected = select_series(
            known,
            series_ids=run.options.series_ids,
            limit=run.options.limit,
            known_elsewhere=elsewhere,
            names=names,
        )
        assert selected is not None
        run.session.selected = selected
    run.recorder.about = selected
    return selected


def ids_of(payloads: Sequence[Any], name: str) -> list[int]:
    """The ids, as far as they can be read, of items that cannot be read as a whole."""
    found = [whole(payload.get(name)) for payload in payloads if isinstance(payload, Mapping)]
    return [value for value in found if value is not None]


def require_rows(batch: RowBatch, endpoint: str, *, may_be_empty: bool = False) -> RowBatch:
    """The batch, or EmptyResponse where not one row of its main table could be read.

    `may_be_empty`: a response that is empty, not one that cannot be read, is taken as it is.
    """
    if batch.rows.get(batch.main_table) or (may_be_empty and not batch.rejected):
        return batch
    if batch.rejected:
        raise EmptyResponse(
            f"{endpoint} answered without a single usable item; of {len(batch.rejected)} items none "
            f"could be read, such as {rejected_in_words(batch.rejected, 1)}. Nothing was written."
        )
    raise EmptyResponse(
        f"{endpoint} answered without a single usable item. Nothing was written. If it is right, run "
        f"it again with {FORCE}."
    )
