"""Every data table once more from the landed responses, by the readers that the sync uses.

In: services. Out: RebuildResult: rows merged, quarantine settled, what was left out. One transaction. Asks no
API, drops nothing, retires no row that a response lacks, brings no retired row back (Policy.REPLAY).

Only what the tables hold already has a say, and what is in quarantine: after a sync of a few series, the
responses that landed hold many more.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from iracing_pipeline.api.types.index import IndexedSeries
from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse
from iracing_pipeline.api.types.series import Season
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import (
    CURRENT_LIST,
    FORECAST,
    SEASON_SCHEDULE,
    SEASONS,
    SERIES,
    SERIES_ASSETS,
    STATS_SERIES,
)
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.response import Response, ResponsePart
from iracing_pipeline.core.rows import Counts, Rejected, RowBatch
from iracing_pipeline.core.seasons import CurrentList, MissingSchedule
from iracing_pipeline.model.plan import read_quarter
from iracing_pipeline.model.rows.forecasts import params_of_week
from iracing_pipeline.model.rows.index import parse_index
from iracing_pipeline.model.rows.past_schedules import (
    SeasonDetails,
    season_details,
    weeks_of_schedule,
)
from iracing_pipeline.model.rows.seasons import season_rows
from iracing_pipeline.sync.current_seasons import parse_list
from iracing_pipeline.sync.index_entries import (
    current_list,
    newest_entries,
    read_entries,
    stored_seasons,
)
from iracing_pipeline.sync.left_out import LeftOut
from iracing_pipeline.sync.reference import READERS
from iracing_pipeline.sync.run import Policy, RunInfo, SyncRun
from iracing_pipeline.sync.schedule_writer import schedule_batches, season_params
from iracing_pipeline.sync.season_schedules import weeks_batch
from iracing_pipeline.sync.series import series_batch
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.sync.weather_forecasts import forecast_batches
from iracing_pipeline.sync.writer import write
from iracing_pipeline.warehouse.merge.merging import lock_all
from iracing_pipeline.warehouse.queries import seasons as season_queries
from iracing_pipeline.warehouse.queries.changes import first_changes
from iracing_pipeline.warehouse.responses import forecasts, lists, replay
from iracing_pipeline.warehouse.responses.landing import find_landed
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES

ASSET = "rebuild"
"""The name under which sync_runs knows it."""
_CHANGES_SHOWN = 20
# Each batch leaves its stages to the end of the transaction.
_PER_BATCH = 200


@dataclass(frozen=True)
class RebuildResult:
    """What differed between the tables and the landed responses."""

    counts: Mapping[str, Counts]
    rejected: Sequence[Rejected]
    left_out: Sequence[str]
    """Responses that landed and were never merged: they are an asset's business."""
    first_changes: Sequence[str]
    """In words."""

    @property
    def total(self) -> Counts:
        return sum(self.counts.values(), Counts())


def rebuild(services: Services, *, dry_run: bool = False) -> RebuildResult:
    """Derive every table anew, commit (or roll back, in a dry run), and tell what differed."""
    # Views of changes for people tell these from what iRacing changed by the first word.
    run_id = f"rebuild {uuid.uuid4()}"

    def work(connection: Connection) -> RebuildResult:
        run = SyncRun.of(services, Session(services.now()), RunInfo(run_id, ASSET))
        run = replace(run, policy=Policy.REPLAY, connection=connection)
        run.recorder.open_in(connection, None)
        replayed = _Replay(run, connection)
        replayed.everything()
        words = first_changes(connection, run_id, _CHANGES_SHOWN)
        outcome = run.recorder.outcome(replayed.counts, replayed.rejected)
        write(run, [], closes=lambda _: replace(outcome, message=None))
        return RebuildResult(
            replayed.counts, replayed.rejected, replayed.left_out.in_words(), words
        )

    return services.database.transact(work, is_dry=dry_run)


@dataclass
class _Replay:
    """One pass over everything that has landed."""

    run: SyncRun
    connection: Connection
    counts: dict[str, Counts] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    stored: replay.Merged = field(init=False)

    def everything(self) -> None:
        """All tables, parents first. No sync writes meanwhile: what is read is the newest there is."""
        lock_all(self.connection, DATA_TABLES)
        self.stored = replay.merged(self.connection)
        self._reference()
        self._series()
        listed = self._lists()
        self.stored = replay.merged(self.connection)
        self._past()
        self.stored = replay.merged(self.connection)
        self._schedules_of_past(listed)
        self._forecasts()

    # -- what every response goes through --------------------------------------------------------------

    def _find(self, endpoint: str, params: Mapping[str, str] | None = None) -> Response | None:
        return find_landed(self.connection, endpoint, params or {})

    def _write(
        self,
        asset: str,
        batches: Sequence[RowBatch],
        settles: Sequence[ResponsePart],
        rejected: Sequence[Rejected],
    ) -> None:
        """Merge as the asset would, under the rebuild's own run."""
        with self._as(asset) as run:
            counts = write(run, batches, settles=settles, rejected=rejected)
        for name, found in counts.items():
            self.counts[name] = self.counts.get(name, Counts()) + found
        self.rejected += rejected

    @contextmanager
    def _as(self, asset: str) -> Iterator[SyncRun]:
        """The run in the name of an asset: its items in quarantine are settled, nothing else is entered."""
        run = SyncRun.of(self.run.services, self.run.session, RunInfo(self.run.info.run_id, asset))
        run.recorder.joins(self.run.recorder)
        yield replace(run, policy=Policy.REPLAY, connection=self.connection)

    def _open_ids(self, asset: str, name: str) -> frozenset[int]:
        """Ids of that name in the keys of what is in quarantine."""
        keys = (key for of_asset, key in self.stored.open_items if of_asset == asset)
        found = (re.search(rf"\b{name}=(\S+)", key) for key in keys)
        ids = (whole(match[1]) for match in found if match)
        return frozenset(one for one in ids if one is not None)

    def _is_merged(self, asset: str, endpoint: str, fetched_at: datetime) -> Callable[[int], bool]:
        return self.left_out.is_merged(self.stored, asset, endpoint, fetched_at)

    # -- the responses ----------------------------------------------------------------------------------

    def _reference(self) -> None:
        for asset, (endpoint, rows_of) in READERS.items():
            response = self._find(endpoint)
            if response is not None:
                self.run.listener.say(asset, endpoint)
                batch = rows_of(response.body, None)
                self._write(asset, [batch], [_whole(response)], _stood_in(batch, response))

    def _series(self) -> None:
        response, pictures = self._find(SERIES), self._find(SERIES_ASSETS)
        if response is None:
            return
        self.run.listener.say("series", SERIES)
        body = pictures.body if pictures else None
        running = series_batch(response.body, None, None, frozenset())
        index = self._merged_index({row["series_id"] for row in running.rows["series"]})
        batch = series_batch(response.body, body, index, self.stored.series)
        held = self.stored.series | self._open_ids("series", "series_id")
        is_merged = self._is_merged("series", SERIES, response.fetched_at)
        batch = batch.only(lambda row: is_merged(row["series_id"]) and row["series_id"] in held)
        parts = [_whole(response)]
        parts += [ResponsePart(STATS_SERIES, {})] if index is not None else []
        self._write("series", [batch], parts, batch.rejected)

    def _merged_index(self, running: set[int]) -> Parsed[IndexedSeries] | None:
        """The landed index as far as `series` holds it; None where it was never merged as a whole.

        A series that ran when the index came and rests now has the words of series/get, of which no
        body is left.
        """
        state = lists.index_state(self.connection)
        if state.fetched_at is None or state.merged_at != state.fetched_at:
            return None
        entries = (entry for _, entry in lists.landed_index(self.connection))
        parsed = parse_index(entries)
        parsed.items = [
            item for item in parsed.items if item.series_id in running or not item.active
        ]
        return parsed

    def _lists(self) -> frozenset[int]:
        """The list of current seasons, and lists of other quarters as somebody asked for them.

        Returns the seasons of the current list.
        """
        listed: frozenset[int] = frozenset()
        response = self._find(SEASONS, CURRENT_LIST)
        if response is not None:
            parsed, _ = parse_list(response.body)
            listed = frozenset(season.season_id for season in parsed.items)
            self._list(response, parsed, is_current=True)
        for quarter, asked, asset in replay.landed_quarters(self.connection):
            response = self._find(SEASONS, asked.params) if asset == "current_seasons" else None
            if response is None:
                continue
            try:
                parsed, _ = parse_list(response.body, quarter)
            except UnusableResponse:
                continue
            parsed.items = [one for one in parsed.items if one.season_id not in listed]
            self._list(response, parsed, is_current=False)
        return listed

    def _list(self, response: Response, parsed: Parsed[Season], *, is_current: bool) -> None:
        self.run.listener.say("current_seasons", SEASONS)
        held = self.stored.seasons.keys() | self._open_ids("current_seasons", "season_id")
        is_merged = self._is_merged("current_seasons", SEASONS, response.fetched_at)
        parsed.items = [
            season
            for season in parsed.items
            if is_merged(season.series_id) and season.season_id in held
        ]
        batch = season_rows(parsed, is_current=is_current)
        self._write("current_seasons", [batch], [_whole(response)], _stood_in(batch, response))
        has_weeks = self._is_merged("season_schedules", SEASONS, response.fetched_at)
        parsed.items = [season for season in parsed.items if has_weeks(season.series_id)]
        if not parsed.items:
            return
        if not is_current:
            # A schedule that came later, by itself, is the newer word.
            newer = replay.schedules_landed(self.connection)
            parsed.items = [season for season in parsed.items if season.season_id not in newer]
        self.run.listener.say("season_schedules", SEASONS)
        # Seasons that lack too many weeks are still in quarantine for it.
        stored = season_queries.season_rows(self.connection)
        over = () if is_current else stored.over
        weeks = weeks_batch(Parsed(parsed.items), stored.weeks, over=over)
        self._write("season_schedules", [weeks], [_whole(response)], _stood_in(weeks, response))

    def _past(self) -> None:
        """The index, series by series."""
        current = current_list(self.connection)
        index = lists.index_state(self.connection)
        if index.fetched_at is not None:
            is_merged = self._is_merged("past_seasons", STATS_SERIES, index.fetched_at)
            for series_id in index.indexed:
                is_merged(series_id)
        held = sorted(self.stored.indexed_series | self._open_ids("past_seasons", "series_id"))
        listed_by = {
            season_id: season.series_id for season_id, season in self.stored.seasons.items()
        }
        if held:
            self.run.listener.say("past_seasons", f"{len(held):,} series")
        for start in range(0, len(held), _PER_BATCH):
            self._entries(held[start : start + _PER_BATCH], current, listed_by)

    def _entries(
        self, series_ids: Sequence[int], current: CurrentList, listed_by: dict[int, int]
    ) -> None:
        entries = [
            entry
            for entry in newest_entries(self.connection, series_ids)
            if self._is_merged("past_seasons", entry.response.endpoint, entry.response.fetched_at)(
                entry.series_id
            )
        ]
        if not entries:
            return
        reading = read_entries(
            entries,
            stored_seasons(self.connection, entries, self.run.services.now()),
            current,
            listed_by,
            now=lambda entry: entry.response.fetched_at,
            drift_of=lambda endpoint, watches: Drift(),
        )
        settles = [
            ResponsePart(one.response.endpoint, one.response.params, f"series_id={one.series_id}")
            for one in entries
        ]
        rejected = [*reading.rejected(entries), *reading.unusable.values()]
        self._write("past_seasons", reading.batches(), settles, rejected)

    def _schedules_of_past(self, listed: frozenset[int]) -> None:
        """Schedules of seasons that are not current: asked for singly, or brought by a whole quarter."""
        seasons = self.stored.seasons
        fetched = replay.schedules_landed(self.connection)
        past = [season_id for season_id in seasons if season_id not in listed]
        # A schedule that was asked for before its season was over is not the last word, unless it could
        # not be read then.
        wanted = {one for one in past if seasons[one].has_final_schedule}
        wanted |= self._open_ids("season_schedules", "season_id").intersection(past)
        singles = [one for one in past if one in fetched and one in wanted]
        batch: list[tuple[SeasonDetails, ResponsePart]] = []
        for season_id, fetched_at, body in replay.landed_schedules(self.connection, singles):
            try:
                weeks = weeks_of_schedule(body, season_id)
            except UnusableResponse:
                continue
            part = self._part(SEASON_SCHEDULE, season_params(season_id), season_id)
            batch.append((self._details(season_id, weeks, fetched_at), part))
            if len(batch) == _PER_BATCH:
                self._write_details(batch)
                batch = []
        self._write_details(batch)
        # A quarter that was asked for while its seasons ran is not their last word.
        left = {one for one in set(past).difference(fetched) if seasons[one].has_final_schedule}
        for quarter, asked, asset in replay.landed_quarters(self.connection):
            response = self._find(SEASONS, asked.params) if asset != "current_seasons" else None
            if response is None:
                continue
            found = read_quarter(response.body, quarter, left).schedules
            details = [
                (
                    self._details(season_id, weeks, response.fetched_at),
                    self._part(SEASONS, response.params, season_id),
                )
                for season_id, weeks in found.items()
            ]
            # What a quarter brings in part is asked for singly: that has not come.
            self._write_details([item for item in details if not item[0].weeks.rejected])
            left.difference_update(found)

    @staticmethod
    def _part(endpoint: str, params: Mapping[str, str], season_id: int) -> ResponsePart:
        return ResponsePart(endpoint, params, f"season_id={season_id}")

    def _details(self, season_id: int, weeks: list[object], fetched_at: datetime) -> SeasonDetails:
        season = self.stored.seasons[season_id]
        missing = MissingSchedule(
            season_id,
            season.series_id,
            (0, 0),
            season.complete,
            bool(season.scheduled_weeks),
            season.scheduled_weeks,
        )
        return season_details(missing, weeks, fetched_at, Drift())

    def _write_details(self, batch: Sequence[tuple[SeasonDetails, ResponsePart]]) -> None:
        if not batch:
            return
        rejected = [
            item.of(part.endpoint, part.params)
            for details, part in batch
            for item in details.weeks.rejected
        ]
        batches = [
            replace(one, is_load=False)
            for one in schedule_batches([details for details, _ in batch])
        ]
        self._write("season_schedules", batches, [part for _, part in batch], rejected)

    def _forecasts(self) -> None:
        """The forecasts of the weeks that have one; a week whose file could not be read has none."""
        weeks = forecasts.forecast_weeks(self.connection)
        if weeks:
            self.run.listener.say("weather_forecasts", f"the files of {len(weeks):,} weeks")
        for start in range(0, len(weeks), _PER_BATCH):
            files = list(
                forecasts.landed_forecasts(self.connection, weeks[start : start + _PER_BATCH])
            )
            batches = forecast_batches(files, {week: True for week, _ in files}, Drift())
            settles = [ResponsePart(FORECAST, params_of_week(week)) for week, _ in files]
            rejected = [item for batch in batches for item in batch.rejected]
            self._write("weather_forecasts", batches, settles, rejected)


def _whole(response: Response) -> ResponsePart:
    return ResponsePart(response.endpoint, response.params)


def _stood_in(batch: RowBatch, response: Response) -> list[Rejected]:
    return [item.of(response.endpoint, response.params) for item in batch.rejected]
