"""How runs ended → messages about failures in a row, and about recovery.

In: Dagster's instance. Out: ends of runs and messages, entered and posted; in words what was done.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, timezone

from dagster import DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter
from sqlalchemy import Connection

from iracing_pipeline.automation.run_outcomes import ADHOC_JOB, ended_at, ends_of, updated_at
from iracing_pipeline.outputs.notifications.alert_wording import failure_message, recovery_message
from iracing_pipeline.outputs.notifications.announcing import BUSY
from iracing_pipeline.outputs.notifications.delivery import Delivered, deliver
from iracing_pipeline.outputs.notifications.outbox import count_waiting, enter, is_entered
from iracing_pipeline.outputs.notifications.run_history import (
    RunEnd,
    Streak,
    enter_ends,
    known_runs,
    note_seen,
    seen_until,
    streak_before,
    watch_from,
)
from iracing_pipeline.outputs.notifications.webhook import Webhook
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.locks import NamedLock, held_if_free

FAILURES_IN_A_ROW = 2
KINDS = ("run_failure", "run_recovered")
MOST_RUNS = 100
# Runs are looked up by when their record was written, by the clock of whoever wrote it.
_OVERLAP = timedelta(minutes=10)
_MOST_LISTED = 2000
_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]


def watch(
    services: Services,
    url: str,
    instance: DagsterInstance,
    jobs: Collection[str] | None = None,
    location: str | None = None,
) -> str:
    """Enter and post; what was done, in words. `jobs`, `location`: ours; None where that is unknown."""
    with (
        services.database.autocommit() as connection,
        held_if_free(services.database, (NamedLock.OUTBOX, "runs")) as is_alone,
    ):
        if not is_alone:
            return BUSY
        new, until = _new_ends(connection, instance, jobs, location)
        for record in new:
            enter_run(services, instance, record)
        # Only now: a run is looked for until it is entered.
        note_seen(connection, until)
        with Webhook(url) as webhook:
            done = deliver(connection, webhook, KINDS)
        return _in_words(len(new), done, count_waiting(connection, KINDS))


def _new_ends(
    connection: Connection,
    instance: DagsterInstance,
    jobs: Collection[str] | None,
    location: str | None,
) -> tuple[list[RunRecord], datetime]:
    """Our runs that ended since the webhook was set and are not entered yet, in the order they ended.

    And up to when all of them are entered once these are.
    """
    now = datetime.now(timezone.utc)
    since = watch_from(connection, now)
    records = instance.get_run_records(
        RunsFilter(statuses=_ENDED, updated_after=(seen_until(connection) or since) - _OVERLAP),
        limit=_MOST_LISTED,
        order_by="update_timestamp",
        ascending=True,
    )
    known = known_runs(connection, [record.dagster_run.run_id for record in records])
    new = [
        record
        for record in records
        if record.dagster_run.run_id not in known
        and ended_at(record) >= since
        and _is_ours(record, jobs, location)
    ]
    until = updated_at(records[-1]) if len(records) == _MOST_LISTED else now
    if len(new) > MOST_RUNS:
        until = updated_at(new[MOST_RUNS])
    return sorted(new[:MOST_RUNS], key=ended_at), until


def _is_ours(record: RunRecord, jobs: Collection[str] | None, location: str | None) -> bool:
    run = record.dagster_run
    origin = run.remote_job_origin
    if origin is not None and location is not None:
        return bool(origin.location_name == location)
    return jobs is None or run.job_name in jobs or run.job_name.startswith(ADHOC_JOB)


def enter_run(services: Services, instance: DagsterInstance, record: RunRecord) -> None:
    """Enter how a run ended with the messages that makes, in one transaction."""

    def work(connection: Connection) -> None:
        def failed_before(subject: str) -> Collection[str]:
            end = RunEnd(subject, record.dagster_run.run_id, ended_at(record), "neutral")
            streak = streak_before(connection, end)
            return streak.failed_assets if streak else ()

        ends = ends_of(instance, record, failed_before)
        for end in ends:
            streak = streak_before(connection, end)
            if end.outcome == "failure" and streak and streak.failures + 1 >= FAILURES_IN_A_ROW:
                # The key is that of the streak: its third failure finds it taken.
                enter(
                    connection,
                    kind="run_failure",
                    idempotency_key=_key("run_failure", end, streak),
                    body=failure_message(end, streak, _secrets(services.settings)),
                )
            elif end.outcome == "success" and streak and _was_told(connection, end, streak):
                enter(
                    connection,
                    kind="run_recovered",
                    idempotency_key=_key("run_recovered", end, streak),
                    body=recovery_message(end, streak),
                )
        enter_ends(connection, ends)

    services.database.transact(work)


def _key(kind: str, end: RunEnd, streak: Streak) -> str:
    return f"{kind} {end.subject} {streak.first_run_id}"


def _was_told(connection: Connection, end: RunEnd, streak: Streak) -> bool:
    return is_entered(connection, _key("run_failure", end, streak))


def _secrets(settings: Settings) -> list[str]:
    """What no message may hold, although nothing that fails should have said it."""
    credentials = settings.credentials
    return [
        secret
        for secret in (
            credentials.client_secret,
            credentials.password,
            credentials.access_token,
            credentials.refresh_token,
            settings.webhook_url,
            settings.database_url,
            settings.dagster_postgres_url,
        )
        if secret
    ]


def _in_words(seen: int, done: Delivered, waiting: int) -> str:
    text = f"{seen or 'No'} {'run has' if seen == 1 else 'runs have'} ended since the last look"
    if done.messages or waiting:
        messages = f"{done.messages} {'message' if done.messages == 1 else 'messages'}"
        text += f"; {messages} posted, {waiting} left"
    return f"{text}." if done.problem is None else f"{text}. {done.problem}"
