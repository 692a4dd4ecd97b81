"""Views and functions, each created from the .sql file of its name, and the comments of tables.

In: a connection. Out: all of them anew at every upgrade, so that no revision repeats them: drop_all() goes
before the revisions, which may then change what tables the views read, and create_all() after them. Whoever
could read a view before can read it afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult
from sqlalchemy.schema import SetColumnComment, SetTableComment

from iracing_pipeline.warehouse.schema import PRIVATE_SCHEMA, SCHEMA
from iracing_pipeline.warehouse.schema.tables import ALL_TABLES

FOLDER = Path(__file__).parent

# Each after those it needs.
ORDER = (
    "functions/word",
    "functions/value_then",
    "functions/value_in_words",
    "views/column_words",
    "views/changes_in_words",
    "views/schedule_changes",
    "functions/week_end",
    "functions/race_sessions",
    "views/upcoming_sessions",
    "views/season_status",
    "views/season_calendar",
    "views/current_weeks",
    "views/next_weeks",
    "views/rain_weeks",
    "views/week_grid",
    "views/week_cars",
    "views/series_by_license",
    "functions/playable_weeks",
    "functions/missing_content",
    "functions/package_ranking",
)

_NAMES = ", ".join(f"'{Path(name).name}'" for name in ORDER)

# By name: what somebody else has put into the schemas is not ours to drop.
_FOUND = f"""
    SELECT 'VIEW' AS kind, format('%I.%I', nspname, relname) AS name,
           format('%I.%I', nspname, relname) AS called, relacl AS rights, relowner AS owner
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'v' AND nspname IN ('{SCHEMA}', '{PRIVATE_SCHEMA}') AND relname IN ({_NAMES})
    UNION ALL
    SELECT 'FUNCTION', p.oid::regprocedure::text, format('%I.%I', nspname, proname), proacl, proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE nspname IN ('{SCHEMA}', '{PRIVATE_SCHEMA}') AND proname IN ({_NAMES})
"""  # noqa: S608 - constants

# Everybody may call a function of which nothing else is said: hence REVOKE first. A function is called by its
# name alone: it may have other arguments afterwards.
_RIGHTS = f"""
    WITH found AS (SELECT *, CASE kind WHEN 'VIEW' THEN 'TABLE' ELSE kind END AS granted_on FROM ({_FOUND}) f)
    SELECT 0 AS turn, kind, called, format('REVOKE ALL ON %s %s FROM PUBLIC', granted_on, called) AS statement
    FROM found WHERE rights IS NOT NULL
    UNION ALL
    SELECT 1, kind, called, format(
        'GRANT %s ON %s %s TO %s%s', privilege_type, granted_on, called,
        CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
        CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
    FROM found, aclexplode(rights) WHERE grantee <> owner
    ORDER BY turn
"""  # noqa: S608 - constants


class Right(NamedTuple):
    """A right that a role had on a view or function, and the statement that gives it back."""

    kind: str
    name: str
    statement: str


def drop_all(connection: Connection) -> list[Right]:
    """Drop the views and functions. Return the rights that roles had on them.

    Postgres refuses (DependentObjectsStillExist) where a view of somebody else reads one of ours.
    """
    rights = [Right(row.kind, row.called, row.statement) for row in execute(connection, _RIGHTS)]
    # Views first: they call functions. Among themselves they may depend on each other: one statement.
    for kind in ("VIEW", "FUNCTION"):
        found = execute(connection, _FOUND)
        if together := ", ".join(row.name for row in found if row.kind == kind):
            execute(connection, f"DROP {kind} {together}")
    return rights


def create_all(connection: Connection, rights: Iterable[Right]) -> None:
    """Create the views and functions, give the rights back, and comment the tables and their columns."""
    for name in ORDER:
        execute(connection, statements_of(name))
    for right in rights:
        there = "to_regclass" if right.kind == "VIEW" else "to_regproc"
        if connection.exec_driver_sql(f"SELECT {there}(%s)", (right.name,)).scalar():
            execute(connection, right.statement)
    for table in ALL_TABLES:
        connection.execute(SetTableComment(table))
        for column in table.columns:
            connection.execute(SetColumnComment(column))


_ALL_OF = re.compile(rf"\* FROM ({SCHEMA}\.\w+)")


def statements_of(name: str) -> str:
    """A file. Where its view has all columns of another one, with the comments that those have there."""
    statements = _read(name)
    if found := _ALL_OF.search(statements):
        folder, own = name.split("/")
        base = found[1]
        comments = re.findall(
            rf"^COMMENT ON COLUMN {base}\..*?;$",
            _read(f"{folder}/{base.partition('.')[2]}"),
            re.MULTILINE | re.DOTALL,
        )
        statements += "\n".join(comments).replace(f"{base}.", f"{SCHEMA}.{own}.")
    return statements


def _read(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def execute(connection: Connection, statements: str) -> CursorResult[Any]:
    """Run SQL as it is in a file: several statements, and % is a character like any other."""
    return connection.exec_driver_sql(statements, execution_options={"no_parameters": True})
