"""What weeks are raced with, and what has to be owned for them: cars by name, packages by what is in them.

In: seasons, cars. Out: names, ids, lists to choose from. Who owns what, only the reader's browser knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from iracing_pipeline.outputs.report.facts import Car, Season, Week


class Package(NamedTuple):
    """What is bought: its names, and how many of the weeks on the page it is for."""

    package_id: int
    names: str
    weeks: int


def car_names(week: Week, cars: Mapping[int, Car]) -> list[str]:
    """The names of a week's cars, in order."""
    found = (cars[one].name if one in cars else f"car {one}" for one in week.car_ids)
    return sorted(found, key=str.casefold)


def usual_cars(season: Season) -> tuple[int, ...]:
    """Those of most of its weeks."""
    votes = Counter(week.car_ids for week in season.weeks)
    return max(votes, key=lambda ids: (votes[ids], ids), default=())


def needed_for_track(week: Week) -> str:
    """The package of a week's track: empty where it comes with the membership, `?` where none is known."""
    if week.is_track_free:
        return ""
    return "?" if week.track_package is None else str(week.track_package)


def track_packages(seasons: Iterable[Season]) -> list[Package]:
    """The tracks that are bought, of the weeks on the page."""
    return _packages(
        (week.track_package, week.track_name or "")
        for season in seasons
        for week in season.weeks
        if week.track_package is not None and not week.is_track_free
    )


def car_packages(seasons: Iterable[Season], cars: Mapping[int, Car]) -> list[Package]:
    """The cars that are bought, of the weeks on the page."""
    return _packages(
        (car.package_id, car.name)
        for season in seasons
        for week in season.weeks
        for car in (cars[one] for one in week.car_ids if one in cars)
        if car.package_id is not None and not car.is_free
    )


def _packages(found: Iterable[tuple[int | None, str]]) -> list[Package]:
    weeks: Counter[int] = Counter()
    names: dict[int, set[str]] = defaultdict(set)
    for package_id, name in found:
        if package_id is not None:
            weeks[package_id] += 1
            names[package_id].add(name)
    packages = [Package(one, _listed(sorted(names[one])), weeks[one]) for one in weeks]
    return sorted(packages, key=lambda one: (one.names.casefold(), one.package_id))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(filter(None, names)) or "without a name"
