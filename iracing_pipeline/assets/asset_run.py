"""What an asset works with while it runs: answers landed or fetched, the series meant, plain refusals.

In: a Dagster context, the pipeline, the options. Out: bodies to parse. Writing is attempt.py's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext

from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from iracing_pipeline.api.types.parsing import Reject
    from iracing_pipeline.core.drift import Drift
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.warehouse.ledger.runs import Call
    from iracing_pipeline.warehouse.merge.batches import Counts
    from iracing_pipeline.warehouse.responses.landing import Landed


_BY_ITSELF = ("dagster/schedule_name", "dagster/sensor_name")


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
    before: list[Landed] = field(default_factory=list)
    """Fetched by this run before it had to start over."""
    calls: list[Call] = field(default_factory=list)
    """Not entered in the ledger yet."""
    counts: dict[str, Counts] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    """What a reader should know although the asset succeeds."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Facts about the installation, set in the transaction that writes the rows."""
    about: frozenset[int] | None = None
    """The series it is about; None for all."""
    notes: dict[str, Any] = field(default_factory=dict)
    """Metadata beyond what every asset has."""
    first_changes: list[str] = field(default_factory=list)
    """What it changed first, or as a dry run would change, in words."""
    drift: dict[tuple[str, bool], Drift] = field(default_factory=dict)
    """By endpoint, and whether its fields are watched: what the types do not foresee."""
    new_drift: list[str] = field(default_factory=list)
    """What of it nobody had seen before, in words."""
    is_skipped: bool = False
    """The API was in maintenance when a schedule asked: nothing was done, and nothing is wrong."""
    durations: dict[str, list[int]] = field(default_factory=dict)
    """Milliseconds of the requests made, by endpoint."""
    lowest_budget: int | None = None
    """Fewest requests that were left in the account's window."""
    _made: int = 0
    _saved: int = 0

    @property
    def run_id(self) -> str:
        return self.context.run.run_id

    def answer(
        self,
        endpoint: str,
        params: Mapping[str, str] | None = None,
        *,
        asks: bool | None = None,
        ttl: timedelta | None = None,
        keeps: bool = True,
    ) -> Any:
        """The body of an answer: landed and fresh, or fetched now (and landed with the rows).

        `asks`: whether to ask the API whatever has landed; None leaves it to the option `refresh`.
        `ttl`: how long it serves, by default as configured. `keeps`: later assets of the run find it
        in memory.
        """
        from iracing_pipeline.warehouse.responses.landing import landed

        pipeline, params = self.pipeline, params or {}
        mine = self._own(endpoint, params)
        if mine is not None:
            with pipeline.database.autocommit() as connection:
                theirs = landed(connection, endpoint, params)
            if theirs is None or theirs.fetched_at <= mine.fetched_at:
                self.fetched.append(mine)
                theirs = mine
            self._note(theirs, keeps)
            return theirs.body
        if not (self.options.refresh if asks is None else asks):
            with pipeline.database.autocommit() as connection:
                known = landed(
                    connection,
                    endpoint,
                    params,
                    fetched_after=pipeline.now() - ttl if ttl else self.freshness_limit(),
                    now=pipeline.now(),
                )
            if known is not None:
                self.say(f"{endpoint}: landed {known.fetched_at:%Y-%m-%d %H:%M} UTC, no request")
                self.save_call(endpoint, params)
                self._note(known, keeps)
                return known.body
        self.say(f"{endpoint}: asking the API")
        fresh = self.fetch(endpoint, params, ttl=ttl)
        self.fetched.append(fresh)
        self._note(fresh, keeps)
        return fresh.body

    def freshness_limit(self) -> datetime:
        """Answers fetched before this moment are asked for again."""
        limit, asked = self.pipeline.freshness_limit(), self.options.asks_before
        return max(limit, asked) if asked else limit

    def fetch(
        self,
        endpoint: str,
        params: Mapping[str, str],
        *,
        ttl: timedelta | None = None,
        serves_for_ever: bool = False,
    ) -> Landed:
        """An answer of the API, ready to be landed. Touches nothing of this run: any thread may call it."""
        from iracing_pipeline.core.redact import strip_signatures
        from iracing_pipeline.model.rows.forecasts import forecast_links
        from iracing_pipeline.model.rows.seasons import ENDPOINT as LIST_ENDPOINT
        from iracing_pipeline.warehouse.responses.landing import Landed

        answer = self.pipeline.fetch(endpoint, params)
        if endpoint == LIST_ENDPOINT:
            # What lands has no signatures: the links live as long as this run.
            self.pipeline.note_links(self.run_id, forecast_links(answer.body))
        until = answer.fetched_at + ttl if ttl else self.pipeline.expires_at(answer.fetched_at)
        if self.options.verbose:
            self.say(f"{endpoint}: {answer.bytes:,} bytes in {answer.milliseconds:,} ms")
        return Landed(
            endpoint=endpoint,
            params=params,
            body=strip_signatures(answer.body),
            bytes=answer.bytes,
            fetched_at=answer.fetched_at,
            expires_at=None if serves_for_ever else until,
        )

    def landed_answer(self, endpoint: str, params: Mapping[str, str], *, filled_by: str) -> Any:
        """The newest landed body whatever its age, without a request.

        Raises NothingLanded, naming the asset that fills it, where there is none.
        """
        from iracing_pipeline.warehouse.responses.landing import landed

        known = self.pipeline.kept(self.run_id, endpoint, params)
        if known is None:
            with self.pipeline.database.autocommit() as connection:
                known = landed(connection, endpoint, params)
        if known is None:
            asked = " ".join(f"{name}={value}" for name, value in params.items())
            raise NothingLanded(
                f"No answer of {endpoint} ({asked}) has landed yet: materialize {filled_by} first."
            )
        self.save_call(endpoint, params)
        self._note(known)
        return known.body

    def drift_of(self, endpoint: str, *, watches_fields: bool = True) -> Drift:
        """Where the reading of this endpoint's answers counts what it did not expect.

        `watches_fields`: whether a field that used to be there would be missed, as it would not in
        answers about other years.
        """
        from iracing_pipeline.core.drift import Drift

        return self.drift.setdefault((endpoint, watches_fields), Drift(watches_fields))

    def save_call(self, endpoint: str, params: Mapping[str, str]) -> None:
        """Enter that a landed answer served."""
        from iracing_pipeline.warehouse.ledger.runs import Call

        self.calls.append(
            Call(at=self.pipeline.now(), endpoint=endpoint, params=params, from_cache=True)
        )

    def drop(self, endpoint: str) -> None:
        """Do not land an answer that turned out to be of no use."""
        self.fetched = [landed for landed in self.fetched if landed.endpoint != endpoint]
        self.read = [landed for landed in self.read if landed.endpoint != endpoint]

    def take_calls(self) -> list[Call]:
        """The calls that the ledger does not have yet; it is told of them now."""
        calls, self.calls = [*self.calls, *self.pipeline.take_calls()], []
        for call in calls:
            if call.milliseconds is not None:
                self.durations.setdefault(call.endpoint, []).append(call.milliseconds)
            if call.ratelimit_remaining is not None:
                left = call.ratelimit_remaining
                lowest = self.lowest_budget
                self.lowest_budget = left if lowest is None else min(left, lowest)
        self._made += sum(not call.from_cache for call in calls)
        self._saved += sum(call.from_cache for call in calls)
        return calls

    def start_over(self) -> None:
        """Forget what was read: the next reading takes the newest of what was fetched and has landed."""
        self.before += self.fetched
        self.fetched, self.read, self.warnings, self.drift = [], [], [], {}
        self.pipeline.forget()

    def _own(self, endpoint: str, params: Mapping[str, str]) -> Landed | None:
        """The answer this run fetched before it had to start over."""
        for answer in self.before:
            if answer.endpoint == endpoint and dict(answer.params) == dict(params):
                return answer
        return None

    def _note(self, landed: Landed, keeps: bool = True) -> None:
        self.read.append(landed)
        if keeps:
            self.pipeline.keep(self.run_id, landed)

    @property
    def is_scheduled(self) -> bool:
        """Whether a schedule or a sensor started the run, not a person."""
        return any(tag in self.context.run.tags for tag in _BY_ITSELF)

    def say(self, text: str, ended: bool | None = None) -> None:
        self.pipeline.progress(self.asset, text, ended)
        if self.options.verbose:
            self.context.log.info(text)
        else:
            self.context.log.debug(text)

    def warn(self, text: str) -> None:
        """Something the reader should know although the asset goes on."""
        self.warnings.append(text)
        self.context.log.warning(text)

    def made_calls(self) -> int:
        return self._made + sum(not call.from_cache for call in self.calls)

    def saved_calls(self) -> int:
        return self._saved + sum(call.from_cache for call in self.calls)


def rejects_in_words(extract: Extract, most: int = 10) -> str:
    """The items that could not be read, named with their reason, one a line."""
    return items_in_words(extract.rejects, most)


def items_in_words(rejects: Sequence[Reject], most: int = 10) -> str:
    """Items, named with their reason, one a line."""
    lines = [f"{item.item_key}: {item.reason}" for item in rejects[:most]]
    more = len(rejects) - most
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def ids_of(rejects: Sequence[Reject], name: str) -> list[int]:
    """The ids, as far as they can be read, of items that cannot."""
    found = [item.payload.get(name) for item in rejects if isinstance(item.payload, dict)]
    return [value for value in found if type(value) is int]


def choose_series(
    run: AssetRun, known: Collection[int], more: Collection[int] = ()
) -> frozenset[int] | None:
    """The series that the options mean, the same for every asset of a run; None for all.

    `more` are series that exist although the limit does not count them.
    """
    from iracing_pipeline.model.selection import select_series
    from iracing_pipeline.warehouse.queries.series import series_ids

    if not run.options.selects_series:
        return None
    chosen = run.pipeline.chosen(run.run_id)
    if chosen is None:
        with run.pipeline.database.autocommit() as connection:
            elsewhere = series_ids(connection).union(more)
        chosen = select_series(
            known,
            series_ids=run.options.series_ids,
            limit=run.options.limit,
            known_elsewhere=elsewhere,
        )
        assert chosen is not None
        run.pipeline.choose(run.run_id, chosen)
    run.about = chosen
    return chosen


def require_rows(
    extract: Extract, table: str, endpoint: str, *, may_be_empty: bool = False
) -> Extract:
    """The extract, or EmptyAnswer where not one row of its main table could be read.

    `may_be_empty`: an answer that is empty, not one that cannot be read, is taken as it is.
    """
    if not extract.rows.get(table) and not (may_be_empty and not extract.rejects):
        from iracing_pipeline.model.retirement import FORCE

        why = f"; of {len(extract.rejects)} items none could be read, such as " + (
            rejects_in_words(extract, 1) if extract.rejects else ""
        )
        raise EmptyAnswer(
            f"{endpoint} answered without a single usable item{why if extract.rejects else ''}. "
            "Nothing was written."
            + ("" if extract.rejects else f" If it is right, run it again with {FORCE}.")
        )
    return extract
