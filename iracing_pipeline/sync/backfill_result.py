"""What filling in the schedules of past seasons came to, as the run tells it: plan, numbers, failure.

In: filled by schedule_backfill.py. Out: notes of the run, and a SyncFailed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iracing_pipeline.core.errors import kind_of, message_of
from iracing_pipeline.core.rows import Rejected
from iracing_pipeline.core.seasons import MissingSchedule
from iracing_pipeline.core.wording import reasons_in_words
from iracing_pipeline.model.plan import DetailsPlan
from iracing_pipeline.sync.result import SyncFailed
from iracing_pipeline.sync.run import SyncRun
from iracing_pipeline.warehouse.queries.seasons import disagreements

_NAMED = 30


@dataclass
class BackfillResult:
    """What filling in the schedules of past seasons came to."""

    plan: DetailsPlan
    seasons: int = 0
    """Seasons whose final schedule is stored now."""
    failed: dict[int, str] = field(default_factory=dict)
    """Reason by season_id."""
    rejected: list[Rejected] = field(default_factory=list)
    absent: list[MissingSchedule] = field(default_factory=list)
    """Seasons of which the API says that it has no schedule."""
    stopped_by: Exception | None = None

    def named(self) -> str:
        return reasons_in_words("season", self.failed, _NAMED)


def note_plan(run: SyncRun, plan: DetailsPlan) -> None:
    """For the run's metadata and report."""
    run.recorder.notes["plan"] = plan.in_words()
    run.say(plan.in_words())


def note_backfill(run: SyncRun, found: BackfillResult) -> None:
    """Numbers for the run's metadata."""
    run.recorder.notes |= {
        "past_seasons_missing": found.plan.seasons,
        "past_seasons_filled": found.seasons,
        "past_seasons_failed": len(found.failed),
    }
    if found.plan.seasons and not run.options.dry_run:
        with run.reading() as connection:
            only = disagreements(connection)
        run.recorder.notes |= {
            "weeks_only_in_index": only.only_in_index,
            "weeks_only_in_schedule": only.only_in_schedule,
        }


def backfill_failure(run: SyncRun, found: BackfillResult) -> SyncFailed | None:
    """The failure that names the seasons that failed; what could be written has been."""
    if not (found.failed or found.stopped_by):
        return None
    named = f"\n{found.named()}" if found.failed else ""
    stopped_by = found.stopped_by
    if stopped_by is not None:
        kind = kind_of(stopped_by)
        if kind == "maintenance" and run.info.is_scheduled and not found.failed:
            run.warn(f"{stopped_by} The past seasons still missing are asked for again later.")
            return None
        return SyncFailed(
            f"{message_of(stopped_by)}\nStopped with {found.seasons:,} of {found.plan.seasons:,} "
            f"missing past seasons stored; the next run goes on from there.{named}",
            kind,
        )
    return SyncFailed(
        f"{len(found.failed):,} of {found.plan.seasons:,} past seasons failed; the others "
        f"are stored, and the next run asks for these again.{named}",
        "items",
        {"failed_seasons": {str(key): text for key, text in sorted(found.failed.items())}},
    )
