"""What of the pipeline's own records may go, and the statements that remove it, a few rows at a time.

In: a connection in autocommit, the moment, how long what is kept. Out: how many rows went. No data table is
touched, and no landed response: `responses` holds one row per endpoint and parameters, so every row of it is
the last body of its key. `db rebuild` reads them, seasons that are over are fetched once in a lifetime, and
their number is that of the keys, not of the fetches: there is nothing there that may expire. Nor do tokens:
one row per login, overwritten in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from iracing_pipeline.core.cadence import LONGEST_RUN
from iracing_pipeline.warehouse.queries.health import WINDOW
from iracing_pipeline.warehouse.schema import PRIVATE_SCHEMA, SCHEMA

BATCH = 5_000
"""Rows per transaction: nobody waits for a lock for longer than these take."""
DID_NOT_END = "It did not end: its process was killed."
_DAGSTER_SCHEMA = "dagster"
_LONGEST_RUN_HOURS = LONGEST_RUN // timedelta(hours=1)


class RetentionError(ValueError):
    """A retention that would remove what is still read."""

    kind = "misuse"


@dataclass(frozen=True)
class Retention:
    """Days that each kind of row is kept; None keeps it for ever."""

    api_calls_days: int | None = 90
    sync_runs_days: int | None = 400
    quarantine_days: int | None = 90
    drift_days: int | None = 90
    changes_days: int | None = None
    running_hours: int = 24
    """After so long an attempt that still says `running` is entered as failed."""

    def check(self) -> None:
        """Raises RetentionError, naming every setting that is out of its range."""
        window = WINDOW.days
        least = {
            # `db status` looks back so far.
            "api_calls_days": window,
            "sync_runs_days": window,
            "quarantine_days": 0,
            "drift_days": 0,
            "changes_days": window,
        }
        problems = [
            f"{name} is {days}: {least[name]} or more, or none to keep them for ever."
            for name in least
            if (days := getattr(self, name)) is not None and days < least[name]
        ]
        if self.running_hours <= _LONGEST_RUN_HOURS:
            problems.append(
                f"running_hours is {self.running_hours}: more than {_LONGEST_RUN_HOURS}, "
                "which a run may take."
            )
        if problems:
            raise RetentionError(" ".join(problems))


@dataclass(frozen=True)
class _Rule:
    """Rows of a table that may go: those before a moment of which a condition holds."""

    table: str
    key: str
    days: int | None
    condition: str
    given: str = ""
    """What the condition refers to, as WITH."""


# An attempt that wrote is still read: by `db status` if it is the last success about everything, by `db
# rebuild` if it is the proof that a landed response has been merged. A later success of the same asset about
# the same series, or more, proves as much. There are few lists of series: the last success of each will do,
# and only those of the same asset are compared, which costs as much as they are long.
_LAST_SUCCESSES = """
    WITH last AS MATERIALIZED (
        SELECT DISTINCT ON (asset, series_ids) asset, series_ids, started_at, finished_at, sync_run_id
        FROM iracing.sync_runs
        WHERE status IN ('success', 'partial') AND finished_at IS NOT NULL
        ORDER BY asset, series_ids, started_at DESC, sync_run_id DESC
    )
"""
_SUPERSEDED = """
    EXISTS (
        SELECT FROM last n
        WHERE n.asset = x.asset AND n.started_at >= x.started_at
          AND (n.finished_at, n.sync_run_id) > (x.finished_at, x.sync_run_id)
          AND CASE WHEN n.series_ids IS NULL OR n.asset <> x.asset THEN true
                   ELSE n.series_ids @> x.series_ids END)
"""


def _rules(keep: Retention) -> tuple[_Rule, ...]:
    return (
        _Rule("api_calls", "call_id", keep.api_calls_days, "x.at < %(before)s"),
        _Rule(
            "sync_runs",
            "sync_run_id",
            keep.sync_runs_days,
            "x.started_at < %(before)s AND x.status <> 'running' "
            f"AND (x.status IN ('failure', 'skipped') OR {_SUPERSEDED})",
            _LAST_SUCCESSES,
        ),
        _Rule("quarantine", "quarantine_id", keep.quarantine_days, "x.resolved_at < %(before)s"),
        _Rule("drift", "drift_id", keep.drift_days, "x.resolved_at < %(before)s"),
        _Rule("changes", "change_id", keep.changes_days, "x.changed_at < %(before)s"),
    )


def remove_expired(
    connection: Connection,
    keep: Retention,
    now: datetime,
    *,
    dry_run: bool = False,
    batch: int = BATCH,
    between: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Remove what is older than it is kept; returns rows removed (or to be removed) by table.

    In batches, each a transaction of its own on a connection in autocommit; `between` is called after
    each, and may raise. Doing it twice removes nothing the second time.
    """
    removed = {}
    for rule in _rules(keep):
        removed[rule.table] = 0
        if rule.days is None:
            continue
        parameters = {"before": now - timedelta(days=rule.days), "batch": batch}
        if dry_run:
            removed[rule.table] = connection.exec_driver_sql(
                f"{rule.given} SELECT count(*) FROM {SCHEMA}.{rule.table} x WHERE {rule.condition}",  # noqa: S608
                parameters,
            ).scalar_one()
            continue
        rest = rule.given.rstrip() + "," if rule.given else "WITH"
        after = 0
        while True:
            # The condition once more, on the row as it is when its turn comes. And from where the last batch
            # ended: what it removed still stands in the index, and would be passed over each time.
            found, after = connection.exec_driver_sql(
                f"""
                {rest} gone AS (
                    DELETE FROM {SCHEMA}.{rule.table} x WHERE {rule.key} = ANY (ARRAY(
                        SELECT {rule.key} FROM {SCHEMA}.{rule.table} x
                        WHERE {rule.key} > %(after)s AND {rule.condition}
                        ORDER BY {rule.key} LIMIT %(batch)s))
                    AND ({rule.condition}) RETURNING {rule.key} AS key)
                SELECT count(*), max(key) FROM gone
                """,  # noqa: S608 - composed of constants
                {**parameters, "after": after},
            ).one()
            removed[rule.table] += found
            between()
            if not found:
                break
    return removed


def end_killed_runs(
    connection: Connection, keep: Retention, now: datetime, *, dry_run: bool = False
) -> int:
    """Enter as failed what has said `running` for so long that its process must be gone; returns how many.

    Harmless should it not be: an attempt that ends enters its outcome whatever its row says.
    """
    parameters = {"before": now - timedelta(hours=keep.running_hours), "message": DID_NOT_END}
    if dry_run:
        return int(
            connection.exec_driver_sql(
                """
                SELECT count(*) FROM iracing.sync_runs
                WHERE status = 'running' AND started_at < %(before)s
                """,
                parameters,
            ).scalar_one()
        )
    # It has no end: nobody knows when it was. Without counts it would look like a partition that failed.
    return connection.exec_driver_sql(
        """
        UPDATE iracing.sync_runs
        SET status = 'failure', message = %(message)s, inserted = coalesce(inserted, 0)
        WHERE status = 'running' AND started_at < %(before)s
        """,
        parameters,
    ).rowcount


@dataclass(frozen=True)
class Sizes:
    """What the database takes up, in bytes, and how many answers have landed."""

    database: int
    tables: dict[str, int]
    """The biggest tables with their indexes, biggest first; Dagster's own among them."""
    landed_answers: int
    landed_bytes: int


def sizes(connection: Connection, most: int = 8) -> Sizes:
    """Measured now."""
    execute = connection.exec_driver_sql
    tables = execute(
        """
        SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (%s)
        ORDER BY 2 DESC, 1 LIMIT %s
        """,
        ([SCHEMA, PRIVATE_SCHEMA, _DAGSTER_SCHEMA], most),
    ).all()
    whole = execute(
        """
        SELECT pg_database_size(current_database()), (SELECT count(*) FROM iracing.responses),
               pg_total_relation_size('iracing.responses')
        """
    ).one()
    return Sizes(whole[0], {row[0]: row[1] for row in tables}, whole[1], whole[2])
