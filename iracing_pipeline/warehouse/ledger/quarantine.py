"""Items of responses that could not be read: entered, and settled when they can be read again.

In: rejected items, and which parts of responses were read. Out: rows of `quarantine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.response import ResponseKey, ResponsePart
from iracing_pipeline.core.rows import Rejected


def quarantine(
    connection: Connection,
    *,
    asset: str,
    read: Iterable[ResponsePart],
    rejected: Sequence[Rejected],
    run_id: str,
) -> None:
    """Enter the items that could not be read; items of the parts just read that now could are resolved.

    An item without a source stands in the first of the parts.
    """
    parts = list(read)
    default = ResponseKey(parts[0].endpoint, parts[0].params) if parts else ResponseKey("")
    bad = [
        {
            "endpoint": (item.source or default).endpoint,
            "params": dict((item.source or default).params),
            "item_key": item.item_key,
            "reason": item.reason,
            "payload": item.payload,
        }
        for item in rejected
    ]
    settled = [{**asdict(part), "params": dict(part.params)} for part in parts]
    connection.exec_driver_sql(
        """
        WITH bad AS (
            SELECT DISTINCT ON (endpoint, params, item_key) * FROM jsonb_to_recordset(%s) AS x (
                endpoint text, params jsonb, item_key text, reason text, payload jsonb)
        ), entered AS (
            INSERT INTO iracing.quarantine AS q
                (asset, endpoint, params, item_key, reason, payload,
                 first_seen_at, last_seen_at, run_id)
            SELECT %s, endpoint, params, item_key, reason, payload, now(), now(), %s FROM bad
            ON CONFLICT (asset, endpoint, params, item_key) DO UPDATE SET
                reason = excluded.reason, payload = excluded.payload,
                first_seen_at = CASE WHEN q.resolved_at IS NULL THEN q.first_seen_at
                                     ELSE excluded.first_seen_at END,
                last_seen_at = excluded.last_seen_at, resolved_at = NULL, run_id = excluded.run_id
        )
        UPDATE iracing.quarantine q SET resolved_at = now()
        FROM jsonb_to_recordset(%s) AS a (endpoint text, params jsonb, item_key text)
        WHERE q.asset = %s AND q.endpoint = a.endpoint AND q.params = a.params
          AND (a.item_key IS NULL OR a.item_key = q.item_key
               OR starts_with(q.item_key, a.item_key || ' '))
          AND q.resolved_at IS NULL
          AND NOT EXISTS (
              SELECT FROM bad b
              WHERE (b.endpoint, b.params, b.item_key) = (q.endpoint, q.params, q.item_key))
        """,
        (Jsonb(bad), asset, run_id, Jsonb(settled), asset),
    )
