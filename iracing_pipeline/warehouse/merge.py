"""The one way rows get into a data table: staged by COPY, compared, upserted, changes recorded.

In: rows as mappings, inside the caller's transaction. Out: counts. Knows no table by name, no endpoint.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

from iracing_pipeline.warehouse.schema import SCHEMA, is_json, key_columns, value_columns

Row = Mapping[str, Any]

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

# Stages live until the transaction ends, and one transaction may merge several times.
_stage_numbers = itertools.count()

# COPY's binary format names types as Postgres' catalogue does.
_COPY_NAMES = {
    "INTEGER": "int4",
    "BIGINT": "int8",
    "SMALLINT": "int2",
    "DOUBLE PRECISION": "float8",
    "BOOLEAN": "bool",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TIMESTAMP WITHOUT TIME ZONE": "timestamp",
    "TIME WITHOUT TIME ZONE": "time",
}


@dataclass(frozen=True)
class Counts:
    """What one or more merges did, in rows."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    living: int = 0
    """Rows of the table that are not retired, after the merge."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.retired + other.retired,
            self.living + other.living,
        )

    @property
    def written(self) -> int:
        """Rows of the data table that were touched at all."""
        return self.inserted + self.updated + self.retired


@dataclass(frozen=True)
class Scope:
    """Of which parents the rows are a complete list: what is absent there has vanished.

    `columns` are key columns of the table, `keys` the parents' values for them.
    """

    columns: tuple[str, ...]
    keys: frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class Batch:
    """Rows for one table. Columns that the rows do not carry stay as they are."""

    table: Table
    rows: Sequence[Row]
    scope: Scope | None = None
    """Given: rows of these parents that are alive in the table and absent from `rows` are retired."""
    is_load: bool = False
    """True for history that is filled in: its new rows are not recorded as changes."""


class DuplicateKey(ValueError):
    """Two rows of one batch have the same key; the model has to settle which is meant."""


def merge_all(
    connection: Connection, batches: Iterable[Batch], *, run_id: str
) -> dict[str, Counts]:
    """Merge every batch in order, parents first, and return counts per table name.

    Runs inside the caller's transaction: all of it lands, or nothing does. A row whose values are as
    stored is not touched: no `updated_at`, no lock, no change record. However many rows, there is one
    COPY per table (and set of columns) and two more round trips. Rows of one table are merged by
    one writer at a time (advisory lock), so that change records are exact.
    """
    todo = [
        (f"stage_{next(_stage_numbers)}", batch, columns, rows)
        for batch in batches
        for columns, rows in _by_columns(batch)
    ]
    if not todo:
        return {}
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    results: dict[str, Counts] = defaultdict(Counts)
    with raw.cursor() as cursor:
        cursor.execute(
            _prepare([(stage, batch.table, columns) for stage, batch, columns, _ in todo])
        )
        for stage, batch, columns, rows in todo:
            if rows:
                _copy(cursor, stage, batch.table, columns, rows)
        cursor.execute(
            sql.SQL(";").join(
                _merge_statement(stage, batch, columns, run_id) for stage, batch, columns, _ in todo
            )
        )
        for _, batch, _, rows in todo:
            found = cursor.fetchone()
            inserted, updated, retired, living = found if found else (0, 0, 0, 0)
            counts = results[batch.table.name] + Counts(
                inserted, updated, len(rows) - inserted - updated, retired
            )
            results[batch.table.name] = replace(counts, living=living)
            cursor.nextset()
    return dict(results)


def _by_columns(batch: Batch) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Rows grouped by the columns they carry, in table order; a scope alone gives one empty group."""
    known = (*key_columns(batch.table), *value_columns(batch.table))
    keys = key_columns(batch.table)
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    order: dict[frozenset[str], tuple[str, ...]] = {}
    seen: set[tuple[Any, ...]] = set()
    for row in batch.rows:
        names = frozenset(row)
        if names not in order:
            unknown = names.difference(known)
            missing = set(keys).difference(names)
            if unknown or missing:
                raise KeyError(
                    f"{batch.table.name}: unknown columns {sorted(unknown)}, "
                    f"missing key columns {sorted(missing)}"
                )
            order[names] = tuple(name for name in known if name in names)
        identity = tuple(row[name] for name in keys)
        if identity in seen:
            raise DuplicateKey(f"{batch.table.name}: two rows with key {identity}")
        seen.add(identity)
        groups[order[names]].append(row)
    if not groups and batch.scope is not None and batch.scope.keys:
        groups[keys] = []
    if len(groups) > 1 and batch.scope is not None:
        raise ValueError(f"{batch.table.name}: a scope needs rows with the same columns")
    return list(groups.items())


def _prepare(parts: Sequence[tuple[str, Table, tuple[str, ...]]]) -> sql.Composed:
    """One round trip: the tables' writer locks in a fixed order, then an empty stage per part."""
    names = sorted({table.name for _, table, _ in parts})
    locks = [
        sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))").format(
            sql.Literal(f"{SCHEMA}.{name}")
        )
        for name in names
    ]
    stages = [
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(stage), _list(columns), _name(table)
        )
        for stage, table, columns in parts
    ]
    # Change records hold moments as text: they must not depend on the server's time zone.
    return sql.SQL("; ").join([sql.SQL("SET LOCAL timezone = 'UTC'"), *locks, *stages])


def _copy(
    cursor: psycopg.Cursor[Any],
    stage: str,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Row],
) -> None:
    wrap = [is_json(table, name) for name in columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(stage), _list(columns)
    )
    with cursor.copy(statement) as copy:
        copy.set_types([_copy_type(table, name) for name in columns])
        for row in rows:
            copy.write_row(
                [
                    Jsonb(row[name]) if json and row[name] is not None else row[name]
                    for name, json in zip(columns, wrap, strict=True)
                ]
            )


def _copy_type(table: Table, name: str) -> str:
    declared = table.columns[name].type.compile(dialect=_DIALECT)
    base, is_array = declared.removesuffix("[]"), declared.endswith("[]")
    return _COPY_NAMES.get(base, base.lower()) + ("[]" if is_array else "")


def _merge_statement(
    stage: str, batch: Batch, columns: tuple[str, ...], run_id: str
) -> sql.Composed:
    """Compare, upsert, retire and record in one statement; returns (inserted, updated, retired, living).

    The anti-join comes first because ON CONFLICT DO UPDATE … WHERE locks, and logs, every row it
    then leaves alone. `updated` counts restored rows too: a retired row that is back.
    """
    keys = key_columns(batch.table)
    values = [name for name in columns if name not in keys]
    compared = [
        sql.SQL("t.{0} IS DISTINCT FROM s.{0}").format(sql.Identifier(name)) for name in values
    ]
    parts = {
        "stage": sql.Identifier(stage),
        "table": _name(batch.table),
        "table_name": sql.Literal(batch.table.name),
        "columns": _list(columns),
        "keys": _list(keys),
        "first_key": sql.Identifier(keys[0]),
        "key_object": _object("d", keys),
        "old_key_object": _object("t", keys),
        "new_values": _object("s", values),
        "old_values": _object("t", values),
        "is_different": sql.SQL(" OR ").join([sql.SQL("t.retired_at IS NOT NULL"), *compared]),
        "assignments": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in values
        )
        + sql.SQL(", " if values else ""),
        "record_inserts": sql.Literal(not batch.is_load),
        "retire": _retire(stage, batch, keys, run_id),
        "run_id": sql.Literal(run_id),
    }
    return sql.SQL(
        """
        WITH diff AS MATERIALIZED (
            SELECT s.*, t.{first_key} IS NULL AS is_new, t.retired_at IS NOT NULL AS was_retired,
                   {old_values} AS old_values, {new_values} AS new_values
            FROM {stage} s LEFT JOIN {table} t USING ({keys})
            WHERE t.{first_key} IS NULL OR {is_different}
        ), upserted AS (
            INSERT INTO {table} ({columns}, first_seen_at, updated_at, run_id)
            SELECT {columns}, statement_timestamp(), statement_timestamp(), {run_id} FROM diff
            ON CONFLICT ({keys}) DO UPDATE
            SET {assignments} updated_at = statement_timestamp(), retired_at = NULL, run_id = excluded.run_id
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
            WHERE NOT is_new
               OR ({record_inserts} AND EXISTS (
                   SELECT FROM {table} WHERE xmin <> pg_current_xact_id()::xid))
            UNION ALL
            SELECT {table_name}, key, 'retired', before, NULL, statement_timestamp(), {run_id} FROM retired
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
               (SELECT count(*) FROM retired),
               (SELECT count(*) FROM {table} WHERE retired_at IS NULL)
                   + count(*) FILTER (WHERE is_new OR was_retired) - (SELECT count(*) FROM retired)
        FROM diff
        """
    ).format(**parts)


def _retire(stage: str, batch: Batch, keys: tuple[str, ...], run_id: str) -> sql.Composable:
    if batch.scope is None:
        return sql.SQL("SELECT NULL::jsonb AS key, NULL::jsonb AS before WHERE false")
    ordered = sorted(batch.scope.keys)
    parents = sql.SQL(", ").join(
        sql.SQL("{}::int[]").format(sql.Literal([parent[position] for parent in ordered]))
        for position in range(len(batch.scope.columns))
    )
    return sql.SQL(
        """
            UPDATE {table} t
            SET retired_at = statement_timestamp(), updated_at = statement_timestamp(),
                run_id = {run_id}
            FROM unnest({parents}) AS p ({scope})
            WHERE {same_parent} AND t.retired_at IS NULL
              AND NOT EXISTS (SELECT FROM {stage} s WHERE {same_row})
            RETURNING {key} AS key, {values} AS before"""
    ).format(
        table=_name(batch.table),
        parents=parents,
        scope=_list(batch.scope.columns),
        same_parent=_equal("t", "p", batch.scope.columns),
        stage=sql.Identifier(stage),
        same_row=_equal("t", "s", keys),
        key=_object("t", keys),
        values=_object("t", value_columns(batch.table)),
        run_id=sql.Literal(run_id),
    )


def _equal(left: str, right: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{}.{} = {}.{}").format(
            sql.Identifier(left), sql.Identifier(name), sql.Identifier(right), sql.Identifier(name)
        )
        for name in names
    )


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


def _list(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table.name)
