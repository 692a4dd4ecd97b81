"""The work of `past_seasons`: entries of the index, landed or fetched, written series by series.

In: the run's partitions. Out: rows, a materialization per series that went well, a failure that names
the others. Which call brings an entry is model/plan.py's, how it becomes rows is model/index_rows.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetMaterialization, AssetObservation, Failure, MetadataValue

from iracing_pipeline.assets.asset_run import AssetRun, choose_series
from iracing_pipeline.assets.attempt import (
    ROUNDS,
    Books,
    Overtaken,
    count_living,
    is_of_partitions,
)
from iracing_pipeline.assets.drift import drift_check, drift_metadata
from iracing_pipeline.assets.entries import (
    Entry,
    check_index,
    landed_entries,
    landed_series_of,
    stored_seasons,
)
from iracing_pipeline.assets.failures import kind_of, message_of
from iracing_pipeline.assets.fetching import Fetcher
from iracing_pipeline.assets.refusal import answer_taken
from iracing_pipeline.assets.series import INDEX_TTL, SERIES_PARTITIONS

if TYPE_CHECKING:
    from iracing_pipeline.api.types.parsing import Reject
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.model.lifecycle import Present
    from iracing_pipeline.model.rows.index import Past
    from iracing_pipeline.warehouse.responses.landing import Landed

# Series per transaction: about 500 seasons and 6,000 weeks.
_SERIES_PER_BATCH = 40
# So many show which fields every season of the index has.
_MANY_SERIES = 20
TABLES = ("seasons", "season_car_classes", "season_schedules")


@dataclass
class PastWork:
    """The partitions of one run."""

    run: AssetRun
    books: Books
    done: dict[int, dict[str, int]] = field(default_factory=dict)
    """Per series that went well: seasons and weeks of its entry."""
    failed: dict[int, str] = field(default_factory=dict)
    kinds: set[str | None] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)
    present: Present | None = None
    began_at: datetime | None = None

    def do(self) -> None:
        """Everything, batch by batch."""
        from iracing_pipeline.model.plan import plan_index

        run = self.run
        self.began_at = run.pipeline.now()
        wanted = self._wanted()
        plan = plan_index(wanted, landed_series_of(run, wanted))
        singles = set(plan.one_by_one)
        if plan.asks_for_all and not self._ask_for_all():
            singles = set(wanted).difference(plan.from_landed)
        self.present = self._read_present()
        rest = [series_id for series_id in wanted if series_id not in singles]
        for start in range(0, len(rest), _SERIES_PER_BATCH):
            singles |= self._from_landed(rest[start : start + _SERIES_PER_BATCH])
        if singles:
            self._one_by_one(sorted(singles))
        self._close()

    def _wanted(self) -> list[int]:
        context = self.run.context
        keys = [
            int(key)
            for key in (
                context.partition_keys
                if is_of_partitions(context)
                else context.instance.get_dynamic_partitions(SERIES_PARTITIONS)
            )
        ]
        chosen = choose_series(self.run, keys)
        wanted = keys if chosen is None else [key for key in keys if key in chosen]
        self.run.about = frozenset(wanted)
        return wanted

    def _read_present(self) -> Present:
        """What the list of current seasons says; before there is one, the quarter the index speaks of."""
        from iracing_pipeline.model.lifecycle import Present, present_of
        from iracing_pipeline.warehouse.responses.lists import active_in_index, listed_seasons

        run = self.run
        with run.pipeline.database.autocommit() as connection:
            listed = listed_seasons(connection)
            if listed:
                return present_of(listed)
            return Present(quarter=present_of(active_in_index(connection)).quarter)

    # -- where the entries come from ---------------------------------------------------------------

    def _ask_for_all(self) -> bool:
        """Fetch and land the index; False where it is not to be had."""
        from iracing_pipeline.api.errors import ApiError
        from iracing_pipeline.api.types.parsing import UnusableAnswer
        from iracing_pipeline.model.retirement import Shrunk
        from iracing_pipeline.model.rows.index import STATS_SERIES

        run = self.run
        try:
            body = run.answer(STATS_SERIES, asks=True, ttl=INDEX_TTL, keeps=run.options.dry_run)
            check_index(run, body)
        except (ApiError, UnusableAnswer, Shrunk) as error:
            if getattr(error, "kind", "permanent") not in {"permanent", "transient", "answer"}:
                raise
            run.drop(STATS_SERIES)
            run.pipeline.forget()
            run.warn(f"The index of all series is not to be had, asking series by series: {error}")
            return False
        fetched, run.fetched, run.read = run.fetched, [], []
        with self.books.transaction() as connection:
            self.books.enter(connection, None, fetched=fetched, read=[], answers=[], items=[])
        run.take_calls()
        return True

    def _from_landed(self, series_ids: Sequence[int]) -> set[int]:
        """Write these series from what has landed; returns those of which nothing usable has."""
        for _ in range(ROUNDS):
            entries = landed_entries(self.run, series_ids)
            unusable = self._write(entries, fails=False)
            if unusable is not None:
                return unusable | (set(series_ids) - {entry.series_id for entry in entries})
            self.run.say("another run has landed a newer index: reading that one")
        raise Overtaken

    def _one_by_one(self, series_ids: Sequence[int]) -> None:
        """Ask for each of these series, several at a time, and write what comes as it comes."""
        from iracing_pipeline.model.rows.index import PAST_SEASONS, series_of_past_seasons

        run = self.run

        def fetch(series_id: int) -> Landed:
            params = {"series_id": str(series_id)}
            kept = run.pipeline.kept(run.run_id, PAST_SEASONS, params)
            return kept or run.fetch(PAST_SEASONS, params, ttl=INDEX_TTL)

        threads = min(run.options.concurrency, len(series_ids))
        with Fetcher(
            fetch,
            series_ids,
            threads=threads,
            waiting=4 * threads,
            begin=run.pipeline.listen_for,
        ) as fetcher:
            for batch in fetcher.batches(_SERIES_PER_BATCH):
                entries = []
                for series_id, answer in batch:
                    if isinstance(answer, Exception):
                        self._fail(series_id, answer)
                        continue
                    try:
                        raw = series_of_past_seasons(answer.body, series_id)
                    except Exception as error:  # noqa: BLE001 - named with its reason
                        self._fail(series_id, error)
                        continue
                    params = {"series_id": str(series_id)}
                    entries.append(Entry(series_id, raw, PAST_SEASONS, params, fetched=answer))
                if entries:
                    self._write(entries, fails=True)

    def _fail(self, series_id: int, error: Exception) -> None:
        kind = kind_of(error)
        if kind in {"maintenance", "unreachable", "credentials", "interrupted"}:
            raise error
        self.kinds.add(kind)
        self.failed[series_id] = message_of(error, kind)

    # -- writing ------------------------------------------------------------------------------------

    def _write(self, entries: Sequence[Entry], *, fails: bool) -> set[int] | None:
        """Merge these series in one transaction and materialize their partitions.

        Returns the series whose entry cannot be read at all; they are failures already if it `fails`.
        None where a newer answer has landed meanwhile and nothing was written.
        """
        from iracing_pipeline.assets.batching import as_set_aside, batches_of
        from iracing_pipeline.model.rows.index import (
            PAST_SEASONS,
            STATS_SERIES,
            parse_index,
            past_season_rows,
        )
        from iracing_pipeline.warehouse.ledger.runs import AnswerRead, Superseded
        from iracing_pipeline.warehouse.merge.batches import Counts
        from iracing_pipeline.warehouse.merge.merging import merge_all

        run, now = self.run, self.run.pipeline.now()
        stored = stored_seasons(run, entries)
        parts: dict[int, Past] = {}
        unusable: dict[int, Reject] = {}
        taken: set[int] = set()
        for entry in entries:
            # Of a few series nobody can say which fields all of them have.
            watches = len(entries) >= _MANY_SERIES and entry.endpoint == STATS_SERIES
            drift = run.drift_of(entry.endpoint, watches_fields=watches)
            parsed = parse_index([entry.raw], drift)
            if parsed.rejects:
                unusable[entry.series_id] = parsed.rejects[0]
                continue
            parts[entry.series_id] = past_season_rows(
                parsed.items[0],
                stored,
                self._present(),
                now,
                drift,
                taken,
                fetched_at=entry.fetched_at,
                allow_shrink=run.options.allow_shrink,
            )
            taken.update(parts[entry.series_id].season_ids)
        by_id = {entry.series_id: entry for entry in entries}
        rejects = [
            (item, (by_id[series_id].endpoint, by_id[series_id].params))
            for series_id, part in parts.items()
            for item in part.rejects
        ]
        if fails:
            rejects += [
                (item, (by_id[series_id].endpoint, by_id[series_id].params))
                for series_id, item in unusable.items()
            ]
        batches = [batch for extract in _merged(parts.values()) for batch in batches_of(extract)]
        try:
            with self.books.transaction() as connection:
                counts = merge_all(connection, batches, run_id=run.run_id, counts_living=False)
                self.books.enter(
                    connection,
                    None,
                    fetched=[entry.fetched for entry in entries if entry.fetched],
                    read=_distinct(entry.read for entry in entries),
                    # Wherever an item of theirs was bad before: it is what it is here now.
                    answers=[
                        AnswerRead(endpoint, params, f"series_id={entry.series_id}")
                        for entry in entries
                        for endpoint, params in (
                            (STATS_SERIES, {}),
                            (PAST_SEASONS, {"series_id": str(entry.series_id)}),
                        )
                    ],
                    items=[as_set_aside(item, source) for item, source in rejects],
                )
        except Superseded:
            return None
        run.take_calls()
        for name, count in counts.items():
            run.counts[name] = run.counts.get(name, Counts()) + count
        if fails:
            for series_id, item in unusable.items():
                self.failed[series_id] = item.reason
                self.kinds.add("answer")
        self._tell(parts)
        self.rejects += [item for item, _ in rejects]
        total = len(run.about or ())
        run.say(f"{len(self.done) + len(self.failed):,} of {total:,} series")
        return set(unusable)

    def _present(self) -> Present:
        assert self.present is not None
        return self.present

    def _tell(self, parts: Mapping[int, Past]) -> None:
        """A materialization per series that went well; one with items set aside counts as failed."""
        from iracing_pipeline.model.plan import Wanted

        context, run = self.run.context, self.run
        for series_id, part in parts.items():
            if part.rejects:
                first = part.rejects[0]
                more = f" (and {len(part.rejects) - 1} more)" if len(part.rejects) > 1 else ""
                self.failed[series_id] = (
                    f"set aside in quarantine, the rest is stored: {first.item_key}: "
                    f"{first.reason}{more}"
                )
                self.kinds.add("answer")
                continue
            self.done[series_id] = {"seasons": part.seasons, "weeks": part.weeks}
            metadata = {"seasons": part.seasons, "weeks": part.weeks}
            if run.options.dry_run and not context.instance.is_ephemeral:
                context.log_event(
                    AssetObservation(context.asset_key, partition=str(series_id), metadata=metadata)
                )
                continue
            context.log_event(
                AssetMaterialization(context.asset_key, partition=str(series_id), metadata=metadata)
            )
        if run.options.dry_run:
            run.pipeline.rehearsed += [
                Wanted(
                    row["season_id"],
                    row["series_id"],
                    (row["season_year"], row["season_quarter"]),
                    row.get("complete"),
                )
                for part in parts.values()
                for row in part.history.rows["seasons"]
                if row.get("complete", not row["active"])
            ]

    # -- the end ------------------------------------------------------------------------------------

    def _close(self) -> None:
        from iracing_pipeline.warehouse.ledger.runs import Outcome, enter_failed_partitions
        from iracing_pipeline.warehouse.merge.batches import Counts

        run = self.run
        run.calls += run.pipeline.take_calls()
        count_living(run)
        counts = sum(run.counts.values(), Counts())
        self.books.close(
            Outcome(
                "partial" if self.failed else "success",
                counts,
                len(self.rejects),
                run.made_calls(),
                self._named() if self.failed else None,
            )
        )
        if self.failed and not run.options.dry_run and self.began_at is not None:
            with run.pipeline.database.begin() as connection:
                enter_failed_partitions(
                    connection,
                    run_id=run.run_id,
                    asset=run.asset,
                    reasons={str(key): text for key, text in self.failed.items()},
                    since=self.began_at,
                )

    def results(self) -> Iterator[AssetCheckResult]:
        """The check; then, if partitions failed, the failure that names them."""
        from iracing_pipeline.assets.metadata import (
            COUNTS_KEY,
            calls_metadata,
            changes_metadata,
            counts_by_table,
            quarantine_check,
            set_aside_metadata,
            warnings_metadata,
        )

        run = self.run
        run.say(
            f"{len(self.done):,} series, {self._sum('seasons'):,} seasons, "
            f"{self._sum('weeks'):,} weeks"
            + (f", {len(self.failed)} failed" if self.failed else ""),
            ended=not self.failed,
        )
        yield quarantine_check(
            self.rejects,
            {
                COUNTS_KEY: MetadataValue.json(counts_by_table(run)),
                **calls_metadata(run),
                **drift_metadata(run),
                **warnings_metadata(run),
                **changes_metadata(run),
                **set_aside_metadata(self.rejects),
            },
        )
        yield drift_check(run)
        yield from answer_taken(run.context)
        if self.failed:
            raise Failure(
                description=f"{len(self.failed)} of {len(self.done) + len(self.failed)} series "
                f"failed; the others are stored.\n{self._named()}",
                metadata={
                    "kind": "items",
                    "failed_series": MetadataValue.json(
                        {str(key): text for key, text in sorted(self.failed.items())}
                    ),
                },
                allow_retries=False,
            )

    def _sum(self, what: str) -> int:
        return sum(counts[what] for counts in self.done.values())

    def _named(self, most: int = 20) -> str:
        lines = [f"series {key}: {text}" for key, text in sorted(self.failed.items())]
        more = len(lines) - most
        return "\n".join(lines[:most] + ([f"and {more} more"] if more > 0 else []))


def _merged(parts: Iterable[Past]) -> list[Extract]:
    """The extracts of several series as two: one of history, one of news."""
    from iracing_pipeline.core.rows import Complete, joined

    chosen = list(parts)
    if not chosen:
        return []
    history = joined([part.history for part in chosen], is_load=True)
    news = joined([part.news for part in chosen])
    # A season may have moved from one series' entry to another's.
    found = {(season_id,) for part in chosen for season_id in part.season_ids}
    gone = news.complete["seasons"]
    news.complete["seasons"] = Complete(gone.columns, gone.keys - found)
    return [history, news]


def _distinct(answers: Iterable[Landed | None]) -> list[Landed]:
    found: dict[tuple[str, str], Landed] = {}
    for answer in answers:
        if answer is not None:
            found[answer.endpoint, str(sorted(answer.params.items()))] = answer
    return list(found.values())
