"""Countries, flairs and leagues: what planners show beside the calendar.

In: the bodies of lookup/countries, lookup/flairs and league/seasons. Out: lookups of codes (lookups.py), the
account (account.py).
"""

from __future__ import annotations

from typing import Any

from .calendar import year_and_quarter
from .cars import Car
from .dice import dice
from .names import STEMS

COUNTRIES = {
    "AR": "Argentina", "AU": "Australia", "AT": "Austria", "BE": "Belgium", "BR": "Brazil",
    "CA": "Canada", "CL": "Chile", "CZ": "Czechia", "DK": "Denmark", "FI": "Finland",
    "FR": "France", "DE": "Germany", "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "JP": "Japan",
    "MX": "Mexico", "NL": "Netherlands", "NZ": "New Zealand", "NO": "Norway", "PL": "Poland",
    "PT": "Portugal", "ZA": "South Africa", "ES": "Spain", "SE": "Sweden", "CH": "Switzerland",
    "GB": "United Kingdom", "US": "United States",
}  # fmt: skip
# A flair is a country's, or nobody's.
_NO_COUNTRY = ("Unaffiliated", "iRacing")
_FIRST_SEASON_ID = 100_000


def countries() -> list[dict[str, Any]]:
    """The body of lookup/countries."""
    return [{"country_name": name, "country_code": code} for code, name in COUNTRIES.items()]


def flairs() -> dict[str, Any]:
    """The body of lookup/flairs; a flair of no country has neither code nor short name."""
    rows: list[dict[str, Any]] = [{"flair_name": name} for name in _NO_COUNTRY]
    rows += [
        {"flair_name": name, "flair_shortname": name[:3].upper(), "country_code": code}
        for code, name in COUNTRIES.items()
    ]
    numbered = [{"flair_id": n, **row, "seq": n - 1} for n, row in enumerate(rows, 1)]
    return {"flairs": numbered, "success": True}


def league_seasons(
    seed: int, cars: list[Car], quarter: int, league_id: int, *, retired: bool
) -> dict[str, Any]:
    """The body of league/seasons: up to three quarters of a league, the newest of them active."""
    roll = dice(seed, "league", league_id)
    car = roll.choice(cars)
    seasons = [
        _league_season(league_id, roll.choice(STEMS), number, car, is_active=number == quarter)
        for number in range(quarter - roll.randint(0, 3) + 1, quarter + 1)
    ]
    return {
        "subscribed": False,
        "seasons": [season for season in seasons if season["active"] or retired],
        "success": True,
        "retired": retired,
        "league_id": league_id,
    }


def _league_season(
    league_id: int, stem: str, quarter: int, car: Car, *, is_active: bool
) -> dict[str, Any]:
    year, number = year_and_quarter(quarter)
    raced = {"car_id": car.car_id, "car_name": car.name(quarter)}
    every = {"car_id": 0, "car_name": "All Cars"}
    return {
        "league_id": league_id,
        # An id space of its own: none of these is a season of a series.
        "season_id": _FIRST_SEASON_ID + 1000 * quarter + league_id % 1000,
        "points_system_id": 1077,
        "season_name": f"{stem} League - {year} Season {number}",
        "active": is_active,
        "hidden": False,
        "num_drops": 2,
        "no_drops_on_or_after_race_num": -1,
        "points_cars": [raced],
        "driver_points_car_classes": [_every_class([every, raced])],
        "team_points_car_classes": [_every_class([every])],
        "points_system_name": "Simulated points",
        "points_system_desc": "40 points for 1st, one less for each position after it.",
    }


def _every_class(cars: list[dict[str, Any]]) -> dict[str, Any]:
    return {"car_class_id": 0, "name": "All Car Classes", "cars_in_class": cars}
