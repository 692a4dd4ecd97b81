"""What the engine works with: a pool of connections, transactions, and what stops them, in words.

In: a URL or a data directory. Out: Database, whose `dry_run` is a transaction that is always rolled back.
No tables, no rows: see schema, merge, responses, ledger.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors
from psycopg.pq import ConnStatus
from sqlalchemy import Connection, Engine, create_engine, event, exc

from iracing_pipeline.core.errors import message_of
from iracing_pipeline.warehouse.connecting import connect
from iracing_pipeline.warehouse.contention import again
from iracing_pipeline.warehouse.door import (
    DatabaseError,
    Door,
    NotAllowedError,
    describe,
    plain,
    unusable_url,
)
from iracing_pipeline.warehouse.lock_waits import LockHeld, watched

T = TypeVar("T")

# Who has waited for a lock in vain does not wait as long for the next one.
_PATIENCE_AFTERWARDS_SECONDS = 1
_GIVEN_UP_FOR_SECONDS = 300
RESTS_UNASKED_SECONDS = 1.0
"""For so long a connection is taken to live on."""


_NOT_ALLOWED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


def _note_that_it_rests(_: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _see_that_it_lives(connection: Any, record: Any, _: Any) -> None:
    """Before a connection serves again that has rested: the server, or somebody between, may have closed it.

    SQLAlchemy's own pre-ping asks at every use, which in a sync is a quarter of its statements.
    """
    if time.monotonic() - record.info.get("rests_since", math.inf) < RESTS_UNASKED_SECONDS:
        return
    try:
        # Outside of any transaction, whatever the connection is set to.
        connection.pgconn.exec_(b"")
        is_alive = connection.pgconn.status == ConnStatus.OK
    except psycopg.Error:
        is_alive = False
    if not is_alive:
        raise exc.DisconnectionError  # the pool opens another


class Database(Door):
    """One process's use of the data's database. Nothing is opened before the first `begin`."""

    _gave_up_at = float("-inf")

    @cached_property
    def engine(self) -> Engine:
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._open,
            pool_size=2,
            max_overflow=8,
            pool_recycle=1800,
            # Saves a query per process: nothing here is an hstore.
            use_native_hstore=False,
            # A parameter may be a landed body or a token: neither belongs into an exception's text.
            hide_parameters=True,
        )
        event.listen(engine, "checkin", _note_that_it_rests)
        event.listen(engine, "checkout", _see_that_it_lives)
        return engine

    def _open(self) -> psycopg.Connection[Any]:
        connection = self._connected()
        connection.autocommit = False
        return connection

    @contextmanager
    def begin(self, *, upgrade: bool = True) -> Iterator[Connection]:
        """A transaction: commits at the end, rolls back on an exception.

        Brings the schema up to date first, unless told not to. Raises DatabaseError when the
        database cannot be used.
        """
        if upgrade:
            self.ensure_current()
        with self._connect() as connection, connection.begin():
            yield connection

    def transact(self, work: Callable[[Connection], T], *, is_dry: bool = False) -> T:
        """What the work returns, which is one transaction: done again where others get in its way.

        In a dry run it is always rolled back.
        """

        def once() -> T:
            with self.dry_run() if is_dry else self.begin() as connection:
                return work(connection)

        return again(once)

    @contextmanager
    def dry_run(self) -> Iterator[Connection]:
        """A transaction that is always rolled back: everything is tried, nothing stays."""
        self.ensure_current()
        with self._connect() as connection:
            transaction = connection.begin()
            try:
                # Parents that an earlier dry run merged are not there: the check would come at
                # the commit, which never comes.
                connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
                yield connection
            finally:
                transaction.rollback()

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection whose every statement commits by itself, for single ledger entries."""
        self.ensure_current()
        with self._connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        has_given_up = time.monotonic() - self._gave_up_at < _GIVEN_UP_FOR_SECONDS
        patience = _PATIENCE_AFTERWARDS_SECONDS if has_given_up else self.lock_timeout
        if patience != self._patience:
            self._patience = patience
            self.dispose()
        try:
            connection = self.engine.connect()
        except (exc.DBAPIError, psycopg.Error) as error:
            raise self.refused(error) from None
        except (exc.ArgumentError, ValueError, TypeError):
            raise unusable_url() from None
        with connection, self._watched(connection.connection.driver_connection):
            try:
                yield connection
            except exc.DBAPIError as error:
                if isinstance(error.orig, _NOT_ALLOWED):
                    raise self._not_allowed(error.orig) from None
                raise

    @contextmanager
    def _watched(self, connection: Any) -> Iterator[None]:
        try:
            with watched(connection, lambda: connect(plain(self.url)), self.tell, self._patience):
                yield
        except LockHeld:
            # Whatever is asked next would wait as long, for the same session.
            self._gave_up_at = time.monotonic()
            raise

    def _not_allowed(self, error: BaseException) -> DatabaseError:
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return DatabaseError(message_of(error))
        return NotAllowedError(str(error).strip().splitlines()[0], describe(self.url))

    @contextmanager
    def _driver_connection(self) -> Iterator[psycopg.Connection[Any]]:
        """One of the pool's, which whoever begins next then finds open."""
        with self._connect() as connection:
            yield cast("psycopg.Connection[Any]", connection.connection.driver_connection)

    def upgrade(self, work: Callable[[Connection], object]) -> None:
        """Do what brings the schema up to date, from its beginning where others get in its way."""

        def once() -> None:
            with self._connect() as connection:
                work(connection)

        again(once)

    def dispose(self) -> None:
        """Close the pool."""
        engine = self.__dict__.pop("engine", None)
        if engine is not None:
            engine.dispose()
