"""Dagster's own storage: DAGSTER_POSTGRES_URL, or schema `dagster` of the data's database.

In: the environment, named by dagster.yaml. Out: a dagster-postgres storage. No iRacing data.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from dagster_postgres import DagsterPostgresStorage

from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database, DatabaseError, resolve_url, with_driver

SCHEMA = "dagster"


class PipelinePostgresStorage(DagsterPostgresStorage):
    """dagster-postgres, provisioned by itself: the same dagster.yaml serves laptop and server."""

    @classmethod
    def config_type(cls) -> Any:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> PipelinePostgresStorage:
        # Always psycopg2, always named: dagster-postgres breaks on psycopg 3, which SQLAlchemy 2.1
        # takes for a bare postgresql://.
        settings = Settings.from_environment()
        if settings.dagster_postgres_url:
            url = with_driver(settings.dagster_postgres_url, "psycopg2")
            return cls(inst_data=inst_data, postgres_url=url)
        data_url = resolve_url(settings.database_url, settings.data_dir)
        with Database(data_url, settings.data_dir).plain_connection() as connection:
            find = "SELECT to_regnamespace(%s)"
            if connection.execute(find, (SCHEMA,)).fetchone() == (None,):
                # Locked: IF NOT EXISTS alone fails for one of two processes that start together.
                _create(connection)
        return cls(inst_data=inst_data, postgres_url=_in_schema(with_driver(data_url, "psycopg2")))


def _create(connection: psycopg.Connection[Any]) -> None:
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (SCHEMA,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    except psycopg.Error as error:
        raise DatabaseError(
            f"Dagster's schema {SCHEMA} cannot be created: {str(error).strip().splitlines()[0]}\n"
            "The user needs CREATE on the database, or ownership of that schema; or set "
            "DAGSTER_POSTGRES_URL."
        ) from None


def _in_schema(url: str) -> str:
    """The URL with our schema as search path, beside any options it already has."""
    base, _, query_text = url.partition("?")
    query = parse_qsl(query_text, keep_blank_values=True)
    given = [value for name, value in query if name == "options"]
    kept = [(name, value) for name, value in query if name != "options"]
    options = " ".join([*given, f"-csearch_path={SCHEMA}"])
    return f"{base}?{urlencode([*kept, ('options', options)], quote_via=quote, safe='/')}"
