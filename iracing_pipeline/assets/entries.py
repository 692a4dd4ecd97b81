"""Entries of the index that have landed: of all series in one answer, or of one series in its own.

In: series ids. Out: raw entries with the answer they stand in. Asks the database, never the API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from iracing_pipeline.assets.asset_run import AssetRun
from iracing_pipeline.assets.series import INDEX_TTL

if TYPE_CHECKING:
    from iracing_pipeline.model.lifecycle import Stored
    from iracing_pipeline.warehouse.queries.seasons import StoredSeason
    from iracing_pipeline.warehouse.responses.landing import Landed


@dataclass
class Entry:
    """A series' entry of the index, raw, and the answer it stands in."""

    series_id: int
    raw: Any
    endpoint: str
    params: Mapping[str, str]
    fetched: Landed | None = None
    """The answer, where this run fetched it: it lands with the rows."""
    read: Landed | None = None

    @property
    def fetched_at(self) -> datetime | None:
        """When the answer was fetched; None for one that a dry run keeps in memory."""
        answer = self.fetched or self.read
        return answer.fetched_at if answer else None

    def season_ids(self) -> list[int]:
        """The seasons it names, as far as that can be read."""
        seasons = self.raw.get("seasons") if isinstance(self.raw, dict) else None
        found = [
            season.get("season_id")
            for season in (seasons if isinstance(seasons, list) else ())
            if isinstance(season, dict)
        ]
        return [one for one in found if type(one) is int and -(2**31) <= one < 2**31]


def stored_of(row: StoredSeason) -> Stored:
    """A season's row in the words of the model."""
    from iracing_pipeline.model.lifecycle import Stored

    return Stored(
        row.active,
        row.complete,
        row.last_week_end,
        row.scheduled_weeks,
        row.indexed_weeks,
        row.dropped_weeks,
        series_id=row.series_id,
        is_retired=row.is_retired,
        is_listable=row.has_rules,
        updated_at=row.updated_at,
    )


def landed_series_of(run: AssetRun, wanted: Sequence[int]) -> set[int]:
    """The wanted series whose entry has landed and serves still."""
    from iracing_pipeline.model.rows.index import PAST_SEASONS, STATS_SERIES
    from iracing_pipeline.warehouse.responses.lists import fresh_entries

    if run.options.dry_run and run.pipeline.kept(run.run_id, STATS_SERIES, {}):
        return set(wanted)
    # What landed since this command began is what a refresh asked for.
    since = run.pipeline.started_at if run.options.refresh else run.pipeline.now() - INDEX_TTL
    with run.pipeline.database.autocommit() as connection:
        has_index, singles = fresh_entries(connection, since=since, now=run.pipeline.now())
    kept = {
        series_id
        for series_id in wanted
        if run.pipeline.kept(run.run_id, PAST_SEASONS, {"series_id": str(series_id)})
    }
    return set(wanted) if has_index else (singles | kept).intersection(wanted)


def landed_entries(run: AssetRun, series_ids: Sequence[int]) -> list[Entry]:
    """The newest landed entry of each of these series; series without one are absent."""
    from iracing_pipeline.model.rows.index import PAST_SEASONS, STATS_SERIES
    from iracing_pipeline.warehouse.responses.landing import Landed
    from iracing_pipeline.warehouse.responses.lists import landed_index, landed_series

    kept = run.pipeline.kept(run.run_id, STATS_SERIES, {}) if run.options.dry_run else None
    if kept is not None:
        wanted = set(series_ids)
        found = [item for item in kept.body if isinstance(item, dict)]
        return [
            Entry(item["series_id"], item, STATS_SERIES, {})
            for item in found
            if item.get("series_id") in wanted
        ]
    entries: dict[int, tuple[datetime, Entry]] = {}
    with run.pipeline.database.begin() as connection:
        for fetched_at, raw in landed_index(connection, series_ids):
            read = Landed(STATS_SERIES, {}, None, 0, fetched_at, None)
            series_id = int(raw["series_id"])
            entries[series_id] = (
                fetched_at,
                Entry(series_id, raw, STATS_SERIES, {}, read=read),
            )
        # A series may have been asked for by itself since.
        for series_id, fetched_at, raw in landed_series(connection, series_ids):
            if series_id not in entries or entries[series_id][0] < fetched_at:
                params = {"series_id": str(series_id)}
                read = Landed(PAST_SEASONS, params, None, 0, fetched_at, None)
                entry = Entry(series_id, raw, PAST_SEASONS, params, read=read)
                entries[series_id] = (fetched_at, entry)
    return [entry for _, entry in entries.values()]


def check_index(run: AssetRun, body: Any) -> None:
    """Raises UnusableAnswer or Shrunk for an index that must not take the place of a good one."""
    from iracing_pipeline.api.types.parsing import UnusableAnswer, expect_list
    from iracing_pipeline.model.retirement import gone
    from iracing_pipeline.model.rows.index import STATS_SERIES
    from iracing_pipeline.warehouse.responses.lists import index_state

    entries = expect_list(body, STATS_SERIES)
    found = {entry.get("series_id") for entry in entries if isinstance(entry, dict)}
    if not found:
        raise UnusableAnswer(f"{STATS_SERIES} answered without a single usable series.")
    with run.pipeline.database.autocommit() as connection:
        stored = index_state(connection).indexed
    what = "series that are stored"
    gone(STATS_SERIES, what, stored, found, allow_shrink=run.options.allow_shrink)


def stored_seasons(run: AssetRun, entries: Sequence[Entry]) -> dict[int, Stored]:
    """The stored seasons of these series, and those that their entries name: one may have moved."""
    from iracing_pipeline.warehouse.queries.seasons import seasons_of_series

    named = [season_id for entry in entries for season_id in entry.season_ids()]
    with run.pipeline.database.autocommit() as connection:
        rows = seasons_of_series(
            connection, [entry.series_id for entry in entries], run.pipeline.now(), named
        )
    return {row.season_id: stored_of(row) for row in rows}
