"""Typed answers of the index: series/stats_series (every series since 2008) and series/past_seasons (one).

In: JSON objects. Out: pydantic objects; seasons and weeks stay raw inside, so that each fails alone. No rows.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.api.types.items import Id, Int, Item, Optional, Quarter, WeekNumber, Year
from iracing_pipeline.api.types.series import AllowedLicense, LicenseGroupType, TrackRef


class IndexedSeries(Item):
    """A series as the index lists it, running or not. Newest season first."""

    series_id: Id
    series_name: str
    seasons: list[Any]
    series_short_name: Optional[str] = None
    category: Optional[str] = None
    category_id: Optional[Id] = None
    active: Optional[bool] = None
    official: Optional[bool] = None
    fixed_setup: Optional[bool] = None
    search_filters: Optional[str] = None
    logo: Optional[str] = None
    license_group: Optional[Id] = None
    license_group_types: Optional[list[LicenseGroupType]] = None
    allowed_licenses: Optional[list[AllowedLicense]] = None


class IndexedClass(Item):
    car_class_id: Id
    name: Optional[str] = None
    short_name: Optional[str] = None
    relative_speed: Optional[Int] = None


class IndexedSeason(Item):
    """A season of the index: no dates, no limits; `race_weeks` is not always the list of all weeks."""

    season_id: Id
    series_id: Id
    season_name: str
    season_year: Year
    season_quarter: Quarter
    season_short_name: Optional[str] = None
    active: Optional[bool] = None
    official: Optional[bool] = None
    driver_changes: Optional[bool] = None
    fixed_setup: Optional[bool] = None
    license_group: Optional[Id] = None
    license_group_types: Optional[list[LicenseGroupType]] = None
    has_supersessions: Optional[bool] = None
    car_switching: Optional[bool] = None
    # None: not said. One that cannot be read sets its season aside, so these do not forgive.
    car_classes: list[IndexedClass] | None = None
    race_weeks: list[Any] | None = None


class IndexedWeek(Item):
    """Week → track: all that the index says of a week."""

    season_id: Id
    race_week_num: WeekNumber
    track: TrackRef
