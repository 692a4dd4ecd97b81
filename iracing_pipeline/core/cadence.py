"""How often each asset is meant to run, and how old its last success may be before somebody should look.

In: nothing. Out: constants, the one place that schedules, freshness policies and `db status` read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Cadence:
    """A schedule and the patience with it."""

    cron: str
    """When it is due, UTC."""
    max_age: timedelta
    """The longest healthy time since the last success: the longest gap of `cron`, and some."""


# The odd minutes are the original's hours where it named them, and otherwise out of everybody's way.
CURRENT = Cadence("0 6 * * 2,3,5", timedelta(days=4, hours=12))
PAST = Cadence("0 7 1 1,4,7,10 *", timedelta(days=94))
REFERENCE = Cadence("23 5 * * 1", timedelta(days=8))
MAINTENANCE = Cadence("41 3 * * *", timedelta(days=2))

BY_ASSET = {
    "series": CURRENT,
    "current_seasons": CURRENT,
    "season_schedules": CURRENT,
    "weather_forecasts": CURRENT,
    "calendar_feeds": CURRENT,
    "season_report": CURRENT,
    "past_seasons": PAST,
    "tracks": REFERENCE,
    "cars": REFERENCE,
    "car_classes": REFERENCE,
    "housekeeping": MAINTENANCE,
}

MAX_AGES = {name: cadence.max_age for name, cadence in BY_ASSET.items()}
"""How old the last success of each asset may be."""

CORE = ("series", "current_seasons", "season_schedules")
"""The assets without which nothing is served: `db status` is not content before each has succeeded once."""

LONGEST_RUN = timedelta(hours=4)
"""Dagster ends a run after so long (dagster.yaml): what still says `running` then was killed."""
