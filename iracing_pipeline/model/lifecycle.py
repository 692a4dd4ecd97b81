"""Whether a season is over: what the lists say, what the weeks say, and which of them counts when.

In: facts about one season, the clock passed in. Out: True, False, or None for not known. No rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from iracing_pipeline.core.seasons import CurrentList, StoredSeason, YearQuarter


def current_list_of(
    seasons: Iterable[tuple[int, int | None, int | None, bool | None]],
) -> CurrentList:
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
    return CurrentList(frozenset(listed), most[0] if most else None)


def is_complete(
    season_id: int,
    quarter: YearQuarter,
    active: bool | None,
    stored: StoredSeason,
    current: CurrentList,
    now: datetime,
) -> bool | None:
    """Whether the season is over; None where nothing decides it.

    `active` is the index's word (or the stored one, where the index was not asked). The list of
    current seasons comes first: what it holds is not over. The weeks come late: an announced season
    has an inactive entry in the index too, and only its weeks tell it from one that has ended.
    """
    if season_id in current.listed:
        return False
    if stored.complete:
        return True
    if stored.last_week_end is not None and stored.last_week_end >= now:
        # The index calls announced seasons inactive too: its word ends no season with weeks to come.
        return False
    if active is False and stored.active:
        # It ran when it was last listed, and the index says that it no longer does.
        return True
    if active is False and current.quarter is not None and quarter != current.quarter:
        return quarter < current.quarter
    if stored.last_week_end is not None:
        return stored.last_week_end < now
    return None
