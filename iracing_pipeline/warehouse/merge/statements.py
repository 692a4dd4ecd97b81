"""The statements of a merge: locks and stages, then compare, upsert, retire and record in one.

In: staged batches. Out: SQL. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.warehouse.locks import NamedLock
from iracing_pipeline.warehouse.merge.batches import SHAPE, Staged, TableBatch
from iracing_pipeline.warehouse.schema.base import SCHEMA, flags, key_columns, recorded_columns


def prepare_statement(todo: Sequence[Staged]) -> sql.Composed:
    """One round trip: the tables' writer locks in a fixed order, then an empty stage per batch."""
    written = {staged.batch.table for staged in todo}
    for staged in todo:
        if staged.batch.coverage is not None and staged.batch.coverage.keys:
            written |= _dependents(staged.batch.table)
    locks = lock_statements(written)
    stages = [
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {}{} FROM {} WITH NO DATA").format(
            sql.Identifier(staged.stage),
            listed(staged.columns),
            sql.SQL(", 0::int2 AS {}").format(sql.Identifier(SHAPE))
            if staged.is_mixed
            else sql.SQL(""),
            _name(staged.batch.table),
        )
        for staged in todo
    ]
    # Change records hold moments as text: they must not depend on the server's time zone.
    return sql.SQL("; ").join([sql.SQL("SET LOCAL timezone = 'UTC'"), *locks, *stages])


def lock_statements(tables: Iterable[Table]) -> list[sql.Composed]:
    """The writer locks of these tables, in the order in which everybody takes them."""
    return [
        sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, {}))").format(
            sql.Literal(f"{SCHEMA}.{name}"), sql.Literal(int(NamedLock.TABLE))
        )
        for name in sorted(table.name for table in tables)
    ]


_UPSERT = sql.SQL(
    """
            INSERT INTO {table} ({columns}, first_seen_at, updated_at, run_id)
            SELECT {columns}, statement_timestamp(), statement_timestamp(), {run_id} FROM diff
            ON CONFLICT ({keys}) DO UPDATE
            SET {assignments} updated_at = statement_timestamp(), retired_at = NULL,
                run_id = excluded.run_id"""
)
_UPDATE = sql.SQL(
    """
            UPDATE {table} t
            SET {updates}, updated_at = statement_timestamp(), run_id = {run_id}
            FROM diff d WHERE {same_row}"""
)
_NOTHING = sql.SQL("NULL::jsonb")
_WAS_AT, _WAS_BY = "was retired at", "was retired by"
_RESTORED = sql.SQL("jsonb_agg({row}) FILTER (WHERE was_retired)")
_LIVING = sql.SQL(
    """(SELECT count(*) FROM {table} WHERE retired_at IS NULL)
                   + count(*) FILTER (WHERE is_new OR was_retired) - (SELECT count(*) FROM retired)"""
)


def merge_statement(staged: Staged, run_id: str, counts_living: bool) -> sql.Composed:
    """Compare, upsert, retire and record in one statement.

    Returns (inserted, updated, retired, living, restored); `restored` are the keys of rows that are back,
    with when and by which run they had been retired, or None where nothing refers to the table.

    The anti-join comes first because ON CONFLICT DO UPDATE … WHERE locks, and logs, every row it
    then leaves alone. `updated` counts restored rows too: a retired row that is back.
    """
    batch, columns = staged.batch, staged.columns
    keys = key_columns(batch.table)
    values = [name for name in columns if name not in keys]
    recorded = [name for name in recorded_columns(batch.table) if name in columns]
    compared = [
        sql.SQL("t.{0} IS DISTINCT FROM s.{0}").format(sql.Identifier(name)) for name in values
    ]
    parts: dict[str, sql.Composable] = {
        "stage": sql.Identifier(staged.stage),
        "table": _name(batch.table),
        "table_name": sql.Literal(batch.table.name),
        "columns": listed(columns),
        "keys": listed(keys),
        "first_key": sql.Identifier(keys[0]),
        "key_object": _object("d", keys),
        "old_key_object": _object("t", keys),
        "new_values": _NOTHING if batch.is_load else _object("s", recorded),
        "old_values": _NOTHING if batch.is_load else _object("t", recorded),
        "is_different": _any([sql.SQL("t.retired_at IS NOT NULL"), *compared]),
        "assignments": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in values
        )
        + sql.SQL(", " if values else ""),
        "is_recorded": sql.Literal(not batch.is_load),
        "is_filled_in": _any(
            sql.SQL("t.{0} < s.{0}").format(sql.Identifier(name))
            for name in flags(batch.table)
            if name in columns
        ),
        "staged": sql.Identifier("r" if staged.is_mixed else "s"),
        "join": sql.SQL("JOIN" if batch.only_updates else "LEFT JOIN"),
        "completed": _completed(staged) if staged.is_mixed else sql.SQL(""),
        "candidates": sql.SQL(
            "t.retired_at IS NULL" if batch.only_updates or not batch.restores else "true"
        ),
        "same_row": _equal("t", "d", keys),
        "updates": sql.SQL(", ").join(
            sql.SQL("{0} = d.{0}").format(sql.Identifier(name)) for name in values
        ),
        "retire": _retire(staged.stage, batch, keys, run_id),
        "restored": _RESTORED.format(row=_object("diff", [*keys, _WAS_AT, _WAS_BY]))
        if children(batch.table)
        else _NOTHING,
        "was_at": sql.Identifier(_WAS_AT),
        "was_by": sql.Identifier(_WAS_BY),
        "run_id": sql.Literal(run_id),
    }
    parts["upsert"] = (_UPDATE if batch.only_updates else _UPSERT).format(**parts)
    parts["living"] = _LIVING.format(**parts) if counts_living else sql.Literal(0)
    return sql.SQL(
        """
        WITH diff AS MATERIALIZED (
            SELECT s.*, t.{first_key} IS NULL AS is_new, t.retired_at IS NOT NULL AS was_retired,
                   {old_values} AS old_values, {new_values} AS new_values,
                   {is_filled_in} AS is_filled_in,
                   t.retired_at AS {was_at}, t.run_id AS {was_by}
            FROM {stage} {staged} {join} {table} t USING ({keys}) {completed}
            WHERE {candidates} AND (t.{first_key} IS NULL OR {is_different})
        ), upserted AS ({upsert}
        ), retired AS ({retire}
        ), recorded AS (
            INSERT INTO iracing.changes
                (table_name, key, kind, before, after, changed_at, run_id)
            SELECT {table_name}, {key_object},
                   CASE WHEN is_new THEN 'inserted' WHEN was_retired THEN 'restored'
                        ELSE 'updated' END,
                   CASE WHEN NOT is_new THEN (
                       SELECT coalesce(jsonb_object_agg(o.key, o.value), '{{}}')
                       FROM jsonb_each(d.old_values) o
                       WHERE o.value IS DISTINCT FROM d.new_values -> o.key) END,
                   CASE WHEN is_new THEN d.new_values ELSE (
                       SELECT coalesce(jsonb_object_agg(n.key, n.value), '{{}}')
                       FROM jsonb_each(d.new_values) n
                       WHERE n.value IS DISTINCT FROM d.old_values -> n.key) END,
                   statement_timestamp(), {run_id}
            FROM diff d
            -- Filling a table that was empty before this transaction is a load, not a change per row.
            -- Nor is it a change when more becomes known of a row.
            WHERE {is_recorded} AND CASE
                WHEN is_new THEN EXISTS (
                    SELECT FROM {table} WHERE xmin <> pg_current_xact_id()::xid)
                WHEN was_retired THEN true
                ELSE NOT is_filled_in AND old_values IS DISTINCT FROM new_values END
            UNION ALL
            SELECT {table_name}, key, 'retired', before, NULL, statement_timestamp(), {run_id}
            FROM retired WHERE {is_recorded}
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
               (SELECT count(*) FROM retired),
               {living},
               {restored}
        FROM diff
        """
    ).format(**parts)


def _completed(staged: Staged) -> sql.Composed:
    """The staged row with what it does not carry taken from the stored one, or by default."""
    table = staged.batch.table
    keys = key_columns(table)
    columns: list[sql.Composable] = []
    for name in staged.columns:
        carrying = [number for number, shape in enumerate(staged.shapes) if name in shape]
        parts = {
            "column": sql.Identifier(name),
            "shape": sql.Identifier(SHAPE),
            "carrying": sql.Literal(carrying),
            "default": _default(table, name),
        }
        is_carried = name in keys or len(carrying) == len(staged.shapes)
        columns.append(
            sql.SQL(
                "r.{column}"
                if is_carried
                else "CASE WHEN r.{shape} = ANY ({carrying}) THEN r.{column} "
                "WHEN t.{first_key} IS NULL THEN {default} ELSE t.{column} END AS {column}"
            ).format(**parts, first_key=sql.Identifier(keys[0]))
        )
    return sql.SQL("CROSS JOIN LATERAL (SELECT {}) s").format(sql.SQL(", ").join(columns))


def _default(table: Table, name: str) -> sql.Composable:
    default = table.columns[name].server_default
    text = getattr(default, "arg", None)
    return sql.SQL("NULL" if text is None else str(text))


def _retire(stage: str, batch: TableBatch, keys: tuple[str, ...], run_id: str) -> sql.Composable:
    if batch.coverage is None:
        return sql.SQL("SELECT NULL::jsonb AS key, NULL::jsonb AS before WHERE false")
    ordered = sorted(batch.coverage.keys)
    parents = sql.SQL(", ").join(
        sql.SQL("{}::int[]").format(sql.Literal([parent[position] for parent in ordered]))
        for position in range(len(batch.coverage.columns))
    )
    of_parents = (
        sql.SQL("FROM unnest({}) AS p ({}) WHERE {} AND").format(
            parents, listed(batch.coverage.columns), _equal("t", "p", batch.coverage.columns)
        )
        if batch.coverage.columns
        else sql.SQL("WHERE")
    )
    return sql.SQL(
        """
            UPDATE {table} t
            SET retired_at = statement_timestamp(), updated_at = statement_timestamp(),
                run_id = {run_id}
            {of_parents} t.retired_at IS NULL
              AND NOT EXISTS (SELECT FROM {stage} s WHERE {same_row})
            RETURNING {key} AS key, {values} AS before"""
    ).format(
        table=_name(batch.table),
        of_parents=of_parents,
        stage=sql.Identifier(stage),
        same_row=_equal("t", "s", keys),
        key=_object("t", keys),
        values=_object("t", recorded_columns(batch.table)),
        run_id=sql.Literal(run_id),
    )


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


def _dependents(table: Table) -> set[Table]:
    found = {child for child, _ in children(table)}
    return found.union(*map(_dependents, found))


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
        child=_name(child),
        table=_name(table),
        same=sql.SQL(" AND ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(theirs))
            for own, theirs in pairs
        ),
        key=_object("c", key_columns(child)),
        values=_object("c", recorded_columns(child)),
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
        child=_name(child),
        rows=sql.Literal(Jsonb(list(restored))),
        columns=sql.SQL(", ").join(
            sql.SQL("{} int").format(sql.Identifier(name)) for name in key_columns(table)
        ),
        was_at=sql.Identifier(_WAS_AT),
        was_by=sql.Identifier(_WAS_BY),
        same=sql.SQL(" AND ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(theirs))
            for own, theirs in pairs
        ),
        not_listed=sql.SQL(" ").join(
            sql.SQL("AND NOT EXISTS (SELECT FROM {} WHERE {})").format(
                _parents(coverage), _equal("c", "l", coverage.columns)
            )
            for coverage in coverages
            if coverage.keys
        ),
        key=_object("c", keys),
        back=sql.SQL("{} || jsonb_build_object({}, p.{}, {}, p.{})").format(
            _object("c", keys),
            sql.Literal(_WAS_AT),
            sql.Identifier(_WAS_AT),
            sql.Literal(_WAS_BY),
            sql.Identifier(_WAS_BY),
        ),
        name=sql.Literal(child.name),
        run_id=sql.Literal(run_id),
        is_recorded=sql.Literal(is_recorded),
    )


def _parents(coverage: Coverage) -> sql.Composable:
    """The parents of a coverage as rows, named l; one row without columns where it is about everything."""
    if not coverage.columns:
        return sql.SQL("(SELECT) AS l")
    ordered = sorted(coverage.keys)
    values = [
        sql.SQL("{}::int[]").format(sql.Literal([parent[position] for parent in ordered]))
        for position in range(len(coverage.columns))
    ]
    return sql.SQL("unnest({}) AS l ({})").format(
        sql.SQL(", ").join(values), listed(coverage.columns)
    )


def _equal(left: str, right: str, names: Iterable[str]) -> sql.Composed:
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


def _any(conditions: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(" OR ").join([sql.SQL("false"), *conditions])


def _object(alias: str, names: Iterable[str]) -> sql.Composed:
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


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table.name)
