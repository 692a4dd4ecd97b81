"""The default world's bodies, read once, for tests that look for something in them.

In: the moments that the tests speak of, and what the world answers then. Out: the looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from iracing_pipeline.simulator import WorldSource

AUGUST = datetime(2025, 8, 20, 12, tzinfo=timezone.utc)
WEEK_13 = datetime(2025, 9, 10, 12, tzinfo=timezone.utc)
Body = dict[str, Any]


class View:
    """The default world's bodies in August 2025 and in the week 13 that followed, read once."""

    def __init__(self) -> None:
        self.world = WorldSource(now=lambda: AUGUST)

    def ask(self, endpoint: str, now: datetime = AUGUST, **params: Any) -> Any:
        return self.world.answer(endpoint, {k: str(v) for k, v in params.items()}, now)

    @cached_property
    def seasons(self) -> list[Body]:
        return list(self.ask("series/seasons"))

    @cached_property
    def week_13(self) -> list[Body]:
        return list(self.ask("series/seasons", WEEK_13))

    @cached_property
    def past(self) -> list[Body]:
        return list(self.ask("series/seasons", season_year=2023, season_quarter=4))

    @cached_property
    def everything(self) -> list[Body]:
        return [*self.seasons, *self.week_13, *self.past]

    @cached_property
    def index(self) -> list[Body]:
        return list(self.ask("series/stats_series"))

    @property
    def weeks(self) -> Iterator[Body]:
        for season in self.everything:
            yield from season["schedules"]

    @property
    def descriptors(self) -> Iterator[Body]:
        return (week["race_time_descriptors"][0] for week in self.weeks)

    @property
    def restrictions(self) -> Iterator[Body]:
        return (row for week in self.weeks for row in week["car_restrictions"])

    def schedules(self, trait: str) -> Iterator[Body]:
        """Weeks of season_schedule of the past seasons of the series with a trait."""
        for season in self.world.seasons(AUGUST):
            if season.series.has(trait) and season.has_ended(AUGUST):
                body = self.ask("series/season_schedule", season_id=season.season_id)
                yield from body["schedules"]

    def weather(self, part: str) -> Iterator[Body]:
        return (week["weather"][part] for week in self.weeks if part in week["weather"])
