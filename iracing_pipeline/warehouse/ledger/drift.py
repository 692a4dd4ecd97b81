"""Table drift, and what is known of the fields of each endpoint: how news is told from what is known.

In: what answers held that nobody foresaw. Out: rows, and which of them are new. Reads no answer itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection


@dataclass(frozen=True)
class Drifted:
    """One way in which the answers of an endpoint are not what the tables foresee; see table drift."""

    endpoint: str
    kind: str
    field: str
    found: str
    occurrences: int


@dataclass(frozen=True)
class KnownFields:
    """What the ledger holds of the fields of an asset's answers."""

    by_endpoint: Mapping[str, Any] = field(default_factory=dict)
    """What `note_drift` was last told."""
    misses_some: bool = False
    """A field of some answer has vanished and is not back."""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> KnownFields:
        """From the value of KNOWN_FIELDS."""
        return cls(
            {name.split(" ", 2)[2]: fields for name, fields in value["fields"].items()},
            value["misses_some"],
        )


KNOWN_FIELDS = """
    SELECT jsonb_build_object(
        'fields', coalesce(jsonb_object_agg(name, value) FILTER (WHERE name IS NOT NULL), '{}'),
        'misses_some', EXISTS (
            SELECT FROM iracing.drift WHERE kind = 'vanished_field' AND resolved_at IS NULL))
    FROM iracing.installation WHERE starts_with(name, 'fields ' || %(asset)s || ' ')
"""
"""An expression; its parameter is `asset`. The facts are named `fields <asset> <endpoint>`."""


def known_fields(connection: Connection, asset: str) -> KnownFields:
    """What the ledger holds of the fields of this asset's answers."""
    return KnownFields.of(connection.exec_driver_sql(KNOWN_FIELDS, {"asset": asset}).scalar_one())


def note_drift(
    connection: Connection,
    *,
    asset: str,
    run_id: str,
    found: Sequence[Drifted],
    fields: Mapping[str, Any],
    complete: Sequence[str],
) -> list[Drifted]:
    """Enter drift, one row each however often it is seen; returns what is news.

    `fields` is remembered by endpoint for `known_fields`. Of the objects named `complete` everything
    is in `found`: a field of theirs that was missing and is not among it is back.
    """
    rows = connection.exec_driver_sql(
        """
        WITH found AS (
            SELECT * FROM jsonb_to_recordset(%(found)s) AS x (
                endpoint text, kind text, field text, found text, occurrences int)
        ), entered AS (
            INSERT INTO iracing.drift
                (endpoint, kind, field, found, occurrences, first_seen_at, last_seen_at, asset, run_id)
            SELECT endpoint, kind, field, found, occurrences, now(), now(), %(asset)s, %(run_id)s
            FROM found
            ON CONFLICT (endpoint, kind, field, found) DO UPDATE SET
                occurrences = excluded.occurrences, last_seen_at = excluded.last_seen_at,
                resolved_at = NULL
        ), noted AS (
            INSERT INTO iracing.installation (name, value, updated_at)
            SELECT 'fields ' || %(asset)s || ' ' || key, value, now() FROM jsonb_each(%(fields)s)
            ON CONFLICT (name) DO UPDATE SET
                value = excluded.value, updated_at = excluded.updated_at
        ), back AS (
            UPDATE iracing.drift d SET resolved_at = now()
            WHERE d.kind = 'vanished_field' AND d.resolved_at IS NULL
              AND d.endpoint || ' ' || split_part(d.field, '.', 1) = ANY (%(complete)s)
              AND NOT EXISTS (
                  SELECT FROM found f
                  WHERE (f.endpoint, f.kind, f.field) = (d.endpoint, d.kind, d.field))
        )
        SELECT f.endpoint, f.kind, f.field, f.found, f.occurrences
        FROM found f LEFT JOIN iracing.drift d USING (endpoint, kind, field, found)
        WHERE d.drift_id IS NULL OR d.resolved_at IS NOT NULL
        ORDER BY 1, 2, 3, 4
        """,
        {
            "found": Jsonb([asdict(item) for item in found]),
            "fields": Jsonb(dict(fields)),
            "asset": asset,
            "run_id": run_id,
            "complete": list(complete),
        },
    )
    return [Drifted(*row) for row in rows]
