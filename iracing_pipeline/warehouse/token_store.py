"""Tokens shared by every process of an installation, as opaque text in one private row each.

In: text that api/tokens.py has encrypted. Out: the same. What is inside is none of our business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from iracing_pipeline.warehouse.database import Database


class PostgresTokenSlot:
    """One key's text while its lock is held. Writes are visible to others at once."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def read(self) -> str | None:
        with self._database.autocommit() as connection:
            return _read(connection, self._name)

    def write(self, text: str) -> None:
        # Committed by itself: a single-use refresh token has to survive whatever happens next.
        with self._database.autocommit() as connection:
            connection.exec_driver_sql(
                """
                INSERT INTO iracing_private.oauth_tokens (name, value, updated_at)
                VALUES (%s, %s, now())
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()
                """,
                (self._name, text),
            )


class PostgresTokenStore:
    """The store of api/tokens.py (by shape, not by import) over the data's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, key: str) -> str | None:
        """The text stored under a key, or None."""
        with self._database.autocommit() as connection:
            return _read(connection, key)

    @contextmanager
    def locked(self, key: str) -> Iterator[PostgresTokenSlot]:
        """Hold the key's lock against every process of every machine that uses this database.

        The server releases it when the holder dies.
        """
        with self._database.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (f"token {key}",)
            )
            yield PostgresTokenSlot(self._database, key)


def _read(connection: Connection, name: str) -> str | None:
    value = connection.exec_driver_sql(
        "SELECT value FROM iracing_private.oauth_tokens WHERE name = %s", (name,)
    ).scalar_one_or_none()
    return None if value is None else str(value)
