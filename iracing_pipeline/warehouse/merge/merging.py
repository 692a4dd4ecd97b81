"""The one way rows get into a data table: staged by COPY, compared, upserted, changes recorded.

In: rows as mappings, inside the caller's transaction. Out: counts. Knows no table by name, no endpoint.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

from iracing_pipeline.core.rows import Counts, RowBatch
from iracing_pipeline.warehouse.merge.batches import SHAPE, Staged, TableBatch, table_batches
from iracing_pipeline.warehouse.merge.cascades import (
    cascade_statement,
    children,
    dependents,
    restore_statement,
)
from iracing_pipeline.warehouse.merge.sql_parts import listed
from iracing_pipeline.warehouse.merge.statements import (
    lock_statements,
    merge_statement,
    prepare_statement,
)
from iracing_pipeline.warehouse.schema.base import (
    is_json,
    is_nothing_if_empty,
    key_columns,
    value_columns,
)
from iracing_pipeline.warehouse.schema.tables import table

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


class DuplicateKey(ValueError):
    """Two rows of one batch have the same key; the model has to settle which is meant."""


def merge(
    connection: Connection,
    batches: Iterable[RowBatch],
    *,
    run_id: str,
    counts_living: bool = True,
    restores: bool = True,
    first_fills: Collection[str] = (),
) -> dict[str, Counts]:
    """Merge what was read, and return counts per table name: see `merge_tables`.

    `restores`: whether retired rows that a batch holds come back to life. `first_fills`: tables in which
    a new row is no news yet.
    """
    tables = [
        one
        for batch in batches
        for one in table_batches(batch, restores=restores, first_fills=first_fills)
    ]
    return merge_tables(connection, tables, run_id=run_id, counts_living=counts_living)


def merge_tables(
    connection: Connection,
    batches: Iterable[TableBatch],
    *,
    run_id: str,
    counts_living: bool = True,
) -> dict[str, Counts]:
    """Merge every batch in order, parents first, and return counts per table name.

    Without `counts_living`, `Counts.living` is 0: counting reads whole tables, which a merge that is
    one of thousands must not.

    Runs inside the caller's transaction: all of it lands, or nothing does. A row whose values are as
    stored is not touched: no `updated_at`, no lock, no change record. However many rows, there is one
    COPY per batch and two more round trips; what refers to a row that is retired is retired with it,
    and comes back with it.
    Rows of one table are merged by one writer at a time (advisory lock), so that change records are
    exact.
    """
    todo = [staged for staged in map(_staged, batches) if staged is not None]
    if not todo:
        return {}
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    results: dict[str, Counts] = defaultdict(Counts)
    with raw.cursor() as cursor:
        cursor.execute(prepare_statement(todo))
        for staged in todo:
            if staged.batch.rows:
                _copy(cursor, staged)
        cursor.execute(
            ";".join(merge_statement(staged, run_id, counts_living) for staged in todo).encode()
        )
        restored: list[Any] = []
        for staged in todo:
            found = cursor.fetchone()
            inserted, updated, retired, living, back = found if found else (0, 0, 0, 0, None)
            restored.append(back)
            unchanged = len(staged.batch.rows) - inserted - updated
            name = staged.batch.table.name
            counts = results[name] + Counts(inserted, updated, unchanged, retired)
            results[name] = replace(counts, living=living)
            cursor.nextset()
        merge = Merge(cursor, todo, run_id, counts_living, results)
        for staged, back in zip(todo, restored, strict=True):
            if back:
                merge.restore(staged.batch.table, back, not staged.batch.is_load)
        for staged in todo:
            if staged.batch.coverage is not None and results[staged.batch.table.name].retired:
                merge.retire(staged.batch.table, not staged.batch.is_load)
    return dict(results)


def lock_all(connection: Connection, tables: Iterable[Table]) -> None:
    """Keep every other writer out of these tables until the transaction ends.

    For whoever reads first and merges in several steps: what is read stays so, and nobody who takes the
    same locks one merge at a time can be waited for in a circle.
    """
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(lock_statements(tables)))


def lock_with_dependents(connection: Connection, names: Iterable[str]) -> None:
    """The same for the tables of these names and all that refer to them."""
    tables = {table(name) for name in names}
    lock_all(connection, tables.union(*map(dependents, tables)))


@dataclass(frozen=True)
class Merge:
    """What a merge does along the foreign keys, after its batches."""

    cursor: psycopg.Cursor[Any]
    todo: Sequence[Staged]
    run_id: str
    counts_living: bool
    results: dict[str, Counts]

    def retire(self, table: Table, is_recorded: bool) -> None:
        """Retire what refers to rows of `table` that were retired just now, and what refers to that."""
        for child, pairs in children(table):
            self.cursor.execute(cascade_statement(table, child, pairs, self.run_id, is_recorded))
            row = self.cursor.fetchone()
            # The rows alive before this statement include those it retires.
            retired, alive = row if row else (0, 0)
            if retired:
                self._count(child, Counts(retired=retired), alive - retired)
                self.retire(child, is_recorded)

    def restore(self, table: Table, restored: Sequence[Any], is_recorded: bool) -> None:
        """Bring back what was retired with rows of `table` that are back, and what was with that.

        Without the writers' locks of those tables, which cannot be taken in order any more: it is one
        statement per table, of rows that nobody else is about to write.
        """
        for child, pairs in children(table):
            coverages = [
                staged.batch.coverage
                for staged in self.todo
                if staged.batch.table is child and staged.batch.coverage is not None
            ]
            self.cursor.execute(
                restore_statement(
                    table, child, pairs, restored, coverages, self.run_id, is_recorded
                )
            )
            row = self.cursor.fetchone()
            count, alive, back = row if row else (0, 0, [])
            if count:
                # The rows alive before this statement do not include those it brings back.
                self._count(child, Counts(updated=count), alive + count)
                self.restore(child, back or [], is_recorded)

    def _count(self, table: Table, counts: Counts, living: int) -> None:
        found = self.results[table.name] + counts
        self.results[table.name] = replace(found, living=living if self.counts_living else 0)


def _staged(batch: TableBatch) -> Staged | None:
    """The batch with the columns its rows carry, in table order; None where it says nothing."""
    keys = key_columns(batch.table)
    known = (*keys, *value_columns(batch.table))
    # Rows that are made in one way carry their columns in one order: looked up as they are, they are cheap.
    shape_by_names: dict[tuple[str, ...], frozenset[str]] = {}
    for row in batch.rows:
        names = tuple(row)
        if names not in shape_by_names:
            unknown = set(names).difference(known)
            missing = set(keys).difference(names)
            if unknown or missing:
                raise KeyError(
                    f"{batch.table.name}: unknown columns {sorted(unknown)}, "
                    f"missing key columns {sorted(missing)}"
                )
            shape_by_names[names] = frozenset(names)
    # In an order of their own, so that the same shapes make the same statement.
    shapes = sorted(set(shape_by_names.values()), key=sorted)
    number = {names: shapes.index(shape) for names, shape in shape_by_names.items()}
    shape_of = [number[tuple(row)] for row in batch.rows]
    if len(set(map(itemgetter(*keys), batch.rows))) < len(batch.rows):
        found = Counter(tuple(row[name] for name in keys) for row in batch.rows)
        raise DuplicateKey(f"{batch.table.name}: two rows with key {found.most_common(1)[0][0]}")
    if not shapes and (batch.coverage is None or not batch.coverage.keys):
        return None
    carried = frozenset(keys).union(*shapes)
    columns = tuple(name for name in known if name in carried)
    return Staged(f"stage_{next(_stage_numbers)}", batch, columns, tuple(shapes), shape_of)


def _copy(cursor: psycopg.Cursor[Any], staged: Staged) -> None:
    table, columns = staged.batch.table, staged.columns
    is_wrapped = [place for place, name in enumerate(columns) if is_json(table, name)]
    may_be_empty = [place for place, name in enumerate(columns) if is_nothing_if_empty(table, name)]
    names, types = list(columns), [_copy_type(table, name) for name in columns]
    if staged.is_mixed:
        names, types = [*names, SHAPE], [*types, "int2"]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(staged.stage), listed(names)
    )
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        for row, shape in zip(staged.batch.rows, staged.shape_of, strict=True):
            values = list(map(row.get, columns))
            for place in may_be_empty:
                values[place] = values[place] or None
            for place in is_wrapped:
                if values[place] is not None:
                    values[place] = Jsonb(values[place])
            if staged.is_mixed:
                values.append(shape)
            copy.write_row(values)


@functools.cache
def _copy_type(table: Table, name: str) -> str:
    declared = table.columns[name].type.compile(dialect=_DIALECT)
    base, is_array = declared.removesuffix("[]"), declared.endswith("[]")
    return _COPY_NAMES.get(base, base.lower()) + ("[]" if is_array else "")
