"""What a sync run did, as it goes on: counts, calls, warnings; and its row of `sync_runs`.

In: what the engine tells it. Out: rows of sync_runs, api_calls, quarantine, drift, installation. A dry run
has no row: its transactions are rolled back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.response import ApiCall, Response, ResponsePart
from iracing_pipeline.core.rows import Counts, Rejected
from iracing_pipeline.core.wording import rejected_in_words
from iracing_pipeline.sync.drift import enter_drift
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.contention import again
from iracing_pipeline.warehouse.ledger.drift import KnownFields
from iracing_pipeline.warehouse.ledger.quarantine import quarantine
from iracing_pipeline.warehouse.ledger.runs import Outcome, finish_run, start_run
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, LIST_MERGED, set_state_once
from iracing_pipeline.warehouse.queries.changes import first_changes

logger = logging.getLogger(__name__)

_CHANGES_SHOWN = 10


class Recorder:
    """One per sync run. `enter` adds to a transaction; `close` and `fail` are transactions of their own."""

    def __init__(self, services: Services, run_id: str, asset: str, *, is_dry: bool) -> None:
        self._services = services
        self._run_id = run_id
        self._asset = asset
        self._is_dry = is_dry
        self._sync_run_id: int | None = None
        self._known_fields: KnownFields | None = None
        self._facts: frozenset[str] | None = None
        self._is_closing = self._is_closed = False
        self.is_branded = self._is_branding = False
        """Whether the database says already where its data comes from."""
        self._waiting: list[ApiCall] = []
        """Calls that no committed transaction has entered."""
        self._made = self._saved = 0
        self.open_items = 0
        """Items of the asset that were in quarantine when the run began."""
        self.counts: dict[str, Counts] = {}
        self.about: frozenset[int] | None = None
        """The series that the run is about; None for all."""
        self.state: dict[str, Any] = {}
        """Facts about the installation, set in the transaction that writes the rows."""
        self.drift: dict[tuple[str, bool], Drift] = {}
        self.new_drift: list[str] = []
        self.warnings: list[str] = []
        self.notes: dict[str, Any] = {}
        self.first_changes: list[str] = []
        self._changes_before: list[str] = []
        """Those of committed transactions."""
        self.durations: dict[str, list[int]] = {}
        self.lowest_budget: int | None = None

    @property
    def sync_run_id(self) -> int | None:
        """None before `open`, and in a dry run."""
        return self._sync_run_id

    def open(self, partition: str | None) -> None:
        """Enter the run as running."""
        if self._is_dry:
            return

        def enter() -> None:
            with self._services.database.autocommit() as connection:
                self.open_in(connection, partition)

        again(enter)

    def open_in(self, connection: Connection, partition: str | None) -> None:
        """The same in the caller's transaction."""
        started = start_run(connection, run_id=self._run_id, asset=self._asset, partition=partition)
        self._sync_run_id, self.open_items = started.sync_run_id, started.open_items
        self._known_fields = started.fields
        self._facts = started.facts

    def joins(self, other: Recorder) -> None:
        """Enter quarantine for this asset, and everything else in the row that the other has opened."""
        self._sync_run_id, self.is_branded = other._sync_run_id, True
        self.open_items = 1

    def lacks(self, fact: str) -> bool:
        """Whether this fact about the installation was not known when the run began."""
        return self._facts is not None and fact not in self._facts

    @property
    def misses_fields(self) -> bool:
        """Whether fields that answers used to have were missing when the run began."""
        return self._known_fields is not None and self._known_fields.misses_some

    def list_merged(self) -> None:
        """The next transaction merges the list of current seasons."""
        fact = LIST_MERGED[self._asset]
        if self.lacks(fact):
            self.state[fact] = self._services.now().isoformat()

    # -- calls ---------------------------------------------------------------------------------------

    def saved_call(self, endpoint: str, params: Mapping[str, str]) -> None:
        """A landed response served instead of a request."""
        call = ApiCall(self._services.now(), endpoint, dict(params), from_cache=True)
        self._waiting.append(call)

    def _pull(self) -> list[ApiCall]:
        """The calls that are still to be entered, for the transaction at hand.

        What other threads do meanwhile stays with the services, for the next transaction.
        """
        self._waiting += self._services.calls.take()
        return list(self._waiting)

    def committed(self) -> None:
        """The transaction that entered the calls has committed (or, in a dry run, was rolled back)."""
        for call in self._waiting:
            if call.milliseconds is not None:
                self.durations.setdefault(call.endpoint, []).append(call.milliseconds)
            if call.ratelimit_remaining is not None:
                left, lowest = call.ratelimit_remaining, self.lowest_budget
                self.lowest_budget = left if lowest is None else min(left, lowest)
        self._made += sum(not call.from_cache for call in self._waiting)
        self._saved += sum(call.from_cache for call in self._waiting)
        self._waiting = []
        self._is_closed = self._is_closed or self._is_closing
        self.is_branded = self.is_branded or self._is_branding
        self._changes_before = self.first_changes

    @property
    def api_calls(self) -> int:
        """Requests made."""
        return self._made + sum(not call.from_cache for call in self._waiting)

    @property
    def api_calls_saved(self) -> int:
        """Requests that landed responses saved."""
        return self._saved + sum(call.from_cache for call in self._waiting)

    # -- what a transaction enters ---------------------------------------------------------------------

    def enter(
        self,
        connection: Connection,
        outcome: Outcome | None,
        *,
        counts: Mapping[str, Counts],
        fetched: Sequence[Response],
        read: Sequence[Response],
        settles: Sequence[ResponsePart],
        rejected: Sequence[Rejected],
    ) -> None:
        """Land what was fetched, enter calls, quarantine, state and the outcome, if there is one.

        In the transaction of the rows; `counts` are those of the run, this transaction included.
        Raises Superseded where one of the responses `read` is no longer the newest; the caller rolls
        back then. `committed` has to follow the commit: until then the next transaction enters the
        same calls.
        """
        self._is_closing = outcome is not None
        has_changed = any(found.written for found in counts.values())
        if self._is_dry or (outcome is not None and has_changed):
            self._note_changes(connection, counts)
        if outcome is not None:
            self._enter_drift(connection)
        calls = self._pull()
        if self._sync_run_id is None:
            return
        if fetched:
            self._brand(connection)
        if rejected or self.open_items:
            quarantine(
                connection,
                asset=self._asset,
                read=settles,
                rejected=rejected,
                run_id=self._run_id,
            )
        finish_run(
            connection,
            self._sync_run_id,
            self._with_calls(outcome),
            calls,
            fetched=fetched,
            read=read,
            state=self.state,
            run_id=self._run_id,
            asset=self._asset,
            series_ids=self.about,
        )

    def close(self, outcome: Outcome) -> None:
        """Enter the outcome, the drift and the calls that are left."""
        calls = self._pull()
        if self._sync_run_id is None or self._is_closed:
            self.committed()
            return
        sync_run_id = self._sync_run_id

        def finish(connection: Connection) -> None:
            # A failure has no check that could tell of drift: the next success does.
            if outcome.status not in {"failure", "skipped"}:
                self._enter_drift(connection)
            finish_run(
                connection,
                sync_run_id,
                self._with_calls(outcome),
                calls,
                run_id=self._run_id,
                series_ids=self.about,
            )

        self._services.database.transact(finish)
        self._is_closing = True
        self.committed()

    def succeed(self, counts: Counts | None = None) -> None:
        """Enter that everything has been done, with these counts of rows."""
        self.close(Outcome("success", counts or Counts()))

    def end(self, status: str, text: str) -> None:
        """Enter that the run failed or was skipped; that this fails too is only logged."""
        counts = sum(self.counts.values(), Counts())
        try:
            self.close(Outcome(status, counts, message=text))
        except Exception as error:  # noqa: BLE001 - the failure being reported matters more than its entry
            logger.warning(
                "The %s could not be entered in sync_runs: %s", status, type(error).__name__
            )

    def outcome(self, counts: Mapping[str, Counts], rejected: Sequence[Rejected]) -> Outcome:
        """The outcome of a run that has written everything it could read."""
        return Outcome(
            status="partial" if rejected else "success",
            counts=sum(counts.values(), Counts()),
            quarantined=len(rejected),
            message=rejected_in_words(rejected) if rejected else None,
        )

    def _with_calls(self, outcome: Outcome | None) -> Outcome | None:
        return outcome and Outcome(
            outcome.status, outcome.counts, outcome.quarantined, self.api_calls, outcome.message
        )

    def _note_changes(self, connection: Connection, counts: Mapping[str, Counts]) -> None:
        """Keep in words what the run changed, before a dry run is rolled back."""
        before = self._changes_before
        left = _CHANGES_SHOWN - len(before)
        if left > 0:
            found = first_changes(connection, self._run_id, left, list(counts))
            self.first_changes = [*before, *found]

    def _enter_drift(self, connection: Connection) -> None:
        if self.drift:
            self.new_drift = enter_drift(
                connection,
                self.drift,
                asset=self._asset,
                run_id=self._run_id,
                known=self._known_fields,
            )

    def _brand(self, connection: Connection) -> None:
        """Note where the data comes from, in the transaction that lands the first of it."""
        if not self.is_branded:
            origin = self._services.origin
            self._services.check_origin(set_state_once(connection, DATA_ORIGIN, origin))
            self._is_branding = True
