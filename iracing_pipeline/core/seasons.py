"""Seasons as several layers speak of them: what is stored, what is missing, what the current list holds.

In: nothing. Out: StoredSeason, MissingSchedule, CurrentList, YearQuarter. Whether a season is over is
decided in model/lifecycle.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

YearQuarter = tuple[int, int]
"""season_year, season_quarter."""


@dataclass(frozen=True)
class StoredSeason:
    """What the tables hold of a season. Weeks are given by race_week_num."""

    active: bool | None = None
    complete: bool | None = None
    last_week_end: datetime | None = None
    """The latest end of its living weeks; None where no week is dated."""
    scheduled_weeks: frozenset[int] = frozenset()
    """Living weeks known from a schedule."""
    indexed_weeks: frozenset[int] = frozenset()
    """Living weeks that only the index knows."""
    dropped_weeks: frozenset[int] = frozenset()
    """Retired weeks that a schedule had told of: the index does not bring them back."""
    series_id: int | None = None
    is_retired: bool = False
    has_rules: bool = False
    """The list of current seasons has held it: until the season is over, the list decides on it."""
    updated_at: datetime | None = None
    """When a value of its row last changed."""
    season_id: int = 0
    quarter: YearQuarter = (0, 0)
    is_to_come: bool = False
    """One of its living weeks has not ended yet."""
    has_begun: bool = False
    """One of its living weeks has begun."""
    is_orphan: bool = False
    """Its series has been retired."""

    @property
    def has_weeks(self) -> bool:
        return bool(self.scheduled_weeks or self.indexed_weeks)


UNKNOWN = StoredSeason()
"""A season of which nothing is stored."""


@dataclass(frozen=True)
class MissingSchedule:
    """A season that is over, or may be, and whose final schedule is not stored."""

    season_id: int
    series_id: int
    quarter: YearQuarter
    complete: bool | None = True
    has_schedule: bool = False
    """Weeks from a schedule are stored already, from when the season ran."""
    scheduled_weeks: Mapping[int, datetime | None] = field(default_factory=dict)
    """Those of them that are alive: race_week_num and end."""


@dataclass(frozen=True)
class CurrentList:
    """What the newest list of current seasons says; both are empty before there was one."""

    listed: frozenset[int] = frozenset()
    quarter: YearQuarter | None = None
    """The quarter that most of the active seasons belong to."""
