"""What is stored and how fresh, as facts: rows per table, last syncs, landed answers, calls, quarantine.

In: a connection. Out: Status. How it is shown is the command line's business.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.warehouse.history import HistoryState, history_state
from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.tables import DATA_TABLES


@dataclass(frozen=True)
class TableStatus:
    name: str
    rows: int
    retired: int
    changed_at: datetime | None


@dataclass(frozen=True)
class AssetStatus:
    name: str
    status: str
    started_at: datetime
    succeeded_at: datetime | None
    api_calls: int | None
    quarantined: int | None
    message: str | None


@dataclass(frozen=True)
class AnswerStatus:
    endpoint: str
    params: str
    fetched_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Status:
    """Everything `db status` shows. Moments are aware UTC."""

    migration: str
    data_origin: str | None
    tables: list[TableStatus]
    assets: list[AssetStatus]
    answers: list[AnswerStatus]
    calls_made: int
    calls_saved: int
    calls_failed: int
    quarantined: list[tuple[str, str, str]]
    drift: list[tuple[str, str, str, datetime]]
    """Endpoint, what happened to it, field, since when."""
    history: HistoryState

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_status(connection: Connection) -> Status:
    """Read it all in one transaction."""
    execute = connection.exec_driver_sql
    counts = " UNION ALL ".join(
        f"SELECT '{table.name}', count(*) FILTER (WHERE retired_at IS NULL), "  # noqa: S608 - constants
        f"count(retired_at), max(updated_at) FROM {SCHEMA}.{table.name}"
        for table in DATA_TABLES
    )
    assets = execute(
        """
        SELECT DISTINCT ON (asset) asset, status, started_at,
               max(started_at) FILTER (WHERE status IN ('success', 'partial'))
                   OVER (PARTITION BY asset),
               api_calls, quarantined, message
        FROM iracing.sync_runs ORDER BY asset, started_at DESC
        """
    )
    answers = execute(
        """
        SELECT endpoint,
               coalesce((SELECT string_agg(key || '=' || value, ' ' ORDER BY key)
                         FROM jsonb_each_text(params)), ''),
               fetched_at, expires_at
        FROM iracing.responses ORDER BY fetched_at DESC LIMIT 15
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
        migration=str(execute("SELECT version_num FROM iracing.alembic_version").scalar_one()),
        data_origin=execute(
            "SELECT value #>> '{}' FROM iracing.installation WHERE name = 'data_origin'"
        ).scalar_one_or_none(),
        tables=[TableStatus(*row) for row in execute(counts)],
        assets=[AssetStatus(*row) for row in assets],
        answers=[AnswerStatus(*row) for row in answers],
        calls_made=calls[0],
        calls_saved=calls[1],
        calls_failed=calls[2],
        quarantined=[(row[0], row[1], row[2]) for row in quarantined],
        drift=[(row[0], row[1], row[2], row[3]) for row in drift],
        history=history_state(connection),
    )
