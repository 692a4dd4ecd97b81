"""Every advisory lock of the project: its key, and the two ways of holding one.

In: a connection. Out: locks that the server releases when the transaction, or the holder's connection,
ends: also when the process dies. Keys only have to be the same for every process of this project.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from iracing_pipeline.warehouse.database import Database

_POLL_SECONDS = 0.5


class Lock(enum.IntEnum):
    """Locks on one thing each."""

    UPGRADE = 0x6952_6163_0001
    """Migrations: one process at a time."""
    BACKFILL = 0x6952_6163_0002
    """Schedules of past seasons: one run at a time asks for them."""
    CALENDAR_EVENTS = 0x6952_6163_0007
    """Comparing sessions with what subscribers know."""
    CALENDAR_FILES = 0x6952_6163_0008
    """Writing feeds: the last process to write has read the newest events."""


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
def held(database: Database, lock: Lock, *, while_waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock on a connection of its own. `while_waiting` is called at every look, and may raise."""
    with database.plain_connection() as connection:
        while True:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (int(lock),)).fetchone()
            if row and row[0]:
                break
            while_waiting()
            time.sleep(_POLL_SECONDS)
        yield


@contextmanager
def held_if_free(database: Database, family: NamedLock, name: str) -> Iterator[bool]:
    """Whether the lock was free; it is held until the context ends if so."""
    with database.plain_connection() as connection:
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, %s))", (name, int(family))
        ).fetchone()
        yield bool(row and row[0])
