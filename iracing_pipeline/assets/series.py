"""The asset `series`: series/get, series/assets and the index of all series → series, series_licenses.

In: two or three answers. Out: rows of every series, running or not, and a partition key for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    DynamicPartitionsDefinition,
    MaterializeResult,
    ResourceParam,
    asset,
)

from iracing_pipeline.assets.asset_run import AssetRun, choose_series, ids_of, require_rows
from iracing_pipeline.assets.attempt import run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.pipeline import API_OWN_TTL_SECONDS, Pipeline
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from iracing_pipeline.api.types.index import IndexedSeries
    from iracing_pipeline.api.types.parsing import Parsed
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.warehouse.responses.lists import IndexState

SERIES_PARTITIONS = "series_id"
SERIES = DynamicPartitionsDefinition(name=SERIES_PARTITIONS)
"""One partition per series, running or not; `series` adds the keys."""

INDEX_TTL = timedelta(days=7)
# An index with items that could not be read is asked for at every run for a day; then every:
_BAD_ITEMS_TTL = timedelta(days=1)
# How many named series that nobody knows are looked up one by one; more are a mistake.
_MOST_LOOKED_UP = 10


@asset(
    **asset_options(
        "series", group="series", version="2", tables=["series", "series_licenses"], asks_api=True
    )
)
def series(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Every series, running or not: names, category, licences, starters, first season, logo.

    series/get lists a series only while it runs; week 13 lists a quarter of them. The others come from
    the index of all series, which is asked for once a week, and when something unknown turns up. Only
    a series that the index no longer knows is retired.
    """
    known = Known()
    yield from run_asset(context, pipeline, config, lambda run: _read(run, known))
    _set_partitions(context, config, known)


@dataclass
class Known:
    """Series ids, as far as a reading found out."""

    series: set[int] = field(default_factory=set)
    gone: frozenset[int] = frozenset()
    """Stored series that the index no longer knows."""


def _read(run: AssetRun, known: Known) -> "Extract":
    from iracing_pipeline.core.rows import Complete
    from iracing_pipeline.model.rows.index import indexed_series_rows
    from iracing_pipeline.model.rows.series import series_rows
    from iracing_pipeline.warehouse.responses.lists import index_state

    get_body = run.answer("series/get")
    with run.pipeline.database.autocommit() as connection:
        state = index_state(connection)
    running = require_rows(
        series_rows(get_body, None),
        "series",
        "series/get",
        may_be_empty=run.options.allow_shrink,
    )
    running_ids = [row["series_id"] for row in running.rows["series"]]
    found = _look_up(run, state, running_ids)
    index = found if found is not None else _index(run, state, running_ids)
    pictures = _assets(run)
    extract = series_rows(
        get_body, pictures, run.drift_of("series/get"), run.drift_of("series/assets")
    )
    extract.rejects = [item.of("series/get") for item in extract.rejects]
    if index is not None:
        extract = indexed_series_rows(index, extract, assets_body=pictures, stored=state.series)
    chosen = choose_series(run, running_ids, _ids(extract))
    if chosen is not None:
        extract = extract.of_series(chosen, lambda row: row["series_id"] in chosen)
    elif index is not None and found is None:
        _note_merged(run, state)
    known.gone = frozenset()
    if index is not None and found is None:
        lacking = _gone(run, state.indexed, index).difference(
            running_ids, ids_of(running.rejects, "series_id")
        )
        known.gone = lacking if chosen is None else lacking & chosen
        extract.complete["series"] = Complete(
            ("series_id",), frozenset((series_id,) for series_id in known.gone)
        )
    # One that cannot be read is known all the same: past_seasons asks for it by itself.
    known.series = {*state.living, *_ids(extract), *ids_of(extract.rejects, "series_id")}
    return extract


def _gone(run: AssetRun, stored: frozenset[int], index: "Parsed[IndexedSeries]") -> frozenset[int]:
    """Series that an index has told of and this one does not hold; Shrunk where they are too many."""
    from iracing_pipeline.model.retirement import gone
    from iracing_pipeline.model.rows.index import STATS_SERIES

    unread = ids_of(index.rejects, "series_id")
    lacking = gone(
        STATS_SERIES,
        "series that are stored",
        stored,
        {*(series.series_id for series in index.items), *unread},
        allow_shrink=run.options.allow_shrink,
    )
    # One that says not even which it is may be any of those that are missing.
    return lacking if len(unread) == len(index.rejects) else frozenset()


def _ids(extract: "Extract") -> set[int]:
    return {row["series_id"] for row in extract.rows["series"]}


def _look_up(
    run: AssetRun, state: "IndexState", running: list[int]
) -> "Parsed[IndexedSeries] | None":
    """The entries of named series that are not known yet, asked for one by one.

    None where no series is named, or where the index of all has to tell. Whoever names a few series
    should not wait for 11 MB.
    """
    from iracing_pipeline.api.errors import PermanentError
    from iracing_pipeline.api.types.parsing import UnusableAnswer
    from iracing_pipeline.model.rows.index import PAST_SEASONS, parse_index, series_of_past_seasons

    named = run.options.series_ids
    if not named:
        return None
    unknown = sorted(set(named).difference(running, state.series))
    entries: list[Any] = []
    if len(unknown) <= _MOST_LOOKED_UP:
        for series_id in unknown:
            try:
                body = run.answer(PAST_SEASONS, {"series_id": str(series_id)}, ttl=INDEX_TTL)
                entries.append(series_of_past_seasons(body, series_id))
            except (PermanentError, UnusableAnswer) as error:
                if getattr(error, "kind", None) == "credentials":
                    raise
    # Of what is unknown even so, the index has the last word, and says what there is instead.
    return parse_index(entries) if len(entries) == len(unknown) else None


def _index(
    run: AssetRun, state: "IndexState", running: list[int]
) -> "Parsed[IndexedSeries] | None":
    """The index of all series, asked for if it is due, else as landed; None where it is all stored."""
    from iracing_pipeline.api.errors import ApiError
    from iracing_pipeline.api.types.parsing import UnusableAnswer, expect_list
    from iracing_pipeline.model.rows.index import STATS_SERIES, parse_index
    from iracing_pipeline.warehouse.responses.landing import Landed
    from iracing_pipeline.warehouse.responses.lists import landed_index

    if _is_due(run, state, running):
        run.say("asking for the index of all series: some 11 MB, up to a minute")
        try:
            body = run.answer(STATS_SERIES, asks=True, ttl=INDEX_TTL, keeps=run.options.dry_run)
            parsed = parse_index(expect_list(body, STATS_SERIES), run.drift_of(STATS_SERIES))
            # One that is empty, where series are stored, is refused as cut short.
            if not parsed.items and (parsed.rejects or not state.indexed):
                raise UnusableAnswer(f"{STATS_SERIES} answered without a single usable series.")
            return _of_index(parsed)
        except (ApiError, UnusableAnswer) as error:
            # The running series are worth having without; past_seasons can ask series by series.
            if getattr(error, "kind", "permanent") not in {"permanent", "transient"}:
                raise
            run.drop(STATS_SERIES)
            run.warn(
                f"The index of all series is not to be had, resting series stay as stored: {error}"
            )
            return None
    if state.fetched_at is None or state.merged_at == state.fetched_at:
        return None
    with run.pipeline.database.begin() as connection:
        entries = (entry for _, entry in landed_index(connection))
        parsed = parse_index(entries, run.drift_of(STATS_SERIES))
    run.save_call(STATS_SERIES, {})
    run.read.append(Landed(STATS_SERIES, {}, None, 0, state.fetched_at, state.expires_at))
    return _of_index(parsed)


def _of_index(parsed: "Parsed[IndexedSeries]") -> "Parsed[IndexedSeries]":
    from iracing_pipeline.model.rows.index import STATS_SERIES

    parsed.rejects = [item.of(STATS_SERIES) for item in parsed.rejects]
    return parsed


def _is_due(run: AssetRun, state: "IndexState", running: list[int]) -> bool:
    now = run.pipeline.now()
    if run.options.refresh or state.fetched_at is None or state.has_new_items:
        return True
    if now - state.fetched_at < timedelta(seconds=API_OWN_TTL_SECONDS):
        # Asked again so soon, the API gives the same answer.
        return False
    if state.has_open_items and now - state.fetched_at > _BAD_ITEMS_TTL:
        return True
    is_expired = state.expires_at is not None and state.expires_at <= now
    return is_expired or not state.series.issuperset(running)


def _note_merged(run: AssetRun, state: "IndexState") -> None:
    """Remember which index is stored as a whole: the next run need not look at its 11 MB."""
    from iracing_pipeline.model.rows.index import STATS_SERIES
    from iracing_pipeline.warehouse.responses.lists import INDEX_MERGED

    fetched_at = next(
        (answer.fetched_at for answer in run.read if answer.endpoint == STATS_SERIES),
        state.fetched_at,
    )
    if fetched_at is not None:
        run.facts[INDEX_MERGED] = fetched_at.isoformat()


def _assets(run: AssetRun) -> object:
    """series/assets, or None where it fails: pictures decorate, the series is worth having without."""
    from iracing_pipeline.api.errors import ApiError

    try:
        return run.answer("series/assets")
    except ApiError as error:
        run.warn(f"Pictures and descriptions stay as stored: {error}")
        return None


def _set_partitions(context: AssetExecutionContext, options: SyncOptions, found: Known) -> None:
    """A partition key per known series, none for a retired one. A dry run changes no kept instance."""
    instance = context.instance
    if options.dry_run and not instance.is_ephemeral:
        return
    known = set(instance.get_dynamic_partitions(SERIES_PARTITIONS))
    new = [str(series_id) for series_id in sorted(found.series - found.gone)]
    new = [key for key in new if key not in known]
    if new:
        instance.add_dynamic_partitions(SERIES_PARTITIONS, new)
    for key in known.intersection(map(str, found.gone)):
        instance.delete_dynamic_partition(SERIES_PARTITIONS, key)
