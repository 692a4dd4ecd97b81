"""What is retired and restored along the foreign keys, with the row that it belongs to.

In: a table, a table that refers to it. Out: SQL. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.warehouse.merge.sql_parts import (
    WAS_AT,
    WAS_BY,
    equal,
    json_object,
    name_of,
    parents_of,
)
from iracing_pipeline.warehouse.schema.base import key_columns, recorded_columns


def children(table: Table) -> list[tuple[Table, tuple[tuple[str, str], ...]]]:
    """Tables that refer to this one, each with the pairs of (own column, column referred to)."""
    return [
        (
            other,
            tuple((element.parent.name, element.column.name) for element in constraint.elements),
        )
        for other in table.metadata.sorted_tables
        for constraint in other.foreign_key_constraints
        if constraint.referred_table is table
    ]


def dependents(table: Table) -> set[Table]:
    found = {child for child, _ in children(table)}
    return found.union(*map(dependents, found))


def cascade_statement(
    table: Table,
    child: Table,
    pairs: tuple[tuple[str, str], ...],
    run_id: str,
    is_recorded: bool,
) -> sql.Composed:
    """Retire the living rows of `child` whose row of `table` this transaction retired; returns how many."""
    return sql.SQL(
        """
        WITH retired AS (
            UPDATE {child} c
            SET retired_at = statement_timestamp(), updated_at = statement_timestamp(),
                run_id = {run_id}
            FROM {table} p
            WHERE {same} AND c.retired_at IS NULL
              AND p.retired_at >= transaction_timestamp() AND p.run_id = {run_id}
            RETURNING {key} AS key, {values} AS before
        ), recorded AS (
            INSERT INTO iracing.changes
                (table_name, key, kind, before, after, changed_at, run_id)
            SELECT {name}, key, 'retired', before, NULL, statement_timestamp(), {run_id}
            FROM retired WHERE {is_recorded}
        )
        SELECT count(*), (SELECT count(*) FROM {child} WHERE retired_at IS NULL) FROM retired
        """
    ).format(
        child=name_of(child),
        table=name_of(table),
        same=sql.SQL(" AND ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(theirs))
            for own, theirs in pairs
        ),
        key=json_object("c", key_columns(child)),
        values=json_object("c", recorded_columns(child)),
        name=sql.Literal(child.name),
        run_id=sql.Literal(run_id),
        is_recorded=sql.Literal(is_recorded),
    )


def restore_statement(
    table: Table,
    child: Table,
    pairs: tuple[tuple[str, str], ...],
    restored: Sequence[Mapping[str, Any]],
    coverages: Sequence[Coverage],
    run_id: str,
    is_recorded: bool,
) -> sql.Composed:
    """Bring back the rows of `child` that were retired with these rows of `table`; returns
    (how many, living rows, what `restored` is for the child).

    Not those of which this merge has a complete list, in `coverages`: what is absent from it is gone.
    """
    keys = key_columns(child)
    return sql.SQL(
        """
        WITH restored AS (
            UPDATE {child} c
            SET retired_at = NULL, updated_at = statement_timestamp(), run_id = {run_id}
            FROM jsonb_to_recordset({rows}) AS p ({columns}, {was_at} timestamptz, {was_by} text)
            WHERE {same} AND c.retired_at >= p.{was_at} AND c.run_id = p.{was_by} {not_listed}
            RETURNING {key} AS key, {back} AS back
        ), recorded AS (
            INSERT INTO iracing.changes
                (table_name, key, kind, before, after, changed_at, run_id)
            SELECT {name}, key, 'restored', '{{}}', '{{}}', statement_timestamp(), {run_id}
            FROM restored WHERE {is_recorded}
        )
        SELECT count(*), (SELECT count(*) FROM {child} WHERE retired_at IS NULL), jsonb_agg(back)
        FROM restored
        """
    ).format(
        child=name_of(child),
        rows=sql.Literal(Jsonb(list(restored))),
        columns=sql.SQL(", ").join(
            sql.SQL("{} int").format(sql.Identifier(name)) for name in key_columns(table)
        ),
        was_at=sql.Identifier(WAS_AT),
        was_by=sql.Identifier(WAS_BY),
        same=sql.SQL(" AND ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(theirs))
            for own, theirs in pairs
        ),
        not_listed=sql.SQL(" ").join(
            sql.SQL("AND NOT EXISTS (SELECT FROM {} WHERE {})").format(
                parents_of(coverage), equal("c", "l", coverage.columns)
            )
            for coverage in coverages
            if coverage.keys
        ),
        key=json_object("c", keys),
        back=sql.SQL("{} || jsonb_build_object({}, p.{}, {}, p.{})").format(
            json_object("c", keys),
            sql.Literal(WAS_AT),
            sql.Identifier(WAS_AT),
            sql.Literal(WAS_BY),
            sql.Identifier(WAS_BY),
        ),
        name=sql.Literal(child.name),
        run_id=sql.Literal(run_id),
        is_recorded=sql.Literal(is_recorded),
    )
