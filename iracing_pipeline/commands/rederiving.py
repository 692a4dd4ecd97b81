"""Every data table once more from the landed answers, as the assets would read them today.

In: a connection with a transaction open. Out: rows merged, counts, quarantine settled. Asks no API, drops
nothing, retires no row that an answer lacks, brings no retired row back.

Only what the tables hold already has a say, and what is in quarantine: after a sync of a few series, the
answers that landed hold many more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from iracing_pipeline.api.types.forecasts import FORECAST
from iracing_pipeline.api.types.parsing import Parsed, Reject, UnusableAnswer
from iracing_pipeline.assets.batching import as_set_aside, batches_of
from iracing_pipeline.assets.entries import Entry, stored_of
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Extract, joined
from iracing_pipeline.model.lifecycle import Present, present_of
from iracing_pipeline.model.plan import Wanted, read_quarter
from iracing_pipeline.model.retirement import weeks_gone
from iracing_pipeline.model.rows.forecasts import forecast_rows, params_of_week
from iracing_pipeline.model.rows.index import (
    PAST_SEASONS,
    STATS_SERIES,
    indexed_series_rows,
    parse_index,
    past_season_rows,
)
from iracing_pipeline.model.rows.past_schedules import (
    SEASON_SCHEDULE,
    SeasonDetails,
    season_details,
    season_row,
    weeks_of_schedule,
)
from iracing_pipeline.model.rows.reference import car_class_rows, car_rows, track_rows
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.model.rows.seasons import ENDPOINT as LIST
from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.warehouse.ledger.runs import AnswerRead, set_aside
from iracing_pipeline.warehouse.merge.batches import Counts
from iracing_pipeline.warehouse.merge.merging import lock_all, merge_all
from iracing_pipeline.warehouse.queries import seasons as history
from iracing_pipeline.warehouse.responses import forecasts
from iracing_pipeline.warehouse.responses import lists as landed_lists
from iracing_pipeline.warehouse.responses import replay as landed_bodies
from iracing_pipeline.warehouse.responses.landing import Landed, landed
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES

if TYPE_CHECKING:
    from iracing_pipeline.api.types.index import IndexedSeries
    from iracing_pipeline.api.types.series import Season
    from iracing_pipeline.model.lifecycle import Stored

# Each batch leaves its stages to the end of the transaction.
_PER_BATCH = 200
_REFERENCE: tuple[tuple[str, str, Callable[[Any], Extract]], ...] = (
    ("tracks", "track/get", track_rows),
    ("cars", "car/get", car_rows),
    ("car_classes", "carclass/get", car_class_rows),
)


@dataclass
class Rederiving:
    """One pass over everything that has landed."""

    connection: Connection
    run_id: str
    say: Callable[[str, str], None]
    counts: dict[str, Counts] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    left_out: dict[str, None] = field(default_factory=dict)
    """Answers that landed and were never merged: they are an asset's business."""
    stored: landed_bodies.Merged = field(init=False)

    def do(self) -> None:
        """All tables, parents first. No sync writes meanwhile: what is read is the newest there is."""
        lock_all(self.connection, DATA_TABLES)
        self.stored = landed_bodies.merged(self.connection)
        for asset, endpoint, read in _REFERENCE:
            self._reference(asset, endpoint, read)
        self._series()
        listed = self._current()
        self.stored = landed_bodies.merged(self.connection)
        self._past(listed)
        self.stored = landed_bodies.merged(self.connection)
        self._schedules_of_past(listed)
        self._forecasts()

    # -- what every answer goes through ---------------------------------------------------------------

    def _landed(self, endpoint: str, params: Mapping[str, str] | None = None) -> Landed | None:
        return landed(self.connection, endpoint, params or {})

    def _merge(
        self,
        asset: str,
        extracts: Sequence[Extract],
        answers: Sequence[AnswerRead],
        rejects: Sequence[tuple[Reject, tuple[str, Mapping[str, str]]]] = (),
    ) -> None:
        extract = joined(extracts)
        # What an answer lacks has been retired when it came, or there was a reason not to.
        for name in ("series", "seasons", "season_schedules"):
            extract.complete.pop(name, None)
        found = merge_all(
            self.connection,
            batches_of(extract, restores=False),
            run_id=self.run_id,
            counts_living=False,
        )
        for name, counts in found.items():
            self.counts[name] = self.counts.get(name, Counts()) + counts
        set_aside(
            self.connection,
            asset=asset,
            answers=answers,
            items=[as_set_aside(item, source) for item, source in rejects],
            run_id=self.run_id,
        )
        self.rejects += [item for item, _ in rejects]

    def _open_ids(self, asset: str, name: str) -> frozenset[int]:
        """Ids of that name in the keys of what is in quarantine."""
        keys = (key for of_asset, key in self.stored.open_items if of_asset == asset)
        found = (re.search(rf"\b{name}=(\d+)", key) for key in keys)
        return frozenset(int(match[1]) for match in found if match)

    def _merged(self, asset: str, endpoint: str, fetched_at: datetime) -> Callable[[int], bool]:
        """Whether an asset has read a series of this answer already; what it has not is its business."""
        series = self.stored.merged_since(asset, fetched_at)
        if series is None:
            return lambda series_id: True
        which = f"all but {len(series)} series of " if series else ""
        text = (
            f"{which}{endpoint} of {fetched_at:%Y-%m-%d %H:%M} UTC, which {asset} has not read yet"
        )
        self.left_out[text] = None
        return series.__contains__

    # -- the answers ----------------------------------------------------------------------------------

    def _reference(self, asset: str, endpoint: str, read: Callable[[Any], Extract]) -> None:
        answer = self._landed(endpoint)
        if answer is None:
            return
        self.say(asset, endpoint)
        extract = read(answer.body)
        source = (endpoint, answer.params)
        self._merge(
            asset,
            [extract],
            [AnswerRead(*source)],
            [(item, source) for item in extract.rejects],
        )

    def _series(self) -> None:
        answer, pictures = self._landed("series/get"), self._landed("series/assets")
        if answer is None:
            return
        self.say("series", "series/get")
        body = pictures.body if pictures else None
        extract = series_rows(answer.body, body)
        extract.rejects = [item.of("series/get", answer.params) for item in extract.rejects]
        answers = [AnswerRead("series/get", answer.params)]
        index = self._merged_index({row["series_id"] for row in extract.rows["series"]})
        if index is not None:
            extract = indexed_series_rows(
                index, extract, assets_body=body, stored=self.stored.series
            )
            answers.append(AnswerRead(STATS_SERIES, {}))
        meant = self.stored.series | self._open_ids("series", "series_id")
        is_merged = self._merged("series", "series/get", answer.fetched_at)
        extract = extract.only(
            lambda row: row["series_id"] in meant and is_merged(row["series_id"])
        )
        self._merge(
            "series",
            [extract],
            answers,
            [(item, item.source or ("series/get", {})) for item in extract.rejects],
        )

    def _merged_index(self, running: set[int]) -> Parsed[IndexedSeries] | None:
        """The landed index as far as `series` holds it; None where it was never merged as a whole.

        A series that ran when the index came and rests now has the words of series/get, of which no
        body is left.
        """
        state = landed_lists.index_state(self.connection)
        if state.fetched_at is None or state.merged_at != state.fetched_at:
            return None
        entries = (entry for _, entry in landed_lists.landed_index(self.connection))
        parsed = parse_index(entries)
        parsed.items = [
            item for item in parsed.items if item.series_id in running or not item.active
        ]
        parsed.rejects = [item.of(STATS_SERIES) for item in parsed.rejects]
        return parsed

    def _current(self) -> frozenset[int]:
        """The list of current seasons, and lists of other quarters as somebody asked for them.

        Returns the seasons of the current list.
        """
        listed: frozenset[int] = frozenset()
        answer = self._landed(LIST, landed_lists.CURRENT_LIST)
        if answer is not None:
            parsed = parse_seasons(answer.body)
            listed = frozenset(season.season_id for season in parsed.items)
            self._list(answer, parsed, is_current=True)
        for quarter, asked, asset in landed_bodies.landed_quarters(self.connection):
            if asset != "current_seasons":
                continue
            answer = self._landed(LIST, asked.params)
            if answer is not None:
                parsed = parse_seasons(answer.body)
                parsed.items = [
                    season
                    for season in parsed.items
                    if (season.season_year, season.season_quarter) == quarter
                    and season.season_id not in listed
                ]
                self._list(answer, parsed, is_current=False)
        return listed

    def _list(self, answer: Landed, parsed: Parsed[Season], *, is_current: bool) -> None:
        self.say("current_seasons", LIST)
        source = (LIST, answer.params)
        meant = self.stored.seasons.keys() | self._open_ids("current_seasons", "season_id")
        is_merged = self._merged("current_seasons", LIST, answer.fetched_at)
        parsed.items = [
            season
            for season in parsed.items
            if season.season_id in meant and is_merged(season.series_id)
        ]
        extract = season_rows(parsed, is_current=is_current)
        self._merge(
            "current_seasons",
            [extract],
            [AnswerRead(*source)],
            [(item, source) for item in extract.rejects],
        )
        has_weeks = self._merged("season_schedules", LIST, answer.fetched_at)
        parsed.items = [season for season in parsed.items if has_weeks(season.series_id)]
        if not parsed.items:
            return
        if not is_current:
            # A schedule that came later, by itself, is the newer word.
            newer = landed_bodies.schedules_landed(self.connection)
            parsed.items = [season for season in parsed.items if season.season_id not in newer]
        self.say("season_schedules", LIST)
        weeks = current_schedule_rows(parsed)
        # Seasons that lack too many weeks are still in quarantine for it.
        stored = history.season_rows(self.connection).weeks
        weeks.rejects += weeks_gone(stored, parsed, weeks)[1]
        self._merge(
            "season_schedules",
            [weeks],
            [AnswerRead(*source)],
            [(item, source) for item in weeks.rejects],
        )

    def _past(self, listed: frozenset[int]) -> None:
        """The index, series by series."""
        present = self._present()
        meant = sorted(self.stored.indexed_series | self._open_ids("past_seasons", "series_id"))
        for start in range(0, len(meant), _PER_BATCH):
            self._entries(meant[start : start + _PER_BATCH], present, listed)

    def _present(self) -> Present:
        listed = landed_lists.listed_seasons(self.connection)
        if listed:
            return present_of(listed)
        return Present(quarter=present_of(landed_lists.active_in_index(self.connection)).quarter)

    def _entries(self, series_ids: Sequence[int], present: Present, listed: frozenset[int]) -> None:
        newest: dict[int, tuple[datetime, Any, tuple[str, Mapping[str, str]]]] = {}
        for fetched_at, raw in landed_lists.landed_index(self.connection, series_ids):
            newest[int(raw["series_id"])] = (fetched_at, raw, (STATS_SERIES, {}))
        for series_id, fetched_at, raw in landed_lists.landed_series(self.connection, series_ids):
            if series_id not in newest or newest[series_id][0] < fetched_at:
                params = {"series_id": str(series_id)}
                newest[series_id] = (fetched_at, raw, (PAST_SEASONS, params))
        extracts: list[Extract] = []
        rejects: list[tuple[Reject, tuple[str, Mapping[str, str]]]] = []
        answers: list[AnswerRead] = []
        for series_id, (fetched_at, raw, source) in sorted(newest.items()):
            if not self._merged("past_seasons", source[0], fetched_at)(series_id):
                continue
            answers.append(AnswerRead(*source, f"series_id={series_id}"))
            parsed = parse_index([raw])
            rejects += [(item, source) for item in parsed.rejects]
            for series in parsed.items:
                past = past_season_rows(
                    series,
                    self._stored_seasons(Entry(series_id, raw, *source), fetched_at),
                    present,
                    fetched_at,
                    Drift(),
                    self._elsewhere(series_id),
                    fetched_at=fetched_at,
                )
                extracts += [past.history, past.news]
                rejects += [(item, source) for item in past.rejects]
        if answers:
            self.say("past_seasons", f"{len(answers)} series")
            self._merge("past_seasons", extracts, answers, rejects)

    def _stored_seasons(self, entry: Entry, now: datetime) -> dict[int, Stored]:
        rows = history.seasons_of_series(
            self.connection, [entry.series_id], now, entry.season_ids()
        )
        return {row.season_id: stored_of(row) for row in rows}

    def _elsewhere(self, series_id: int) -> frozenset[int]:
        return frozenset(
            season_id
            for season_id, season in self.stored.seasons.items()
            if season.series_id != series_id
        )

    def _schedules_of_past(self, listed: frozenset[int]) -> None:
        """Schedules of seasons that are not current: asked for singly, or brought by a whole quarter."""
        fetched = landed_bodies.schedules_landed(self.connection)
        past = [season_id for season_id in self.stored.seasons if season_id not in listed]
        # One that was asked for before its season was over is not the last word either, unless it could
        # not be read then.
        meant = {one for one in past if self.stored.seasons[one].has_final_schedule}
        meant |= self._open_ids("season_schedules", "season_id").intersection(past)
        singles = [season_id for season_id in past if season_id in fetched and season_id in meant]
        batch: list[tuple[SeasonDetails, tuple[str, Mapping[str, str]]]] = []
        for season_id, fetched_at, body in landed_bodies.landed_schedules(self.connection, singles):
            try:
                weeks = weeks_of_schedule(body, season_id)
            except UnusableAnswer:
                continue
            source = (SEASON_SCHEDULE, {"season_id": str(season_id)})
            batch.append((self._details(season_id, weeks, fetched_at), source))
            if len(batch) == _PER_BATCH:
                self._write_details(batch)
                batch = []
        self._write_details(batch)
        # A quarter that was asked for while its seasons ran is not their last word.
        left = {
            season_id
            for season_id in set(past).difference(fetched)
            if self.stored.seasons[season_id].has_final_schedule
        }
        for quarter, asked, asset in landed_bodies.landed_quarters(self.connection):
            if asset == "current_seasons":
                continue
            answer = self._landed(LIST, asked.params)
            if answer is None:
                continue
            found = read_quarter(answer.body, quarter, left).schedules
            details = [
                (self._details(season_id, weeks, answer.fetched_at), (LIST, answer.params))
                for season_id, weeks in found.items()
            ]
            # What a quarter brings in part is asked for singly: that has not come.
            self._write_details([item for item in details if not item[0].weeks.rejects])
            left.difference_update(found)

    def _details(self, season_id: int, weeks: list[Any], fetched_at: datetime) -> SeasonDetails:
        season = self.stored.seasons[season_id]
        wanted = Wanted(
            season_id,
            season.series_id,
            (0, 0),
            season.complete,
            bool(season.scheduled_weeks),
            season.scheduled_weeks,
        )
        return season_details(wanted, weeks, fetched_at, Drift())

    def _write_details(
        self, batch: Sequence[tuple[SeasonDetails, tuple[str, Mapping[str, str]]]]
    ) -> None:
        if not batch:
            return
        self.say("season_schedules", f"{len(batch)} past seasons")
        extracts = [item.weeks for item, _ in batch]
        for item, _ in batch:
            item.weeks.updates["seasons"] = [season_row(item)]
        self._merge(
            "season_schedules",
            extracts,
            [AnswerRead(*source, f"season_id={item.season.season_id}") for item, source in batch],
            [(reject, source) for item, source in batch for reject in item.weeks.rejects],
        )

    def _forecasts(self) -> None:
        """The forecasts of the weeks that have one; a week whose file could not be read has none."""
        weeks = forecasts.forecast_weeks(self.connection)
        for start in range(0, len(weeks), _PER_BATCH):
            bodies = forecasts.landed_forecasts(self.connection, weeks[start : start + _PER_BATCH])
            extracts, answers = [], []
            for week, body in bodies:
                extracts.append(forecast_rows(week, body))
                answers.append(AnswerRead(FORECAST, params_of_week(week)))
            self.say("weather_forecasts", f"{len(answers)} weeks")
            rejects = [
                (item, item.source or (FORECAST, {}))
                for extract in extracts
                for item in extract.rejects
            ]
            self._merge("weather_forecasts", extracts, answers, rejects)
