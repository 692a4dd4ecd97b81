"""What filling in the schedules of past seasons came to, as metadata and as a failure.

In: filled in by history.py and season_writer.py. Out: notes and a Failure that names the seasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dagster import Failure, MetadataValue

from iracing_pipeline.assets.asset_run import AssetRun
from iracing_pipeline.assets.failures import as_failure, kind_of

if TYPE_CHECKING:
    from iracing_pipeline.api.types.parsing import Reject
    from iracing_pipeline.model.plan import DetailsPlan, Wanted


class TooManyFailures(Exception):
    """One season after the other failed: something else is wrong than the seasons."""

    kind = "transient"


@dataclass
class Filled:
    """What filling in the schedules of past seasons came to."""

    plan: DetailsPlan
    seasons: int = 0
    """Seasons whose final schedule is stored now."""
    failed: dict[int, str] = field(default_factory=dict)
    """Reason by season_id."""
    kinds: set[str | None] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)
    absent: list[Wanted] = field(default_factory=list)
    """Seasons of which the API says that it has no schedule."""
    stopped_by: Exception | None = None

    def named(self, most: int = 30) -> str:
        lines = [f"season {key}: {text}" for key, text in sorted(self.failed.items())]
        more = len(lines) - most
        return "\n".join(lines[:most] + ([f"and {more} more"] if more > 0 else []))


def note_filled(run: AssetRun, filled: Filled) -> None:
    from iracing_pipeline.warehouse.queries.seasons import disagreements

    run.notes |= {
        "past_seasons_missing": filled.plan.seasons,
        "past_seasons_filled": filled.seasons,
        "past_seasons_failed": len(filled.failed),
    }
    if filled.plan.seasons and not run.options.dry_run:
        with run.pipeline.database.autocommit() as connection:
            found = disagreements(connection)
        run.notes |= {
            "weeks_only_in_index": found.only_in_index,
            "weeks_only_in_schedule": found.only_in_schedule,
        }


def failure_of(run: AssetRun, filled: Filled | None) -> Failure | None:
    """The failure that names the seasons that failed; what could be written has been."""
    if filled is None or not (filled.failed or filled.stopped_by):
        return None
    named = f"\n{filled.named()}" if filled.failed else ""
    if kind_of(filled.stopped_by) == "maintenance" and run.is_scheduled and not filled.failed:
        run.warn(f"{filled.stopped_by} The past seasons still missing are asked for again later.")
        return None
    if filled.stopped_by is not None:
        failure = as_failure(filled.stopped_by, retries_steps=run.pipeline.retries_steps)
        failure.description = (
            f"{failure.description}\nStopped with {filled.seasons:,} of {filled.plan.seasons:,} missing "
            f"past seasons stored; the next run goes on from there.{named}"
        )
        return failure
    return Failure(
        description=f"{len(filled.failed):,} of {filled.plan.seasons:,} past seasons failed; the others "
        f"are stored, and the next run asks for these again.{named}",
        metadata={
            "kind": "items",
            "failed_seasons": MetadataValue.json(
                {str(key): text for key, text in sorted(filled.failed.items())}
            ),
        },
        allow_retries=False,
    )
