"""Tokens shared by every process of an installation, as opaque text in one private row each.

In: text that api/tokens.py has encrypted. Out: the same. What is inside is none of our business.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.locks import NamedLock, held

READ = "SELECT value FROM iracing_private.oauth_tokens WHERE name = %s"


class PostgresTokenSlot:
    """One key's text while its lock is held. Writes are visible to others at once."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def read(self) -> str | None:
        with self._database.plain_connection() as connection:
            row = connection.execute(READ, (self._name,)).fetchone()
        return None if row is None else str(row[0])

    def write(self, text: str) -> None:
        # Committed by itself: a single-use refresh token has to survive whatever happens next.
        with self._database.plain_connection() as connection:
            connection.execute(
                """
                INSERT INTO iracing_private.oauth_tokens (name, value, updated_at)
                VALUES (%s, %s, now())
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()
                """,
                (self._name, text),
            )


class PostgresTokenStore:
    """The store of api/tokens.py (by shape, not by import) over the data's database.

    Locked on connections of its own, outside the pool: who waits for a token must not keep the one who
    fetches it from writing it down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, key: str) -> str | None:
        """The text stored under a key, or None."""
        with self._database.autocommit() as connection:
            value = connection.exec_driver_sql(READ, (key,)).scalar_one_or_none()
        return None if value is None else str(value)

    @contextmanager
    def locked(self, key: str, timeout: float | None = None) -> Iterator[PostgresTokenSlot]:
        """Hold the key's lock against every process of every machine that uses this database.

        The server releases it when the holder's connection ends, however that comes about. Raises
        TimeoutError when it cannot be had within `timeout` seconds: whoever holds it may be frozen.
        """
        self._database.ensure_current()
        began_at = time.monotonic()

        def while_waiting() -> None:
            if timeout is not None and time.monotonic() - began_at >= timeout:
                raise TimeoutError("another process holds the token's lock")

        lock = (NamedLock.TOKEN, f"token {key}")
        with held(self._database, lock, while_waiting=while_waiting):
            yield PostgresTokenSlot(self._database, key)
