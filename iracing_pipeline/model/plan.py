"""The fetch planner: from what is wanted and what is known to the cheapest set of calls.

In: series or seasons wanted, what has landed, what past quarters were found to carry. Out: calls, in
order, and their cost. No I/O, no clock; the calls themselves are made by assets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.seasons import MissingSchedule, YearQuarter

FEW_SERIES = 3
"""Up to so many series are asked for one by one: the index of all is some 11 MB."""
CALLS_PER_MINUTE = 240
"""The account's budget."""
LEAST_FOR_A_QUARTER = 2
"""A call for a whole quarter pays from so many wanted seasons on."""

Carries = Literal["schedules", "list", "other seasons", "nothing", "refused"]
"""What series/seasons was found to answer for a past quarter: its seasons with schedules, without them,
seasons of other quarters (the active list), an empty list, or an error for good."""


@dataclass(frozen=True)
class IndexPlan:
    """How the index entries of the wanted series are had."""

    from_landed: tuple[int, ...] = ()
    one_by_one: tuple[int, ...] = ()
    asks_for_all: bool = False
    """series/stats_series is asked for; it answers for every series that is not from_landed."""


def plan_index(wanted: Collection[int], landed: Collection[int]) -> IndexPlan:
    """The calls for the index entries of `wanted` series, where `landed` ones need none."""
    missing = sorted(set(wanted).difference(landed))
    kept = tuple(sorted(set(wanted).intersection(landed)))
    if len(missing) <= FEW_SERIES:
        return IndexPlan(kept, tuple(missing))
    return IndexPlan(kept, asks_for_all=True)


@dataclass(frozen=True)
class DetailsPlan:
    """The calls for the schedules of past seasons: whole quarters first, then single seasons."""

    quarters: tuple[YearQuarter, ...] = ()
    """series/seasons with season_year and season_quarter, newest first."""
    singles: tuple[int, ...] = ()
    """series/season_schedule, newest first."""
    is_probe: bool = False
    """What past quarters carry is not known yet: `quarters` are tried one at a time until it is."""
    seasons: int = 0
    """How many seasons are wanted in all."""
    in_quarters: int = 0
    """How many of them the quarters are to bring."""

    @property
    def calls(self) -> int:
        """Calls if every quarter carries its schedules."""
        return len(self.quarters) + len(self.singles)

    @property
    def most_calls(self) -> int:
        """Calls if the one that is tried does not."""
        return (1 if self.quarters else 0) + self.seasons if self.is_probe else self.calls

    def in_words(self) -> str:
        """The plan and its price, for people."""
        if not self.seasons:
            return "Schedules of past seasons: none is missing, 0 calls."
        lines = [f"Schedules of past seasons: {self.seasons:,} missing."]
        quarters = _count(len(self.quarters), "whole quarter")
        rest = f", {_count(len(self.singles), 'season')} one by one" if self.singles else ""
        if self.is_probe and self.quarters:
            year, quarter = self.quarters[0]
            lines.append(
                f"First {year} quarter {quarter} is tried: if its answer carries schedules, {quarters}"
                f"{rest}: {_cost(self.calls)}; if not, every season one by one: "
                f"{_cost(self.most_calls)}."
            )
        elif self.quarters:
            lines.append(f"{quarters}{rest}: {_cost(self.calls)}.")
        else:
            lines.append(f"One by one, newest first: {_cost(self.calls)}.")
        return "\n".join(lines)


def plan_details(
    wanted: Iterable[MissingSchedule],
    carries: Carries | None,
    *,
    current: YearQuarter | None = None,
    asked: Collection[YearQuarter] = (),
) -> DetailsPlan:
    """The cheapest calls for the schedules of `wanted` seasons.

    `carries` is what past quarters were found to carry, None before the first try. Quarters in
    `asked` have answered lately; what they did not bring is fetched singly. The `current` quarter
    says nothing of past ones (the API answers it with the list of active seasons), so it is never
    the first to be tried.
    """
    seasons = list(wanted)
    by_quarter: dict[YearQuarter, list[MissingSchedule]] = defaultdict(list)
    for season in seasons:
        by_quarter[season.quarter].append(season)
    quarters: list[YearQuarter] = []
    if carries in {None, "schedules"}:
        quarters = sorted(
            (
                quarter
                for quarter, of_quarter in by_quarter.items()
                if len(of_quarter) >= LEAST_FOR_A_QUARTER
                and quarter not in asked
                and (quarter != current or carries == "schedules")
            ),
            reverse=True,
        )
    singles = [season for season in seasons if season.quarter not in quarters]
    return DetailsPlan(
        quarters=tuple(quarters),
        singles=tuple(season.season_id for season in newest_first(singles)),
        is_probe=carries is None and bool(quarters),
        seasons=len(seasons),
        in_quarters=len(seasons) - len(singles),
    )


def newest_first(seasons: Iterable[MissingSchedule]) -> list[MissingSchedule]:
    """By quarter, then by id, both falling."""
    return sorted(seasons, key=lambda season: (season.quarter, season.season_id), reverse=True)


@dataclass
class QuarterAnswer:
    """What an answer of series/seasons for a past quarter turned out to be."""

    carries: Carries
    schedules: dict[int, list[Any]] = field(default_factory=dict)
    """Raw weeks by season, of wanted seasons only."""


def read_quarter(body: Any, quarter: YearQuarter, wanted: Collection[int]) -> QuarterAnswer:
    """Whatever was asked for, only seasons whose id is wanted are taken from the answer."""
    listed: Sequence[Any] = body if isinstance(body, list) else []
    seasons = once(
        (
            one
            for one in listed
            if isinstance(one, dict) and whole(one.get("season_id")) is not None
        ),
        ("season_id",),
    )
    found: dict[int, list[Any]] = {}
    of_quarter, with_schedules = 0, 0
    for season in seasons:
        season_id, weeks = whole(season["season_id"]), season.get("schedules")
        is_wanted = season_id in wanted
        named = whole(season.get("season_year")), whole(season.get("season_quarter"))
        is_meant = named == quarter
        if season_id is not None and is_wanted and isinstance(weeks, list) and weeks:
            found[season_id] = weeks
        of_quarter += is_wanted or is_meant
        with_schedules += (is_wanted or is_meant) and isinstance(weeks, list) and bool(weeks)
    # The active list, too, holds a long season of an earlier quarter now and then.
    is_of_quarter = of_quarter * 2 > len(listed)
    if found or (is_of_quarter and with_schedules):
        return QuarterAnswer("schedules", found)
    if not listed:
        return QuarterAnswer("nothing")
    return QuarterAnswer("list" if is_of_quarter else "other seasons")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _cost(calls: int) -> str:
    minutes = calls / CALLS_PER_MINUTE
    time = "under a minute" if minutes < 1 else f"about {minutes:,.0f} min"
    return f"{_count(calls, 'call')}, {time} of the account's whole budget"
