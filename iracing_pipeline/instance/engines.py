"""The engines that Dagster makes of our URL: settled as every connection of ours is.

In: a URL. Out: the URL that brings this along, wherever Dagster hands it to SQLAlchemy. Storage and schema
are storage.py's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin

from iracing_pipeline.warehouse.connecting import (
    APPLICATION_NAME,
    CONNECT_TIMEOUT_SECONDS,
    settle_statement,
)
from iracing_pipeline.warehouse.database import with_driver

_PLUGIN = "iracing_pipeline"
_SEARCH_PATH = "iracing_search_path"


def dagster_url(url: str, *, search_path: str | None = None) -> str:
    """The URL for Dagster's storage. `search_path`: where its tables are, if not where they are by default.

    Always psycopg2, always named: dagster-postgres cannot use psycopg 3, which SQLAlchemy 2.1 takes
    for a bare postgresql://.
    """
    more = {
        "plugin": _PLUGIN,
        "application_name": f"{APPLICATION_NAME}_dagster",
        "client_encoding": "utf8",
        "connect_timeout": str(CONNECT_TIMEOUT_SECONDS),
    }
    if search_path:
        more[_SEARCH_PATH] = search_path
    return (
        make_url(with_driver(url, "psycopg2"))
        .update_query_dict(more)
        .render_as_string(hide_password=False)
    )


class SettledEngine(CreateEnginePlugin):
    """SQLAlchemy's hook for what a URL's `plugin` names: Dagster makes its engines by itself."""

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        super().__init__(url, kwargs)
        given = url.query.get(_SEARCH_PATH)
        self._search_path = given if isinstance(given, str) else None

    def update_url(self, url: URL) -> URL:
        return url.difference_update_query([_SEARCH_PATH])

    def handle_pool_kwargs(self, pool_cls: Any, pool_args: dict[str, Any]) -> None:
        # The server may have been restarted since, or somebody between has closed the connection.
        pool_args["pre_ping"] = True

    def engine_created(self, engine: Engine) -> None:
        event.listen(engine, "connect", self._settle)

    def _settle(self, connection: Any, _: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            cursor.execute(
                settle_statement(
                    connection.server_version,
                    search_path=self._search_path,
                    # psycopg2 has decided by it, when it connected, how it quotes.
                    standard_conforming_strings=None,
                )
            )
        connection.autocommit = before


plugins.register(_PLUGIN, __name__, "SettledEngine")
