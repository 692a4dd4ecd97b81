"""What is stored, as facts: rows per table, landed responses, calls, quarantine; and health.py's judgement.

In: a connection. Out: Status. How it is shown is the command line's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.warehouse.queries.health import Health, read_health
from iracing_pipeline.warehouse.queries.seasons import HistoryState, history_state
from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES


@dataclass(frozen=True)
class TableStatus:
    name: str
    rows: int
    retired: int
    changed_at: datetime | None


@dataclass(frozen=True)
class AnswerStatus:
    endpoint: str
    params: str
    fetched_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Status:
    """Everything `db status` shows. Moments are aware UTC."""

    health: Health
    migration: str
    data_origin: str | None
    tables: list[TableStatus]
    answers: list[AnswerStatus]
    calls_made: int
    calls_saved: int
    calls_failed: int
    quarantined: list[tuple[str, str, str]]
    drift: list[tuple[str, str, str, datetime]]
    """Endpoint, what happened to it, field, since when."""
    history: HistoryState

    def as_json(self) -> dict[str, Any]:
        """One flat document: the judgement first. Its keys are a promise, see docs/operations.md."""
        stored = asdict(self)
        judged = stored.pop("health")
        judged.pop("has_run")
        return {"healthy": self.health.is_healthy, "stale": self.health.stale, **judged, **stored}


def read_status(
    connection: Connection,
    *,
    max_ages: Mapping[str, timedelta],
    required: Collection[str],
) -> Status:
    """Read it all in one transaction. What the arguments mean: see `read_health`."""
    execute = connection.exec_driver_sql
    counts = " UNION ALL ".join(
        f"SELECT '{table.name}', count(*) FILTER (WHERE retired_at IS NULL), "  # noqa: S608 - constants
        f"count(retired_at), max(updated_at) FROM {SCHEMA}.{table.name}"
        for table in DATA_TABLES
    )
    answers = execute(
        """
        SELECT endpoint,
               coalesce((SELECT string_agg(key || '=' || value, ' ' ORDER BY key)
                         FROM jsonb_each_text(params)), ''),
               fetched_at, expires_at
        FROM iracing.responses WHERE endpoint <> 'weather_url'  -- one per week
        ORDER BY fetched_at DESC LIMIT 15
        """
    )
    calls = execute(
        """
        SELECT count(*) FILTER (WHERE NOT from_cache), count(*) FILTER (WHERE from_cache),
               count(error)
        FROM iracing.api_calls WHERE at > now() - interval '24 hours'
        """
    ).one()
    quarantined = execute(
        """
        SELECT asset, item_key, reason FROM iracing.quarantine
        WHERE resolved_at IS NULL ORDER BY last_seen_at DESC LIMIT 50
        """
    )
    drift = execute(
        """
        SELECT endpoint, replace(kind, '_', ' '),
               field || CASE found WHEN '' THEN '' ELSE ' (' || found || ')' END, first_seen_at
        FROM iracing.drift WHERE resolved_at IS NULL
        ORDER BY first_seen_at DESC, endpoint, field LIMIT 50
        """
    )
    return Status(
        health=read_health(connection, max_ages=max_ages, required=required),
        migration=str(execute("SELECT version_num FROM iracing.alembic_version").scalar_one()),
        data_origin=execute(
            "SELECT value #>> '{}' FROM iracing.installation WHERE name = 'data_origin'"
        ).scalar_one_or_none(),
        tables=[TableStatus(*row) for row in execute(counts)],
        answers=[AnswerStatus(*row) for row in answers],
        calls_made=calls[0],
        calls_saved=calls[1],
        calls_failed=calls[2],
        quarantined=[(row[0], row[1], row[2]) for row in quarantined],
        drift=[(row[0], row[1], row[2], row[3]) for row in drift],
        history=history_state(connection),
    )
