"""Schedules of past seasons, from either endpoint, → rows and what that makes of the season.

In: raw weeks of one wanted season. Out: SeasonDetails. Which calls bring them is plan.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone
from typing import Any

from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import SEASON_SCHEDULE
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.rows import Coverage, RowBatch
from iracing_pipeline.core.seasons import MissingSchedule
from iracing_pipeline.model.retirement import season_weeks_gone
from iracing_pipeline.model.rows.schedules import past_schedule_rows


@dataclass(frozen=True)
class SeasonDetails:
    """The weeks of one past season, as rows."""

    season: MissingSchedule
    weeks: RowBatch
    is_over: bool | None
    """None: not known, for a week that could not be read might be yet to come."""
    is_final: bool
    """Over, and every week could be read: it need not be asked for again."""


def weeks_of_schedule(body: Any, season_id: int) -> list[Any]:
    """The raw weeks of an answer of series/season_schedule.

    Raises UnusableResponse where there are none to be found, or where they are another season's.
    """
    weeks = body.get("schedules") if isinstance(body, dict) else None
    if not isinstance(weeks, list):
        raise UnusableResponse(
            f"{SEASON_SCHEDULE} (season_id={season_id}) answered without schedules."
        )
    if whole(body.get("season_id", season_id)) != season_id:
        raise UnusableResponse(
            f"{SEASON_SCHEDULE} (season_id={season_id}) answered for another season."
        )
    return weeks


def season_details(
    season: MissingSchedule,
    raw_weeks: list[Any],
    now: datetime,
    drift: Drift,
    *,
    allow_shrink: bool = False,
) -> SeasonDetails:
    """Rows of the season's weeks. A season not known to be over is so if its last week is.

    Final schedules leave weeks out that were raced (season 4508 has weeks 0, 2, 6 and 9 of twelve). So
    of the weeks that a schedule told of while the season ran, and that its final one lacks, those that
    have ended stay as they were told; those yet to come are gone.
    """
    batch = past_schedule_rows(season.season_id, season.series_id, raw_weeks, drift)
    lacking: frozenset[int] = frozenset()
    if not batch.rejected:
        held = {row["race_week_num"] for row in batch.rows["season_schedules"]}
        raced = {
            week
            for week, end in season.scheduled_weeks.items()
            # Whether a week without an end has been raced, nobody knows: no reason to drop it.
            if held and (end is None or end < now)
        }
        lacking, shrunk = season_weeks_gone(
            season.season_id,
            season.series_id,
            season.scheduled_weeks,
            held | raced,
            # A season that was broken off may well have most of its weeks before it.
            allow_shrink=allow_shrink or (bool(held) and season.complete is True),
        )
        batch = batch.rejecting([shrunk] if shrunk else [])
    is_over = season.complete
    if is_over is None and not batch.rejected:
        ends = [end for row in batch.rows["season_schedules"] if (end := _latest_end(row))]
        # Without a single date nothing speaks against the index, which says that it does not run.
        is_over = max(ends) < now if ends else True
    is_final = bool(is_over) and not batch.rejected
    gone = Coverage(
        ("season_id", "race_week_num"), frozenset((season.season_id, week) for week in lacking)
    )
    batch = batch.covering("season_schedules", gone)
    row = _season_row(season.season_id, is_over, is_final)
    return SeasonDetails(season, replace(batch, updates={"seasons": [row]}), is_over, is_final)


def _latest_end(week: Mapping[str, Any]) -> datetime | None:
    """A week that states no end runs for seven days, if it is the last one; None where it is not dated."""
    end: datetime | None = week.get("week_end_time")
    start = week.get("start_date")
    if end is not None or start is None:
        return end
    return datetime.combine(start, time(), timezone.utc) + timedelta(days=7)


def _season_row(season_id: int, is_over: bool | None, is_final: bool) -> dict[str, Any]:
    """What the schedule says of its season: for an update, the season is stored."""
    row: dict[str, Any] = {"season_id": season_id, "has_final_schedule": is_final}
    if is_over is not None:
        row["complete"] = is_over
    return {**row, "active": False} if is_over else row
