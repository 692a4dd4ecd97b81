"""`past_seasons`: entries of the index, landed or fetched → seasons, their classes, week → track.

In: series. Out: rows, series by series; an event for each, after its commit. Which call brings an entry
is decided in model/plan.py, how an entry becomes rows in index_entries.py.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from iracing_pipeline.api.errors import ApiError
from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.core.endpoints import PAST_SEASONS, STATS_SERIES
from iracing_pipeline.core.errors import message_of
from iracing_pipeline.core.numbers import MOST, whole
from iracing_pipeline.core.response import Response, ResponseKey, ResponsePart
from iracing_pipeline.core.rows import Counts, Rejected, RowBatch
from iracing_pipeline.core.seasons import CurrentList, MissingSchedule
from iracing_pipeline.core.wording import reasons_in_words
from iracing_pipeline.model.plan import plan_index
from iracing_pipeline.model.rows.index import series_of_past_seasons
from iracing_pipeline.model.shrinkage import Shrunk
from iracing_pipeline.sync.fetching import Fetcher
from iracing_pipeline.sync.index_entries import (
    IndexEntry,
    IndexReading,
    check_index,
    current_list,
    landed_entries,
    landed_series_of,
    read_entries,
    series_params,
    stored_seasons,
)
from iracing_pipeline.sync.responses import fetch, read_response
from iracing_pipeline.sync.result import SeriesFailed, SeriesSynced, SyncEvent, SyncFailed
from iracing_pipeline.sync.run import (
    SyncRun,
    concerns_one_response,
    engine,
    selected_series,
    stops_everything,
)
from iracing_pipeline.sync.writer import ROUNDS, Overtaken, count_living, write
from iracing_pipeline.warehouse.ledger.runs import Outcome, Superseded, enter_failed_partitions
from iracing_pipeline.warehouse.ledger.state import ENTRIES_MERGED, get_state
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.queries.series import series_names
from iracing_pipeline.warehouse.responses.lists import index_landed

TABLES = ("seasons", "season_car_classes", "season_schedules")
# Series per transaction: about 500 seasons and 6,000 weeks.
_SERIES_PER_BATCH = 40
_PAUSE_SECONDS = 0.2
_NAMED = 20
_NO_ID = (
    f"no series can have this id, which is no whole number up to {MOST}: delete the partition key"
)


def sync_past_seasons(run: SyncRun, series: Sequence[int | str]) -> Iterator[SyncEvent]:
    """All seasons of these series since 2008: SeriesSynced or SeriesFailed for each, then the result.

    `series`: ids, or partition keys; one that can be no id is a series that fails.
    """
    yield from engine(run, lambda run: _PastSeasons(run, series).sync())


@dataclass
class _Merged:
    """The series whose landed entries are in the tables, under a mark of what they were read with.

    The same entries read anew, on the same day and by the same version, come to the same rows: whatever
    the list of current seasons says since, current_seasons does; an index that contradicts it expires.
    """

    mark: list[str | None]
    series: dict[int, tuple[int, int]] = field(default_factory=dict)
    """How many seasons and weeks, by series. A series with items in quarantine is not among them."""

    @classmethod
    def of(cls, connection: Connection, now: datetime) -> _Merged:
        """What was merged before, as far as it holds still."""
        mark = [*index_landed(connection), now.date().isoformat(), HEAD]
        fact = get_state(connection, ENTRIES_MERGED) or {}
        if mark[0] is None or fact.get("mark") != mark:
            return cls(mark)
        return cls(mark, {int(key): (count[0], count[1]) for key, count in fact["series"].items()})

    def fact(self) -> dict[str, object]:
        return {"mark": self.mark, "series": dict(self.series)}


@dataclass
class _PastSeasons:
    run: SyncRun
    series: Sequence[int | str]
    synced: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Seasons and weeks, by series."""
    failed: dict[int | str, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    names: Mapping[int, str] = field(default_factory=dict)
    current: CurrentList = field(default_factory=CurrentList)
    merged: _Merged = field(default_factory=lambda: _Merged([]))

    def sync(self) -> Iterator[SyncEvent]:
        """Everything, batch by batch."""
        run, began_at = self.run, self.run.services.now()
        wanted = yield from self._wanted()
        plan = plan_index(wanted, landed_series_of(run, wanted))
        singles = set(plan.one_by_one)
        if plan.asks_for_all and not self._fetch_index():
            singles = set(wanted).difference(plan.from_landed)
        with run.reading() as connection:
            # Before entries are read: what lands later is merged under an older mark, and so once more.
            self.merged = _Merged.of(connection, run.services.now())
            self.current = current_list(connection)
            self.names = series_names(connection)
        rest = [series_id for series_id in wanted if series_id not in singles]
        if self._are_merged(rest):
            yield from self._told({one: self.merged.series[one] for one in rest})
            rest = []
        for start in range(0, len(rest), _SERIES_PER_BATCH):
            singles |= yield from self._from_landed(rest[start : start + _SERIES_PER_BATCH])
        if singles:
            yield from self._one_by_one(sorted(singles))
        self._close(began_at)
        yield self._result()

    def _wanted(self) -> Generator[SyncEvent, None, list[int]]:
        ids = {one: whole(one) for one in self.series}
        known = [series_id for series_id in ids.values() if series_id is not None]
        selected = selected_series(self.run, known)
        wanted = [one for one in known if selected is None or one in selected]
        self.run.recorder.about = frozenset(wanted)
        for one in () if selected is not None else [key for key in ids if ids[key] is None]:
            yield self._fail(one, _NO_ID)
        return wanted

    # -- where the entries come from ---------------------------------------------------------------

    def _fetch_index(self) -> bool:
        """Fetch and land the index; False where it is not available."""
        run = self.run
        try:
            body = read_response(run, STATS_SERIES, asks=True, keeps=run.options.dry_run)
            check_index(run, body)
        except (ApiError, UnusableResponse, Shrunk) as error:
            if not concerns_one_response(error):
                raise
            run.responses.drop(STATS_SERIES)
            run.session.forget_responses()
            run.warn(f"The index of all series is not available, asking series by series: {error}")
            return False
        write(run, [], fetched=run.responses.take())
        return True

    def _from_landed(self, series_ids: Sequence[int]) -> Generator[SyncEvent, None, set[int]]:
        """Write these series from what has landed; returns those without a usable landed entry."""
        run = self.run
        for turn in range(ROUNDS):
            # Whoever else has fetched the index has come to this point a little later, or earlier.
            run.services.pauses.sleep(min(turn, 5) * _PAUSE_SECONDS * random.random())  # noqa: S311
            entries = landed_entries(self.run, series_ids)
            try:
                reading = self._write(entries, fails=False)
            except Superseded:
                run.say("another run has landed a newer index: reading that one")
                continue
            yield from self._events(reading)
            absent = set(series_ids).difference(entry.series_id for entry in entries)
            return absent.union(reading.unusable)
        raise Overtaken

    def _one_by_one(self, series_ids: Sequence[int]) -> Iterator[SyncEvent]:
        """Ask for each of these series, several at a time, and write what comes as it comes."""
        run = self.run

        def fetch_series(series_id: int) -> Response:
            params = series_params(series_id)
            return run.session.kept(PAST_SEASONS, params) or fetch(run, PAST_SEASONS, params)

        threads = min(run.options.concurrency, len(series_ids))
        with Fetcher(
            fetch_series,
            series_ids,
            threads=threads,
            waiting=4 * threads,
            begin=run.services.pauses.end_with,
        ) as fetcher:
            for batch in fetcher.batches(_SERIES_PER_BATCH):
                entries = []
                for series_id, response in batch:
                    try:
                        if isinstance(response, Exception):
                            raise response
                        raw = series_of_past_seasons(response.body, series_id)
                    except Exception as error:
                        if stops_everything(error) and isinstance(response, Exception):
                            raise
                        yield self._fail(series_id, message_of(error))
                        continue
                    entries.append(IndexEntry(series_id, raw, response, is_fetched=True))
                if entries:
                    reading = self._write(entries, fails=True)
                    for series_id, item in reading.unusable.items():
                        yield self._fail(series_id, item.reason)
                    yield from self._events(reading)

    # -- writing ------------------------------------------------------------------------------------

    def _write(self, entries: Sequence[IndexEntry], *, fails: bool) -> IndexReading:
        """Merge these series in one transaction; raises Superseded where a newer response has landed.

        `fails`: entries that cannot be read at all go into quarantine: there is no other way to them.
        """
        run, now = self.run, self.run.services.now()
        with run.reading() as connection:
            stored = stored_seasons(connection, entries, now)
        listed_by = dict(run.session.listed_by)
        reading = read_entries(
            entries,
            stored,
            self.current,
            listed_by,
            now=lambda entry: now,
            drift_of=lambda endpoint, watches: run.drift_of(endpoint, watches_fields=watches),
            allow_shrink=run.options.allow_shrink,
        )
        rejected = reading.rejected(entries)
        if not fails:
            whole = {one: past for one, past in reading.past.items() if not past.rejected}
            self.merged.series |= {one: (past.seasons, past.weeks) for one, past in whole.items()}
            run.recorder.state[ENTRIES_MERGED] = self.merged.fact()
        write(
            run,
            reading.batches(),
            fetched=[entry.response for entry in entries if entry.is_fetched],
            read=_distinct(
                entry.response for entry in entries if entry.is_landed and not entry.is_fetched
            ),
            # Wherever an item of theirs was bad before: it is what it is here now.
            settles=[
                ResponsePart(endpoint, params, f"series_id={entry.series_id}")
                for entry in entries
                for endpoint, params in (
                    (STATS_SERIES, {}),
                    (PAST_SEASONS, series_params(entry.series_id)),
                )
            ],
            rejected=[*rejected, *(reading.unusable.values() if fails else ())],
        )
        run.session.listed_by = listed_by
        self.rejected += rejected
        self.rejected += reading.unusable.values() if fails else ()
        return reading

    def _are_merged(self, series_ids: Sequence[int]) -> bool:
        """Whether what has landed of all these series is in the tables, read with what is landed now."""
        options = self.run.options
        return not (options.refresh or options.allow_shrink or options.dry_run) and (
            self.merged.series.keys() >= set(series_ids)
        )

    def _events(self, reading: IndexReading) -> Iterator[SyncEvent]:
        """An event per series; a series with items in quarantine counts as failed."""
        whole: dict[int, tuple[int, int]] = {}
        for series_id, past in reading.past.items():
            if past.rejected:
                first = past.rejected[0]
                more = f" (and {len(past.rejected) - 1} more)" if len(past.rejected) > 1 else ""
                yield self._fail(
                    series_id,
                    f"set aside in quarantine, the rest is stored: {first.item_key}: "
                    f"{first.reason}{more}",
                )
            else:
                whole[series_id] = (past.seasons, past.weeks)
        yield from self._told(whole)
        if self.run.options.dry_run:
            self.run.session.planned += _planned(reading)

    def _told(self, whole: Mapping[int, tuple[int, int]]) -> Iterator[SyncEvent]:
        for left, (series_id, (seasons, weeks)) in zip(
            reversed(range(len(whole))), whole.items(), strict=True
        ):
            self.synced[series_id] = (seasons, weeks)
            name = self.names.get(series_id)
            yield SeriesSynced(series_id, name, seasons, weeks, is_last=left == 0)
        total = len(self.run.recorder.about or ())
        self.run.progress(len(self.synced) + len(self.failed), total, "series")

    def _fail(self, series_id: int | str, reason: str) -> SeriesFailed:
        self.failed[series_id] = reason
        name = self.names.get(series_id) if isinstance(series_id, int) else None
        return SeriesFailed(series_id, name, reason)

    # -- the end ------------------------------------------------------------------------------------

    def _close(self, began_at: datetime) -> None:
        run = self.run
        count_living(run)
        run.recorder.close(
            Outcome(
                "partial" if self.failed else "success",
                sum(run.recorder.counts.values(), Counts()),
                len(self.rejected),
                message=self._named() if self.failed else None,
            )
        )
        if self.failed and not run.options.dry_run:
            run.services.database.transact(
                lambda connection: enter_failed_partitions(
                    connection,
                    run_id=run.info.run_id,
                    asset=run.info.asset,
                    reasons={str(key): text for key, text in self.failed.items()},
                    since=began_at,
                )
            )

    def _result(self) -> SyncEvent:
        seasons, weeks = map(sum, zip((0, 0), *self.synced.values(), strict=True))
        failure = None
        if self.failed:
            failure = SyncFailed(
                f"{len(self.failed)} of {len(self.synced) + len(self.failed)} series "
                f"failed; the others are stored.\n{self._named()}",
                "items",
                {"failed_series": {str(key): text for key, text in self.failed.items()}},
            )
        return self.run.result(
            RowBatch(rejected=self.rejected),
            main_table=TABLES[0],
            summary=f"{len(self.synced):,} series, {seasons:,} seasons, {weeks:,} weeks"
            + (f", {len(self.failed)} failed" if self.failed else ""),
            failure=failure,
        )

    def _named(self) -> str:
        return reasons_in_words("series", self.failed, _NAMED)


def _planned(reading: IndexReading) -> list[MissingSchedule]:
    """Past seasons that a dry run would have stored, and whose schedules it would ask for next."""
    return [
        MissingSchedule(
            row["season_id"],
            row["series_id"],
            (row["season_year"], row["season_quarter"]),
            row.get("complete"),
        )
        for past in reading.past.values()
        for row in past.history.rows["seasons"]
        if row.get("complete", not row.get("active"))
    ]


def _distinct(responses: Iterable[Response]) -> list[Response]:
    found: dict[ResponseKey, Response] = {response.key: response for response in responses}
    return list(found.values())
