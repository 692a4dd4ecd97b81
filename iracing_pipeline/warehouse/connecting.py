"""How a connection is opened, and what holds on it whatever server, database, role or shell have set.

In: a URL. Out: psycopg connections, and the statements that settle those of another driver. Stays out: which
database, our own pool of connections, errors in words (database.py).

Behind a pooler such as pgbouncer a session may be a different one in each transaction, and is somebody else's
afterwards: nothing may be left in it, and nothing expected of it. So settings hold for a transaction then,
prepared statements are off, and locks are locks of a transaction everywhere (locks.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_dumps, set_json_loads

from iracing_pipeline.core.json_text import read_json, write_json

APPLICATION_NAME = "iracing_pipeline"
CONNECT_TIMEOUT_SECONDS = 15

# What is missing here does not matter to us (lc_*: the server formats nothing for us), or is the
# administrator's business (memory, planner, durability, tablespaces). default_transaction_read_only is
# somebody's wish: core/errors.py puts into words what comes of it.
_SETTINGS: Mapping[str, str] = {
    # When the server gives up. A lock may be held for hours while history is fetched.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    "exit_on_error": "off",
    # How a value is written as text, and read: change records hold moments and numbers as text.
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "array_nulls": "on",
    # What a statement means.
    "search_path": '"$user", public',
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "transform_null_equals": "off",
    "row_security": "on",
    # Who has waited for another writer has to see what that one wrote.
    "default_transaction_isolation": "read committed",
}
# The first version that knows them, where that is not the oldest that we meet.
_SINCE = {"idle_session_timeout": 140000, "transaction_timeout": 170000}


def connect(url: str, *, lock_timeout: float = 0) -> psycopg.Connection[Any]:
    """A connection in autocommit, settled. Raises psycopg.Error.

    `lock_timeout`: seconds for which it waits for what another session holds; 0 is for ever.
    """
    settings: dict[str, Any] = {"lock_timeout": f"{lock_timeout:.3f}s"}
    connection = psycopg.connect(
        url,
        autocommit=True,
        application_name=APPLICATION_NAME,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        # With the first packet: psycopg encodes and decodes by it.
        client_encoding="UTF8",
        # Locks are held on connections: the server has to notice when we are gone.
        keepalives_idle=30,
    )
    try:
        version = connection.info.server_version
        cursor = connection.execute(
            settle_session(version, connection.info.backend_pid, **settings)
        )
        cursor.nextset()
        set_json_loads(read_json, connection)
        set_json_dumps(write_json, connection)
        if cursor.fetchone() == (None,):
            connection.prepare_threshold = None
            settle = settle_transaction(version, **settings)
            connection.cursor_factory = cast(Any, partial(_SettledCursor, settle))
    except BaseException:
        connection.close()
        raise
    return connection


def settle_session(server_version: int, backend_pid: int, **instead: str | None) -> str:
    """The SQL that settles a session and returns one value; NULL, and nothing set, behind a pooler.

    A pooler gives its clients numbers of its own: `backend_pid` is what this client was told. All is one
    message, so that any time-out of the server ends with it. `instead`: other values; None leaves a
    setting as it is.
    """
    calls = _set_configs(_settings(server_version, instead), is_local=False)
    return (
        f"SET LOCAL statement_timeout = 0; SELECT CASE WHEN pg_catalog.pg_backend_pid() = {backend_pid} "
        f"THEN pg_catalog.concat({calls}) END"
    )


def settle_transaction(server_version: int, **instead: str | None) -> str:
    """The SQL that settles a transaction that has just begun."""
    settings = _settings(server_version, instead)
    # A default comes too late for the transaction that has begun; and no query may come before it.
    isolation = settings.pop("default_transaction_isolation")
    return (
        f"SET LOCAL transaction_isolation = {_quoted(isolation)}; "
        f"SELECT {_set_configs(settings, is_local=True)}"
    )


def _settings(server_version: int, instead: Mapping[str, str | None]) -> dict[str, str]:
    return {
        name: value
        for name, value in {**_SETTINGS, **instead}.items()
        if value is not None and server_version >= _SINCE.get(name, 0)
    }


def _set_configs(settings: Mapping[str, str], *, is_local: bool) -> str:
    return ", ".join(
        f"pg_catalog.set_config({_quoted(name)}, {_quoted(value)}, {is_local})"
        for name, value in settings.items()
    )


def _quoted(text: str) -> str:
    # With E: standard_conforming_strings is one of the settings.
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class _SettledCursor(psycopg.Cursor[Any]):
    """Settles each transaction that it begins; in autocommit, that of each statement."""

    def __init__(self, settle: str, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._settle = settle

    def execute(self, *arguments: Any, **options: Any) -> _SettledCursor:
        with self._settled():
            return super().execute(*arguments, **options)

    def executemany(self, *arguments: Any, **options: Any) -> None:
        with self._settled():
            super().executemany(*arguments, **options)

    @contextmanager
    def _settled(self) -> Iterator[None]:
        connection = self.connection
        if connection.info.transaction_status != TransactionStatus.IDLE:
            yield
        elif connection.autocommit:
            with connection.transaction():
                super().execute(self._settle)
                yield
        else:
            super().execute(self._settle)
            yield
