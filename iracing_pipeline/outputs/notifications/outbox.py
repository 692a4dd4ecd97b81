"""Messages to the webhook, from entered to acknowledged. Each statement commits by itself.

In: bodies, and how posting them went. Out: rows of `announcements`. Nothing is posted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection


@dataclass(frozen=True)
class Message:
    """One that the webhook has not acknowledged yet."""

    announcement_id: int
    kind: str
    idempotency_key: str
    body: dict[str, Any]
    not_before: datetime | None
    """Until when the webhook asked to be left alone, if that is still to come."""
    problem: str | None
    """Why the last attempt was not acknowledged."""


def enter(
    connection: Connection,
    *,
    kind: str,
    idempotency_key: str,
    body: Mapping[str, Any],
    change_ids: Sequence[int] = (),
) -> bool:
    """Enter a message and the changes it tells of; False where its key has been entered before."""
    entered = connection.exec_driver_sql(
        """
        WITH message AS (
            INSERT INTO iracing.announcements (kind, idempotency_key, body, created_at)
            VALUES (%(kind)s, %(key)s, %(body)s, clock_timestamp())
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING announcement_id
        ), told AS (
            INSERT INTO iracing.announced_changes (change_id, announcement_id)
            SELECT told_of, announcement_id
            FROM message, unnest(%(change_ids)s::bigint[]) AS told_of
        )
        SELECT count(*) FROM message
        """,
        {
            "kind": kind,
            "key": idempotency_key,
            "body": Jsonb(dict(body)),
            "change_ids": list(change_ids),
        },
    ).scalar_one()
    return bool(entered)


def first_waiting(connection: Connection, kinds: Sequence[str]) -> Message | None:
    """The oldest message of these kinds that is not acknowledged."""
    row = connection.exec_driver_sql(
        """
        SELECT announcement_id, kind, idempotency_key, body,
               CASE WHEN not_before > clock_timestamp() THEN not_before END, problem
        FROM iracing.announcements
        WHERE acknowledged_at IS NULL AND kind = ANY (%s)
        ORDER BY announcement_id LIMIT 1
        """,
        (list(kinds),),
    ).one_or_none()
    return None if row is None else Message(*row)


def count_waiting(connection: Connection, kinds: Sequence[str]) -> int:
    """How many messages of these kinds are not acknowledged."""
    return int(
        connection.exec_driver_sql(
            """
            SELECT count(*) FROM iracing.announcements
            WHERE acknowledged_at IS NULL AND kind = ANY (%s)
            """,
            (list(kinds),),
        ).scalar_one()
    )


def note_attempt(
    connection: Connection,
    announcement_id: int,
    *,
    problem: str | None,
    wait_seconds: float | None = None,
) -> None:
    """Enter how posting went: acknowledged where there is no problem, else what it was.

    `wait_seconds`: for how long the webhook asked to be left alone.
    """
    connection.exec_driver_sql(
        """
        UPDATE iracing.announcements SET
            attempts = attempts + 1, last_attempt_at = clock_timestamp(), problem = %(problem)s,
            not_before = clock_timestamp() + make_interval(secs => %(wait)s::float8),
            acknowledged_at = CASE WHEN %(problem)s::text IS NULL THEN clock_timestamp() END
        WHERE announcement_id = %(id)s
        """,
        {"problem": problem, "wait": wait_seconds, "id": announcement_id},
    )


def is_entered(connection: Connection, idempotency_key: str) -> bool:
    """Whether a message of that key was ever entered."""
    return bool(
        connection.exec_driver_sql(
            "SELECT EXISTS (SELECT FROM iracing.announcements WHERE idempotency_key = %s)",
            (idempotency_key,),
        ).scalar_one()
    )
