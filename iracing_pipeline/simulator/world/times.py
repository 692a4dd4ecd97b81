"""Race time descriptors: how the API says when a week's sessions start.

In: descriptors of a week and their expansion for the race guide. Out: the cadences (roster.py).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from .calendar import DAY, midnight, stamp
from .dice import dice
from .roster import Cadence
from .seasons import SeasonPlan, session_times


def descriptors(season: SeasonPlan, week: int, *, past: bool) -> list[dict[str, Any]]:
    """Exactly one, repeating or explicit."""
    cadence = season.series.cadence
    roll = dice(season.seed, "minutes", season.season_id, week)
    start = season.week_starts[week]
    if not cadence.times:
        return [
            {
                "day_offset": list(range(season.days_per_week)),
                "first_session_time": f"{cadence.first}:00",
                "repeat_minutes": cadence.every,
                "repeating": True,
                # Sessions may outlast their interval: there is one every 15 minutes all the same.
                "session_minutes": roll.randint(18, 29) if cadence.every < 60 else 59,
                "start_date": start.isoformat(),
                "super_session": False,
            }
        ]
    times = [stamp(moment) for moment in session_times(cadence, start)]
    if past and season.series.has("unsorted"):
        times.reverse()
    return [
        {
            "repeating": False,
            "session_minutes": roll.randint(60, 130),
            "session_times": times,
            "super_session": False,
        }
    ]


def qualifying(season: SeasonPlan, week: int) -> list[dict[str, Any]]:
    """The descriptor of detached qualifying: half an hour before every second race."""
    return [
        {
            "day_offset": list(range(season.days_per_week)),
            "first_session_time": "00:05:00",
            "repeat_minutes": 120,
            "repeating": True,
            "session_minutes": 15,
            "start_date": season.week_starts[week].isoformat(),
            "super_session": False,
        }
    ]


def starts(season: SeasonPlan, week: int, begin: datetime, end: datetime) -> list[datetime]:
    """Session starts of a week within [begin, end], bounded by the week's end, inclusive."""
    cadence: Cadence = season.series.cadence
    first: date = season.week_starts[week]
    last = season.week_ends[week]
    if cadence.times:
        found = session_times(cadence, first)
    else:
        hours, minutes = map(int, cadence.first.split(":"))
        found = []
        for day in range(season.days_per_week):
            opens = midnight(first + DAY * day)
            if not (opens <= end and opens + DAY >= begin):
                continue
            at = opens + timedelta(hours=hours, minutes=minutes)
            while at < opens + DAY:
                found.append(at)
                at += timedelta(minutes=cadence.every)
    return [at for at in found if begin <= at <= end and at <= last]
