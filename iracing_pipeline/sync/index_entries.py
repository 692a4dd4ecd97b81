"""Entries of the index: of all series in one landed response, or of one series in its own; and their rows.

In: series ids. Out: raw entries with the response they stand in, then past seasons per series. Asks the
database, never the API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.api.types.parsing import UnusableResponse, expect_list
from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import PAST_SEASONS, STATS_SERIES
from iracing_pipeline.core.response import Response
from iracing_pipeline.core.rows import EVERYTHING, Coverage, Rejected, RowBatch, joined
from iracing_pipeline.core.seasons import CurrentList, StoredSeason
from iracing_pipeline.model.lifecycle import current_list_of
from iracing_pipeline.model.rows.index import PastSeasons, parse_index, past_season_rows
from iracing_pipeline.model.shrinkage import gone
from iracing_pipeline.sync.run import SyncRun, ids_of
from iracing_pipeline.warehouse.queries.seasons import seasons_of_series
from iracing_pipeline.warehouse.responses.lists import (
    active_in_index,
    fresh_entries,
    index_state,
    landed_index,
    landed_series,
    listed_seasons,
)

# So many entries show which fields every season of the index has.
_MANY_SERIES = 20


@dataclass(frozen=True)
class IndexEntry:
    """A series' entry of the index, raw, and the response it stands in (for the index of all: no body)."""

    series_id: int
    raw: Any
    response: Response
    is_fetched: bool = False
    """This run fetched the response: it lands with the rows."""
    is_landed: bool = True
    """False for a response that a dry run keeps in memory."""

    @property
    def fetched_at(self) -> datetime | None:
        """When the response was fetched; None for one that a dry run keeps in memory."""
        return self.response.fetched_at if self.is_landed else None

    def season_ids(self) -> list[int]:
        """The seasons it names, as far as that can be read."""
        seasons = self.raw.get("seasons") if isinstance(self.raw, dict) else None
        return ids_of(seasons if isinstance(seasons, list) else (), "season_id")


def series_params(series_id: int) -> dict[str, str]:
    """Parameters of `series/past_seasons`."""
    return {"series_id": str(series_id)}


def landed_series_of(run: SyncRun, wanted: Sequence[int]) -> set[int]:
    """The wanted series whose entry has landed and serves still."""
    if run.options.dry_run and run.session.kept(STATS_SERIES, {}):
        return set(wanted)
    now = run.services.now()
    # What landed since this session began is what a refresh asked for.
    is_refresh = run.options.refresh
    since = run.session.began_at if is_refresh else now - run.services.lifetime(STATS_SERIES)
    with run.reading() as connection:
        has_index, singles = fresh_entries(connection, since=since, now=now)
    kept = {one for one in wanted if run.session.kept(PAST_SEASONS, series_params(one))}
    return set(wanted) if has_index else (singles | kept).intersection(wanted)


def landed_entries(run: SyncRun, series_ids: Sequence[int]) -> list[IndexEntry]:
    """The newest landed entry of each of these series; series without one are absent."""
    kept = run.session.kept(STATS_SERIES, {}) if run.options.dry_run else None
    if kept is not None:
        wanted = set(series_ids)
        return [
            IndexEntry(series_id, item, replace(kept, body=None), is_landed=False)
            for item in once(
                (one for one in kept.body if wanted.intersection(ids_of([one], "series_id"))),
                ("series_id",),
            )
            for series_id in ids_of([item], "series_id")
        ]
    if run.connection is not None:
        return newest_entries(run.connection, series_ids)
    with run.services.database.begin() as connection:
        return newest_entries(connection, series_ids)


def newest_entries(connection: Connection, series_ids: Sequence[int]) -> list[IndexEntry]:
    """The same from the tables alone, in the caller's transaction."""
    entries: dict[int, IndexEntry] = {}
    for fetched_at, raw in landed_index(connection, series_ids):
        for series_id in ids_of([raw], "series_id"):
            told = [entries[series_id].raw, raw] if series_id in entries else [raw]
            entries[series_id] = IndexEntry(
                series_id,
                once(told, ("series_id",))[0],
                Response(STATS_SERIES, {}, None, 0, fetched_at),
            )
    # A series may have been asked for by itself since.
    for series_id, fetched_at, raw in landed_series(connection, series_ids):
        index = entries.get(series_id)
        if index is None or index.response.fetched_at < fetched_at:
            response = Response(PAST_SEASONS, series_params(series_id), None, 0, fetched_at)
            entries[series_id] = IndexEntry(series_id, raw, response)
    return sorted(entries.values(), key=lambda entry: entry.series_id)


def check_index(run: SyncRun, body: Any) -> None:
    """Raises UnusableResponse or Shrunk for an index that must not take the place of a good one."""
    found = set(ids_of(expect_list(body, STATS_SERIES), "series_id"))
    if not found:
        raise UnusableResponse(f"{STATS_SERIES} answered without a single usable series.")
    with run.reading() as connection:
        stored = index_state(connection).indexed
    what = "series that are stored"
    gone(STATS_SERIES, what, stored, found, allow_shrink=run.options.allow_shrink)


def current_list(connection: Connection) -> CurrentList:
    """What the list of current seasons says; before there is one, the quarter the index speaks of."""
    listed = listed_seasons(connection)
    if listed:
        return current_list_of(listed)
    return CurrentList(quarter=current_list_of(active_in_index(connection)).quarter)


@dataclass
class IndexReading:
    """What several entries come to."""

    past: dict[int, PastSeasons] = field(default_factory=dict)
    """By series."""
    unusable: dict[int, Rejected] = field(default_factory=dict)
    """Series whose entry cannot be read at all."""

    def rejected(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """Seasons and weeks that could not be read, with the response they stood in."""
        response_of = {entry.series_id: entry.response for entry in entries}
        return [
            item.of(response_of[series_id].endpoint, response_of[series_id].params)
            for series_id, past in self.past.items()
            for item in past.rejected
        ]

    def batches(self) -> list[RowBatch]:
        """The rows of all series as two batches: one of history, one of news."""
        found = list(self.past.values())
        if not found:
            return []
        history = joined([past.history for past in found], is_load=True)
        news = joined([past.news for past in found], completes=EVERYTHING)
        # A season may have moved from one series' entry to another's.
        held = {(season_id,) for past in found for season_id in past.season_ids}
        gone_seasons = news.coverage["seasons"]
        kept = Coverage(gone_seasons.columns, gone_seasons.keys - held)
        batches = [history, news.covering("seasons", kept)]
        return [replace(batch, rejected=[]) for batch in batches]


def read_entries(
    entries: Sequence[IndexEntry],
    stored: Mapping[int, StoredSeason],
    current: CurrentList,
    listed_by: MutableMapping[int, int],
    *,
    now: Callable[[IndexEntry], datetime],
    drift_of: Callable[[str, bool], Drift],
    allow_shrink: bool = False,
) -> IndexReading:
    """Rows of the seasons of these series.

    `listed_by`: the series whose entry was read with a season in it; a season that two series list
    stays with the first, and the second's is rejected. It learns from these entries.
    """
    reading = IndexReading()
    for entry in entries:
        endpoint, series_id = entry.response.endpoint, entry.series_id
        # A few series do not show which fields all of them have.
        watches = len(entries) >= _MANY_SERIES and endpoint == STATS_SERIES
        drift = drift_of(endpoint, watches)
        parsed = parse_index([entry.raw], drift)
        if parsed.rejected:
            item = parsed.rejected[0].of(endpoint, entry.response.params)
            reading.unusable[series_id] = item
            continue
        taken = {one for one in entry.season_ids() if listed_by.get(one, series_id) != series_id}
        past = past_season_rows(
            parsed.items[0],
            stored,
            current,
            now(entry),
            drift,
            taken,
            fetched_at=entry.fetched_at,
            allow_shrink=allow_shrink,
        )
        listed_by.update(dict.fromkeys(past.season_ids, series_id))
        reading.past[series_id] = past
    return reading


def stored_seasons(
    connection: Connection, entries: Sequence[IndexEntry], now: datetime
) -> dict[int, StoredSeason]:
    """The stored seasons of these series, and those that their entries name: one may have moved."""
    named = [season_id for entry in entries for season_id in entry.season_ids()]
    rows = seasons_of_series(connection, [entry.series_id for entry in entries], now, named)
    return {row.season_id: row for row in rows}
