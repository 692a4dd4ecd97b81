"""Race quarters: when they start, how many weeks they have.

In: the arithmetic of iRacing's calendar since 2008 season 1. Out: what runs in it (seasons.py).

A quarter is its index: 0 is 2008 season 1. Season 1 starts on the first Tuesday from 11 December
of the year before; the others follow every 13 weeks, so that season 4 now and then has 14.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

FIRST_YEAR = 2008
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def index_of(year: int, quarter: int) -> int:
    """2025, 3 -> 70."""
    return (year - FIRST_YEAR) * 4 + quarter - 1


def year_and_quarter(index: int) -> tuple[int, int]:
    """70 -> (2025, 3)."""
    return FIRST_YEAR + index // 4, index % 4 + 1


@lru_cache(maxsize=1024)
def start_of(index: int) -> date:
    """The Tuesday on which the quarter starts."""
    year, quarter = year_and_quarter(index)
    eleventh = date(year - 1, 12, 11)
    first = eleventh + DAY * ((1 - eleventh.weekday()) % 7)
    return first + WEEK * 13 * (quarter - 1)


@lru_cache(maxsize=1024)
def weeks_in(index: int) -> int:
    """13, rarely 14: the last of them is "week 13", when ordinary seasons have ended."""
    return (start_of(index + 1) - start_of(index)).days // 7


def quarter_at(day: date) -> int:
    """The quarter in which a day lies."""
    index = max(index_of(day.year, 1) - 1, 0)
    while start_of(index + 1) <= day:
        index += 1
    return index


def midnight(day: date) -> datetime:
    """The day's first moment, UTC."""
    return datetime.combine(day, time.min, timezone.utc)


def stamp(moment: datetime) -> str:
    """2025-09-09T23:45:00Z"""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
