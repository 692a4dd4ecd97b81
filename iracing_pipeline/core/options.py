"""The options of a sync: the only list of them, for the launchpad, the command line and the engine.

In: values. Out: SyncOptions, and what is wrong with them in sentences. Which series they select is decided
in model/selection.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any

from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.seasons import YearQuarter

_REFERENCE = ("tracks", "cars", "car_classes")
_SEASON_LISTS = ("current_seasons", "season_schedules", "weather_forecasts")
_OF_SERIES = ("series", "past_seasons", *_SEASON_LISTS)
_ALL = (*_OF_SERIES, *_REFERENCE)


def _option(
    default: Any, description: str, flag: str | None = None, *, of: tuple[str, ...] = _ALL
) -> Any:
    """A field with what the launchpad says of it.

    `flag`: the same for the command line, where it is one. `of`: the assets that it means something to.
    """
    return field(default=default, metadata={"description": description, "flag": flag, "of": of})


@dataclass(frozen=True)
class SyncOptions:
    """What to sync, and how."""

    refresh: bool = _option(
        False,
        "Ask the API even where a landed response serves.",
        "Ask the API even where a landed response serves.",
    )
    dry_run: bool = _option(
        False,
        "Fetch, parse and compare, but write nothing; says what would change.",
        "Fetch and compare, write nothing, say what would change.",
    )
    limit: int | None = _option(
        None, "Only the first N series (N >= 1).", "Only the first N series.", of=_OF_SERIES
    )
    series_ids: tuple[int, ...] = _option(
        (),
        "Only these series; empty: all.",
        "Only this series; may be given several times.",
        of=_OF_SERIES,
    )
    season_year: int | None = _option(
        None,
        "Year of one quarter, with season_quarter; sent to the API.",
        "One quarter's year (with --season-quarter).",
        of=_SEASON_LISTS,
    )
    season_quarter: int | None = _option(
        None,
        "Quarter 1-4, with season_year; sent to the API.",
        "One quarter, 1-4 (with --season-year).",
        of=_SEASON_LISTS,
    )
    sync_past_seasons: bool = _option(
        True,
        "Also fetch the schedules of past seasons that are missing.",
        of=("season_schedules",),
    )
    concurrency: int = _option(
        4,
        "Requests at a time where there are many of them, 1 to 10.",
        "Requests at a time while history is filled in: 4, or 1 to 10.",
        of=("past_seasons", "season_schedules", "weather_forecasts"),
    )
    allow_shrink: bool = _option(
        False,
        "Believe a response that lacks more than half of what should be in it, and retire that.",
        "Believe a response that lacks more than half of what should be in it, and retire that.",
        of=("series", "past_seasons", "current_seasons", "season_schedules", *_REFERENCE),
    )
    as_of: str | None = _option(
        None,
        "Responses fetched before this moment (ISO 8601, UTC) are asked for again, except the weekly "
        "index of all series. Schedules set their tick.",
        of=("series", "current_seasons", "weather_forecasts", *_REFERENCE),
    )
    verbose: bool = _option(False, "Log every request.", "Show every request and the run's log.")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> SyncOptions:
        """From values by name; those that are None stay at their default."""
        given = {name: value for name, value in values.items() if value is not None}
        if "series_ids" in given:
            given["series_ids"] = tuple(given["series_ids"])
        return cls(**given)

    def problems(self) -> list[str]:
        """What is wrong with the options, in sentences; empty where all is well."""
        problems = []
        if self.limit is not None and self.limit < 1:
            problems.append(f"limit must be at least 1, not {self.limit}.")
        if (self.season_year is None) != (self.season_quarter is None):
            problems.append("season_year and season_quarter go together: give both or neither.")
        if self.season_year is not None and not 2008 <= self.season_year < 3000:
            problems.append(f"season_year must be 2008 or later, not {self.season_year}.")
        problems += [
            f"series_ids must be ids of series, which {one} is not."
            for one in self.series_ids
            if whole(one) is None
        ]
        if self.season_quarter is not None and not 1 <= self.season_quarter <= 4:
            problems.append(f"season_quarter must be 1, 2, 3 or 4, not {self.season_quarter}.")
        if not 1 <= self.concurrency <= 10:
            problems.append(f"concurrency must be 1 to 10, not {self.concurrency}.")
        try:
            _ = self.asks_before
        except ValueError:
            problems.append(
                f"as_of must be a moment such as 2026-03-17T06:00:00Z, not {self.as_of!r}."
            )
        return problems

    @property
    def asks_before(self) -> datetime | None:
        """Responses fetched before this moment do not serve. Raises ValueError for what is no moment."""
        if self.as_of is None:
            return None
        # Python 3.10 reads no Z.
        moment = datetime.fromisoformat(self.as_of.strip().replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    @property
    def selects_series(self) -> bool:
        """Whether some series are selected, not all."""
        return bool(self.series_ids) or self.limit is not None

    @property
    def quarter(self) -> YearQuarter | None:
        """The one quarter that is selected; None for all."""
        if self.season_year is None or self.season_quarter is None:
            return None
        return self.season_year, self.season_quarter


def options_of(asset: str) -> tuple[str, ...]:
    """The options that mean something to an asset, by name: what its launchpad offers."""
    return tuple(one.name for one in fields(SyncOptions) if asset in one.metadata["of"])


class OptionsError(ValueError):
    """Options that contradict each other or lie outside their range."""

    kind = "misuse"
