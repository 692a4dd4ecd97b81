"""`series`: series/get, series/assets and the index of all series → rows of every series, running or not.

In: two or three responses. Out: rows of series and series_licenses, and which series there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from iracing_pipeline.api.errors import ApiError, PermanentError
from iracing_pipeline.api.types.index import IndexedSeries
from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse, expect_list
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import (
    API_LIFETIME,
    PAST_SEASONS,
    SERIES,
    SERIES_ASSETS,
    STATS_SERIES,
)
from iracing_pipeline.core.errors import kind_of
from iracing_pipeline.core.response import Response
from iracing_pipeline.core.rows import Coverage, RowBatch
from iracing_pipeline.model.rows.index import (
    indexed_series_rows,
    parse_index,
    series_of_past_seasons,
)
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.model.shrinkage import gone
from iracing_pipeline.sync.responses import read_response
from iracing_pipeline.sync.result import SeriesListed, SyncEvent
from iracing_pipeline.sync.run import (
    SyncRun,
    concerns_one_response,
    engine,
    ids_of,
    require_rows,
    selected_series,
)
from iracing_pipeline.sync.writer import write_newest
from iracing_pipeline.warehouse.ledger.state import INDEX_MERGED
from iracing_pipeline.warehouse.responses.lists import IndexState, index_state, landed_index

# An index with items that could not be read is asked for at every run for a day; then every:
_BAD_ITEMS_LIFETIME = timedelta(days=1)
# How many named series that nobody knows are looked up one by one; more are a mistake.
_MOST_LOOKED_UP = 10


@dataclass
class _Reading:
    """What the last reading found out beside the rows."""

    known: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    """Stored series that the index no longer holds."""


def sync_series(run: SyncRun) -> Iterator[SyncEvent]:
    """Every series, running or not; SeriesListed tells which there are."""
    yield from engine(run, _sync)


def _sync(run: SyncRun) -> Iterator[SyncEvent]:
    found = _Reading()
    batch = write_newest(run, lambda run: _read(run, found))
    yield SeriesListed(found.known, found.gone)
    yield run.result(batch)


def series_batch(
    get_body: Any,
    pictures: Any,
    index: Parsed[IndexedSeries] | None,
    stored: frozenset[int],
    drift: Drift | None = None,
    pictures_drift: Drift | None = None,
) -> RowBatch:
    """Rows of the series that run, and with an index of all the others.

    Rejected items name the response they stood in.
    """
    batch = series_rows(get_body, pictures, drift, pictures_drift)
    batch = replace(batch, rejected=[item.of(SERIES) for item in batch.rejected])
    if index is None:
        return batch
    index.rejected = [item.of(STATS_SERIES) for item in index.rejected]
    return indexed_series_rows(index, batch, assets_body=pictures, stored=stored)


def _read(run: SyncRun, found: _Reading) -> RowBatch:
    get_body = read_response(run, SERIES)
    with run.reading() as connection:
        state = index_state(connection)
    running = require_rows(
        series_rows(get_body, None), SERIES, may_be_empty=run.options.allow_shrink
    )
    running_ids = [row["series_id"] for row in running.rows["series"]]
    looked_up = _look_up(run, state, running_ids)
    whole_index = _index(run, state, running_ids) if looked_up is None else None
    index = looked_up or whole_index
    pictures = _pictures(run)
    batch = series_batch(
        get_body,
        pictures,
        index,
        state.series,
        run.drift_of(SERIES),
        run.drift_of(SERIES_ASSETS),
    )
    selected = selected_series(run, running_ids, _ids(batch))
    if selected is not None:
        batch = batch.of_series(selected, lambda row: row["series_id"] in selected)
    elif whole_index is not None:
        _note_merged(run, state)
    found.gone = frozenset()
    if whole_index is not None:
        unread = ids_of([item.payload for item in running.rejected], "series_id")
        lacking = _gone(run, state.indexed, whole_index).difference(running_ids, unread)
        found.gone = lacking if selected is None else lacking & selected
        keys = frozenset((series_id,) for series_id in found.gone)
        batch = batch.covering("series", Coverage(("series_id",), keys))
    # A series that cannot be read is known all the same: past_seasons asks for it by itself.
    named = [
        item.payload
        for item in batch.rejected
        if item.source and item.source.endpoint in {SERIES, STATS_SERIES}
    ]
    by_itself = (one for one in ids_of(named, "series_id") if one > 0)
    found.known = frozenset({*state.living, *_ids(batch), *by_itself})
    return batch


def _gone(run: SyncRun, stored: frozenset[int], index: Parsed[IndexedSeries]) -> frozenset[int]:
    """Series that an index has told of and this one does not hold; Shrunk where they are too many."""
    unread = ids_of([item.payload for item in index.rejected], "series_id")
    lacking = gone(
        STATS_SERIES,
        "series that are stored",
        stored,
        {*(series.series_id for series in index.items), *unread},
        allow_shrink=run.options.allow_shrink,
    )
    # An item without a readable id could be any of the missing series.
    return lacking if len(unread) == len(index.rejected) else frozenset()


def _ids(batch: RowBatch) -> set[int]:
    return {row["series_id"] for row in batch.rows["series"]}


def _look_up(
    run: SyncRun, state: IndexState, running: Sequence[int]
) -> Parsed[IndexedSeries] | None:
    """The entries of named series that are not known yet, asked for one by one.

    None where no series is named, or where the index of all has to tell. Whoever names a few series
    should not wait for 11 MB.
    """
    named = run.options.series_ids
    if not named:
        return None
    unknown = sorted(set(named).difference(running, state.series))
    entries: list[Any] = []
    if len(unknown) <= _MOST_LOOKED_UP:
        for series_id in unknown:
            try:
                body = read_response(run, PAST_SEASONS, {"series_id": str(series_id)})
                entries.append(series_of_past_seasons(body, series_id))
            except (PermanentError, UnusableResponse) as error:
                if kind_of(error) == "credentials":
                    raise
    # Of what is unknown even so, the index has the last word, and says what there is instead.
    return parse_index(entries) if len(entries) == len(unknown) else None


def _index(run: SyncRun, state: IndexState, running: Sequence[int]) -> Parsed[IndexedSeries] | None:
    """The index of all series, asked for if it is due, else as landed; None where it is all stored."""
    if _is_due(run, state, running):
        run.say("asking for the index of all series: some 11 MB, up to a minute")
        try:
            body = read_response(run, STATS_SERIES, asks=True, keeps=run.options.dry_run)
            parsed = parse_index(expect_list(body, STATS_SERIES), run.drift_of(STATS_SERIES))
            # An index that is empty, where series are stored, is refused as cut short.
            if not parsed.items and (parsed.rejected or not state.indexed):
                raise UnusableResponse(f"{STATS_SERIES} answered without a single usable series.")
            return parsed
        except (ApiError, UnusableResponse) as error:
            # The running series are worth having without; past_seasons can ask series by series.
            if not concerns_one_response(error):
                raise
            run.responses.drop(STATS_SERIES)
            run.warn(
                f"The index of all series is not available, resting series stay as stored: {error}"
            )
            return None
    if state.fetched_at is None or state.merged_at == state.fetched_at:
        return None
    with run.services.database.begin() as connection:
        entries = (entry for _, entry in landed_index(connection))
        parsed = parse_index(entries, run.drift_of(STATS_SERIES))
    run.recorder.saved_call(STATS_SERIES, {})
    run.responses.note(Response(STATS_SERIES, {}, None, 0, state.fetched_at, state.expires_at))
    return parsed


def _is_due(run: SyncRun, state: IndexState, running: Sequence[int]) -> bool:
    now = run.services.now()
    if run.options.refresh or state.fetched_at is None or state.has_new_items:
        return True
    age = now - state.fetched_at
    if age < API_LIFETIME:
        # Asked again so soon, the API gives the same response.
        return False
    if state.has_open_items and age > _BAD_ITEMS_LIFETIME:
        return True
    is_expired = state.expires_at is not None and state.expires_at <= now
    return is_expired or not state.series.issuperset(running)


def _note_merged(run: SyncRun, state: IndexState) -> None:
    """Remember which index is stored as a whole: the next run need not look at its 11 MB."""
    fetched_at = next(
        (one.fetched_at for one in run.responses.read if one.endpoint == STATS_SERIES),
        state.fetched_at,
    )
    if fetched_at is not None:
        run.recorder.state[INDEX_MERGED] = fetched_at.isoformat()


def _pictures(run: SyncRun) -> Any:
    """series/assets, or None where it fails: pictures decorate, the series is worth having without."""
    try:
        return read_response(run, SERIES_ASSETS)
    except ApiError as error:
        run.warn(f"Pictures and descriptions stay as stored: {error}")
        return None
