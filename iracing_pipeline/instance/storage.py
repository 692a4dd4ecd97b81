"""Dagster's own storage: DAGSTER_POSTGRES_URL, or schema `dagster` of the data's database.

In: the environment, named by dagster.yaml. Out: a dagster-postgres storage. No iRacing data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from dagster_postgres import DagsterPostgresStorage

from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database, DatabaseError, resolve_url, with_driver

SCHEMA = "dagster"
_ABSENT = "absent"
_UNFINISHED = "Dagster storage, being set up by iracing_pipeline"
_READY = "Dagster storage, set up by iracing_pipeline"


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
        dagster_url = _in_schema(with_driver(data_url, "psycopg2"))
        with Database(data_url, settings.data_dir).plain_connection() as connection:
            if _mark(connection) in {_ABSENT, _UNFINISHED}:
                return _set_up(
                    connection, lambda: cls(inst_data=inst_data, postgres_url=dagster_url)
                )
        return cls(inst_data=inst_data, postgres_url=dagster_url)


def _mark(connection: psycopg.Connection[Any]) -> str | None:
    """What the schema's comment says; None where somebody else made it."""
    row = connection.execute(
        "SELECT to_regnamespace(%s), obj_description(to_regnamespace(%s), 'pg_namespace')",
        (SCHEMA, SCHEMA),
    ).fetchone()
    assert row is not None
    return _ABSENT if row[0] is None else row[1]


def _set_up(
    connection: psycopg.Connection[Any], create: Callable[[], PipelinePostgresStorage]
) -> PipelinePostgresStorage:
    """Create the schema, and Dagster's tables in it, as if at once.

    Dagster creates its tables statement by statement: a process that is stopped in between leaves
    some, and no later one mends that. So what is not marked as ready is begun again.
    """
    try:
        # One process at a time; the lock goes with the connection.
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 2))", (SCHEMA,))
        mark = _mark(connection)
        if mark in {_ABSENT, _UNFINISHED}:
            with connection.transaction():
                connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
                connection.execute(f"CREATE SCHEMA {SCHEMA}")
                connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{_UNFINISHED}'")
        storage = create()
        if mark in {_ABSENT, _UNFINISHED}:
            connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{_READY}'")
    except psycopg.Error as error:
        raise DatabaseError(
            f"Dagster's schema {SCHEMA} cannot be created: {str(error).strip().splitlines()[0]}\n"
            "The user needs CREATE on the database, or ownership of that schema; or set "
            "DAGSTER_POSTGRES_URL."
        ) from None
    return storage


def _in_schema(url: str) -> str:
    """The URL with our schema as search path, beside any options it already has."""
    base, _, query_text = url.partition("?")
    query = parse_qsl(query_text, keep_blank_values=True)
    given = [value for name, value in query if name == "options"]
    kept = [(name, value) for name, value in query if name != "options"]
    options = " ".join([*given, f"-csearch_path={SCHEMA}"])
    return f"{base}?{urlencode([*kept, ('options', options)], quote_via=quote, safe='/')}"
