"""Quarters of the year's calendar: which runs, which comes next, when, and whether it has appeared.

In: the quarters that are stored, today passed in. Out: the rollover at hand. No rows, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from iracing_pipeline.core.seasons import YearQuarter

NEAR = timedelta(weeks=3)
"""How long before a rollover its seasons may be announced."""
# A quarter has appeared with a quarter of the seasons of the one before it; some are announced early.
_APPEARED = 4


class QuarterKnown(Protocol):
    """What the tables hold of a quarter."""

    @property
    def season_year(self) -> int: ...
    @property
    def season_quarter(self) -> int: ...
    @property
    def first_day(self) -> date | None:
        """None where no ordinary season of it has dates."""

    @property
    def seasons(self) -> int: ...
    @property
    def weeks(self) -> int:
        """13: twelve race weeks and week 13; now and then 14."""


@dataclass(frozen=True)
class Rollover:
    """The quarter that runs and the one that follows it."""

    current: YearQuarter
    next: YearQuarter
    expected_start: date
    """First day of the next one: its own, once it has appeared, else 13 weeks (or 14, where seasons of the
    current one have weeks until then) after the current one's."""
    has_appeared: bool
    """The next one has at least a quarter as many seasons as the current one."""
    is_near: bool
    """Today is in the last three weeks before the expected start, or later."""
    seasons: int = 0
    """Of the current quarter."""
    next_seasons: int = 0


def following(quarter: YearQuarter) -> YearQuarter:
    """(2025, 4) → (2026, 1)."""
    year, number = quarter
    return (year + 1, 1) if number == 4 else (year, number + 1)


def rollover(quarters: Sequence[QuarterKnown], today: date) -> Rollover | None:
    """The rollover from the quarter that runs to the next one; None where no quarter that has begun is known.

    A quarter begins to run when it has appeared, not on the first day of the few of its seasons that
    were announced early: until then the one before it is the current one, however late it is.
    """
    current: QuarterKnown | None = None
    for quarter in sorted(quarters, key=_number):
        if quarter.first_day is None or quarter.first_day > today:
            continue
        is_first = current is None or following(_number(current)) != _number(quarter)
        if is_first or _has_appeared(quarter, current):
            current = quarter
    if current is None or current.first_day is None:
        return None
    number = following(_number(current))
    coming = next((quarter for quarter in quarters if _number(quarter) == number), None)
    has_appeared = coming is not None and _has_appeared(coming, current)
    start = current.first_day + timedelta(weeks=current.weeks)
    if has_appeared and coming is not None and coming.first_day is not None:
        start = coming.first_day
    return Rollover(
        current=_number(current),
        next=number,
        expected_start=start,
        has_appeared=has_appeared,
        is_near=today >= start - NEAR,
        seasons=current.seasons,
        next_seasons=coming.seasons if coming is not None else 0,
    )


def _number(quarter: QuarterKnown) -> YearQuarter:
    return quarter.season_year, quarter.season_quarter


def _has_appeared(quarter: QuarterKnown, before: QuarterKnown | None) -> bool:
    return before is None or quarter.seasons * _APPEARED >= before.seasons
