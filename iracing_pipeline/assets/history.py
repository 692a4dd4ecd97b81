"""The schedules of past seasons: what is missing is planned and fetched, several calls at a time.

In: the books of season_schedules' attempt. Out: Filled: what was brought, what failed and why. What to
ask for is model/plan.py's; writing is season_writer.py's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iracing_pipeline.assets.asset_run import AssetRun, choose_series
from iracing_pipeline.assets.attempt import Books
from iracing_pipeline.assets.failures import Interrupted, kind_of, message_of
from iracing_pipeline.assets.fetching import Fetcher
from iracing_pipeline.assets.filled import Filled, TooManyFailures
from iracing_pipeline.assets.season_writer import SeasonWriter

if TYPE_CHECKING:
    from iracing_pipeline.model.plan import DetailsPlan, QuarterAnswer, Wanted
    from iracing_pipeline.warehouse.responses.landing import Landed

# A transaction takes what has come since the last one; this is its upper bound.
_SEASONS_PER_BATCH = 50
# An answer for a quarter that did not bring a season is not asked for again within:
_QUARTER_IS_KNOWN_FOR = timedelta(days=7)
# Quarters that may fail before a probe is given up for this run.
_MOST_PROBES = 3
# So many failures without a success in between are no longer the seasons' own fault.
_MOST_IN_A_ROW = 60
_SAY_EVERY_SECONDS = 5.0
_LOCK = 0x6952_6163_0002
_SAME_FOR_ALL = {"maintenance", "unreachable", "credentials", "interrupted"}


@dataclass(frozen=True)
class Task:
    """One call: a quarter with the seasons wanted of it, or a single season."""

    seasons: tuple[Wanted, ...]
    quarter: tuple[int, int] | None = None


@contextmanager
def _alone(run: AssetRun) -> Iterator[None]:
    """Hold the lock of history; the server lets go of it when the process dies."""
    with run.pipeline.database.plain_connection() as connection:
        is_told = False
        while True:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
            if row and row[0]:
                break
            if not is_told:
                run.say("another run is filling in history: waiting for it")
                is_told = True
            if run.pipeline.is_interrupted:
                raise Interrupted
            time.sleep(0.5)
        yield


class History:
    """One filling, from plan to last batch."""

    def __init__(self, run: AssetRun, books: Books) -> None:
        self.run = run
        self.books = books
        self.carries: Any = None
        self.singles: list[Wanted] = []
        self.current: tuple[int, int] | None = None
        self.useless_in_a_row = 0
        self.failures_in_a_row = 0
        self.said_at = 0.0
        self.began_at = time.monotonic()

    @cached_property
    def series_ids(self) -> list[int] | None:
        """The series that are meant; None for all."""
        from iracing_pipeline.warehouse.queries.series import series_ids

        if not self.run.options.selects_series:
            return None
        with self.run.pipeline.database.autocommit() as connection:
            known = series_ids(connection)
        return sorted(choose_series(self.run, known) or ())

    # -- planning -----------------------------------------------------------------------------------

    def note_that_nothing_is_missing(self) -> None:
        """For the run's metadata and report."""
        from iracing_pipeline.model.plan import DetailsPlan

        self._note_plan(DetailsPlan())

    def _note_plan(self, plan: DetailsPlan) -> None:
        self.run.notes["plan"] = plan.in_words()
        self.run.say(plan.in_words())

    def plan(self) -> DetailsPlan:
        """What is missing, and the calls for it. Notes the plan in the run's metadata."""
        from iracing_pipeline.model.lifecycle import present_of
        from iracing_pipeline.model.plan import plan_details
        from iracing_pipeline.warehouse.ledger.runs import recall
        from iracing_pipeline.warehouse.queries.seasons import PAST_QUARTERS, quarters_asked_since
        from iracing_pipeline.warehouse.responses.lists import listed_seasons

        run = self.run
        since = run.pipeline.now() - _QUARTER_IS_KNOWN_FOR
        with run.pipeline.database.autocommit() as connection:
            fact = recall(connection, PAST_QUARTERS)
            asked = quarters_asked_since(connection, since)
            self.present = present_of(self._rehearsed_list() or listed_seasons(connection))
            self.current = self.present.quarter
        self.carries = (
            fact["carries"] if isinstance(fact, dict) and not run.options.refresh else None
        )
        self.wanted = self._wanted()
        self.asked = frozenset[tuple[int, int]]() if run.options.refresh else asked
        plan = plan_details(
            self.wanted.values(), self.carries, current=self.current, asked=self.asked
        )
        self._note_plan(plan)
        return plan

    def _rehearsed_list(self) -> list[tuple[int, int | None, int | None, bool | None]]:
        """The list of current seasons that a dry run has fetched and not landed."""
        from iracing_pipeline.model.rows.seasons import parse_seasons
        from iracing_pipeline.warehouse.responses.lists import CURRENT_LIST, LIST_ENDPOINT

        run = self.run
        kept = run.pipeline.kept(run.run_id, LIST_ENDPOINT, CURRENT_LIST)
        if kept is None or not run.options.dry_run:
            return []
        return [
            (season.season_id, season.season_year, season.season_quarter, season.active)
            for season in parse_seasons(kept.body).items
        ]

    def _wanted(self) -> dict[int, Wanted]:
        from iracing_pipeline.model.plan import Wanted
        from iracing_pipeline.warehouse.queries.seasons import missing_schedules

        run, quarter = self.run, self.run.options.quarter
        with run.pipeline.database.autocommit() as connection:
            missing = missing_schedules(connection, series_ids=self.series_ids, quarter=quarter)
        wanted = {
            season.season_id: Wanted(
                season.season_id,
                season.series_id,
                (season.season_year, season.season_quarter),
                season.complete,
                season.has_schedule,
                season.scheduled_weeks,
            )
            for season in missing
        }
        # A dry run has stored nothing: what past_seasons would have stored is missing too.
        for season in run.pipeline.rehearsed:
            is_listed = season.season_id in self.present.listed
            if not is_listed and (quarter is None or season.quarter == quarter):
                wanted.setdefault(season.season_id, season)
        return wanted

    # -- filling ------------------------------------------------------------------------------------

    def fill_alone(self) -> Filled:
        """Bring the final schedule of every past season that lacks it.

        One run at a time: a second one waits, and finds nothing missing. A dry run only plans.
        """
        if self.run.options.dry_run:
            return Filled(self.plan())
        with _alone(self.run):
            return self.fill()

    def fill(self) -> Filled:
        from iracing_pipeline.model.plan import plan_details

        self.filled = Filled(self.plan())
        self.writer = SeasonWriter(self.run, self.books, self.filled)
        plan = self.filled.plan
        if not self.wanted:
            return self.filled
        self._take_landed_quarters()
        if plan.is_probe:
            plan = self._probe(plan)
        else:
            plan = plan_details(
                self.wanted.values(), self.carries, current=self.current, asked=self.asked
            )
        self.singles = [self.wanted[season_id] for season_id in plan.singles]
        try:
            self._take_quarters(plan.quarters)
            self._take_singles()
        except Exception as error:
            if kind_of(error) not in _SAME_FOR_ALL | {"transient"}:
                raise
            # What has been written stays written; the reason is told once, at the end.
            self.filled.stopped_by = error
        self.writer.settle_absent()
        return self.filled

    def _take_quarters(self, quarters: Sequence[tuple[int, int]]) -> None:
        """Whole quarters, one a transaction: each holds megabytes, so few wait to be written."""
        tasks = [self._quarter_task(quarter) for quarter in quarters]
        with self._fetcher(tasks, waiting=1) as fetcher:
            for ((task, answer),) in fetcher.batches(1):
                self._take_quarter(fetcher, task, answer)
                self._say_how_far()

    def _take_singles(self) -> None:
        """What no quarter brought, season by season, newest first."""
        from iracing_pipeline.model.plan import newest_first

        tasks = [Task((season,)) for season in newest_first(self.singles)]
        with self._fetcher(tasks, waiting=4 * self.run.options.concurrency) as fetcher:
            for batch in fetcher.batches(_SEASONS_PER_BATCH):
                self._take(batch)
                self._say_how_far()

    def _fetcher(self, tasks: Sequence[Task], waiting: int) -> Fetcher[Task, Landed]:
        run = self.run
        threads = min(run.options.concurrency, max(1, len(tasks)))
        return Fetcher(
            self._fetch, tasks, threads=threads, waiting=waiting, begin=run.pipeline.listen_for
        )

    def _probe(self, plan: DetailsPlan) -> DetailsPlan:
        """Try one past quarter, note what such answers carry, and plan anew."""
        from iracing_pipeline.api.errors import ApiError
        from iracing_pipeline.model.plan import plan_details

        tried: set[tuple[int, int]] = set()
        for quarter in plan.quarters[:_MOST_PROBES]:
            tried.add(quarter)
            task = self._quarter_task(quarter)
            try:
                answer = self._fetch(task)
            except ApiError as error:
                if error.kind in _SAME_FOR_ALL:
                    raise
                if error.kind == "permanent":
                    self._note(quarter, "refused")
                    break
                self.run.warn(f"Past quarters could not be tried: {error}")
                continue
            read = self._read_quarter(task, answer)
            self._note(quarter, read.carries)
            self._wrote(self.writer.write_quarter(task.seasons, answer, read))
            break
        carries = self.carries if self.carries is not None else "refused"
        return plan_details(
            self.wanted.values(), carries, current=self.current, asked=self.asked | tried
        )

    def _take_landed_quarters(self) -> None:
        """What answers for past quarters brought already, for whatever reason they were asked for."""
        from iracing_pipeline.warehouse.responses.landing import landed

        quarters = {season.quarter for season in self.wanted.values()} & self.asked
        for quarter in sorted(quarters, reverse=True):
            if self.current is None or quarter >= self.current:
                continue
            task = self._quarter_task(quarter)
            endpoint, params = self._call_of(task)
            with self.run.pipeline.database.autocommit() as connection:
                answer = landed(connection, endpoint, params)
            if answer is None:
                continue
            read = self._read_quarter(task, answer)
            if read.schedules:
                self.run.save_call(endpoint, params)
                self._wrote(self.writer.write_quarter(task.seasons, answer, read))

    def _note(self, quarter: tuple[int, int], carries: str) -> None:
        """Remember what past quarters carry, for this installation."""
        from iracing_pipeline.warehouse.ledger.runs import note
        from iracing_pipeline.warehouse.queries.seasons import PAST_QUARTERS

        self.carries = carries
        fact = {
            "carries": carries,
            "tried": f"{quarter[0]} quarter {quarter[1]}",
            "at": self.run.pipeline.now().isoformat(timespec="seconds"),
        }
        with self.run.pipeline.database.begin() as connection:
            note(connection, {PAST_QUARTERS: fact})
        self.run.say(f"{fact['tried']} answered: {carries}")

    def _quarter_task(self, quarter: tuple[int, int]) -> Task:
        of_quarter = tuple(season for season in self.wanted.values() if season.quarter == quarter)
        return Task(of_quarter, quarter)

    def _fetch(self, task: Task) -> Landed:
        return self.run.fetch(*self._call_of(task))

    @staticmethod
    def _call_of(task: Task) -> tuple[str, dict[str, str]]:
        """Endpoint and parameters."""
        from iracing_pipeline.model.rows.past_schedules import SEASON_SCHEDULE
        from iracing_pipeline.warehouse.responses.lists import CURRENT_LIST, LIST_ENDPOINT

        if task.quarter is None:
            return SEASON_SCHEDULE, {"season_id": str(task.seasons[0].season_id)}
        year, quarter = task.quarter
        asked = {"season_year": str(year), "season_quarter": str(quarter)}
        return LIST_ENDPOINT, {**CURRENT_LIST, **asked}

    # -- taking what comes ---------------------------------------------------------------------------

    def _take_quarter(
        self, fetcher: Fetcher[Task, Landed], task: Task, answer: Landed | Exception
    ) -> None:
        """Write what an answer for a quarter brought; what it did not bring is asked for singly."""
        assert task.quarter is not None
        if isinstance(answer, Exception):
            if kind_of(answer) in _SAME_FOR_ALL or kind_of(answer) is None:
                raise answer
            self.run.warn(
                f"A whole quarter could not be had, its seasons are asked for singly: {answer}"
            )
            self.singles += task.seasons
            return
        read = self._read_quarter(task, answer)
        brought = set(self.writer.write_quarter(task.seasons, answer, read))
        self._wrote(brought)
        self.singles += [season for season in task.seasons if season.season_id not in brought]
        is_useless = read.carries != "schedules" and task.quarter != self.current
        self.useless_in_a_row = self.useless_in_a_row + 1 if is_useless else 0
        if self.useless_in_a_row == _MOST_PROBES:
            # Past quarters used to carry schedules, and no longer do.
            self._note(task.quarter, read.carries)
            for dropped in fetcher.drop():
                self.singles += dropped.seasons

    def _take(self, batch: Sequence[tuple[Task, Landed | Exception]]) -> None:
        """Write a batch of answers for single seasons."""
        from iracing_pipeline.api.types.parsing import UnusableAnswer
        from iracing_pipeline.model.rows.past_schedules import weeks_of_schedule

        found: list[tuple[Wanted, list[Any], Landed]] = []
        stop: Exception | None = None
        for task, answer in batch:
            (season,) = task.seasons
            if isinstance(answer, Exception):
                stop = self._failed(season, answer) or stop
                continue
            try:
                found.append((season, weeks_of_schedule(answer.body, season.season_id), answer))
            except UnusableAnswer as error:
                stop = self._failed(season, error) or stop
        if found:
            self._wrote(self.writer.write(found))
        if stop is not None:
            raise stop

    def _failed(self, season: Wanted, error: Exception) -> Exception | None:
        """Enter a failure; the error to stop with, where going on would be in vain."""
        kind = kind_of(error)
        if kind in _SAME_FOR_ALL or kind is None:
            return error
        if getattr(error, "status", None) == 404:
            self.filled.absent.append(season)
            return None
        self.filled.failed[season.season_id] = message_of(error, kind)
        self.filled.kinds.add(kind)
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= _MOST_IN_A_ROW:
            return TooManyFailures(
                f"{self.failures_in_a_row} seasons failed one after the other, so the others were not "
                "asked for."
            )
        return None

    def _read_quarter(self, task: Task, answer: Landed) -> QuarterAnswer:
        from iracing_pipeline.model.plan import read_quarter

        assert task.quarter is not None
        return read_quarter(answer.body, task.quarter, {s.season_id for s in task.seasons})

    def _wrote(self, season_ids: Iterable[int]) -> None:
        for season_id in season_ids:
            self.wanted.pop(season_id, None)
            self.failures_in_a_row = 0

    def _say_how_far(self) -> None:
        now = time.monotonic()
        if now - self.said_at < _SAY_EVERY_SECONDS and self.wanted:
            return
        self.said_at = now
        total = self.filled.plan.seasons
        left = len(self.wanted) - len(self.filled.failed) - len(self.filled.absent)
        done = total - left
        seconds = (now - self.began_at) / max(1, done) * left
        rest = f", about {seconds / 60:,.0f} min left" if seconds > 90 else ""
        self.run.say(f"{done:,} of {total:,} past seasons{rest}")
