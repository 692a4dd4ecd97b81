"""What the season report tells, as facts: seasons with their weeks, what changed, how the sync is.

In: nothing. Out: frozen dataclasses; moments are aware UTC. Reading them is report_reading's business,
judging and showing them that of the package `report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from iracing_pipeline.warehouse.queries.health import AssetHealth


@dataclass(frozen=True)
class Week:
    """A race week by its own bounds: a day, seven, fourteen; both are None while they are not known."""

    race_week_num: int
    week_start: datetime | None
    week_end_time: datetime | None
    track_name: str | None
    config_name: str | None
    precip_chance_pct: float | None
    track_package: int | None = None
    is_track_free: bool | None = None
    """Whether the track comes with the membership."""
    car_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Car:
    name: str
    package_id: int | None
    is_free: bool | None
    """Whether it comes with the membership."""


@dataclass(frozen=True)
class Season:
    """A season that is not over."""

    season_id: int
    series_id: int
    series_name: str
    season_name: str
    season_year: int | None
    season_quarter: int | None
    category: str | None
    license_group: int | None
    fixed_setup: bool | None
    weeks: tuple[Week, ...] = ()
    next_session: datetime | None = None
    """The next start within the days that are looked at."""


@dataclass(frozen=True)
class Example:
    """One line of what changed, as in schedule_changes."""

    race_week_num: int | None
    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Change:
    """What changed in a season on one topic, in one way (see schedule_changes.kind)."""

    series_id: int | None
    series_name: str | None
    season_id: int | None
    season_name: str | None
    kind: str
    topic: str
    """What changed, in the view's word for it; of session times all columns together."""
    newest: datetime
    lines: int
    weeks: int
    """How many weeks of the season it is about; 0 where it is about the whole."""
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class RunsOfDay:
    day: date
    success: int
    partial: int
    failure: int
    running: int
    """Begun and not ended: at work, or killed."""


@dataclass(frozen=True)
class CallsOfDay:
    day: date
    made: int
    saved: int
    failed: int
    refused: int
    """Answered with 429, too many requests."""
    busiest_minute: int
    least_left: int | None
    """The lowest number of requests left in the account's window, as the API said."""


@dataclass(frozen=True)
class SetAsideItem:
    asset: str
    item_key: str
    reason: str
    first_seen_at: datetime


@dataclass(frozen=True)
class DriftItem:
    endpoint: str
    kind: str
    field: str
    found: str
    first_seen_at: datetime


@dataclass(frozen=True)
class Health:
    """How the sync is; health.py judges the assets. The lists hold the newest; the totals count all."""

    assets: tuple[AssetHealth, ...] = ()
    runs: tuple[RunsOfDay, ...] = ()
    calls: tuple[CallsOfDay, ...] = ()
    set_aside: tuple[SetAsideItem, ...] = ()
    set_aside_total: int = 0
    drift: tuple[DriftItem, ...] = ()
    drift_total: int = 0


@dataclass(frozen=True)
class Facts:
    """Everything the page says, at one moment."""

    made_at: datetime
    data_origin: str | None
    """`iracing.com`, `simulated`, or None before the first sync."""
    days: int
    """How many days of runs and calls are looked at."""
    change_days: int
    session_days: int
    """How many days ahead sessions are looked for."""
    seasons: tuple[Season, ...] = ()
    cars: Mapping[int, Car] = field(default_factory=dict)
    """Those of the seasons, by id."""
    changes: tuple[Change, ...] = ()
    health: Health = Health()
