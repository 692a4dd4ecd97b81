"""The asset `current_seasons`: series/seasons → seasons and their car classes; which seasons are over.

In: series/seasons. Out: rows of the listed seasons, the end or the retirement of those that left it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.asset_run import AssetRun, choose_series, ids_of, require_rows
from iracing_pipeline.assets.attempt import run_asset
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.series import series
from iracing_pipeline.core.options import SyncOptions

if TYPE_CHECKING:
    from iracing_pipeline.api.types.parsing import Parsed
    from iracing_pipeline.api.types.series import Season
    from iracing_pipeline.core.rows import Extract, Row
    from iracing_pipeline.model.retirement import StoredCurrent
    from iracing_pipeline.warehouse.queries.seasons import StoredSeason

ENDPOINT = "series/seasons"


@asset(
    **asset_options(
        "current_seasons",
        group="seasons",
        version="1",
        tables=["seasons", "season_car_classes"],
        asks_api=True,
        deps=[series],
    )
)
def current_seasons(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Running and announced seasons of every series, in one call (a cold one takes up to 30 seconds)."""
    yield from run_asset(context, pipeline, config, _read_seasons)


def _read_seasons(run: AssetRun) -> "Extract":
    from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows

    # Seasons of another quarter need not have every field of today's.
    drift = run.drift_of(ENDPOINT, watches_fields=run.options.quarter is None)
    body = run.answer(ENDPOINT, run.options.seasons_params)
    parsed = asked_for(run, parse_seasons(body, drift))
    extract = require_rows(
        season_rows(parsed, is_current=run.options.quarter is None),
        "seasons",
        ENDPOINT,
        may_be_empty=run.options.allow_shrink,
    )
    chosen = choose_series(run, [season.series_id for season in parsed.items])
    if chosen is not None:
        wanted = {season.season_id for season in parsed.items if season.series_id in chosen}
        extract = extract.of_series(chosen, lambda row: row["season_id"] in wanted)
    if run.options.quarter is None:
        _add_departures(run, parsed, chosen, extract)
    elif chosen is None:
        # One quarter is not the list: it must not make the asset look fresh.
        run.about = frozenset(season.series_id for season in parsed.items)
    return extract


# An index that still knows a season which the list no longer holds is asked for anew after:
_DOUBT_LASTS = timedelta(days=1)


def _add_departures(
    run: AssetRun, parsed: "Parsed[Season]", chosen: frozenset[int] | None, extract: "Extract"
) -> None:
    """What became of seasons that the list does not hold: over, or retired."""
    from iracing_pipeline.core.rows import Complete
    from iracing_pipeline.model.lifecycle import present_of
    from iracing_pipeline.model.retirement import departures
    from iracing_pipeline.warehouse.queries import seasons as history
    from iracing_pipeline.warehouse.responses import lists as landed_lists

    present = present_of(
        (season.season_id, season.season_year, season.season_quarter, season.active)
        for season in parsed.items
    )
    # A season that could not be read is listed all the same: nothing is said of its end.
    unread = ids_of(parsed.rejects, "season_id")
    listed = {*present.listed, *unread}
    now = run.pipeline.now()
    with run.pipeline.database.autocommit() as connection:
        new, stored = history.current_seasons(connection, sorted(listed), now)
        left = [(season.season_id, season.series_id) for season in stored]
        left = [ids for ids in left if ids[0] not in listed]
        word = (
            landed_lists.index_says(connection, left)
            if left
            else landed_lists.IndexWord({}, frozenset())
        )
        found = departures(
            [_as_current(season) for season in stored],
            listed,
            word.active,
            word.covered,
            present,
            now,
            allow_shrink=run.options.allow_shrink,
        )
        if len(unread) < len(parsed.rejects) and not run.options.allow_shrink:
            # One that says not even which it is may be any of those that are missing.
            found.doubtful += found.gone
            found.gone = []
        if not run.options.dry_run:
            # A new season that the landed index of all series lacks: the index has to be new too. So
            # it has to be where it knows what the list does not.
            new = sorted(present.listed.intersection(new))
            is_due = bool(new) and landed_lists.expire_index_without(connection, new)
            if found.doubtful:
                # Known by the index, or unknown to one that is too old to tell.
                is_unproven = set(found.doubtful).difference(word.active, word.covered)
                before = now if is_unproven else now - _DOUBT_LASTS
                is_due = landed_lists.expire_index(connection, fetched_before=before) or is_due
            if is_due:
                run.say(
                    "seasons came or went that the index of all series does not know of: it is due"
                )
    series_of = {season.season_id: season.series_id for season in stored}

    def meant(season_ids: list[int]) -> list[int]:
        return [one for one in season_ids if chosen is None or series_of[one] in chosen]

    def over(season_ids: list[int]) -> "list[Row]":
        return [
            {"season_id": season_id, "complete": True, "active": False}
            for season_id in meant(season_ids)
        ]

    extract.updates["seasons"] = over(found.ended)
    extract.discoveries["seasons"] = over(found.over)
    extract.complete["seasons"] = Complete(
        ("season_id",), frozenset((season_id,) for season_id in meant(found.gone))
    )
    run.notes["seasons_that_ended"] = len(extract.updates["seasons"])


def _as_current(season: "StoredSeason") -> "StoredCurrent":
    from iracing_pipeline.model.lifecycle import Stored
    from iracing_pipeline.model.retirement import StoredCurrent

    return StoredCurrent(
        season.season_id,
        season.series_id,
        (season.season_year or 0, season.season_quarter or 0),
        Stored(season.active, season.complete, season.last_week_end),
        has_weeks=bool(season.scheduled_weeks or season.indexed_weeks),
        is_to_come=season.is_to_come,
        has_begun=season.has_begun,
        is_orphan=season.is_orphan,
    )


def asked_for(run: AssetRun, parsed: "Parsed[Season]") -> "Parsed[Season]":
    """The seasons of the quarter that was asked for; all of them where none was.

    The API answers some quarters with the list of active seasons. Raises UnusableAnswer where not
    one season is of the quarter.
    """
    from iracing_pipeline.api.types.parsing import Parsed, UnusableAnswer

    year, quarter = run.options.season_year, run.options.season_quarter
    if year is None or quarter is None:
        return parsed
    meant = [
        season
        for season in parsed.items
        if (season.season_year, season.season_quarter) == (year, quarter)
    ]
    others = len(parsed.items) - len(meant)
    if others and not meant:
        raise UnusableAnswer(
            f"{ENDPOINT} for {year} quarter {quarter} answered with {others} seasons of other "
            "quarters and none of this one: the API does not serve this quarter. Nothing was written."
        )
    if others:
        run.say(f"{others} seasons of other quarters in the answer are left out")
    return Parsed(meant, parsed.rejects, parsed.drift)
