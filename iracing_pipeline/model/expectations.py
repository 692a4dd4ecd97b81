"""What the calendar leads one to expect, and whether what is stored is that: one finding per check.

In: facts (warehouse/queries/checks.py), quarters, the clock passed in. Out: Finding. No rows, no Dagster.

ERROR is for what somebody has to act on; WARN for what mends itself, or is iRacing's own doing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone

from iracing_pipeline.core.seasons import YearQuarter
from iracing_pipeline.model.quarters import Rollover

ERROR, WARN = "ERROR", "WARN"
_SHOWN = 10
_HOUR = timedelta(hours=1)
NO_LIST = "No list of current seasons has landed yet: there is nothing to judge."
LIST_CHECKS = {
    "every_category_is_there": "The list has seasons of every category that should be running; red names "
    "the one that is gone.",
    "seasons_as_expected": "The list has the seasons that by their own weeks run now, and a quarter as many "
    "as the one before, more or less. Week 13 is no alarm.",
    "listed_series_have_a_season": "Every series of series/get has a season in the list.",
    "next_quarter_is_there": "The next quarter's seasons appeared by its first day; red from a day later on.",
    "list_moves_on": "The API's list changes: red when it is the same for 36 hours, or weeks lag behind.",
}
WEEK_CHECKS = {
    "weeks_are_contiguous": "Weeks of seasons that are not over are numbered 0 to the last without a hole.",
    "weeks_do_not_overlap": "No week of a season that is not over begins before the one before has ended.",
    "current_week_has_sessions": "Every week that runs now, and says when it races, has sessions.",
    "weeks_without_sessions": "Warns of weeks that run or are to come and have no session times.",
}
TRACK_CHECKS = {
    "tracks_are_known": "The track of every week is in tracks.",
}
# The build of a new quarter is deployed on its first day, with hours of maintenance.
PATIENCE = timedelta(hours=24)
SAME_FOR = timedelta(hours=36)
# Fewer than these are too few to conclude anything from.
_FEW = 3
_LACKING = 0.1
_QUARTER_LEAST, _QUARTER_MOST, _QUARTER_KNOWN = 0.6, 2.0, 20


@dataclass(frozen=True)
class Finding:
    """What a check found. `text` says it for the reader, the offenders named."""

    check: str
    passed: bool = True
    severity: str = ERROR
    text: str = ""
    numbers: Mapping[str, int | float | str] = field(default_factory=dict)


def named(offenders: Sequence[str], shown: int = _SHOWN) -> str:
    """The first of them, and how many more."""
    more = len(offenders) - shown
    return "\n".join([*offenders[:shown], *([f"and {more:,} more"] if more > 0 else [])])


def _found(
    check: str,
    sentence: str,
    offenders: Sequence[str],
    numbers: Mapping[str, int | float | str],
    severity: str = ERROR,
) -> Finding:
    """Red, with the sentence, where there are offenders."""
    if not offenders:
        return Finding(check, numbers=numbers)
    return Finding(check, False, severity, f"{sentence}\n{named(offenders)}", numbers)


# -- the list of current seasons -------------------------------------------------------------------------

RunningSeason = tuple[int, str, "str | None", bool, "int | None", "int | None"]
"""Id and name, category, whether the list holds it, the week it is in by the list, and by its dates."""


def every_category_is_there(running: Sequence[RunningSeason]) -> Finding:
    """Red where the list holds none of the seasons of a category of which several should run now."""
    seasons: dict[str, list[bool]] = defaultdict(list)
    for _, _, category, is_listed, *_ in running:
        if category is not None:
            seasons[category].append(is_listed)
    gone = [
        f"{category}: {len(listed)} seasons have weeks now, the list holds none of them"
        for category, listed in sorted(seasons.items())
        if len(listed) >= _FEW and not any(listed)
    ]
    numbers = {category: sum(listed) for category, listed in sorted(seasons.items())}
    sentence = "The newest list of current seasons lacks a whole category."
    return _found("every_category_is_there", sentence, gone, numbers)


def seasons_as_expected(
    running: Sequence[RunningSeason],
    rollover: Rollover | None,
    before: int,
    first_day: datetime | None,
    now: datetime,
) -> Finding:
    """Red where the list lacks seasons that by their own weeks run now, or a quarter has too few or too many.

    By their own weeks few seasons run in week 13: that the list shrinks then is expected. `before`: seasons
    of the quarter before the current one, whose first day is `first_day`; the two are compared from the
    second day on until ordinary seasons end.
    """
    check = "seasons_as_expected"
    lacking = [f"{one[0]} {one[1]}" for one in running if not one[3]]
    numbers: dict[str, int | float | str] = {
        "expected": len(running),
        "listed": len(running) - len(lacking),
    }
    if len(lacking) >= _FEW and len(lacking) > _LACKING * len(running):
        sentence = (
            f"The newest list of current seasons lacks {len(lacking):,} of {len(running):,} seasons "
            "that have weeks now:"
        )
        return _found(check, sentence, lacking, numbers)
    if rollover is None or first_day is None or before < _QUARTER_KNOWN:
        return Finding(check, numbers=numbers)
    numbers |= {"seasons_of_the_quarter": rollover.seasons, "of_the_quarter_before": before}
    is_ordinary = timedelta(days=1) <= now - first_day < timedelta(weeks=12)
    share = rollover.seasons / before
    if is_ordinary and not _QUARTER_LEAST <= share <= _QUARTER_MOST:
        text = (
            f"{_quarter(rollover.current)} has {rollover.seasons:,} seasons, "
            f"the quarter before had {before:,}: "
            f"{'fewer than 60 %' if share < 1 else 'more than twice as many'}."
        )
        return Finding(check, False, ERROR, text, numbers)
    return Finding(check, numbers=numbers)


def listed_series_have_a_season(
    without: Sequence[tuple[int, str]],
    series_fetched_at: datetime | None,
    list_fetched_at: datetime | None,
) -> Finding:
    """Red where series/get lists a series of which the list of current seasons has no season."""
    check = "listed_series_have_a_season"
    offenders = [f"{series_id} {name}" for series_id, name in without]
    # A series that has just begun to run is not in an older list of seasons.
    is_old = (
        series_fetched_at is not None
        and list_fetched_at is not None
        and list_fetched_at < series_fetched_at - _HOUR
    )
    sentence = (
        "Series that run now by series/get, without a season in the list of current seasons"
        + (", which is older: materialize current_seasons." if is_old else ":")
    )
    return _found(check, sentence, offenders, {"series": len(without)}, WARN if is_old else ERROR)


def next_quarter_is_there(rollover: Rollover | None, now: datetime) -> Finding:
    """Red from a day after the next quarter should have begun until its seasons have appeared."""
    check = "next_quarter_is_there"
    if rollover is None:
        return Finding(
            check, text="No quarter that has begun is stored: there is nothing to judge."
        )
    numbers: dict[str, int | float | str] = {
        "current": _quarter(rollover.current),
        "seasons": rollover.seasons,
        "next": _quarter(rollover.next),
        "next_expected": rollover.expected_start.isoformat(),
        "next_seasons": rollover.next_seasons,
    }
    due = datetime.combine(rollover.expected_start, time(), timezone.utc) + PATIENCE
    if rollover.has_appeared or now < due:
        return Finding(check, numbers=numbers)
    text = (
        f"{_quarter(rollover.next)} was expected to begin on {rollover.expected_start}; of its seasons "
        f"{rollover.next_seasons:,} are stored, of {_quarter(rollover.current)} {rollover.seasons:,}."
    )
    return Finding(check, False, ERROR, text, numbers)


def list_moves_on(
    running: Sequence[RunningSeason], fetched_at: datetime | None, same_since: datetime | None
) -> Finding:
    """Red where the API's list stands still: the same body for days, or weeks that lag behind their dates.

    Real answers differ at every rebuild, which is every quarter of an hour, if only in their counters.
    """
    check = "list_moves_on"
    if fetched_at is None or same_since is None:
        return Finding(check, text=NO_LIST)
    same_for = fetched_at - same_since
    compared = [one for one in running if one[4] is not None and one[5] is not None]
    lagging = [
        f"{one[0]} {one[1]}: race_week {one[4]}, week {one[5]} by its dates"
        for one in compared
        if (one[4] or 0) < (one[5] or 0)
    ]
    numbers: dict[str, int | float | str] = {
        "same_for_hours": round(same_for / _HOUR, 1),
        "compared": len(compared),
        "lagging": len(lagging),
    }
    if same_for > SAME_FOR:
        text = (
            f"The API has given the very same list of current seasons from {same_since:%Y-%m-%d %H:%M} to "
            f"{fetched_at:%Y-%m-%d %H:%M} UTC: it is stale."
        )
        return Finding(check, False, ERROR, text, numbers)
    if len(compared) >= _FEW and len(lagging) * 2 > len(compared):
        sentence = (
            f"In the list of current seasons {len(lagging):,} of {len(compared):,} seasons are in a week "
            "that was over for more than a day: it is stale."
        )
        return _found(check, sentence, lagging, numbers)
    return Finding(check, numbers=numbers)


def _quarter(quarter: YearQuarter) -> str:
    return f"{quarter[0]} season {quarter[1]}"


# -- weeks ---------------------------------------------------------------------------------------------


def weeks_are_contiguous(seasons: Sequence[tuple[int, str, list[int], int | None]]) -> Finding:
    """Red where a season that is not over lacks a week between others; warns where its last ones lack."""
    holes, short = [], []
    for season_id, name, weeks, max_weeks in seasons:
        end = max(weeks, default=-1) + 1
        missing = sorted(set(range(end)).difference(weeks))
        if missing:
            holes.append(f"{season_id} {name}: lacks {_numbers(missing)}")
        elif max_weeks is not None and end < max_weeks:
            short.append(f"{season_id} {name}: has {end} of {max_weeks} weeks")
    sentence = "Seasons that are not over and whose weeks are not 0, 1, 2 and so on to the last:"
    numbers = {"seasons": len(seasons), "with_holes": len(holes), "too_short": len(short)}
    severity = ERROR if holes else WARN
    return _found("weeks_are_contiguous", sentence, [*holes, *short], numbers, severity)


def weeks_do_not_overlap(overlaps: Sequence[tuple[int, str, int, int]]) -> Finding:
    """Red where a week of a season that is not over begins before the one before it has ended."""
    offenders = [
        f"{season_id} {name}: week {following} begins before week {week} has ended"
        for season_id, name, week, following in overlaps
    ]
    numbers = {"overlaps": len(overlaps)}
    return _found("weeks_do_not_overlap", "Weeks that overlap:", offenders, numbers)


def tracks_are_known(
    unknown: Sequence[tuple[int, str | None, int, bool]],
    tracks: int,
    tracks_fetched_at: datetime | None,
    list_fetched_at: datetime | None,
) -> Finding:
    """Red where weeks that are not over are raced on tracks that the newest tracks do not hold."""
    check = "tracks_are_known"
    if not tracks:
        return Finding(check, text="No tracks are stored yet: there is nothing to judge.")
    offenders = [
        f"track {track_id} {name or '(no name)'}: {weeks:,} {'past ' if is_past else ''}weeks"
        for track_id, name, weeks, is_past in unknown
    ]
    is_old = (
        tracks_fetched_at is not None
        and list_fetched_at is not None
        and tracks_fetched_at < list_fetched_at - _HOUR
    )
    numbers = {"unknown": len(unknown)}
    sentence = "Weeks are raced on tracks that are not in tracks" + (
        ", which were read before the list of seasons: materialize tracks." if is_old else ":"
    )
    is_red = not is_old and not all(one[3] for one in unknown)
    return _found(check, sentence, offenders, numbers, ERROR if is_red else WARN)


def current_week_has_sessions(current: int, silent: Sequence[tuple[int, str, int]]) -> Finding:
    """Red where a week that runs now says when it races, and that comes to no session."""
    sentence = "Weeks that run now and whose session times come to no session:"
    numbers = {"current_weeks": current, "without_sessions": len(silent)}
    return _found("current_week_has_sessions", sentence, _weeks(silent), numbers)


def weeks_without_sessions(bare: Sequence[tuple[int, str, int]]) -> Finding:
    """Warns of weeks that run or are to come and have no session times: race_sessions() yields none."""
    sentence = "Weeks that run or are to come without session times; race_sessions() yields none:"
    numbers = {"weeks": len(bare)}
    return _found("weeks_without_sessions", sentence, _weeks(bare), numbers, WARN)


def _weeks(weeks: Sequence[tuple[int, str, int]]) -> list[str]:
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for season_id, name, week in weeks:
        found[season_id, name].append(week)
    return [f"{key[0]} {key[1]}: {_numbers(numbers)}" for key, numbers in found.items()]


def _numbers(weeks: Sequence[int]) -> str:
    return f"week{'s' if len(weeks) > 1 else ''} {', '.join(map(str, weeks))}"
