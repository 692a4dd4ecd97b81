"""Landed answers: stored per endpoint and parameters, served again until they expire.

In: bodies without signatures. Out: rows of `responses`. Knows no endpoint and parses nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection


@dataclass(frozen=True)
class Landed:
    """One answer as stored. `expires_at` None serves for ever."""

    endpoint: str
    params: Mapping[str, str]
    body: Any
    bytes: int
    fetched_at: datetime
    expires_at: datetime | None


def digest(body: Any) -> str:
    """SHA-256 of the body, independent of the order of keys; hexadecimal."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def land(connection: Connection, answers: Iterable[Landed], *, run_id: str) -> int:
    """Store answers, replacing older ones of the same endpoint and parameters; returns how many.

    One statement for all of them, inside the caller's transaction, so that an answer is landed
    exactly when the rows read from it are. A body that is the same is not written again.
    """
    rows = list(answers)
    if not rows:
        return 0
    records = [
        {
            "endpoint": row.endpoint,
            "params": dict(row.params),
            "body": row.body,
            "sha256": digest(row.body),
            "bytes": row.bytes,
            "fetched_at": row.fetched_at.isoformat(),
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        }
        for row in rows
    ]
    connection.exec_driver_sql(
        """
        INSERT INTO iracing.responses AS r
            (endpoint, params, body, sha256, bytes, fetched_at, expires_at, run_id)
        SELECT endpoint, params, body, sha256, bytes, fetched_at, expires_at, %s
        FROM jsonb_to_recordset(%s) AS x (
            endpoint text, params jsonb, body jsonb, sha256 text, bytes int,
            fetched_at timestamptz, expires_at timestamptz)
        ON CONFLICT (endpoint, params) DO UPDATE SET
            body = CASE WHEN r.sha256 = excluded.sha256 THEN r.body ELSE excluded.body END,
            sha256 = excluded.sha256, bytes = excluded.bytes, fetched_at = excluded.fetched_at,
            expires_at = excluded.expires_at, run_id = excluded.run_id
        WHERE excluded.fetched_at >= r.fetched_at
        """,
        (run_id, Jsonb(records)),
    )
    return len(rows)


def landed(
    connection: Connection,
    endpoint: str,
    params: Mapping[str, str],
    *,
    fetched_after: datetime | None = None,
    now: datetime | None = None,
) -> Landed | None:
    """The landed answer, or None where there is none (young enough).

    With `fetched_after` and `now`, an answer counts only if it serves for ever, or was fetched after
    the one and has not expired at the other. Without them any age will do.
    """
    row = connection.exec_driver_sql(
        """
        SELECT body, bytes, fetched_at, expires_at FROM iracing.responses
        WHERE endpoint = %s AND params = %s
          AND (%s::timestamptz IS NULL OR expires_at IS NULL
               OR (fetched_at > %s AND expires_at > %s))
        """,
        (endpoint, Jsonb(dict(params)), fetched_after, fetched_after, now),
    ).one_or_none()
    if row is None:
        return None
    return Landed(endpoint, dict(params), row[0], row[1], row[2], row[3])
