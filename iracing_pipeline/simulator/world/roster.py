"""The series of a world: a cast of odd ones, then as many ordinary ones as wanted.

In: who a series is, for its whole life. Out: its seasons (seasons.py) and weeks (weeks.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .calendar import index_of
from .cars import CarClass
from .dice import dice
from .names import SERIES_WORDS, SPONSORS, STEMS, SURFACE, WEEK13_WORDS

LAST_FIRST_QUARTER = index_of(2025, 2)


@dataclass(frozen=True)
class Cadence:
    """When a week's sessions start, UTC.

    Repeating: every `every` minutes from `first` on each of the week's days. Explicit: `times`,
    (day of the week counted from its start, "HH:MM").
    """

    every: int = 0
    first: str = "00:00"
    times: tuple[tuple[int, str], ...] = ()
    # 23:58 on the last day, instead of the last session's start.
    late_end: bool = False


@dataclass(frozen=True)
class SeriesPlan:
    """One series. `kind` decides the shape of its seasons (seasons.py), `traits` its oddities."""

    number: int
    series_id: int
    base_name: str
    category: str
    kind: str
    cadence: Cadence
    classes: tuple[CarClass, ...]
    first: int
    last: int | None
    license_group: int
    official: bool = True
    fixed: bool = False
    sponsored: bool = False
    traits: frozenset[str] = field(default_factory=frozenset)

    def has(self, trait: str) -> bool:
        return trait in self.traits

    def runs_in(self, quarter: int) -> bool:
        return self.first <= quarter and (self.last is None or quarter <= self.last)

    def name(self, quarter: int) -> str:
        """As the API writes it in that quarter, on every season however old: sponsors change
        every year, and a series given up long ago turns [Legacy]."""
        name = self.base_name
        if self.sponsored:
            sponsor = SPONSORS[(quarter + 3 * self.number) // 4 % len(SPONSORS)]
            name = f"{name} by {sponsor}"
        if self.last is not None and quarter >= self.last + 12:
            name = f"[Legacy] {name}"
        return name


HOURLY = Cadence(60, "00:00")
# (kind, category, cadence, first quarter, other fields)
_CAST: list[tuple[str, str, Cadence, tuple[int, int], dict[str, Any]]] = [
    ("quarter", "sports_car", Cadence(30, "00:15", late_end=True), (2021, 1),
     {"sponsored": True, "license_group": 2, "traits": "narrow announced"}),
    ("quarter", "oval", HOURLY, (2020, 2), {"fixed": True, "traits": "setups"}),
    ("week13", "oval", Cadence(15, "00:00"), (2019, 3), {"fixed": True, "traits": "setups"}),
    ("quarter", "formula_car",
     Cadence(times=((0, "19:00"), (2, "01:00"), (4, "17:00"), (5, "09:00"), (5, "21:00"))),
     (2022, 1), {"license_group": 4, "sponsored": True, "traits": "standing unsorted"}),
    ("long", "oval", Cadence(120, "00:45", late_end=True), (2023, 1),
     {"license_group": 3}),
    ("quarter", "sports_car", Cadence(120, "00:45"), (2021, 3),
     {"license_group": 5, "sponsored": True, "traits": "multiclass floats rain announced"}),
    ("quarter", "dirt_oval",
     Cadence(times=((0, "02:00"), (0, "22:00"), (2, "02:00"), (4, "10:00"))), (2022, 1),
     {"fixed": True, "license_group": 3, "traits": "heat midweek setups"}),
    ("endurance", "sports_car", Cadence(times=((0, "07:00"), (0, "17:00"), (1, "00:00"))),
     (2021, 2), {"license_group": 3, "traits": "team multiclass rain"}),
    ("through13", "formula_car", HOURLY, (2020, 1),
     {"official": False, "fixed": True, "traits": "varying-category"}),
    ("rookie", "sports_car", Cadence(15, "00:00", late_end=True), (2008, 1),
     {"license_group": 1, "fixed": True, "sponsored": True, "traits": "setups"}),
    ("rookie", "oval", Cadence(30, "00:00"), (2008, 1), {"license_group": 1, "last": (2010, 3)}),
    ("quarter", "dirt_oval", Cadence(30, "00:15"), (2019, 1), {"traits": "one-week-index stale-week"}),
    ("quarter", "formula_car",
     Cadence(times=((0, "18:00"), (0, "20:00"), (1, "18:00"), (1, "20:00"))), (2023, 2),
     {"traits": "partial-schedule double-blank no-restrictions"}),
    ("tour", "formula_car",
     Cadence(times=((0, "01:00"), (1, "20:00"), (2, "18:00"), (3, "02:00")), late_end=True),
     (2023, 1), {"license_group": 3, "traits": "varying-category stale-week"}),
    ("quarter", "sports_car", HOURLY, (2022, 3),
     {"official": False, "sponsored": True, "traits": "varying-cars no-forum no-filters"}),
    ("biweekly", "sports_car", Cadence(times=((0, "19:00"), (2, "13:00"), (3, "17:00"))),
     (2021, 4), {"license_group": 4, "traits": "team rain"}),
    ("quarter", "oval", Cadence(60, "00:45"), (2018, 1), {"traits": "two-seasons"}),
    ("week13", "dirt_road", Cadence(30, "00:15"), (2018, 3),
     {"official": False, "traits": "bare-name no-forum no-filters"}),
    ("week13", "dirt_oval", Cadence(30, "00:00"), (2010, 1), {"official": False}),
    ("long", "oval", Cadence(times=((0, "21:00"), (2, "02:00"), (4, "17:00"), (5, "02:00"))),
     (2024, 1), {"fixed": True, "traits": "midweek trailing-blank setups special"}),
    ("quarter", "oval", Cadence(120, "01:00"), (2009, 2), {"last": (2019, 4)}),
    ("quarter", "sports_car", HOURLY, (2012, 1), {"last": (2022, 4), "sponsored": True}),
    ("quarter", "sports_car", Cadence(60, "00:30"), (2022, 1), {"traits": "detached-qualifying"}),
    ("quarter", "dirt_road", Cadence(60, "00:30", late_end=True), (2019, 2),
     {"traits": "no-restrictions no-filters late-week"}),
    ("long", "dirt_road", Cadence(60, "00:15", late_end=True), (2020, 4),
     {"license_group": 3, "traits": "winter trailing-blank special"}),
]  # fmt: skip


def build_roster(seed: int, count: int, classes: list[CarClass], start: int) -> list[SeriesPlan]:
    """`count` series: the cast first. None starts before quarter `start`."""
    roster = []
    for number in range(count):
        plan = _cast(number) if number < len(_CAST) else _ordinary(seed, number)
        plan = replace(plan, classes=_classes_for(seed, plan, classes))
        plan = replace(plan, first=max(plan.first, start))
        roster.append(plan)
    return roster


def _cast(number: int) -> SeriesPlan:
    kind, category, cadence, first, others = _CAST[number]
    others = dict(others)
    traits = frozenset(others.pop("traits", "").split())
    last = others.pop("last", None)
    return SeriesPlan(
        number=number,
        series_id=32 + 3 * number,
        base_name=_name(number, category, kind),
        category=category,
        kind=kind,
        cadence=cadence,
        classes=(),
        first=index_of(*first),
        last=index_of(*last) if last else None,
        license_group=others.pop("license_group", 1),
        traits=traits,
        **others,
    )


def _ordinary(seed: int, number: int) -> SeriesPlan:
    roll = dice(seed, "series", number)
    category = roll.choice(list(SERIES_WORDS))
    kind = roll.choices(("quarter", "week13", "through13", "long"), (80, 14, 3, 3))[0]
    # Most series are young.
    first = LAST_FIRST_QUARTER - int((LAST_FIRST_QUARTER + 1) * roll.random() ** 2.8)
    last = None
    if roll.random() < 0.45:
        first = int(LAST_FIRST_QUARTER * roll.random())
        last = min(first + roll.randint(1, 20), LAST_FIRST_QUARTER)
    every, start = roll.choice(
        [(30, "00:15"), (60, "00:00"), (60, "00:30"), (120, "00:45"), (15, "00:00")]
    )
    cadence = Cadence(every, start, late_end=roll.random() < 0.5)
    if kind == "quarter" and roll.random() < 0.25:
        hours = sorted({(roll.randint(0, 6), f"{roll.randint(0, 23):02d}:00") for _ in range(6)})
        cadence = Cadence(times=tuple(hours), late_end=roll.random() < 0.5)
    chances = {
        "announced": 0.2, "narrow": 0.1, "floats": 0.15, "no-forum": 0.07, "no-filters": 0.5,
        "standing": 0.3, "swaps": 0.2, "no-restrictions": 0.25, "rain": 0.1, "detached-qualifying": 0.03,
    }  # fmt: skip
    traits = {trait for trait, chance in chances.items() if roll.random() < chance}
    fixed = roll.random() < 0.4
    if fixed:
        traits.add("setups")
    if category == "sports_car" and roll.random() < 0.3:
        traits.add("multiclass")
    return SeriesPlan(
        number=number,
        series_id=32 + 3 * number,
        base_name=_name(number, category, kind),
        category=category,
        kind=kind,
        cadence=cadence,
        classes=(),
        first=first,
        last=last,
        license_group=roll.choice((1, 2, 2, 3, 3, 4, 5)),
        official=kind != "week13" or roll.random() < 0.4,
        fixed=fixed,
        sponsored=roll.random() < 0.3,
        traits=frozenset(traits),
    )


def _name(number: int, category: str, kind: str) -> str:
    if kind == "week13":
        return f"13th Week {WEEK13_WORDS[number % len(WEEK13_WORDS)]} {number}"
    words = SERIES_WORDS[category]
    stem = STEMS[number * 7 % len(STEMS)]
    turn = number // len(STEMS)
    return f"{stem} {words[number % len(words)]}" + (f" {turn + 1}" if turn else "")


def _classes_for(seed: int, plan: SeriesPlan, classes: list[CarClass]) -> tuple[CarClass, ...]:
    mine = [item for item in classes if item.category == plan.category]
    roll = dice(seed, "classes of", plan.number)
    if plan.has("multiclass"):
        several = [item for item in mine if len(item.cars) > 1]
        return tuple(roll.sample(several, min(3, len(several))))
    if plan.has("varying-cars"):
        return (max(mine, key=lambda item: len(item.cars)),)
    return (roll.choice(mine),)


def surface_of(plan: SeriesPlan) -> str:
    """The category of the tracks that suit the series."""
    return SURFACE[plan.category]
