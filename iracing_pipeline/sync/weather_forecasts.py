"""`weather_forecasts`: the files behind weather.weather_url → forecasts of weeks.

In: signed links that this session has just learned (they rotate and die within days, and are never landed).
Out: rows, landed files, a note of links that were dead. Reading a file is model/rows/forecasts.py's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.api.errors import ApiError, LinkRefusedError
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import FORECAST, SEASONS, season_list_params
from iracing_pipeline.core.forecasts import ForecastLink, ForecastState, WeekKey
from iracing_pipeline.core.landable import landable
from iracing_pipeline.core.response import Response, ResponseKey, ResponsePart
from iracing_pipeline.core.rows import RowBatch, joined
from iracing_pipeline.core.wording import listed
from iracing_pipeline.model.forecast_plan import plan_forecasts
from iracing_pipeline.model.rows.forecasts import forecast_links, forecast_rows, params_of_week
from iracing_pipeline.sync.fetching import FailureStreak, Fetcher
from iracing_pipeline.sync.responses import fresh_since
from iracing_pipeline.sync.result import SyncEvent
from iracing_pipeline.sync.run import SyncRun, engine, selected_series
from iracing_pipeline.sync.writer import count_living, write
from iracing_pipeline.warehouse.ledger.runs import Superseded
from iracing_pipeline.warehouse.responses.forecasts import (
    forecast_states,
    links_were_used,
    note_dead_links,
)

TABLE = "weather_forecasts"
# A transaction takes what has come when so much has, or so long has gone by.
_FILES_PER_BATCH = 500
_SECONDS_PER_BATCH = 15.0
_NAMED = 10


def sync_weather_forecasts(run: SyncRun) -> Iterator[SyncEvent]:
    """Forecasts of the weeks that are not over, and once of those that are. A dead link is no failure."""
    yield from engine(run, lambda run: _Forecasts(run).sync())


def forecast_batches(
    files: Sequence[tuple[WeekKey, Any]], is_stored: Mapping[WeekKey, bool], drift: Drift
) -> list[RowBatch]:
    """Rows of forecasts; the first forecast of a week is a load, not a change of anything."""
    first: list[RowBatch] = []
    again: list[RowBatch] = []
    for week, body in files:
        (again if is_stored[week] else first).append(forecast_rows(week, body, drift))
    return [joined(first, is_load=True), joined(again)]


@dataclass
class _Forecasts:
    """One bringing-in of forecasts."""

    run: SyncRun
    told: RowBatch = field(default_factory=lambda: RowBatch({TABLE: []}))
    """What the result tells of: a few rows, and everything that was rejected."""
    states: Mapping[WeekKey, ForecastState] = field(default_factory=dict)
    stored: set[WeekKey] = field(default_factory=set)
    dead: dict[WeekKey, str] = field(default_factory=dict)
    failed: dict[WeekKey, str] = field(default_factory=dict)
    refused: dict[WeekKey, str] = field(default_factory=dict)
    untried: list[WeekKey] = field(default_factory=list)
    streak: FailureStreak = field(default_factory=FailureStreak)

    def sync(self) -> Iterator[SyncEvent]:
        """Fetch what is due, store it batch by batch, close the run."""
        run = self.run
        links = self._links()
        due = self._due(links)
        run.say(f"{len(due):,} forecasts of {len(links):,} to be fetched")
        for batch in self._batches(due):
            self._write(batch)
        self._note(links)
        count_living(run)
        write(
            run,
            [],
            closes=lambda counts: run.recorder.outcome(counts, self.told.rejected),
            also=lambda connection: self._note_dead(connection, links),
        )
        yield run.result(self.told)

    def _links(self) -> Mapping[WeekKey, ForecastLink]:
        """The links of this session: learned by current_seasons, or asked for now if it is not part of it.

        So they are where the list that has landed was another run's, which did not come to its forecasts.
        """
        run = self.run
        params = season_list_params(run.options.quarter)
        if run.session.links:
            return dict(run.session.links)
        if ResponseKey(SEASONS, params) in run.session.seen:
            with run.reading() as connection:
                if links_were_used(connection, params):
                    return {}
        run.say(f"{SEASONS}: asking the API, for the links alone")
        run.session.add_links(
            forecast_links(run.services.client.get(SEASONS, params).body),
            is_current=run.options.quarter is None,
        )
        return dict(run.session.links)

    def _due(self, links: Mapping[WeekKey, ForecastLink]) -> dict[WeekKey, str]:
        """URLs of the weeks that are stored, selected, and whose forecast may be new, in their order."""
        run = self.run
        if not links:
            return {}
        with run.reading() as connection:
            self.states = forecast_states(connection, links)
        stored = {one.series_id for one in self.states.values() if one.series_id is not None}
        due = plan_forecasts(
            links,
            self.states,
            now=run.services.now(),
            fresh_since=fresh_since(run, FORECAST),
            selected=selected_series(run, stored),
            refreshes=run.options.refresh,
        )
        return {week: links[week].url for week in due}

    def _batches(self, due: Mapping[WeekKey, str]) -> Iterator[list[tuple[WeekKey, Response]]]:
        """Forecasts as they come, gathered to transactions of a bearable size."""
        run = self.run
        threads = max(1, min(run.options.concurrency, len(due)))
        gathered: list[tuple[WeekKey, Response]] = []
        began = time.monotonic()
        with Fetcher(
            lambda week: self._fetch(week, due[week]),
            list(due),
            threads=threads,
            waiting=4 * threads,
            begin=run.services.pauses.end_with,
        ) as fetcher:
            for batch in fetcher.batches(_FILES_PER_BATCH):
                for week, result in batch:
                    if isinstance(result, Exception):
                        self._could_not(week, result)
                    else:
                        self.streak.succeeded()
                        gathered.append((week, result))
                if self.streak.is_hopeless:
                    # What is under way may take its whole time to fail: nobody waits for it.
                    break
                waited = time.monotonic() - began
                if len(gathered) >= _FILES_PER_BATCH or waited >= _SECONDS_PER_BATCH:
                    yield gathered
                    gathered, began = [], time.monotonic()
                    run.progress(len(self.stored), len(due), "forecasts")
        if gathered:
            yield gathered
        if self.streak.is_hopeless:
            told = {*self.stored, *self.dead, *self.failed, *self.refused}
            self.untried = [week for week in due if week not in told]

    def _fetch(self, week: WeekKey, url: str) -> Response:
        services = self.run.services
        body: Any = landable(services.client.signed_file(url))
        now = services.now()
        until = now + services.lifetime(FORECAST)
        return Response(FORECAST, params_of_week(week), body, 0, now, until)

    def _could_not(self, week: WeekKey, error: Exception) -> None:
        """A link that is dead or not followed, or a host that is not there: noted, the others go on."""
        if not isinstance(error, (ApiError, ValueError)):
            raise error
        if isinstance(error, (LinkRefusedError, ValueError)):
            self.refused[week] = str(error)
            return
        if error.kind == "permanent":
            self.dead[week] = str(error)
            self.streak.succeeded()
            return
        self.failed[week] = str(error)
        self.streak.failed(error)

    def _write(self, files: Sequence[tuple[WeekKey, Response]]) -> None:
        """Merge and land some forecasts; where another run landed newer ones meanwhile, one by one.

        Of a week of which another run has landed a newer file nothing is left to do.
        """
        try:
            self._merge(files)
        except Superseded:
            for one in files if len(files) > 1 else ():
                self._write([one])
        self.stored.update(week for week, _ in files)

    def _merge(self, files: Sequence[tuple[WeekKey, Response]]) -> None:
        run = self.run
        responses = [response for _, response in files]
        batches = forecast_batches(
            [(week, response.body) for week, response in files],
            {week: self.states[week].is_stored for week, _ in files},
            run.drift_of(FORECAST),
        )
        write(
            run,
            [batch for batch in batches if batch.rows.get(TABLE)],
            fetched=responses,
            read=responses,
            settles=[ResponsePart(one.endpoint, one.params) for one in responses],
            rejected=[item for batch in batches for item in batch.rejected],
        )
        for batch in batches:
            rows = self.told.rows[TABLE] or batch.rows.get(TABLE, [])
            self.told = RowBatch({TABLE: rows}, rejected=[*self.told.rejected, *batch.rejected])

    def _note_dead(self, connection: Connection, links: Mapping[WeekKey, ForecastLink]) -> None:
        dead = {week: (links[week], reason) for week, reason in self.dead.items()}
        now, run_id = self.run.services.now(), self.run.info.run_id
        note_dead_links(connection, dead, self.stored, at=now, run_id=run_id)

    def _note(self, links: Mapping[WeekKey, ForecastLink]) -> None:
        run = self.run
        run.recorder.notes |= {
            "links": len(links),
            "forecasts_fetched": len(self.stored),
            "dead_links": len(self.dead),
            "refused_links": len(self.refused),
            "not_fetched": len(self.failed) + len(self.untried),
        }
        for what, name, found in (
            ("links were dead", "links_were_dead", self.dead),
            ("have links that lead where none may", "links_were_refused", self.refused),
            ("are not available", "not_available", self.failed),
        ):
            if found:
                named = [
                    f"season {week[0]} week {week[1]}: {text}"
                    for week, text in sorted(found.items())
                ]
                run.recorder.notes[name] = listed(named, _NAMED)
                run.warn(
                    f"{len(found)} of {len(links)} forecasts {what}, their weeks keep the one they "
                    f"have; the first: {named[0]}"
                )
        if self.untried:
            run.recorder.notes["not_tried"] = len(self.untried)
            run.warn(
                f"{len(self.untried)} of {len(links)} forecasts were not tried, after "
                f"{self.streak.length} that failed one after the other, the last: {self.streak.last}"
            )
        if not links:
            run.say("no new links in this run: the list was served by a landed response")
