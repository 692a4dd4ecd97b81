"""Landed responses: stored per endpoint and parameters, served again until they expire.

In: bodies from which signatures and personal data are cut. Out: rows of `responses`. Knows no endpoint and
parses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.json_text import JsonText, write_json
from iracing_pipeline.core.response import Response

LAND = """
    INSERT INTO iracing.responses AS r
        (endpoint, params, body, sha256, bytes, fetched_at, expires_at, run_id, asset, same_since)
    SELECT endpoint, params, body, sha256, bytes, fetched_at, expires_at, %(run_id)s, %(asset)s,
           fetched_at
    FROM jsonb_to_recordset(%(answers)s::jsonb) AS x (
        endpoint text, params jsonb, body jsonb, sha256 text, bytes int,
        fetched_at timestamptz, expires_at timestamptz)
    ON CONFLICT (endpoint, params) DO UPDATE SET
        body = CASE WHEN r.sha256 = excluded.sha256 THEN r.body ELSE excluded.body END,
        sha256 = excluded.sha256, bytes = excluded.bytes, fetched_at = excluded.fetched_at,
        expires_at = excluded.expires_at, run_id = excluded.run_id, asset = excluded.asset,
        same_since = CASE WHEN r.sha256 = excluded.sha256
                          THEN least(coalesce(r.same_since, r.fetched_at), excluded.fetched_at)
                          ELSE excluded.fetched_at END
    WHERE excluded.fetched_at >= r.fetched_at OR r.fetched_at > now() + interval '5 minutes'
"""
"""Stores answers, replacing older ones of the same endpoint and parameters; parameters `run_id`, `asset`
and `answers`, see `records`. Part of the statement that closes a run's row (ledger.finish_run), so that
an answer is landed exactly when the rows read from it are. A body that is the same is not written
again. A moment that lies ahead was written by a clock that was wrong: it counts for nothing."""


def records(answers: Iterable[Response]) -> Jsonb:
    """The answers as the parameter that LAND takes, in which each body is written out once."""
    parts = [b"["]
    for answer in answers:
        body, sha256 = digest(answer.body)
        about = {
            "endpoint": answer.endpoint,
            "params": dict(answer.params),
            "sha256": sha256,
            "bytes": answer.bytes,
            "fetched_at": answer.fetched_at.isoformat(),
            "expires_at": answer.expires_at.isoformat() if answer.expires_at else None,
        }
        parts += (b"," if len(parts) > 1 else b"", b'{"body":', body, b",", write_json(about)[1:])
    return Jsonb(b"".join((*parts, b"]")), dumps=bytes)


def written_out(answer: Response) -> Response:
    """The same, its body as text: all that is needed of it once it has been read, and a tenth of it."""
    return replace(answer, body=JsonText(write_json(answer.body)))


def digest(body: Any) -> tuple[bytes, str]:
    """A body as it is landed, and its SHA-256: of the sorted text, so another order of keys is the same."""
    text = body if isinstance(body, JsonText) else write_json(body)
    return text, hashlib.sha256(text).hexdigest()


def largest_landed(connection: Connection, endpoint: str) -> int:
    """Bytes of the largest landed response of an endpoint; 0 where there is none."""
    found = connection.exec_driver_sql(
        "SELECT coalesce(max(bytes), 0) FROM iracing.responses WHERE endpoint = %s", (endpoint,)
    ).scalar_one()
    return int(found)


def find_landed(
    connection: Connection,
    endpoint: str,
    params: Mapping[str, str],
    *,
    fetched_after: datetime | None = None,
    now: datetime | None = None,
) -> Response | None:
    """The landed response, or None where there is none (young enough).

    With `fetched_after` and `now`, an answer counts only if it serves for ever, or was fetched after
    the one and has not expired at the other. Without them any age will do.
    """
    row = connection.exec_driver_sql(
        """
        SELECT body, bytes, fetched_at, expires_at FROM iracing.responses
        WHERE endpoint = %s AND params = %s
          AND (%s::timestamptz IS NULL OR expires_at IS NULL
               OR (fetched_at > %s AND expires_at > %s
                   AND fetched_at <= now() + interval '5 minutes'))
        """,
        (endpoint, Jsonb(dict(params)), fetched_after, fetched_after, now),
    ).one_or_none()
    if row is None:
        return None
    return Response(endpoint, dict(params), row[0], row[1], row[2], row[3])
