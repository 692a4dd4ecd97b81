"""Every advisory lock of the project: its key, and the two ways of holding one.

In: a connection. Out: locks that the server releases when the holder's transaction ends: also when the
process dies. Locks of a session would not do: behind a pooler it is somebody else's next. Keys only have to
be the same for every process of this project.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import Connection

if TYPE_CHECKING:
    from iracing_pipeline.warehouse.database import Database

_POLL_SECONDS = 0.2


class Lock(enum.IntEnum):
    """Locks on one thing each."""

    UPGRADE = 0x6952_6163_0001
    """Migrations: one process at a time."""
    BACKFILL = 0x6952_6163_0002
    """Schedules of past seasons: one run at a time asks for them."""
    CALENDAR_EVENTS = 0x6952_6163_0007
    """Comparing sessions with what subscribers know."""
    CALENDAR_FILES = 0x6952_6163_0008
    """Writing feeds, or the export: the last process to write has read the newest rows."""


class NamedLock(enum.IntEnum):
    """Families of locks, one per name: `SELECT pg_advisory_lock(hashtextextended(name, family))`."""

    TABLE = 0
    """Rows of a table are merged by one writer at a time, so that change records are exact."""
    TOKEN = 1
    """A refresh token works once: one process at a time renews a token."""
    DAGSTER_SCHEMA = 2
    """One process at a time sets up Dagster's schema."""
    OUTBOX = 3
    """One process at a time posts messages of a kind."""


def lock_for_transaction(connection: Connection, lock: Lock) -> None:
    """Wait for a lock and hold it until the transaction ends."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (int(lock),))


@contextmanager
def held(
    database: Database, lock: Lock | tuple[NamedLock, str], *, while_waiting: Callable[[], None]
) -> Iterator[None]:
    """Hold a lock on a connection of its own. `while_waiting` is called at every look, and may raise."""
    with database.plain_connection() as connection:
        while not _is_taken(connection, lock):
            while_waiting()
            time.sleep(_POLL_SECONDS)
        yield


@contextmanager
def held_if_free(database: Database, lock: tuple[NamedLock, str]) -> Iterator[bool]:
    """Whether the lock was free; it is held until the context ends if so."""
    with database.plain_connection() as connection:
        yield _is_taken(connection, lock)


def _is_taken(connection: psycopg.Connection[Any], lock: Lock | tuple[NamedLock, str]) -> bool:
    """Whether the lock is ours now, in a transaction that goes on if it is."""
    connection.autocommit = False
    if isinstance(lock, Lock):
        found = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (int(lock),))
    else:
        family, name = lock
        found = connection.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", (name, int(family))
        )
    row = found.fetchone()
    is_taken = bool(row and row[0])
    if not is_taken:
        connection.rollback()
    return is_taken
