"""The engines that Dagster makes of our URL: settled as every connection of ours is.

In: a URL. Out: the URL that brings this along, wherever Dagster hands it to SQLAlchemy. Storage and schema
are storage.py's.
"""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin
from sqlalchemy.pool import ConnectionPoolEntry

from iracing_pipeline.warehouse.connecting import (
    APPLICATION_NAME,
    CONNECT_TIMEOUT_SECONDS,
    settle_session,
    settle_transaction,
)
from iracing_pipeline.warehouse.door import with_driver

_PLUGIN = "iracing_pipeline"
# Settings of Dagster's own, in the URL's query.
_OWN = {"search_path": "iracing_search_path", "statement_timeout": "iracing_statement_timeout"}


def dagster_url(url: str, **own: str) -> str:
    """The URL for Dagster's storage.

    `own`: `search_path`, where its tables are, if not where they are by default; `statement_timeout`.

    Always psycopg2, always named: dagster-postgres cannot use psycopg 3, which SQLAlchemy 2.1 takes
    for a bare postgresql://.
    """
    more = {
        "plugin": _PLUGIN,
        "application_name": f"{APPLICATION_NAME}_dagster",
        "client_encoding": "utf8",
        "connect_timeout": str(CONNECT_TIMEOUT_SECONDS),
    }
    more |= {_OWN[name]: value for name, value in own.items()}
    return (
        make_url(with_driver(url, "psycopg2"))
        .update_query_dict(more)
        .render_as_string(hide_password=False)
    )


class SettledEngine(CreateEnginePlugin):
    """SQLAlchemy's hook for what a URL's `plugin` names: Dagster makes its engines by itself."""

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        super().__init__(url, kwargs)
        self._own: dict[str, str | None] = {
            name: str(url.query[key]) for name, key in _OWN.items() if key in url.query
        }
        # Where Dagster has a database to itself, its tables are where that has them.
        self._own.setdefault("search_path", None)
        # psycopg2 decides by it, when it connects, how it quotes.
        self._own["standard_conforming_strings"] = None

    def update_url(self, url: URL) -> URL:
        return url.difference_update_query(_OWN.values())

    def handle_pool_kwargs(self, pool_cls: Any, pool_args: dict[str, Any]) -> None:
        # The server may have been restarted since, or somebody between has closed the connection.
        pool_args["pre_ping"] = True

    def engine_created(self, engine: Engine) -> None:
        event.listen(engine, "connect", self._settle)
        event.listen(engine, "before_cursor_execute", _settle_transaction, retval=True)

    def _settle(self, connection: Any, record: ConnectionPoolEntry) -> None:
        """Settle a session; behind a pooler keep the statement that settles a transaction."""
        before, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            version = connection.server_version
            cursor.execute(settle_session(version, connection.info.backend_pid, **self._own))
            if cursor.fetchone() == (None,):
                record.info[_PLUGIN] = settle_transaction(version, **self._own)
        connection.autocommit = before


def _settle_transaction(
    connection: Connection, cursor: Any, statement: str, parameters: Any, _: Any, __: Any
) -> tuple[str, Any]:
    """Behind a pooler: the statement that begins a transaction, with what settles it before it.

    In one message, so in one transaction, also in autocommit, in which Dagster runs nearly all of them.
    """
    settle = connection.info.get(_PLUGIN)
    if settle and cursor.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
        statement = f"{settle}; {statement}"
    return statement, parameters


plugins.register(_PLUGIN, __name__, "SettledEngine")
