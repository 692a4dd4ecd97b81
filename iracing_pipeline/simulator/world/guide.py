"""The race guide, which sessions start in the next three hours; and the races that go on now.

In: season/race_guide, season/spectator_subsessionids and its details. Out: the expansion of descriptors
(times.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .calendar import stamp
from .seasons import SeasonPlan
from .times import descriptors, starts

BLOCK = timedelta(hours=3)
EVENT_TYPES = (2, 3, 5, 4)
RACE = 5


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


def spectating(
    seasons: Iterable[SeasonPlan], asked: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """The races that go on now, of two splits each: practice and qualifying have no spectators here."""
    wanted = _numbers(asked, "event_types") or list(EVENT_TYPES)
    listed = sorted(seasons, key=lambda season: season.season_id)
    season_ids = _numbers(asked, "season_ids") or [season.season_id for season in listed]
    chosen = [season for season in listed if season.season_id in season_ids]
    begun = [
        session
        for session in race_guide(chosen, now, now, started_too=True)["sessions"]
        if session["start_time"] <= stamp(now)
    ]
    return {
        "success": True,
        "season_ids": season_ids,
        "event_types": wanted,
        "subsessions": [
            {
                "subsession_id": 2 * session["session_id"] + split,
                "session_id": session["session_id"],
                "season_id": session["season_id"],
                "start_time": session["start_time"],
                "race_week_num": session["race_week_num"],
                "event_type": RACE,
            }
            for session in begun
            for split in range(2)
            if RACE in wanted
        ],
    }


def _numbers(asked: Mapping[str, str], name: str) -> list[int]:
    return [int(number) for number in asked.get(name, "").split(",") if number]


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
