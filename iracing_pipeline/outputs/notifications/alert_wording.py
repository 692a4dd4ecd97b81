"""Alerts in words: what failed, since when, why, what to do, where to look.

In: the end of a run and the failures before it. Out: the message, as docs/webhooks.md has it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

from iracing_pipeline.core.errors import failure_kind
from iracing_pipeline.core.redact import redact
from iracing_pipeline.outputs.notifications.run_history import RunEnd, Streak

_MOST_REASON = 800
_MOST_LINES = 8


def failure_message(end: RunEnd, streak: Streak, secrets: Collection[str] = ()) -> dict[str, Any]:
    """The message of a failure; `streak` are those before it."""
    count = streak.failures + 1
    kind = end.kind or "bug"
    reason = _first_lines(end.message or "", secrets)
    to_do = failure_kind(kind).advice
    headline = (
        f"{_named(end.subject)} has failed {count} times in a row, since {moment(streak.since)}"
    )
    return {
        "type": "run_failure",
        "version": 1,
        "subject": end.subject,
        "kind": kind,
        "failures_in_a_row": count,
        "failing_since": _iso(streak.since),
        "failed_at": _iso(end.ended_at),
        "failed_assets": list(end.failed_assets),
        "run_id": end.run_id,
        "run_path": _path(end.run_id),
        "reason": reason,
        "what_to_do": to_do,
        "headline": headline,
        "text": f"{headline}.\n{reason}\nWhat to do: {to_do}\nWhere to look: run {end.run_id} in "
        f"Dagster's UI ({_path(end.run_id)}); `iracing-pipeline db status`.",
    }


def recovery_message(end: RunEnd, streak: Streak) -> dict[str, Any]:
    """The message that a failing subject is well again; `streak` are its failures."""
    count = streak.failures
    headline = f"{_named(end.subject)} is well again, after {count} failures in a row"
    return {
        "type": "run_recovered",
        "version": 1,
        "subject": end.subject,
        "failures_in_a_row": count,
        "failing_since": _iso(streak.since),
        "recovered_at": _iso(end.ended_at),
        "run_id": end.run_id,
        "run_path": _path(end.run_id),
        "headline": headline,
        "text": f"{headline}.\nIt failed from {moment(streak.since)} on; since "
        f"{moment(end.ended_at)} it succeeds (run {end.run_id}, {_path(end.run_id)}).",
    }


def moment(at: datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _iso(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat()


def _named(subject: str) -> str:
    return f"{subject[:1].upper()}{subject[1:]}"


def _path(run_id: str) -> str:
    return f"/runs/{run_id}"


def _first_lines(text: str, secrets: Collection[str]) -> str:
    lines = [line.rstrip() for line in text.replace("\x00", "").splitlines() if line.strip()]
    kept = redact("\n".join(lines[:_MOST_LINES]), secrets)
    return kept if len(kept) <= _MOST_REASON else f"{kept[:_MOST_REASON]}…"
