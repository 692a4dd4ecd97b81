"""What a merge works on: a RowBatch, table by table, then staged.

In: rows as mappings. Out: TableBatch, Staged. No connection, no SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from iracing_pipeline.core.rows import Coverage, RowBatch
from iracing_pipeline.warehouse.schema.tables import table

# Says of a staged row which columns it carries, where not all rows carry the same.
SHAPE = "shape of the row"


@dataclass(frozen=True)
class TableBatch:
    """Rows for one table. Columns that the rows do not carry stay as they are."""

    table: Table
    rows: Sequence[Mapping[str, Any]]
    coverage: Coverage | None = None
    """Given: rows of these parents that are alive in the table and absent from `rows` are retired, and
    with them whatever refers to them."""
    is_load: bool = False
    """True for history that is filled in: it is stored, and not recorded as change."""
    only_updates: bool = False
    """True: rows that are not stored yet, or retired, are left out; required columns may be missing."""
    completes: Coverage | None = None
    """Rows of these parents in which nothing changed but that more is known, and rows of those of whom
    the source has told nothing before: no change is recorded."""
    is_first_fill: bool = False
    """True: of the whole table nothing was known from this source. What was known and has become another
    is a change; what comes is none."""
    restores: bool = True
    """False: retired rows are left out, for a response that is not the newest word on them."""


def table_batches(
    batch: RowBatch, *, restores: bool = True, first_fills: Collection[str] = ()
) -> Iterator[TableBatch]:
    """The batch table by table, in its order; then the updates of rows that are stored."""
    for name, rows in batch.rows.items():
        yield TableBatch(
            table(name),
            rows,
            batch.coverage.get(name),
            is_load=batch.is_load,
            completes=batch.completes,
            is_first_fill=name in first_fills,
            restores=restores,
        )
    for updates, is_load in ((batch.updates, batch.is_load), (batch.discoveries, True)):
        for name, rows in updates.items():
            if rows:
                yield TableBatch(table(name), rows, is_load=is_load, only_updates=True)


@dataclass(frozen=True)
class Staged:
    """A batch on its way: `shapes` are the sets of columns that rows carry, `columns` their union."""

    stage: str
    batch: TableBatch
    columns: tuple[str, ...]
    shapes: tuple[frozenset[str], ...]
    shape_of: Sequence[int]
    """The position in `shapes` of what each row carries."""

    @property
    def is_mixed(self) -> bool:
        return len(self.shapes) > 1
