"""The schedules of past seasons: what is missing is planned and fetched, several calls at a time.

In: the sync run of season_schedules. Out: BackfillResult: what was brought, what failed and why. What to
ask for is decided in model/plan.py; writing is schedule_writer.py's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from iracing_pipeline.api.errors import ApiError
from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.core.endpoints import (
    CURRENT_LIST,
    SEASON_SCHEDULE,
    SEASONS,
    season_list_params,
)
from iracing_pipeline.core.errors import Interrupted, kind_of, message_of
from iracing_pipeline.core.response import Response
from iracing_pipeline.core.seasons import MissingSchedule, YearQuarter
from iracing_pipeline.model.lifecycle import current_list_of
from iracing_pipeline.model.plan import (
    Carries,
    DetailsPlan,
    newest_first,
    plan_details,
)
from iracing_pipeline.model.rows.past_schedules import SeasonDetails, weeks_of_schedule
from iracing_pipeline.model.rows.seasons import parse_seasons
from iracing_pipeline.sync.backfill_result import BackfillResult, note_plan
from iracing_pipeline.sync.fetching import FailureStreak, Fetcher
from iracing_pipeline.sync.responses import fetch
from iracing_pipeline.sync.run import SyncRun, selected_series, stops_everything
from iracing_pipeline.sync.schedule_writer import (
    ReadQuarter,
    WrittenSchedules,
    read_schedule,
    read_whole_quarter,
    season_params,
    settle_absent,
    write_quarter,
    write_schedules,
)
from iracing_pipeline.warehouse.ledger.state import PAST_QUARTERS, get_state, set_state
from iracing_pipeline.warehouse.lock_waits import StrangersWait
from iracing_pipeline.warehouse.locks import Lock, held
from iracing_pipeline.warehouse.queries.seasons import (
    missing_schedules,
    quarters_asked_since,
)
from iracing_pipeline.warehouse.queries.series import series_ids
from iracing_pipeline.warehouse.responses.landing import find_landed, largest_landed
from iracing_pipeline.warehouse.responses.lists import listed_seasons

T = TypeVar("T")

# A transaction takes what has come since the last one; this is its upper bound.
_SEASONS_PER_BATCH = 50
# So much of quarters is fetched ahead of the one that is being written; in memory each is ten times its text.
_BYTES_AHEAD = 8_000_000
# A response for a quarter that did not bring a season is not asked for again within:
_QUARTER_IS_KNOWN_FOR = timedelta(days=7)
# Quarters that may fail before a probe is given up for this run.
_MOST_PROBES = 3
_SAY_EVERY_SECONDS = 5.0


class TooManyFailures(Exception):
    """One season after the other failed: something else is wrong than the seasons."""

    kind = "transient"


@dataclass(frozen=True)
class _Task:
    """One call: a quarter with the seasons wanted of it, or a single season."""

    seasons: tuple[MissingSchedule, ...]
    quarter: YearQuarter | None = None

    @property
    def call(self) -> tuple[str, dict[str, str]]:
        """Endpoint and parameters."""
        if self.quarter is None:
            return SEASON_SCHEDULE, season_params(self.seasons[0].season_id)
        return SEASONS, season_list_params(self.quarter)


class ScheduleBackfill:
    """One backfill, from plan to last batch."""

    def __init__(self, run: SyncRun) -> None:
        self.run = run
        self._carries: Carries | None = None
        self._wanted: dict[int, MissingSchedule] = {}
        self._asked: frozenset[YearQuarter] = frozenset()
        self._singles: list[MissingSchedule] = []
        self._current: YearQuarter | None = None
        self._useless_in_a_row = 0
        self._streak = FailureStreak()
        self._said_at = 0.0
        self._began_at = time.monotonic()

    def fill_alone(self) -> BackfillResult:
        """Bring the final schedule of every past season that lacks it.

        One run at a time: a second one waits, and finds nothing missing. A dry run only plans.
        """
        run = self.run
        if run.options.dry_run:
            return BackfillResult(self.plan())
        is_told = False
        wait_for_strangers = StrangersWait(run.services.database, Lock.BACKFILL)

        def while_waiting() -> None:
            nonlocal is_told
            if not is_told:
                run.say("another run is filling in history: waiting for it")
                is_told = True
            if run.is_interrupted:
                raise Interrupted
            wait_for_strangers()

        with held(run.services.database, Lock.BACKFILL, while_waiting=while_waiting):
            return self.fill()

    # -- planning -----------------------------------------------------------------------------------

    @cached_property
    def _series_ids(self) -> list[int] | None:
        """The series that are selected; None for all."""
        if not self.run.options.selects_series:
            return None
        with self.run.reading() as connection:
            known = series_ids(connection)
        return sorted(selected_series(self.run, known) or ())

    def plan(self) -> DetailsPlan:
        """What is missing, and the calls for it. Notes the plan in the run's metadata."""
        run = self.run
        since = run.services.now() - _QUARTER_IS_KNOWN_FOR
        with run.reading() as connection:
            fact = get_state(connection, PAST_QUARTERS)
            asked = quarters_asked_since(connection, since)
            current = current_list_of(self._dry_list() or listed_seasons(connection))
        self._current = current.quarter
        is_known = isinstance(fact, dict) and not run.options.refresh
        self._carries = fact["carries"] if is_known else None
        self._wanted = self._missing(current.listed)
        self._asked = frozenset() if run.options.refresh else asked
        plan = self._planned()
        note_plan(run, plan)
        return plan

    def _planned(self, tried: Iterable[YearQuarter] = ()) -> DetailsPlan:
        return plan_details(
            self._wanted.values(),
            self._carries,
            current=self._current,
            asked=self._asked.union(tried),
        )

    def _dry_list(self) -> list[tuple[int, int | None, int | None, bool | None]]:
        """The list of current seasons that a dry run has fetched and not landed."""
        kept = self.run.session.kept(SEASONS, CURRENT_LIST)
        if kept is None or not self.run.options.dry_run:
            return []
        return [
            (season.season_id, season.season_year, season.season_quarter, season.active)
            for season in parse_seasons(kept.body).items
        ]

    def _missing(self, listed: frozenset[int]) -> dict[int, MissingSchedule]:
        run, quarter = self.run, self.run.options.quarter
        with run.reading() as connection:
            found = missing_schedules(connection, series_ids=self._series_ids, quarter=quarter)
        wanted = {season.season_id: season for season in found}
        # A dry run has stored nothing: what past_seasons would have stored is missing too.
        for season in run.session.planned:
            if season.season_id not in listed and (quarter is None or season.quarter == quarter):
                wanted.setdefault(season.season_id, season)
        return wanted

    # -- filling ------------------------------------------------------------------------------------

    def fill(self) -> BackfillResult:
        """Everything that is missing now, quarters first, then single seasons, newest first."""
        self.found = BackfillResult(self.plan())
        plan = self.found.plan
        if not self._wanted:
            return self.found
        self._take_landed_quarters()
        plan = self._probe(plan) if plan.is_probe else self._planned()
        self._singles = [self._wanted[season_id] for season_id in plan.singles]
        try:
            self._take_quarters(plan.quarters)
            self._take_singles()
        except Exception as error:
            kind = kind_of(error)
            if kind is None or not (stops_everything(error) or kind == TooManyFailures.kind):
                raise
            # What has been written stays written; the reason is told once, at the end.
            self.found.stopped_by = error
        for season in settle_absent(self.run, self.found.absent):
            self.found.failed[season.season_id] = (
                "the API has no schedule of it (HTTP 404); its weeks are known from the index. If it is "
                "so tomorrow, it is not asked for again"
            )
        return self.found

    def _take_quarters(self, quarters: Sequence[YearQuarter]) -> None:
        """Whole quarters, one a transaction: each holds megabytes, so few wait to be written.

        One is read on the thread that fetched it, while Postgres merges the one before.
        """
        tasks = [self._quarter_task(quarter) for quarter in quarters]
        with self.run.reading() as connection:
            most = _BYTES_AHEAD // max(1, largest_landed(connection, SEASONS))
        with self._fetcher(self._fetch_quarter, tasks, waiting=0, most=most) as fetcher:
            for ((task, read),) in fetcher.batches(1):
                self._take_quarter(fetcher, task, read)
                self._say_how_far()

    def _take_singles(self) -> None:
        """What no quarter brought, season by season, newest first."""
        self._streak = FailureStreak()
        tasks = [_Task((season,)) for season in newest_first(self._singles)]
        waiting = 4 * self.run.options.concurrency
        with self._fetcher(self._fetch, tasks, waiting=waiting, most=len(tasks)) as fetcher:
            for batch in fetcher.batches(_SEASONS_PER_BATCH):
                self._take(batch)
                self._say_how_far()

    def _fetcher(
        self, work: Callable[[_Task], T], tasks: Sequence[_Task], *, waiting: int, most: int
    ) -> Fetcher[_Task, T]:
        run = self.run
        threads = max(1, min(run.options.concurrency, len(tasks), most))
        return Fetcher(
            work, tasks, threads=threads, waiting=waiting, begin=run.services.pauses.end_with
        )

    def _fetch(self, task: _Task) -> Response:
        return fetch(self.run, *task.call)

    def _fetch_quarter(self, task: _Task) -> ReadQuarter:
        assert task.quarter is not None
        # Nothing else may hold the response: its body is let go while it is read.
        return read_whole_quarter(self.run, task.quarter, task.seasons, self._fetch(task))

    def _probe(self, plan: DetailsPlan) -> DetailsPlan:
        """Try one past quarter, note what such responses carry, and plan anew."""
        tried: set[YearQuarter] = set()
        for quarter in plan.quarters[:_MOST_PROBES]:
            tried.add(quarter)
            task = self._quarter_task(quarter)
            try:
                read = self._fetch_quarter(task)
            except ApiError as error:
                if stops_everything(error):
                    raise
                if error.kind == "permanent":
                    self._note(quarter, "refused")
                    break
                self.run.warn(f"Past quarters could not be tried: {error}")
                continue
            self._note(quarter, read.carries)
            self._wrote(write_quarter(self.run, read))
            break
        self._carries = self._carries if self._carries is not None else "refused"
        return self._planned(tried)

    def _take_landed_quarters(self) -> None:
        """What responses for past quarters brought already, for whatever reason they were asked for."""
        quarters = {season.quarter for season in self._wanted.values()} & self._asked
        for quarter in sorted(quarters, reverse=True):
            if self._current is None or quarter >= self._current:
                continue
            task = self._quarter_task(quarter)
            endpoint, params = task.call
            with self.run.reading() as connection:
                response = find_landed(connection, endpoint, params)
            if response is None:
                continue
            read = read_whole_quarter(self.run, quarter, task.seasons, response)
            if read.has_schedules:
                self.run.recorder.saved_call(endpoint, params)
                self._wrote(write_quarter(self.run, read))

    def _note(self, quarter: YearQuarter, carries: Carries) -> None:
        """Remember what past quarters carry, for this installation."""
        self._carries = carries
        fact = {
            "carries": carries,
            "tried": f"{quarter[0]} quarter {quarter[1]}",
            "at": self.run.services.now().isoformat(timespec="seconds"),
        }
        self.run.services.database.transact(
            lambda connection: set_state(connection, {PAST_QUARTERS: fact})
        )
        self.run.say(f"{fact['tried']} answered: {carries}")

    def _quarter_task(self, quarter: YearQuarter) -> _Task:
        of_quarter = (season for season in self._wanted.values() if season.quarter == quarter)
        return _Task(tuple(of_quarter), quarter)

    # -- taking what comes ---------------------------------------------------------------------------

    def _take_quarter(
        self, fetcher: Fetcher[_Task, ReadQuarter], task: _Task, read: ReadQuarter | Exception
    ) -> None:
        """Write what a response for a quarter brought; what it did not bring is asked for singly."""
        assert task.quarter is not None
        if isinstance(read, Exception):
            if stops_everything(read):
                raise read
            self.run.warn(
                f"A whole quarter is not available, its seasons are asked for singly: {read}"
            )
            self._singles += task.seasons
            self._streak.failed(read)
            if self._streak.is_hopeless:
                for dropped in fetcher.drop():
                    self._singles += dropped.seasons
            return
        self._streak.succeeded()
        written = write_quarter(self.run, read)
        self._wrote(written)
        brought = set(written.season_ids)
        self._singles += [one for one in task.seasons if one.season_id not in brought]
        is_useless = read.carries != "schedules" and task.quarter != self._current
        self._useless_in_a_row = self._useless_in_a_row + 1 if is_useless else 0
        if self._useless_in_a_row == _MOST_PROBES:
            # Past quarters used to carry schedules, and no longer do.
            self._note(task.quarter, read.carries)
            for dropped in fetcher.drop():
                self._singles += dropped.seasons

    def _take(self, batch: Sequence[tuple[_Task, Response | Exception]]) -> None:
        """Write a batch of responses for single seasons."""
        run = self.run
        found: list[tuple[SeasonDetails, Response]] = []
        stop: Exception | None = None
        for task, response in batch:
            (season,) = task.seasons
            if isinstance(response, Exception):
                stop = self._failed(season, response) or stop
                continue
            try:
                weeks = weeks_of_schedule(response.body, season.season_id)
            except UnusableResponse as error:
                stop = self._failed(season, error) or stop
                continue
            drift = run.drift_of(response.endpoint, watches_fields=False)
            found.append((read_schedule(run, season, weeks, drift), response))
        if found:
            self._wrote(write_schedules(run, found))
        if stop is not None:
            raise stop

    def _failed(self, season: MissingSchedule, error: Exception) -> Exception | None:
        """Enter a failure; the error to stop with, where going on would be in vain."""
        if stops_everything(error):
            return error
        if getattr(error, "status", None) == 404:
            self.found.absent.append(season)
            return None
        self.found.failed[season.season_id] = message_of(error)
        self._streak.failed(error)
        if self._streak.is_hopeless:
            return TooManyFailures(
                f"{self._streak.length} seasons failed one after the other, so the others were not "
                "asked for."
            )
        return None

    def _wrote(self, written: WrittenSchedules) -> None:
        for season_id in written.season_ids:
            self._wanted.pop(season_id, None)
            self._streak.succeeded()
        self.found.seasons += written.final
        for season_id, rejected in written.rejected.items():
            self.found.rejected += rejected
            self.found.failed[season_id] = (
                f"set aside in quarantine, the rest is stored: {rejected[0].item_key}: "
                f"{rejected[0].reason}"
            )

    def _say_how_far(self) -> None:
        now = time.monotonic()
        if now - self._said_at < _SAY_EVERY_SECONDS and self._wanted:
            return
        self._said_at = now
        total = self.found.plan.seasons
        left = len(self._wanted) - len(self.found.failed) - len(self.found.absent)
        done = total - left
        seconds = (now - self._began_at) / max(1, done) * left
        rest = f", about {seconds / 60:,.0f} min left" if seconds > 90 else ""
        self.run.progress(done, total, "past seasons", rest)
