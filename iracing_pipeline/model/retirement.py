"""What is absent from a complete response: gone for good, or finished by itself.

In: what is stored and what the response holds, the clock passed in. Out: keys to retire, seasons that are
complete. No I/O; what follows from it is decided in sync. Truncated responses are refused in shrinkage.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from iracing_pipeline.api.types.parsing import Parsed
from iracing_pipeline.api.types.series import Season
from iracing_pipeline.core.endpoints import SEASONS
from iracing_pipeline.core.rows import Coverage, Rejected, RowBatch
from iracing_pipeline.core.seasons import CurrentList, StoredSeason
from iracing_pipeline.model.lifecycle import is_complete
from iracing_pipeline.model.shrinkage import Shrunk, is_shrunk, shrunk_in_words


@dataclass
class MissingFromList:
    """What became of stored seasons that the list of current seasons does not hold."""

    ended: list[int] = field(default_factory=list)
    """Known to have run until now."""
    over: list[int] = field(default_factory=list)
    """Over, while it was not known before whether they are."""
    gone: list[int] = field(default_factory=list)
    """Neither current nor past any more."""
    doubtful: list[int] = field(default_factory=list)
    """Not listed and not over, while the index still knows them, or is too old to tell."""


def missing_from_list(
    stored: Sequence[StoredSeason],
    listed: Collection[int],
    index: Mapping[int, bool | None],
    covered: Collection[int],
    current: CurrentList,
    now: datetime,
    *,
    allow_shrink: bool = False,
) -> MissingFromList:
    """Leaving is not always vanishing: a season whose last week has ended leaves the list by itself.

    `listed` are all seasons of the list, those included that could not be read. `index`: of the seasons
    that the newest index knows, whether it says that they are active; `covered` are those for which it
    is proof that it does not know them. Raises Shrunk where more than half of the seasons with weeks to
    come are missing. `allow_shrink`: the list is believed, whatever the index knows.
    """
    found = MissingFromList()
    lacking: list[int] = []
    for season in stored:
        if season.season_id in listed:
            continue
        says = index.get(season.season_id)
        is_over = is_complete(
            season.season_id,
            season.quarter,
            False if says is False or season.active is False else None,
            season,
            current,
            now,
        )
        if season.is_to_come and not season.complete:
            lacking.append(season.season_id)
            # It was broken off, if the index says so too and is no older than the list before this one.
            # Of announced seasons the index says the same.
            is_over = season.has_begun and says is False and season.season_id in covered
        if is_over and not season.complete:
            (found.over if season.complete is None else found.ended).append(season.season_id)
            continue
        # Weeks that all lie in the past, without an end that says so, are no proof either way.
        may_be_gone = is_over or season.is_to_come or not season.has_weeks
        is_proven = season.season_id in covered and season.season_id not in index
        if season.is_orphan or (may_be_gone and is_proven):
            found.gone.append(season.season_id)
        elif season.is_to_come and not is_over:
            (found.gone if allow_shrink else found.doubtful).append(season.season_id)
        elif may_be_gone and season.season_id not in index:
            found.doubtful.append(season.season_id)
    expected = sum(season.is_to_come and not season.complete for season in stored)
    if is_shrunk(expected, len(lacking)) and not allow_shrink:
        what = "stored seasons that still have weeks to come"
        words = shrunk_in_words(SEASONS, what, expected, sorted(lacking))
        raise Shrunk(f"{words} Nothing was written.")
    return found


def weeks_gone(
    stored: Mapping[int, Collection[int]],
    seasons: Parsed[Season],
    batch: RowBatch,
    *,
    allow_shrink: bool = False,
) -> tuple[Coverage, list[Rejected]]:
    """Weeks of listed seasons that their season no longer holds, and seasons that lack too many.

    `stored`: race_week_num of the living weeks known from a schedule, by season. A season without a
    list of weeks says nothing, nor does one with a week that could not be read: that may be the one
    that is missing.
    """
    weeks: dict[int, set[int]] = {
        season.season_id: set() for season in seasons.items if season.schedules is not None
    }
    for row in batch.rows["season_schedules"]:
        weeks.setdefault(row["season_id"], set()).add(row["race_week_num"])
    unread = {item.item_key.partition(" ")[0] for item in batch.rejected}
    series_of = {season.season_id: season.series_id for season in seasons.items}
    keys: set[tuple[int, ...]] = set()
    rejected: list[Rejected] = []
    for season_id, held in weeks.items():
        if f"season_id={season_id}" in unread:
            continue
        lacking, reject = season_weeks_gone(
            season_id,
            series_of.get(season_id),
            stored.get(season_id, ()),
            held,
            allow_shrink=allow_shrink,
        )
        keys |= {(season_id, week) for week in lacking}
        rejected += [reject] if reject else []
    return Coverage(("season_id", "race_week_num"), frozenset(keys)), rejected


def season_weeks_gone(
    season_id: int,
    series_id: int | None,
    stored: Collection[int],
    held: Collection[int],
    *,
    allow_shrink: bool = False,
) -> tuple[frozenset[int], Rejected | None]:
    """Weeks of one season that its complete list lacks; or none, and why, where it lacks too many."""
    lacking = frozenset(stored).difference(held)
    if is_shrunk(len(stored), len(lacking)) and not allow_shrink:
        what = "weeks that are stored"
        reason = shrunk_in_words("The season", what, len(stored), sorted(lacking))
        payload = {
            "season_id": season_id,
            "series_id": series_id,
            "weeks": sorted(held),
            "missing": sorted(lacking),
        }
        return frozenset(), Rejected(
            f"season_id={season_id}", f"{reason} None was retired.", payload
        )
    return lacking, None
