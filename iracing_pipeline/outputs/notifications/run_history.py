"""How runs ended, and how many failures in a row that makes.

In: ends of runs. Out: rows of `watched_runs`, streaks. What they make known: automation/run_alerts.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from iracing_pipeline.warehouse.ledger.state import get_state, set_state, set_state_once

_SINCE = "alerts_since"
_SEEN = "alerts_seen_until"


@dataclass(frozen=True)
class RunEnd:
    """How a run ended for one subject: a job, or an asset that was run without one."""

    subject: str
    run_id: str
    ended_at: datetime
    outcome: str
    kind: str | None = None
    failed_assets: Sequence[str] = ()
    message: str | None = None


@dataclass(frozen=True)
class Streak:
    """Failures of a subject in a row, without a success in between."""

    failures: int
    since: datetime
    first_run_id: str
    failed_assets: tuple[str, ...]
    """Of the last failure."""


def watch_from(connection: Connection, now: datetime) -> datetime:
    """Since when runs are watched; from `now` on where nobody has begun yet."""
    return datetime.fromisoformat(set_state_once(connection, _SINCE, now.isoformat()))


def seen_until(connection: Connection) -> datetime | None:
    """Up to which moment all ends of runs are entered."""
    value = get_state(connection, _SEEN)
    return None if value is None else datetime.fromisoformat(value)


def note_seen(connection: Connection, until: datetime) -> None:
    set_state(connection, {_SEEN: until.isoformat()})


def known_runs(connection: Connection, run_ids: Collection[str]) -> set[str]:
    """Those of the runs whose end is entered."""
    return set(
        connection.exec_driver_sql(
            "SELECT DISTINCT run_id FROM iracing.watched_runs WHERE run_id = ANY (%s)",
            (list(run_ids),),
        ).scalars()
    )


def enter_ends(connection: Connection, ends: Sequence[RunEnd]) -> None:
    """Enter all ends of a run, in the transaction that enters what is told of them."""
    for end in ends:
        connection.exec_driver_sql(
            """
            INSERT INTO iracing.watched_runs
                (subject, run_id, ended_at, outcome, kind, failed_assets, message)
            VALUES (%(subject)s, %(run_id)s, %(ended_at)s, %(outcome)s, %(kind)s,
                    %(failed_assets)s::text[], %(message)s)
            ON CONFLICT (subject, run_id) DO NOTHING
            """,
            {**asdict(end), "failed_assets": list(end.failed_assets)},
        )


def streak_before(connection: Connection, end: RunEnd) -> Streak | None:
    """The failures in a row that had been entered when the run ended, itself not counted."""
    rows = connection.exec_driver_sql(
        """
        SELECT ended_at, run_id, failed_assets FROM iracing.watched_runs
        WHERE subject = %(subject)s AND outcome = 'failure'
          AND (ended_at, run_id) < (%(ended_at)s, %(run_id)s)
          AND ended_at > coalesce((
              SELECT max(ended_at) FROM iracing.watched_runs
              WHERE subject = %(subject)s AND outcome = 'success' AND ended_at < %(ended_at)s
          ), '-infinity')
        ORDER BY ended_at, run_id
        """,
        {"subject": end.subject, "ended_at": end.ended_at, "run_id": end.run_id},
    ).all()
    if not rows:
        return None
    return Streak(len(rows), rows[0][0], rows[0][1], tuple(rows[-1][2] or ()))
