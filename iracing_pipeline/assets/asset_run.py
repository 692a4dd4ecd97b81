"""What an asset works with while it runs: answers landed or fetched, the series meant, plain refusals.

In: a Dagster context, the pipeline, the options. Out: bodies to parse. Writing is attempt.py's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext

from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline

if TYPE_CHECKING:
    from iracing_pipeline.model.extract import Extract
    from iracing_pipeline.warehouse.landing import Landed
    from iracing_pipeline.warehouse.ledger import Call
    from iracing_pipeline.warehouse.merge import Counts


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
        mine = self._own(endpoint, params)
        if mine is not None:
            with pipeline.database.autocommit() as connection:
                theirs = landed(connection, endpoint, params)
            if theirs is None or theirs.fetched_at <= mine.fetched_at:
                self.fetched.append(mine)
                theirs = mine
            self._note(theirs)
            return theirs.body
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

    def start_over(self) -> None:
        """Forget what was read: the next reading takes the newest of what was fetched and has landed."""
        self.before += self.fetched
        self.fetched, self.read = [], []
        self.pipeline.forget()

    def _own(self, endpoint: str, params: Mapping[str, str]) -> Landed | None:
        """The answer this run fetched before it had to start over."""
        for answer in self.before:
            if answer.endpoint == endpoint and dict(answer.params) == dict(params):
                return answer
        return None

    def _note(self, landed: Landed) -> None:
        self.read.append(landed)
        self.pipeline.keep(self.run_id, landed)

    def say(self, text: str, ended: bool | None = None) -> None:
        self.pipeline.progress(self.asset, text, ended)
        if self.options.verbose:
            self.context.log.info(text)
        else:
            self.context.log.debug(text)

    def made_calls(self) -> int:
        return sum(not call.from_cache for call in self.calls)

    def saved_calls(self) -> int:
        return sum(call.from_cache for call in self.calls)


def rejects_in_words(extract: Extract, most: int = 10) -> str:
    """The items that could not be read, named with their reason, one a line."""
    lines = [f"{item.item_key}: {item.reason}" for item in extract.rejects[:most]]
    more = len(extract.rejects) - most
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def choose_series(run: AssetRun, known: list[int]) -> frozenset[int] | None:
    """The series that the options mean, the same for every asset of a run; None for all."""
    from iracing_pipeline.model.selection import select_series
    from iracing_pipeline.warehouse.lookups import series_ids

    if not run.options.series_ids and run.options.limit is None:
        return None
    chosen = run.pipeline.chosen(run.run_id)
    if chosen is None:
        with run.pipeline.database.autocommit() as connection:
            elsewhere = series_ids(connection)
        chosen = select_series(
            known,
            series_ids=run.options.series_ids,
            limit=run.options.limit,
            known_elsewhere=elsewhere,
        )
        assert chosen is not None
        run.pipeline.choose(run.run_id, chosen)
    return chosen


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
