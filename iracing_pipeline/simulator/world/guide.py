"""The race guide: which sessions start in the next three hours.

In: season/race_guide. Out: the expansion of descriptors (times.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from .calendar import stamp
from .seasons import SeasonPlan
from .times import descriptors, starts

BLOCK = timedelta(hours=3)


def race_guide(
    seasons: Iterable[SeasonPlan], begin: datetime, now: datetime, *, started_too: bool
) -> dict[str, Any]:
    """Sessions that start in [begin, begin + 3 h); those that exist have a session_id."""
    begin = begin.replace(second=0, microsecond=0)
    end = begin + BLOCK
    sessions = []
    for season in seasons:
        for week, first in enumerate(season.week_starts):
            if first > end.date() or season.week_ends[week] < begin - timedelta(days=1):
                continue
            length = timedelta(minutes=descriptors(season, week, past=False)[0]["session_minutes"])
            since = begin - length if started_too else begin
            for at in starts(season, week, since, end):
                if at == end or at + length <= begin:
                    continue
                sessions.append(_session(season, week, at, length, now))
    sessions.sort(key=lambda row: (row["start_time"], row["season_id"]))
    return {
        "subscribed": False,
        "sessions": sessions,
        "block_begin_time": stamp(begin),
        "block_end_time": stamp(end),
        "success": True,
    }


def _session(
    season: SeasonPlan, week: int, at: datetime, length: timedelta, now: datetime
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "season_id": season.season_id,
        "start_time": stamp(at),
        "super_session": False,
        "series_id": season.series.series_id,
        "race_week_num": week,
        "end_time": stamp(at + length),
    }
    created = at - now < timedelta(minutes=30)
    if created:
        row["session_id"] = int(at.timestamp()) // 60 * 10 + season.season_id
    row["entry_count"] = season.series.number % 40 if created else 0
    return row
