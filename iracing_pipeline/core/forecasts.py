"""Forecasts as several layers speak of them: the week, the link to its file, what is stored of it.

In: nothing. Out: WeekKey, ForecastLink, ForecastState. Which forecasts are due is decided in
model/forecast_plan.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

WeekKey = tuple[int, int]
"""season_id, race_week_num."""


@dataclass(frozen=True)
class ForecastLink:
    """Where a list of seasons says that a week's forecast lies; a secret as long as its signature serves."""

    url: str = field(repr=False)
    is_current: bool = True
    """The list of current seasons said so, not the list of a quarter."""

    @property
    def file(self) -> str:
        """The URL without its signature: what stays the same when the link is signed anew."""
        return self.url.partition("?")[0].partition("#")[0]


@dataclass(frozen=True)
class ForecastState:
    """A stored week and its forecast."""

    series_id: int | None
    week_end: datetime | None
    """None where nothing of the week is dated."""
    is_stored: bool
    """Whether some hour of it is."""
    fetched_at: datetime | None = None
    dead_file: str | None = None
    """The file of its link that was gone when it was last asked for."""
    died_at: datetime | None = None
    """When that was."""
