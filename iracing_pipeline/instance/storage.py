"""Dagster's own storage: DAGSTER_POSTGRES_URL, or schema `dagster` of the data's database.

In: the environment, named by dagster.yaml. Out: a dagster-postgres storage, and the instance that keeps its
runs there. No iRacing data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from dagster import DagsterInstance
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy import exc

from iracing_pipeline.instance.engines import dagster_url
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.connecting import connect
from iracing_pipeline.warehouse.database import Database, DatabaseError, plain, resolve_url
from iracing_pipeline.warehouse.locks import NamedLock

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
        settings = Settings.from_environment()
        if settings.dagster_postgres_url:
            url = dagster_url(settings.dagster_postgres_url)
            return cls(inst_data=inst_data, postgres_url=url)
        data_url = resolve_url(settings.database_url, settings.data_dir)
        url = dagster_url(data_url, search_path=SCHEMA)
        with Database(data_url, settings.data_dir).plain_connection() as connection:
            if _mark(connection) in {_ABSENT, _UNFINISHED}:
                return _set_up(connection, lambda: cls(inst_data=inst_data, postgres_url=url))
        return cls(inst_data=inst_data, postgres_url=url)


def kept_instance() -> DagsterInstance:
    """Dagster's instance in DAGSTER_HOME. Raises DatabaseError where its storage cannot be used."""
    try:
        url = Settings.from_environment().dagster_postgres_url
        if url:
            # Dagster tries six times, for some twelve seconds, before it says what one try says.
            connect(plain(url)).close()
        instance = DagsterInstance.get()
        # Otherwise every event of a run is a connection of its own, some 300 in a sync.
        instance.optimize_for_webserver(statement_timeout=0, pool_recycle=-1, max_overflow=20)
        return instance
    except (psycopg.Error, DagsterPostgresException, exc.SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error.__cause__ or error).strip()
        raise DatabaseError(
            f"Dagster's own storage cannot be used: {reason.splitlines()[0] if reason else error}\n"
            "Check DAGSTER_POSTGRES_URL, or unset it: schema dagster of the data's database serves."
        ) from None


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
        connection.execute(
            "SELECT pg_advisory_lock(hashtextextended(%s, %s))",
            (SCHEMA, int(NamedLock.DAGSTER_SCHEMA)),
        )
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
