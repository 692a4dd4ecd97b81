"""Locks that somebody else holds: whose they are, told while a connection waits and when it has given up.

In: a connection in use, and one to look from. Out: words, LockHeld. How long a connection waits is a setting
of the connection (lock_timeout, see database.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from sqlalchemy import exc

from iracing_pipeline.warehouse.connecting import APPLICATION_NAME
from iracing_pipeline.warehouse.locks import Lock, NamedLock
from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.schema.tables import ALL_TABLES

if TYPE_CHECKING:
    from iracing_pipeline.warehouse.database import Database

_FIRST_LOOK_SECONDS = 3.0
_LOOK_EVERY_SECONDS = 2.0

# Of several holders the one that has been at it for longest. What another user's session does is not
# shown to everybody: since when is NULL then.
_HOLDER = """
    SELECT w.locktype, w.relation::regclass::text, w.classid::bigint << 32 | w.objid::bigint,
           (SELECT name FROM unnest(%(tables)s::text[]) AS name
            WHERE w.locktype = 'advisory'
              AND hashtextextended(%(schema)s || '.' || name, %(family)s)
                  = (w.classid::bigint << 32 | w.objid::bigint)),
           a.pid, a.usename, a.application_name,
           to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
    FROM pg_locks w
    CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)
    JOIN pg_stat_activity a ON a.pid = b.pid
    WHERE w.pid = %(pid)s AND NOT w.granted
    ORDER BY a.xact_start NULLS LAST LIMIT 1
"""
_PARAMETERS = {
    "tables": [table.name for table in ALL_TABLES],
    "schema": SCHEMA,
    "family": int(NamedLock.TABLE),
}


_ADVISORY_HOLDER = """
    SELECT a.pid, a.usename, a.application_name,
           to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
    FROM pg_locks h JOIN pg_stat_activity a USING (pid)
    WHERE h.locktype = 'advisory' AND h.granted AND h.objsubid = 1
      AND h.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND h.classid::bigint << 32 | h.objid::bigint
          = CASE WHEN %(name)s::text IS NULL THEN %(number)s::bigint
                 ELSE hashtextextended(%(name)s, %(number)s) END
"""


class LockHeld(Exception):
    """Another session holds a lock for longer than this one may wait."""

    kind = "locked"

    def __init__(self, held: str, seconds: float) -> None:
        super().__init__(
            f"{held} The run waited for {seconds:g} s (IRACING_LOCK_TIMEOUT), and its transaction was "
            "rolled back. Have the other session's transaction ended, and run it again."
        )


@contextmanager
def watched(
    connection: Any,
    look_from: Callable[[], psycopg.Connection[Any]],
    tell: Callable[[str], None],
    seconds: float,
) -> Iterator[None]:
    """While the psycopg connection is used: tell after a few seconds for whom it waits.

    Raises LockHeld, which names what is held and by whom, in place of the server's error once it has
    waited `seconds`.
    """
    watch = _Watch(connection.info.backend_pid, look_from, tell, seconds)
    timer = threading.Timer(min(_FIRST_LOOK_SECONDS, seconds / 4), watch.look)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (psycopg.Error, exc.DBAPIError) as error:
        if not isinstance(getattr(error, "orig", None) or error, errors.LockNotAvailable):
            raise
        held = watch.seen or "Something that is needed is held by another session of the database."
        raise LockHeld(held, seconds) from None
    finally:
        timer.cancel()
        watch.is_over.set()


class _Watch:
    """Looks on a thread of its own whether one session waits."""

    def __init__(
        self,
        pid: int,
        look_from: Callable[[], psycopg.Connection[Any]],
        tell: Callable[[str], None],
        seconds: float,
    ) -> None:
        self._pid = pid
        self._look_from = look_from
        self._tell = tell
        self._seconds = seconds
        self.is_over = threading.Event()
        self.seen: str | None = None
        """Whom the session was waiting for at the last look."""

    def look(self) -> None:
        pause = _LOOK_EVERY_SECONDS
        try:
            with self._look_from() as connection:
                while not self.is_over.is_set():
                    row = connection.execute(_HOLDER, {**_PARAMETERS, "pid": self._pid}).fetchone()
                    found = _in_words(*row) if row else None
                    if found and found != self.seen:
                        self._tell(f"{found} Waiting for it.")
                    self.seen = found or self.seen
                    # A transaction may last; a wait that begins later is still seen before its end.
                    pause = _LOOK_EVERY_SECONDS if found else min(2 * pause, self._seconds / 3)
                    self.is_over.wait(pause)
        except psycopg.Error:
            pass  # whoever waits hears of a server that is gone


def _in_words(
    lock_type: str,
    relation: str | None,
    key: int | None,
    table: str | None,
    pid: int,
    user: str | None,
    application: str | None,
    since: str | None,
) -> str:
    if relation is not None:
        what = f"The table {relation}"
    elif table is not None:
        what = f"The writers' lock of the table {SCHEMA}.{table}"
    elif lock_type == "advisory":
        names = {int(lock): lock.name.lower() for lock in Lock}
        what = f"The advisory lock {names.get(key or 0, key)}"
    else:
        what = "A row that another session has changed"
    return f"{what} is held by {_session(pid, user, application, since)}"


def _session(pid: int, user: str | None, application: str | None, since: str | None) -> str:
    name = f"pid {pid}, user {user}, application {application or 'without a name'}"
    return name + (f", since {since} UTC." if since else ".")


class StrangersWait:
    """Called while an advisory lock is waited for that runs of ours may hold for hours.

    Tells of a session that is none of ours; raises LockHeld once it has been waited for as long as any
    other lock.
    """

    def __init__(self, database: Database, lock: Lock | tuple[NamedLock, str]) -> None:
        self._database = database
        named, name = (lock, None) if isinstance(lock, Lock) else lock
        self._what = named.name.lower()
        self._key = {"name": name, "number": int(named)}
        self._began_at = time.monotonic()
        self._looks_at = self._began_at + min(_FIRST_LOOK_SECONDS, database.lock_timeout / 4)
        self._told: str | None = None

    def __call__(self) -> None:
        now = time.monotonic()
        if now < self._looks_at:
            return
        self._looks_at = now + min(_LOOK_EVERY_SECONDS, self._database.lock_timeout / 4)
        with self._database.plain_connection() as connection:
            row = connection.execute(_ADVISORY_HOLDER, self._key).fetchone()
        if row is None or row[2] == APPLICATION_NAME:
            return
        found = f"The advisory lock {self._what} is held by {_session(*row)}"
        if now - self._began_at >= self._database.lock_timeout:
            raise LockHeld(found, self._database.lock_timeout)
        if found != self._told:
            self._told = found
            self._database.tell(f"{found} Waiting for it.")
