"""Dagster's own storage: DAGSTER_POSTGRES_URL, or schema `dagster` of the data's database.

In: the environment, named by dagster.yaml. Out: a dagster-postgres storage. No iRacing data.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dagster_postgres import DagsterPostgresStorage

from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database, resolve_url, with_driver

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
                with connection.transaction():
                    connection.execute(
                        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (SCHEMA,)
                    )
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        url = with_driver(data_url, "psycopg2")
        search_path = "options=" + quote(f"-csearch_path={SCHEMA}")
        return cls(
            inst_data=inst_data, postgres_url=f"{url}{'&' if '?' in url else '?'}{search_path}"
        )
