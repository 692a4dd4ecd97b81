"""Seasons: when each runs, week by week, and what state it is in at a moment.

In: the calendar of every kind of series. Out: the bodies (season_bodies.py, weeks.py).

Everything here follows from the seed and the quarter alone; the moment only decides what has
begun, what has ended and what is known already. So the past cannot change under a moving clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property

from .calendar import DAY, WEEK, index_of, midnight, start_of, weeks_in, year_and_quarter
from .dice import dice
from .roster import Cadence, SeriesPlan, surface_of
from .tracks import Track

ANNOUNCED_DAYS = 21
# Rookies ran three seasons of four weeks a quarter until then.
_LAST_ABC = index_of(2013, 4)
_ENDURANCE_DAYS = (0, 21, 49, 77, 112, 140, 168, 196, 217)
# Counted from a Thursday: the rounds begin on Thursdays, Fridays, Sundays, a Monday, a Tuesday.
_TOUR_DAYS = (0, 8, 14, 29, 35, 56, 66, 77, 84, 98, 110, 119, 130, 143, 154, 161)


@dataclass(frozen=True)
class SeasonPlan:
    """One season. `part` tells seasons of one series and quarter apart."""

    season_id: int
    series: SeriesPlan
    quarter_index: int
    part: int
    starts: date
    week_starts: tuple[date, ...]
    days_per_week: int
    seed: int

    @property
    def year(self) -> int:
        return year_and_quarter(self.quarter_index)[0]

    @property
    def quarter(self) -> int:
        return year_and_quarter(self.quarter_index)[1]

    @cached_property
    def week_ends(self) -> tuple[datetime, ...]:
        """The last session's start, or the cut at 23:58."""
        return tuple(_week_end(self.series.cadence, day, self) for day in self.week_starts)

    @cached_property
    def begins(self) -> datetime:
        """From then on it is on the active list: on its first day, but a third only at noon."""
        late = self.series.number % 3 == 2 and self.series.kind in ("quarter", "week13")
        return midnight(self.starts) + timedelta(hours=12 if late else 0)

    @cached_property
    def listed_from(self) -> datetime:
        """From then on series/seasons shows it: some three weeks ahead, most as they begin."""
        ahead = ANNOUNCED_DAYS if self.series.has("announced") or self.is_yearly else 0
        return midnight(self.starts) - timedelta(days=ahead) if ahead else self.begins

    @property
    def is_yearly(self) -> bool:
        return self.series.kind in ("long", "endurance", "tour")

    def is_listed(self, moment: datetime) -> bool:
        return self.listed_from <= moment <= self.week_ends[-1]

    def is_running(self, moment: datetime) -> bool:
        return self.begins <= moment <= self.week_ends[-1]

    def has_ended(self, moment: datetime) -> bool:
        return moment > self.week_ends[-1]

    def current_week(self, moment: datetime) -> int:
        """Index of the current or next week; the last one once it has ended."""
        passed = sum(moment > end for end in self.week_ends)
        return min(passed, len(self.week_ends) - 1)

    def tracks(self, catalogue: list[Track]) -> list[Track]:
        """A track per week, not retired when the season ran."""
        roll = dice(self.seed, "tracks of", self.season_id)
        surface = surface_of(self.series)
        pool = _alive(catalogue, surface, self.quarter_index)
        chosen = [roll.choice(pool) for _ in self.week_starts]
        if self.series.has("varying-category"):
            ovals = _alive(catalogue, "oval", self.quarter_index)
            chosen = [ovals[i % len(ovals)] if i % 3 == 1 else t for i, t in enumerate(chosen)]
        return chosen


def _alive(catalogue: list[Track], surface: str, quarter: int) -> list[Track]:
    return [
        track
        for track in catalogue
        if track.category == surface and (track.retired_in is None or quarter < track.retired_in)
    ]


def _week_end(cadence: Cadence, start: date, season: SeasonPlan) -> datetime:
    last_day = start + DAY * (season.days_per_week - 1)
    if cadence.late_end and season.days_per_week > 1:
        return datetime.combine(last_day, time(23, 58), timezone.utc)
    if cadence.times:
        return max(session_times(cadence, start))
    minutes = _minutes(cadence.first)
    minutes += (24 * 60 - 1 - minutes) // cadence.every * cadence.every
    return midnight(last_day) + timedelta(minutes=minutes)


def session_times(cadence: Cadence, start: date) -> list[datetime]:
    """Explicit session times, in order."""
    return sorted(
        midnight(start + DAY * day) + timedelta(minutes=_minutes(at)) for day, at in cadence.times
    )


def _minutes(at: str) -> int:
    hours, minutes = at.split(":")
    return int(hours) * 60 + int(minutes)


def seasons_of(series: SeriesPlan, quarter: int, count: int, seed: int) -> list[SeasonPlan]:
    """The seasons that a series starts in a quarter; `count` series make up the world."""
    if not series.runs_in(quarter):
        return []
    plans = []
    for part, (starts, weeks, days) in enumerate(_shapes(series, quarter)):
        # Ids rise with time, as iRacing's do; week-13 seasons get theirs last.
        slot = 3 if series.kind == "week13" else part
        season_id = 74 + quarter * 4 * count + slot * count + series.number
        plans.append(SeasonPlan(season_id, series, quarter, part, starts, weeks, days, seed))
    return plans


Shape = tuple[date, tuple[date, ...], int]


def _shapes(series: SeriesPlan, quarter: int) -> list[Shape]:
    """(season start, week starts, days per week) of each season."""
    start = start_of(quarter)
    ordinary = weeks_in(quarter) - 1
    if series.kind == "week13":
        last = start_of(quarter + 1) - WEEK
        return [(last, tuple(last + DAY * day for day in range(7)), 1)]
    if series.kind == "through13":
        return [(start, _weekly(start, ordinary + 1), 7)]
    if series.kind == "rookie" and quarter <= _LAST_ABC:
        return [(start + WEEK * 4 * n, _weekly(start + WEEK * 4 * n, 4), 7) for n in range(3)]
    if series.kind == "biweekly":
        # Thursday to Sunday every other week; the season starts with the quarter, two days early.
        first = start + DAY * 2
        return [(start, tuple(first + WEEK * 2 * n for n in range(6)), 4)]
    if series.kind in ("long", "tour", "endurance"):
        return _yearly(series, quarter)
    # Weeks from Saturday to Friday: the season's start_date is four days before its first week.
    first = start + DAY * (4 if series.has("late-week") else 1 if series.has("midweek") else 0)
    shapes = [(start, _weekly(first, ordinary), 7)]
    if series.has("two-seasons"):
        shapes.append((start + WEEK * 6, _weekly(start + WEEK * 6, 6), 7))
    return shapes


def _weekly(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + WEEK * n for n in range(count))


def _yearly(series: SeriesPlan, quarter: int) -> list[Shape]:
    """One season a year: from February in season 1, endurance from April in season 2,
    winter series from November in season 4."""
    start = start_of(quarter)
    wanted = 1 if series.kind == "endurance" else 3 if series.has("winter") else 0
    if quarter % 4 != wanted:
        return []
    if series.kind == "endurance":
        first = start + WEEK * 2
        # Saturday and Sunday, four days after the season's start.
        return [(first, tuple(first + DAY * (4 + days) for days in _ENDURANCE_DAYS), 6)]
    first = start + WEEK * 8
    if series.kind == "tour":
        return [(first, tuple(first + DAY * (2 + days) for days in _TOUR_DAYS), 5)]
    weeks = _weekly(first + DAY * (1 if series.has("midweek") else 0), 38)
    return [(first, weeks, 7 if not series.cadence.times else 6)]
