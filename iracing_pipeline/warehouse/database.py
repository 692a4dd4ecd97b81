"""The door to Postgres: which database, a pooled engine, the schema brought up to date, errors in words.

In: a URL or a data directory. Out: Database, whose `dry_run` is a transaction that is always rolled back.
No tables, no rows: see schema, merge, responses, ledger.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import psycopg
from psycopg import errors
from psycopg.pq import ConnStatus
from sqlalchemy import Connection, Engine, create_engine, event, exc

from iracing_pipeline.core.errors import message_of
from iracing_pipeline.warehouse.connecting import connect
from iracing_pipeline.warehouse.contention import again
from iracing_pipeline.warehouse.lock_waits import LockHeld, watched
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.schema.base import SCHEMA

logger = logging.getLogger(__name__)
T = TypeVar("T")

OLDEST_POSTGRES = 140000
DEFAULT_LOCK_TIMEOUT_SECONDS = 60
# Who has waited for a lock in vain does not wait as long for the next one.
_PATIENCE_AFTERWARDS_SECONDS = 1
_GIVEN_UP_FOR_SECONDS = 300
RESTS_UNASKED_SECONDS = 1.0
"""For so long a connection is taken to live on."""


_NOT_ALLOWED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


class DatabaseError(Exception):
    """The database refuses, is gone or is too old. The text never holds the password."""

    kind = "database"


class NotAllowedError(DatabaseError):
    """The database user may not do what was asked. `reason`: in Postgres's words."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(
            f"The database user of {place} may not do this: {reason}. What a user needs is in "
            "docs/operations.md, under Variables."
        )
        self.reason = reason


def with_driver(url: str, driver: str) -> str:
    """The same database through a named driver: `postgresql://…` → `postgresql+psycopg://…`.

    A bare scheme is never handed on: SQLAlchemy 2.1 reads it as psycopg 3, which dagster-postgres
    cannot use.
    """
    return re.sub(r"(?i)^postgres(ql)?(\+\w+)?://", f"postgresql+{driver}://", url.strip())


def plain(url: str) -> str:
    """The same database as psycopg and psql want it, without a driver."""
    return re.sub(r"^\w+(\+\w+)?://", "postgresql://", url.strip())


def resolve_url(database_url: str | None, data_dir: Path) -> str:
    """The configured database, or the embedded one under the data directory (started if need be)."""
    if database_url:
        return database_url
    from iracing_pipeline.warehouse.embedded import shared_server as embedded

    try:
        return embedded.database_url(data_dir)
    except embedded.EmbeddedPostgresError as error:
        raise DatabaseError(str(error)) from None


def describe(url: str) -> str:
    """Where a database is, without its password: `user@host:5432/name`."""
    parts = _pieces(url)
    if parts is None:
        # Not quoted: what stands where a host should be may be half a password.
        return "the configured URL"
    user = f"{unquote(parts['user'])}@" if parts["user"] else ""
    host = parts["host"] or "local socket"
    port = f":{parts['port']}" if parts["port"] and parts["host"] else ""
    return f"{user}{host}{port}/{unquote(parts['database'] or '')}"


_URL = re.compile(
    r"\w+(?:\+\w+)?://(?:(?P<user>[^:@/?#\s]*)(?::(?P<password>[^@/?#\s]*))?@)?"
    r"(?P<host>\[[^\]/?#@\s]*\]|[^:@/?#\s]*)(?::(?P<port>\d*))?(?:/(?P<database>[^?#\s]*))?"
    r"(?:\?.*)?"
)


def _pieces(url: str) -> dict[str, str | None] | None:
    # Not urlsplit: it raises on brackets in a password, and quotes what it finds in them.
    found = _URL.fullmatch(url.strip())
    return found.groupdict() if found else None


def _unusable_url() -> DatabaseError:
    return DatabaseError(
        "IRACING_DATABASE_URL is not a usable postgresql:// URL. "
        "Percent-encode special characters in the user name and the password."
    )


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


class Database:
    """One process's use of the data's database. Nothing is opened before the first `begin`."""

    def __init__(
        self,
        database_url: str | None,
        data_dir: Path,
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT_SECONDS,
    ) -> None:
        """`lock_timeout`: seconds for which a lock that another session holds is waited for."""
        self._configured_url = database_url
        self.data_dir = data_dir
        self.lock_timeout = self._patience = lock_timeout
        self._gave_up_at = float("-inf")
        self.tell: Callable[[str], None] = logger.warning
        """Told what is waited for, from another thread."""
        self._is_current = False

    @property
    def is_embedded(self) -> bool:
        return self._configured_url is None

    @cached_property
    def url(self) -> str:
        """The URL without a driver. Holds the password: never print it, see `describe`."""
        return resolve_url(self._configured_url, self.data_dir)

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

    def _connected(self) -> psycopg.Connection[Any]:
        return connect(plain(self.url), lock_timeout=self._patience)

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
            raise self._refused(error) from None
        except (exc.ArgumentError, ValueError, TypeError):
            raise _unusable_url() from None
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

    @contextmanager
    def plain_connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A psycopg connection in autocommit, outside the pool. Raises DatabaseError."""
        try:
            connection = self._connected()
        except psycopg.Error as error:
            raise self._refused(error) from None
        except ValueError:
            raise _unusable_url() from None
        with connection:
            yield connection

    def _refused(self, error: Exception) -> DatabaseError:
        if _pieces(self.url) is None:
            return _unusable_url()
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        text = reason[0] if reason else type(error).__name__
        if "multiple connection attempts failed" in text.lower() and len(reason) > 1:
            text = " ".join(line.strip(" -") for line in reason[1:3])
        password = (_pieces(self.url) or {}).get("password")
        for secret in {password, unquote(password)} if password else ():
            text = text.replace(secret, "***")
        what = "The embedded Postgres" if self.is_embedded else "The database"
        hint = "Check IRACING_DATABASE_URL, and that the server runs and lets this user in."
        if self.is_embedded:
            hint = f"See the log under {self.data_dir}."
        elif "unsupported startup parameter" in text:
            hint = (
                "It is a pooler, and takes no such parameter: leave it out of IRACING_DATABASE_URL and "
                "PGOPTIONS, or name it in the pooler's ignore_startup_parameters."
            )
        return DatabaseError(f"{what} at {describe(self.url)} refuses: {text}\n{hint}")

    def _not_allowed(self, error: BaseException) -> DatabaseError:
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return DatabaseError(message_of(error))
        return NotAllowedError(str(error).strip().splitlines()[0], describe(self.url))

    def schema_version(self) -> str | None:
        """The migration the database is at; None where nothing was ever installed."""
        with self._connect() as connection:
            try:
                version = connection.execution_options(
                    isolation_level="AUTOCOMMIT"
                ).exec_driver_sql(
                    f"SELECT version_num FROM {SCHEMA}.alembic_version"  # noqa: S608 - a constant
                )
            except exc.ProgrammingError as error:
                if isinstance(error.orig, (errors.UndefinedTable, errors.InvalidSchemaName)):
                    return None
                raise self._refused(error) from None
            return version.scalar_one_or_none()

    def ensure_current(self) -> None:
        """Run the migrations that are missing. Costs one statement when there are none."""
        if self._is_current:
            return
        version = self.schema_version()
        if version != HEAD:
            from iracing_pipeline.warehouse.upgrade import upgrade

            def once() -> None:
                with self._connect() as connection:
                    upgrade(connection)

            again(once)
        self._is_current = True

    def dispose(self) -> None:
        """Close the pool."""
        engine = self.__dict__.pop("engine", None)
        if engine is not None:
            engine.dispose()
