"""What a merge takes and gives: batches of rows for a table, and counts.

In: rows as mappings. Out: dataclasses. No connection, no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

Row = Mapping[str, Any]

# Says of a staged row which columns it carries, where not all rows carry the same.
SHAPE = "shape of the row"


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

    `columns` are key columns of the table, `keys` the parents' values for them. With all key columns,
    the keys are single rows: those are gone. Without any, and with the empty key, they are all there are.
    """

    columns: tuple[str, ...]
    keys: frozenset[tuple[int, ...]]


@dataclass(frozen=True)
class Batch:
    """Rows for one table. Columns that the rows do not carry stay as they are."""

    table: Table
    rows: Sequence[Row]
    scope: Scope | None = None
    """Given: rows of these parents that are alive in the table and absent from `rows` are retired, and
    with them whatever refers to them."""
    is_load: bool = False
    """True for history that is filled in: it is stored, and not recorded as change."""
    only_updates: bool = False
    """True: rows that are not stored yet, or retired, are left out; required columns may be missing."""
    restores: bool = True
    """False: retired rows are left out, for an answer that is not the newest word on them."""


@dataclass(frozen=True)
class Staged:
    """A batch on its way: `shapes` are the sets of columns that rows carry, `columns` their union."""

    stage: str
    batch: Batch
    columns: tuple[str, ...]
    shapes: tuple[frozenset[str], ...]

    @property
    def is_mixed(self) -> bool:
        return len(self.shapes) > 1
