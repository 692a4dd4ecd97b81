"""The data tables once more, empty, with the same indexes and without foreign keys; and their rows as files.

In: a database that has been filled. Out: schemas to copy and upsert into. Nothing here is measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from iracing_pipeline.warehouse.schema.tables import DATA_TABLES, table

NAMES = [each.name for each in DATA_TABLES]
Connection = psycopg.Connection[Any]


def columns_of(connection: Connection, name: str) -> list[str]:
    """Those that are written, in order."""
    found = connection.execute(
        """SELECT column_name FROM information_schema.columns
           WHERE table_schema = 'iracing' AND table_name = %s AND is_generated = 'NEVER'
           ORDER BY ordinal_position""",
        (name,),
    )
    return [row[0] for row in found]


def key_of(name: str) -> list[str]:
    return [column.name for column in table(name).primary_key]


def equal_tables(url: str, schema: str) -> None:
    """Make them anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}")
            .format(sql.Identifier(schema))
            .as_bytes(connection)
        )
        for name in NAMES:
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                    sql.Identifier(schema, name), sql.Identifier("iracing", name)
                )
            )


def copied_out(url: str, folder: Path) -> dict[str, str]:
    """The rows of every data table as a file of binary COPY."""
    files = {}
    with psycopg.connect(url) as connection:
        for name in NAMES:
            path = folder / f"{name}.copy"
            statement = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(
                sql.Identifier("iracing", name)
            )
            with path.open("wb") as file, connection.cursor().copy(statement) as stream:
                for block in stream:
                    file.write(block)
            files[name] = str(path)
    return files


def rows_in(url: str, schema: str) -> tuple[int, int, int]:
    """Seasons, weeks and rows of all data tables of a schema; of dlt's, of all that are not its own."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (schema,),
        )
        names = [row[0] for row in found]
        counts = {
            name: _count(connection, schema, name)
            for name in names
            if not (name.startswith("_dlt") or (schema == "iracing" and name not in NAMES))
        }
    weeks = counts.get("season_schedules", counts.get("seasons__schedules", 0))
    return counts.get("seasons", 0), weeks, sum(counts.values())


def _count(connection: Connection, schema: str, name: str) -> int:
    statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
