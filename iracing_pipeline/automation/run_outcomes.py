"""How a Dagster run ended, for each job or asset it was about: success, failure, or nothing to be said.

In: a run's record and its events. Out: RunEnd. Neither writes nor posts.
A run that iRacing's maintenance ended says nothing, nor does one that was interrupted or cancelled, or
that materialized nothing of what it was to materialize (skipped, or a dry run).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus

from iracing_pipeline.core.errors import failure_kind
from iracing_pipeline.outputs.notifications.run_history import RunEnd

if TYPE_CHECKING:
    from dagster import EventLogEntry, RunRecord

ADHOC_JOB = "__ASSET_JOB"
"""What Dagster calls the job of a run that was started from assets, and not from a job."""

_EVENTS = {
    DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.RUN_FAILURE,
}


@dataclass(frozen=True)
class Failed:
    """Why a step failed."""

    kind: str
    text: str


@dataclass
class Told:
    """What a run's events tell."""

    planned: set[str] = field(default_factory=set)
    materialized: set[str] = field(default_factory=set)
    failed: dict[str, Failed] = field(default_factory=dict)
    """By asset, or step."""
    run_failure: str | None = None


def ended_at(record: RunRecord) -> datetime:
    """When the run ended."""
    if record.end_time is not None:
        return datetime.fromtimestamp(record.end_time, timezone.utc)
    return updated_at(record)


def updated_at(record: RunRecord) -> datetime:
    """When the run's record was last written."""
    moment = record.update_timestamp
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def ends_of(
    instance: DagsterInstance, record: RunRecord, failed_before: Callable[[str], Collection[str]]
) -> list[RunEnd]:
    """How the run ended for each subject. `failed_before`: what failed when a subject last did."""
    run = record.dagster_run
    told = read_events(instance, run.run_id)
    if run.job_name.startswith(ADHOC_JOB):
        names = (
            told.planned | set(told.failed) | {key.path[-1] for key in run.asset_selection or ()}
        )
        ends = [_of_asset(run, record, told, name) for name in sorted(names)]
        if ends:
            return ends
    subject = f"job {run.job_name}"
    return [_of_job(run, record, told, subject, failed_before(subject))]


def read_events(instance: DagsterInstance, run_id: str) -> Told:
    """What matters of the run's events."""
    told = Told()
    entries: list[EventLogEntry] = list(instance.all_logs(run_id, of_type=_EVENTS))
    for event in [entry.dagster_event for entry in entries if entry.dagster_event]:
        kind = event.event_type
        if kind == DagsterEventType.STEP_FAILURE:
            told.failed[str(event.step_key)] = _failure(event.step_failure_data)
        elif kind == DagsterEventType.RUN_FAILURE:
            told.run_failure = event.message
        elif event.asset_key is not None:
            name = event.asset_key.path[-1]
            planned = kind == DagsterEventType.ASSET_MATERIALIZATION_PLANNED
            (told.planned if planned else told.materialized).add(name)
    return told


def _failure(data: Any) -> Failed:
    user = data.user_failure_data
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    kind = user.metadata["kind"].value if user and "kind" in user.metadata else "bug"
    if user and user.description:
        return Failed(str(kind), user.description)
    return Failed(str(kind), f"Unexpected {error.cls_name}." if error else "It failed.")


def _of_asset(run: DagsterRun, record: RunRecord, told: Told, name: str) -> RunEnd:
    failed = told.failed.get(name)
    outcome = "neutral"
    if failed is not None:
        outcome = "neutral" if not failure_kind(failed.kind).is_alerted else "failure"
    elif name in told.materialized:
        outcome = "success"
    elif run.status == DagsterRunStatus.FAILURE and not told.failed:
        failed, outcome = _broke_off(told), "failure"
    return RunEnd(
        subject=f"asset {name}",
        run_id=run.run_id,
        ended_at=ended_at(record),
        outcome=outcome,
        kind=failed.kind if failed else None,
        failed_assets=[name] if outcome == "failure" else [],
        message=failed.text if failed else None,
    )


def _of_job(
    run: DagsterRun, record: RunRecord, told: Told, subject: str, failed_before: Collection[str]
) -> RunEnd:
    counted = {name: why for name, why in told.failed.items() if failure_kind(why.kind).is_alerted}
    if run.status == DagsterRunStatus.FAILURE and not told.failed:
        counted = {"": _broke_off(told)}
    first = next(iter(counted.values()), None)
    if run.status == DagsterRunStatus.FAILURE and first is not None:
        outcome = "failure"
    elif run.status == DagsterRunStatus.SUCCESS and _is_proof(told, failed_before):
        outcome = "success"
    else:
        outcome = "neutral"
    return RunEnd(
        subject=subject,
        run_id=run.run_id,
        ended_at=ended_at(record),
        outcome=outcome,
        kind=first.kind if first and outcome == "failure" else None,
        failed_assets=sorted(name for name in counted if name) if outcome == "failure" else [],
        message="\n".join(
            f"{name}: {why.text}" if name else why.text for name, why in counted.items()
        )
        if outcome == "failure"
        else None,
    )


def _is_proof(told: Told, failed_before: Collection[str]) -> bool:
    """Whether a run without a failure shows that all is well: what failed before has been made."""
    if told.planned and not told.materialized:
        return False
    return told.materialized.issuperset(told.planned.intersection(failed_before))


def _broke_off(told: Told) -> Failed:
    text = (told.run_failure or "The run ended without a word; its process may have died.").strip()
    return Failed("broke_off", text.splitlines()[0])
