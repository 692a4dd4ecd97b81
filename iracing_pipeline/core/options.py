"""The options of a sync as Dagster run config: the same on every asset, the same as the command's flags.

In: the launchpad or the command line. Out: SyncOptions, checked. What they mean is model/selection's.
"""

from datetime import datetime, timezone

from dagster import Config
from pydantic import Field

from iracing_pipeline.model.selection import check_options


class SyncOptions(Config):
    """What to sync, and how."""

    refresh: bool = Field(
        default=False, description="Ask the API even where a landed answer serves."
    )
    dry_run: bool = Field(
        default=False,
        description="Fetch, parse and compare, but write nothing; says what would change.",
    )
    limit: int | None = Field(default=None, description="Only the first N series (N >= 1).")
    series_ids: list[int] = Field(default=[], description="Only these series; empty: all.")
    season_year: int | None = Field(
        default=None, description="Year of one quarter, with season_quarter; sent to the API."
    )
    season_quarter: int | None = Field(
        default=None, description="Quarter 1-4, with season_year; sent to the API."
    )
    sync_past_seasons: bool = Field(
        default=True,
        description="season_schedules: also fetch the schedules of past seasons that are missing.",
    )
    concurrency: int = Field(
        default=4, description="Requests at a time while history is filled in, 1 to 10."
    )
    allow_shrink: bool = Field(
        default=False,
        description="Believe an answer that lacks more than half of what should be in it, and retire that.",
    )
    as_of: str | None = Field(
        default=None,
        description="Answers fetched before this moment (ISO 8601, UTC) are asked for again, but for the "
        "weekly index of all series. Schedules set their tick.",
    )
    verbose: bool = Field(default=False, description="Log every request.")

    def problems(self) -> list[str]:
        """What is wrong with the options, in sentences."""
        problems = check_options(
            limit=self.limit,
            season_year=self.season_year,
            season_quarter=self.season_quarter,
            concurrency=self.concurrency,
        )
        try:
            _ = self.asks_before
        except ValueError:
            problems.append(
                f"as_of must be a moment such as 2026-03-17T06:00:00Z, not {self.as_of!r}."
            )
        return problems

    @property
    def asks_before(self) -> datetime | None:
        """Answers fetched before this moment do not serve. Raises ValueError for what is no moment."""
        if self.as_of is None:
            return None
        # Python 3.10 reads no Z.
        moment = datetime.fromisoformat(self.as_of.strip().replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    @property
    def selects_series(self) -> bool:
        """Whether some series are meant, not all."""
        return bool(self.series_ids) or self.limit is not None

    @property
    def quarter(self) -> tuple[int, int] | None:
        """The one quarter that is meant, None for all."""
        if self.season_year is None or self.season_quarter is None:
            return None
        return self.season_year, self.season_quarter

    @property
    def seasons_params(self) -> dict[str, str]:
        """Parameters of series/seasons."""
        params = {"include_series": "true"}
        if self.season_year is not None and self.season_quarter is not None:
            params |= {
                "season_year": str(self.season_year),
                "season_quarter": str(self.season_quarter),
            }
        return params
