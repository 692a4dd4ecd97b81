"""Reasons why nothing is started now: no credentials, the API in maintenance, a run under way.

In: the services, Dagster's instance. Out: a SkipReason, or None. Asks the API nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter, SkipReason

from iracing_pipeline.core.cadence import LONGEST_RUN

if TYPE_CHECKING:
    from iracing_pipeline.sync.services import Services

RETRY_AFTER = timedelta(minutes=30)
"""How long an API in maintenance is left alone: two attempts to log in an hour, of twelve allowed."""

_MOST_LOOKED_AT = 50
_UNDER_WAY = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def no_credentials(services: Services) -> SkipReason | None:
    """A run without credentials could only fail."""
    missing = services.settings.credentials.missing()
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return SkipReason(
        f"{', '.join(missing)} {verb} not set: the API cannot be asked. Set the credentials and start "
        "Dagster again."
    )


def not_now(
    services: Services, instance: DagsterInstance, jobs: Sequence[str], asset: str | None = None
) -> SkipReason | None:
    """Whether a sensor has to wait: for credentials, for the API, for runs of these jobs or of the asset."""
    from iracing_pipeline.warehouse.queries.sensors import last_skip

    reason = no_credentials(services)
    if reason is not None:
        return reason
    # One that was killed stands there as if it ran: until Dagster notices, or for ever.
    alive = RunsFilter(statuses=_UNDER_WAY, created_after=datetime.now(timezone.utc) - LONGEST_RUN)
    for run in instance.get_runs(alive, limit=_MOST_LOOKED_AT):
        # A backfill, or somebody's own run, names assets instead of a job.
        named = {key.path[-1] for key in run.asset_selection or ()}
        if run.job_name in jobs or asset in named:
            return SkipReason(f"A run of {asset if asset in named else run.job_name} is under way.")
    with services.database.autocommit() as connection:
        skipped = last_skip(connection)
    if skipped is not None and services.now() - skipped.started_at < RETRY_AFTER:
        return SkipReason(
            f"The API was in maintenance at {skipped.started_at:%H:%M} UTC; it is left alone until "
            f"{skipped.started_at + RETRY_AFTER:%H:%M}."
        )
    return None
