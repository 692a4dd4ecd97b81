"""Tokens shared by every process of an installation, as opaque text in one private row each.

In: text that api/tokens.py has encrypted. Out: the same. What is inside is none of our business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.locks import NamedLock


class PostgresTokenSlot:
    """One key's text while its lock is held. Writes are visible to others at once."""

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self._connection = connection
        self._name = name

    def read(self) -> str | None:
        row = self._connection.execute(
            "SELECT value FROM iracing_private.oauth_tokens WHERE name = %s", (self._name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def write(self, text: str) -> None:
        # Committed by itself: a single-use refresh token has to survive whatever happens next.
        self._connection.execute(
            """
            INSERT INTO iracing_private.oauth_tokens (name, value, updated_at)
            VALUES (%s, %s, now())
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()
            """,
            (self._name, text),
        )


class PostgresTokenStore:
    """The store of api/tokens.py (by shape, not by import) over the data's database.

    On connections of its own, outside the pool: who waits for a token must not keep the one who
    fetches it from writing it down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, key: str) -> str | None:
        """The text stored under a key, or None."""
        self._database.ensure_current()
        with self._database.plain_connection() as connection:
            return PostgresTokenSlot(connection, key).read()

    @contextmanager
    def locked(self, key: str, timeout: float | None = None) -> Iterator[PostgresTokenSlot]:
        """Hold the key's lock against every process of every machine that uses this database.

        The server releases it when the holder's connection ends, however that comes about. Raises
        TimeoutError when it cannot be had within `timeout` seconds: whoever holds it may be frozen.
        """
        self._database.ensure_current()
        with self._database.plain_connection() as connection:
            if timeout is not None:
                milliseconds = max(1, int(timeout * 1000))
                connection.execute(f"SET lock_timeout = {milliseconds}")
            try:
                connection.execute(
                    "SELECT pg_advisory_lock(hashtextextended(%s, %s))",
                    (f"token {key}", int(NamedLock.TOKEN)),
                )
            except errors.LockNotAvailable:
                raise TimeoutError("another process holds the token's lock") from None
            yield PostgresTokenSlot(connection, key)
