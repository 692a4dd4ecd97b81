"""The statistics that Postgres plans queries by, where autovacuum has not brought them up to date yet.

In: a connection in autocommit, or what a run inserted. Out: names of tables, and ANALYZE. Postgres skips
a table that the session does not own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg import sql
from sqlalchemy import Connection

from iracing_pipeline.core.rows import Counts
from iracing_pipeline.warehouse.schema import PRIVATE_SCHEMA, SCHEMA

_LEAST_ROWS_CHANGED = 50
_LEAST_ROWS_LOADED = 10_000


def analyse_changed(connection: Connection, share: float) -> list[str]:
    """ANALYZE every table of which more than a share of the rows changed since; returns their names.

    Postgres does so by itself once a tenth has changed, where autovacuum is on. Dead rows are left to it.
    """
    if int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) >= 150000:
        # What this session has just removed counts too.
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    names = connection.exec_driver_sql(
        """
        SELECT format('%%I.%%I', schemaname, relname) FROM pg_stat_user_tables
        WHERE schemaname = ANY (%s) AND n_mod_since_analyze > greatest(%s, %s * n_live_tup)
        ORDER BY 1
        """,
        ([SCHEMA, PRIVATE_SCHEMA], _LEAST_ROWS_CHANGED, share),
    ).scalars()
    found = [str(name) for name in names]
    for name in found:
        connection.exec_driver_sql(f"ANALYZE {name}")
    return found


def loaded(counts: Mapping[str, Counts]) -> list[str]:
    """Names of the tables that have at least doubled, by thousands of rows.

    Until they are analysed, queries are planned as if they were as small as before. Autovacuum may take a
    minute, and an embedded server seldom lives that long.
    """
    return [
        name
        for name, rows in sorted(counts.items())
        if rows.inserted >= _LEAST_ROWS_LOADED and rows.inserted * 2 >= rows.living
    ]


def analyse(connection: Connection, names: Iterable[str]) -> None:
    """ANALYZE tables, but for those that somebody else is analysing."""
    for name in names:
        statement = sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(sql.Identifier(SCHEMA, name))
        connection.exec_driver_sql(statement.as_string())
