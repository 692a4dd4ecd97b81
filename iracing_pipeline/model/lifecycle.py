"""Whether a season is over: what the lists say, what the weeks say, and which of them counts when.

In: facts about one season, the clock passed in. Out: True, False, or None for not known. No rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

YearQuarter = tuple[int, int]


@dataclass(frozen=True)
class Stored:
    """What the tables hold of a season."""

    active: bool | None = None
    complete: bool | None = None
    last_week_end: datetime | None = None
    """The latest week_end_time of its weeks; None where no week has one."""
    scheduled_weeks: frozenset[int] = frozenset()
    """race_week_num of the living weeks known from a schedule."""
    indexed_weeks: frozenset[int] = frozenset()
    """Living weeks that only the index knows."""
    dropped_weeks: frozenset[int] = frozenset()
    """Retired weeks that a schedule had told of: the index does not bring them back."""
    series_id: int | None = None
    is_retired: bool = False
    is_listable: bool = False
    """The list of current seasons has held it: until it is over, the list decides on it."""
    updated_at: datetime | None = None
    """When a value of its row last changed."""


UNKNOWN = Stored()


@dataclass(frozen=True)
class Present:
    """What the newest list of current seasons says; both are empty before there was one."""

    listed: frozenset[int] = frozenset()
    quarter: YearQuarter | None = None
    """The quarter most of the active seasons are of."""


def present_of(seasons: Iterable[tuple[int, int | None, int | None, bool | None]]) -> Present:
    """From (season_id, season_year, season_quarter, active) of the listed seasons.

    Announced seasons are of the next quarter and long ones of an earlier one; the bulk of what is
    active is of the quarter that runs.
    """
    listed: set[int] = set()
    quarters: Counter[YearQuarter] = Counter()
    for season_id, year, quarter, active in seasons:
        listed.add(season_id)
        if active and year is not None and quarter is not None:
            quarters[(year, quarter)] += 1
    most = max(quarters.items(), key=lambda found: (found[1], found[0]), default=None)
    return Present(frozenset(listed), most[0] if most else None)


def is_complete(
    season_id: int,
    quarter: YearQuarter,
    active: bool | None,
    stored: Stored,
    present: Present,
    now: datetime,
) -> bool | None:
    """Whether the season is over; None where nothing decides it.

    `active` is the index's word (or the stored one, where the index was not asked). The list of
    current seasons comes first: what it holds is not over. The weeks come late: an announced season
    has an inactive entry in the index too, and only its weeks tell it from one that has ended.
    """
    if season_id in present.listed:
        return False
    if stored.complete:
        return True
    if stored.last_week_end is not None and stored.last_week_end >= now:
        # The index calls announced seasons inactive too: its word ends no season with weeks to come.
        return False
    if active is False and stored.active:
        # It ran when it was last listed, and the index says that it no longer does.
        return True
    if active is False and present.quarter is not None and quarter != present.quarter:
        return quarter < present.quarter
    if stored.last_week_end is not None:
        return stored.last_week_end < now
    return None
