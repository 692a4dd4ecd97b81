"""The door to Postgres: which database, how it is entered, and why it refuses, in words.

In: a URL or a data directory. Out: Door: psycopg's connections, and the schema brought up to date. What the
engine works with is Database, which keeps a pool; what stands here does without SQLAlchemy, whose import is
half of what a query on the command line costs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg import errors

from iracing_pipeline.warehouse.connecting import connect
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.schema import SCHEMA

logger = logging.getLogger(__name__)

DEFAULT_LOCK_TIMEOUT_SECONDS = 60


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


def unusable_url() -> DatabaseError:
    return DatabaseError(
        "IRACING_DATABASE_URL is not a usable postgresql:// URL. "
        "Percent-encode special characters in the user name and the password."
    )


class Door:
    """One process's way into the data's database. Nothing is opened before it is used."""

    def __init__(
        self,
        database_url: str | None,
        data_dir: Path,
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT_SECONDS,
    ) -> None:
        """`lock_timeout`: seconds for which a lock that another session holds is waited for."""
        self.configured_url = database_url
        self.data_dir = data_dir
        self.lock_timeout = self._patience = lock_timeout
        self.tell: Callable[[str], None] = logger.warning
        """Told what is waited for, from another thread."""
        self._is_current = False

    @property
    def is_embedded(self) -> bool:
        return self.configured_url is None

    @cached_property
    def url(self) -> str:
        """The URL without a driver. Holds the password: never print it, see `describe`."""
        return resolve_url(self.configured_url, self.data_dir)

    def _connected(self) -> psycopg.Connection[Any]:
        return connect(plain(self.url), lock_timeout=self._patience)

    @contextmanager
    def plain_connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A psycopg connection in autocommit, outside of any pool. Raises DatabaseError."""
        try:
            connection = self._connected()
        except psycopg.Error as error:
            raise self.refused(error) from None
        except ValueError:
            raise unusable_url() from None
        with connection:
            yield connection

    def _driver_connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection to look something up."""
        return self.plain_connection()

    def schema_version(self) -> str | None:
        """The migration the database is at; None where nothing was ever installed."""
        with self._driver_connection() as connection:
            try:
                row = connection.execute(
                    f"SELECT version_num FROM {SCHEMA}.alembic_version".encode()  # noqa: S608 - constant
                ).fetchone()
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                return None
            except errors.ProgrammingError as error:
                raise self.refused(error) from None
        return None if row is None else str(row[0])

    def ensure_current(self) -> None:
        """Run the migrations that are missing. Costs one statement when there are none."""
        if self._is_current:
            return
        if self.schema_version() != HEAD:
            from iracing_pipeline.warehouse.upgrade import bring_up_to_date

            bring_up_to_date(self)
        self._is_current = True

    def refused(self, error: Exception) -> DatabaseError:
        """What a failure to enter, or to look something up, is to the reader."""
        if _pieces(self.url) is None:
            return unusable_url()
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
