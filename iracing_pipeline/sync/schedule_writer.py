"""Schedules of past seasons into the tables: read on any thread, written in batches that each commit.

In: raw weeks of wanted seasons and the responses they stand in. Out: which seasons were written, what was
rejected. How weeks become rows is decided in model/rows/past_schedules.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import SEASON_SCHEDULE
from iracing_pipeline.core.response import Response, ResponseKey, ResponsePart
from iracing_pipeline.core.rows import Coverage, Rejected, RowBatch, joined
from iracing_pipeline.core.seasons import MissingSchedule, YearQuarter
from iracing_pipeline.model.plan import Carries, read_quarter
from iracing_pipeline.model.rows.past_schedules import SeasonDetails, season_details
from iracing_pipeline.sync.run import SyncRun
from iracing_pipeline.sync.writer import write
from iracing_pipeline.warehouse.ledger.state import ABSENT_SCHEDULES, get_state, set_state
from iracing_pipeline.warehouse.responses.landing import written_out

# So many seasons without a schedule (404) are how the API is, not something to be tried again; and so is
# a season that has none a day later still.
_MOST_ABSENT = 50
_PATIENCE = timedelta(hours=20)


@dataclass(frozen=True)
class ReadQuarter:
    """A response for a quarter, read for the seasons wanted of it; of its body only the text is left."""

    response: Response
    seasons: Sequence[MissingSchedule]
    carries: Carries
    has_schedules: bool
    """Whether a wanted season has weeks in it, readable or not."""
    details: Sequence[SeasonDetails]
    """Of the seasons whose weeks could all be read; the other endpoint may give the others whole."""
    drift: Drift


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


def read_schedule(
    run: SyncRun, season: MissingSchedule, weeks: list[Any], drift: Drift
) -> SeasonDetails:
    """The raw weeks of a wanted season as rows. Any thread may call it, with a drift of its own."""
    return season_details(
        season, weeks, run.services.now(), drift, allow_shrink=run.options.allow_shrink
    )


def read_whole_quarter(
    run: SyncRun, quarter: YearQuarter, seasons: Sequence[MissingSchedule], response: Response
) -> ReadQuarter:
    """What a response for a quarter says of the seasons wanted of it. Any thread may call it.

    The weeks are let go as they are read: as objects they take ten times the memory of their text.
    """
    wanted = {season.season_id: season for season in seasons}
    answer = read_quarter(response.body, quarter, wanted.keys())
    response = written_out(response)
    has_schedules, drift = bool(answer.schedules), Drift()
    details = [
        read_schedule(run, wanted[season_id], answer.schedules.pop(season_id), drift)
        for season_id in list(answer.schedules)
    ]
    whole = [one for one in details if not one.weeks.rejected]
    return ReadQuarter(response, seasons, answer.carries, has_schedules, whole, drift)


def write_quarter(run: SyncRun, read: ReadQuarter) -> WrittenSchedules:
    """What a response for a quarter brought of the wanted seasons; the response lands in any case."""
    # The response of a quarter whose wanted seasons are all over does not change any more.
    is_final = all(season.complete for season in read.seasons) and read.has_schedules
    response = replace(read.response, expires_at=None) if is_final else read.response
    run.drift_of(response.endpoint, watches_fields=False).add(read.drift)
    written = write_schedules(run, [(item, response) for item in read.details])
    if not written.season_ids:
        # It says that this quarter need not be asked for again so soon.
        write(run, [], fetched=[read.response])
    return written


def write_schedules(
    run: SyncRun, details: Sequence[tuple[SeasonDetails, Response]]
) -> WrittenSchedules:
    """One transaction: rows of these seasons, their responses, calls, and what was rejected."""
    if not details:
        return WrittenSchedules()
    responses: dict[ResponseKey, Response] = {}
    for item, response in details:
        # What was asked about one season only does not change any more once the season is final.
        for_ever = item.is_final and response.endpoint == SEASON_SCHEDULE
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
