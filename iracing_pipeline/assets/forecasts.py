"""Forecasts fetched several at a time and stored in batches that each commit.

In: signed links that this run has just learned (they rotate and die within days, and are never landed).
Out: rows, landed files, a note of links that were dead. Reading a file is model/weather_rows.py's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from iracing_pipeline.assets.asset_run import AssetRun
from iracing_pipeline.assets.attempt import Books
from iracing_pipeline.assets.fetching import Fetcher
from iracing_pipeline.assets.seasons import ENDPOINT as LIST_ENDPOINT

if TYPE_CHECKING:
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.model.rows.forecasts import WeekKey
    from iracing_pipeline.warehouse.responses.landing import Landed

TABLE = "weather_forecasts"
# A transaction takes what has come when so much has, or so long has gone by.
_FILES_PER_BATCH = 500
_SECONDS_PER_BATCH = 15.0
# So many files in a row for which the host did not answer at all: it is not there.
_MOST_UNREACHABLE = 8
_NAMED = 10


@dataclass
class Forecasts:
    """One bringing-in of forecasts."""

    run: AssetRun
    books: Books
    extract: Extract = field(init=False)
    """What results() tells of: a few rows, and all rejects."""
    files: int = 0
    dead: dict[WeekKey, str] = field(default_factory=dict)
    failed: dict[WeekKey, str] = field(default_factory=dict)
    in_a_row: int = 0

    def __post_init__(self) -> None:
        from iracing_pipeline.core.rows import Extract

        self.extract = Extract({TABLE: []})

    def do(self) -> None:
        """Fetch what is due, store it batch by batch, close the books."""
        from iracing_pipeline.assets.attempt import outcome_of

        links = self._links()
        due = self._due(links)
        self.run.say(f"{len(due):,} forecasts of {len(links):,} to be fetched")
        for batch in self._batches(due):
            self._write(batch)
        self._note(links)
        outcome = outcome_of(self.run, self.extract)
        with self.books.transaction() as connection:
            self.books.enter(connection, outcome, fetched=(), read=(), answers=(), items=())
        self.run.take_calls()

    def _links(self) -> Mapping[WeekKey, str]:
        """The links of this run: learned by current_seasons, or asked for now if it is not part of it."""
        from iracing_pipeline.model.rows.forecasts import forecast_links

        run = self.run
        params = run.options.seasons_params
        links = run.pipeline.links(run.run_id)
        if links or run.pipeline.kept(run.run_id, LIST_ENDPOINT, params) is not None:
            return links
        run.say(f"{LIST_ENDPOINT}: asking the API, for the links alone")
        answer = run.pipeline.fetch(LIST_ENDPOINT, params)
        return forecast_links(answer.body)

    def _due(self, links: Mapping[WeekKey, str]) -> dict[WeekKey, str]:
        """Weeks that are stored, meant, and whose forecast may be new; the next ones first."""
        from iracing_pipeline.warehouse.responses.forecasts import forecast_states

        run = self.run
        if not links:
            return {}
        with run.pipeline.database.autocommit() as connection:
            self.states = forecast_states(connection, links)
        now, limit = run.pipeline.now(), run.freshness_limit()
        chosen = run.pipeline.chosen(run.run_id) if run.options.selects_series else None
        due = {}
        for week, state in self.states.items():
            is_over = state.week_end_time is not None and state.week_end_time < now
            is_fresh = state.fetched_at is not None and state.fetched_at > limit
            is_meant = chosen is None or state.series_id in chosen
            if is_meant and not (is_over and state.is_stored):
                due |= {week: links[week]} if run.options.refresh or not is_fresh else {}
        ends = {week: state.week_end_time for week, state in self.states.items()}
        return dict(sorted(due.items(), key=lambda item: (ends[item[0]] or now, item[0])))

    def _batches(self, due: Mapping[WeekKey, str]) -> Iterator[list[Landed]]:
        """Forecasts as they come, gathered to transactions of a bearable size."""
        run = self.run
        threads = max(1, min(run.options.concurrency, len(due)))
        gathered: list[Landed] = []
        began = time.monotonic()
        with Fetcher(
            lambda week: self._fetch(week, due[week]),
            list(due),
            threads=threads,
            waiting=4 * threads,
            begin=run.pipeline.listen_for,
        ) as fetcher:
            for batch in fetcher.batches(_FILES_PER_BATCH):
                for week, result in batch:
                    if isinstance(result, Exception):
                        self._could_not(week, result)
                    else:
                        self.in_a_row = 0
                        gathered.append(result)
                if self.in_a_row >= _MOST_UNREACHABLE:
                    for week in fetcher.drop():
                        self.failed[week] = "not tried: the host does not answer"
                waited = time.monotonic() - began
                if len(gathered) >= _FILES_PER_BATCH or waited >= _SECONDS_PER_BATCH:
                    yield gathered
                    gathered, began = [], time.monotonic()
                    run.say(f"{self.files:,} of {len(due):,} forecasts")
        if gathered:
            yield gathered

    def _fetch(self, week: WeekKey, url: str) -> Landed:
        from iracing_pipeline.api.types.forecasts import FORECAST
        from iracing_pipeline.core.redact import strip_signatures
        from iracing_pipeline.model.rows.forecasts import params_of_week
        from iracing_pipeline.warehouse.responses.landing import Landed

        pipeline = self.run.pipeline
        body: Any = strip_signatures(pipeline.client.signed_file(url))
        now = pipeline.now()
        return Landed(FORECAST, params_of_week(week), body, 0, now, pipeline.expires_at(now))

    def _could_not(self, week: WeekKey, error: Exception) -> None:
        """A link that is dead, or a host that is not there: noted, and everything else goes on."""
        from iracing_pipeline.api.errors import ApiError

        if isinstance(error, (ApiError, ValueError)):
            kind = getattr(error, "kind", "permanent")
            (self.dead if kind == "permanent" else self.failed)[week] = str(error)
            self.in_a_row = self.in_a_row + 1 if kind == "unreachable" else 0
        else:
            raise error

    def _write(self, batch: list[Landed]) -> None:
        """Merge and land some forecasts. The first of a week is a load, not a change of anything."""
        from iracing_pipeline.assets.batching import as_set_aside, batches_of
        from iracing_pipeline.core.rows import joined
        from iracing_pipeline.model.rows.forecasts import forecast_rows
        from iracing_pipeline.warehouse.ledger.runs import AnswerRead
        from iracing_pipeline.warehouse.merge.batches import Counts
        from iracing_pipeline.warehouse.merge.merging import merge_all

        run = self.run
        drift = run.drift_of("weather_url")
        first, again = [], []
        for landed in batch:
            week = (int(landed.params["season_id"]), int(landed.params["race_week_num"]))
            extract = forecast_rows(week, landed.body, drift)
            (again if self.states[week].is_stored else first).append(extract)
        extracts = [joined(first, is_load=True), joined(again)]
        rejects = [item for extract in extracts for item in extract.rejects]
        with self.books.transaction() as connection:
            for extract in extracts:
                if not extract.rows.get(TABLE):
                    continue
                found = merge_all(connection, batches_of(extract), run_id=run.run_id)[TABLE]
                before = run.counts.get(TABLE, Counts())
                run.counts[TABLE] = Counts(
                    inserted=before.inserted + found.inserted,
                    updated=before.updated + found.updated,
                    unchanged=before.unchanged + found.unchanged,
                    retired=before.retired + found.retired,
                    living=found.living,
                )
            self.books.enter(
                connection,
                None,
                fetched=batch,
                read=batch,
                answers=[AnswerRead(landed.endpoint, landed.params) for landed in batch],
                items=[as_set_aside(item, item.source or ("weather_url", {})) for item in rejects],
            )
        run.take_calls()
        self.files += len(batch)
        self.extract.rejects += rejects
        if not self.extract.rows[TABLE]:
            self.extract.rows[TABLE] = next(
                (extract.rows[TABLE] for extract in extracts if extract.rows.get(TABLE)), []
            )

    def _note(self, links: Mapping[WeekKey, str]) -> None:
        run = self.run
        run.notes |= {
            "links": len(links),
            "forecasts_fetched": self.files,
            "dead_links": len(self.dead),
            "not_fetched": len(self.failed),
        }
        for what, found in (("links were dead", self.dead), ("could not be had", self.failed)):
            if found:
                named = [
                    f"season {week[0]} week {week[1]}: {text}"
                    for week, text in sorted(found.items())
                ]
                more = [f"and {len(named) - _NAMED} more"] if len(named) > _NAMED else []
                run.notes[what.replace(" ", "_")] = MetadataValue.md(
                    "\n".join(f"- {line}" for line in [*named[:_NAMED], *more])
                )
                run.warn(
                    f"{len(found)} of {len(links)} forecasts {what}, their weeks keep the one they "
                    f"have; the first: {named[0]}"
                )
        if not links:
            run.say("no new links in this run: the list was served by a landed answer")
