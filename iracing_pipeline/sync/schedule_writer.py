"""Schedules of past seasons into the tables, in batches that each commit.

In: raw weeks of wanted seasons and the responses they stand in. Out: which seasons were written, what was
rejected. How weeks become rows is decided in model/rows/past_schedules.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import SEASON_SCHEDULE
from iracing_pipeline.core.response import Response, ResponseKey, ResponsePart
from iracing_pipeline.core.rows import Coverage, Rejected, RowBatch, joined
from iracing_pipeline.core.seasons import MissingSchedule
from iracing_pipeline.model.plan import QuarterAnswer
from iracing_pipeline.model.rows.past_schedules import SeasonDetails, season_details
from iracing_pipeline.sync.run import SyncRun
from iracing_pipeline.sync.writer import write
from iracing_pipeline.warehouse.ledger.state import ABSENT_SCHEDULES, get_state, set_state

# So many seasons without a schedule (404) are how the API is, not something to be tried again; and so is
# a season that has none a day later still.
_MOST_ABSENT = 50
_PATIENCE = timedelta(hours=20)


@dataclass(frozen=True)
class FoundSchedule:
    """The raw weeks of a wanted season, and the response they stand in."""

    season: MissingSchedule
    weeks: list[Any]
    response: Response


@dataclass
class WrittenSchedules:
    """What became of found schedules."""

    season_ids: list[int] = field(default_factory=list)
    """Every season that was written, final or not."""
    final: int = 0
    rejected: dict[int, list[Rejected]] = field(default_factory=dict)
    """By season, items that could not be read; the rest of the season is stored."""


def season_params(season_id: int) -> dict[str, str]:
    """Parameters of `series/season_schedule`."""
    return {"season_id": str(season_id)}


def write_quarter(
    run: SyncRun, seasons: Sequence[MissingSchedule], response: Response, read: QuarterAnswer
) -> WrittenSchedules:
    """What a response for a quarter brought of the wanted seasons; the response lands in any case."""
    # The response of a quarter whose wanted seasons are all over does not change any more.
    is_final = all(season.complete for season in seasons)
    landed = replace(response, expires_at=None) if is_final and read.schedules else response
    by_id = {season.season_id: season for season in seasons}
    written = write_schedules(
        run,
        [FoundSchedule(by_id[key], weeks, landed) for key, weeks in read.schedules.items()],
        serves_for_ever=False,
        only_whole=True,
    )
    if not written.season_ids:
        # It says that this quarter need not be asked for again so soon.
        write(run, [], fetched=[response])
    return written


def write_schedules(
    run: SyncRun,
    found: Sequence[FoundSchedule],
    *,
    serves_for_ever: bool = True,
    only_whole: bool = False,
) -> WrittenSchedules:
    """One transaction: rows of these seasons, their responses, calls, and what was rejected.

    `serves_for_ever`: a response about one season is kept without a term once the season is final.
    `only_whole`: seasons with weeks that cannot be read are left out, to be asked for singly: the
    other endpoint may give them whole.
    """
    now = run.services.now()
    details = [
        (
            season_details(
                one.season,
                one.weeks,
                now,
                run.drift_of(one.response.endpoint, watches_fields=False),
                allow_shrink=run.options.allow_shrink,
            ),
            one.response,
        )
        for one in found
    ]
    if only_whole:
        details = [(item, response) for item, response in details if not item.weeks.rejected]
    if not details:
        return WrittenSchedules()
    responses: dict[ResponseKey, Response] = {}
    for item, response in details:
        for_ever = serves_for_ever and item.is_final
        responses[response.key] = replace(response, expires_at=None) if for_ever else response
    write(
        run,
        schedule_batches([item for item, _ in details]),
        fetched=list(responses.values()),
        settles=[
            ResponsePart(endpoint, params, f"season_id={item.season.season_id}")
            for item, response in details
            for endpoint, params in _told_by(item.season, response)
        ],
        rejected=[
            reject.of(response.endpoint, response.params)
            for item, response in details
            for reject in item.weeks.rejected
        ],
    )
    return WrittenSchedules(
        [item.season.season_id for item, _ in details],
        sum(item.is_final and not item.weeks.rejected for item, _ in details),
        {
            item.season.season_id: list(item.weeks.rejected)
            for item, _ in details
            if item.weeks.rejected
        },
    )


def schedule_batches(details: Sequence[SeasonDetails]) -> list[RowBatch]:
    """The seasons' rows as two batches: filled in where nothing was, corrected where something was."""
    parts = {
        is_load: [item.weeks for item in details if item.season.has_schedule is not is_load]
        for is_load in (True, False)
    }
    return [
        joined(found, is_load=is_load, completes=_seasons_of(found))
        for is_load, found in parts.items()
        if found
    ]


def _seasons_of(batches: Sequence[RowBatch]) -> Coverage:
    weeks = [row for batch in batches for row in batch.rows["season_schedules"]]
    return Coverage(("season_id",), frozenset((row["season_id"],) for row in weeks))


def settle_absent(run: SyncRun, absent: Sequence[MissingSchedule]) -> list[MissingSchedule]:
    """Seasons without a schedule are failures on their first day, and returned; later, or if they are
    very many, they are settled: not asked for again."""
    if not absent:
        return []
    now = run.services.now()
    with run.reading() as connection:
        since: dict[str, str] = get_state(connection, ABSENT_SCHEDULES) or {}
    settled: list[MissingSchedule] = []
    doubtful: list[MissingSchedule] = []
    for season in absent:
        first = since.setdefault(str(season.season_id), now.isoformat())
        is_old = now - datetime.fromisoformat(first) >= _PATIENCE
        (settled if is_old or len(absent) >= _MOST_ABSENT else doubtful).append(season)
    for season in settled:
        del since[str(season.season_id)]
    rows = [{"season_id": season.season_id, "has_final_schedule": True} for season in settled]

    def remember(connection: Connection) -> None:
        set_state(connection, {ABSENT_SCHEDULES: since})

    write(run, [RowBatch(updates={"seasons": rows})] if rows else [], also=remember)
    if settled:
        named = ", ".join(str(season.season_id) for season in settled[:10])
        run.warn(
            f"The API has no schedule (HTTP 404) of {len(settled):,} seasons ({named}"
            f"{', …' if len(settled) > 10 else ''}): they are not asked for again, their weeks are "
            "known from the index."
        )
    return doubtful


def _told_by(season: MissingSchedule, response: Response) -> list[tuple[str, dict[str, str]]]:
    """The responses in which a week of the season may have been bad before: it is what it is here now."""
    alone = (SEASON_SCHEDULE, season_params(season.season_id))
    is_single = response.endpoint == SEASON_SCHEDULE
    return [alone, *([] if is_single else [(response.endpoint, dict(response.params))])]
