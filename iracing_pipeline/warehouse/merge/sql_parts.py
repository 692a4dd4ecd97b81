"""Pieces that several statements of a merge are put together from.

In: names of columns, a table, a coverage. Out: SQL. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql
from sqlalchemy import Table

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.warehouse.schema import SCHEMA

WAS_AT, WAS_BY = "was retired at", "was retired by"
"""Columns of a restored row that say when it was retired, and by which run."""


def parents_of(coverage: Coverage) -> sql.Composable:
    """The parents of a coverage as rows, named l; one row without columns where it is about everything."""
    if not coverage.columns:
        return sql.SQL("(SELECT) AS l")
    ordered = sorted(coverage.keys)
    values = [
        sql.Literal("{" + ",".join(str(int(parent[position])) for parent in ordered) + "}")
        for position in range(len(coverage.columns))
    ]
    return sql.SQL("unnest({}) AS l ({})").format(
        sql.SQL(", ").join(sql.SQL("{}::int[]").format(value) for value in values),
        listed(coverage.columns),
    )


def equal(left: str, right: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(" AND ").join(
        [sql.SQL("true")]
        + [
            sql.SQL("{}.{} = {}.{}").format(
                sql.Identifier(left),
                sql.Identifier(name),
                sql.Identifier(right),
                sql.Identifier(name),
            )
            for name in names
        ]
    )


def any_of(conditions: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(" OR ").join([sql.SQL("false"), *conditions])


def json_object(alias: str, names: Iterable[str]) -> sql.Composed:
    # In slices: a function takes at most 100 arguments, and seasons have more columns than 50.
    ordered = list(names)
    slices = [ordered[start : start + 40] for start in range(0, len(ordered), 40)] or [[]]
    objects = [
        sql.SQL("jsonb_build_object({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}, {}.{}").format(
                    sql.Literal(name), sql.Identifier(alias), sql.Identifier(name)
                )
                for name in part
            )
        )
        for part in slices
    ]
    return sql.SQL("({})").format(sql.SQL(" || ").join(objects))


def listed(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def name_of(table: Table) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table.name)
