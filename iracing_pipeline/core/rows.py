"""What reading a response yields: rows per table, for which parents they are complete, what was rejected.

In: built by model/rows. Out: RowBatch, Coverage, Rejected, Counts: what the merge takes and gives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from iracing_pipeline.core.response import ResponseKey

Row = dict[str, Any]


@dataclass(frozen=True)
class Coverage:
    """For which parents the rows of a table are a complete list: what is absent there has vanished.

    `columns` are key columns of the table, `keys` the parents' values for them. With all key columns,
    the keys are single rows that are gone. Without columns, and with the empty key, the rows are all
    there are (EVERYTHING).
    """

    columns: tuple[str, ...]
    keys: frozenset[tuple[int, ...]] = frozenset()

    def and_also(self, keys: Iterable[tuple[int, ...]]) -> Coverage:
        """The same for more parents."""
        return Coverage(self.columns, self.keys.union(keys))


EVERYTHING = Coverage((), frozenset({()}))
"""The rows are all there are."""


@dataclass(frozen=True)
class Rejected:
    """An item that cannot be read: which one, why, and what it was."""

    item_key: str
    reason: str
    payload: Any
    source: ResponseKey | None = None
    """The response it stood in, where a reader of several responses says so."""

    def of(self, endpoint: str, params: Mapping[str, str] | None = None) -> Rejected:
        """The same, with the response it stood in."""
        return replace(self, source=ResponseKey(endpoint, params or {}))

    def under(self, key: str) -> Rejected:
        """The same, with the key of its parent before its own, unless it is there already."""
        if self.item_key.startswith(f"{key} "):
            return self
        return replace(self, item_key=f"{key} {self.item_key}")


@dataclass(frozen=True)
class RowBatch:
    """Rows by table, parents first; `coverage` says where an absent row has vanished."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    rejected: Sequence[Rejected] = field(default_factory=list)
    rejected_elsewhere: Sequence[Rejected] = field(default_factory=list)
    """Items that could not be read either, but of series nobody asked for this time."""
    updates: Mapping[str, list[Row]] = field(default_factory=dict)
    """Changes of rows that are stored already; other columns of theirs may be missing."""
    discoveries: Mapping[str, list[Row]] = field(default_factory=dict)
    """The same, where something was not known before: no change of the row."""
    is_load: bool = False
    """History that is filled in: stored, and not recorded as change."""
    completes: Coverage | None = None
    """Parents of whom several sources tell, each a part: where a stored row of theirs had nothing and
    now has something, or where there was no row of theirs at all, another source has filled it in. That is
    no change."""

    row_total: int | None = None
    """How many rows of the main table were read, where `rows` holds only the first."""

    @property
    def main_table(self) -> str:
        """The table that the batch is about."""
        return next(iter(self.rows))

    def told(self, most: int) -> RowBatch:
        """What is left to tell once all is written: the first rows, their number, what was rejected."""
        name = self.main_table
        return RowBatch(
            {name: self.rows[name][:most]}, rejected=self.rejected, row_total=len(self.rows[name])
        )

    def only(self, keep: Callable[[Row], bool]) -> RowBatch:
        """The same, restricted to rows for which `keep` holds in every table.

        Coverage shrinks to the parents that still have a say: `keep` is asked with their key columns
        too, so it has to decide by those alone.
        """
        return replace(
            self,
            rows=_kept(self.rows, keep),
            coverage={
                name: Coverage(
                    coverage.columns,
                    frozenset(
                        key
                        for key in coverage.keys
                        if keep(dict(zip(coverage.columns, key, strict=True)))
                    ),
                )
                for name, coverage in self.coverage.items()
            },
            updates=_kept(self.updates, keep),
            discoveries=_kept(self.discoveries, keep),
        )

    def of_series(self, chosen: frozenset[int], wanted: Callable[[Row], bool]) -> RowBatch:
        """Only rows for which `wanted` holds; rejected items of series outside `chosen` step aside."""
        return replace(
            self.only(wanted),
            rejected=[item for item in self.rejected if _may_concern(item, chosen)],
            rejected_elsewhere=[item for item in self.rejected if not _may_concern(item, chosen)],
        )

    def covering(self, table: str, coverage: Coverage) -> RowBatch:
        """The same, with this coverage of a table."""
        return replace(self, coverage={**self.coverage, table: coverage})

    def rejecting(self, more: Iterable[Rejected]) -> RowBatch:
        """The same, with more rejected items."""
        return replace(self, rejected=[*self.rejected, *more])


def joined(
    batches: Sequence[RowBatch], *, is_load: bool = False, completes: Coverage | None = None
) -> RowBatch:
    """Several batches of the same tables as one: fewer statements for the same rows."""
    rows: dict[str, list[Row]] = {}
    updates: dict[str, list[Row]] = {}
    discoveries: dict[str, list[Row]] = {}
    coverage: dict[str, Coverage] = {}
    rejected: list[Rejected] = []
    for batch in batches:
        for ours, theirs in (
            (rows, batch.rows),
            (updates, batch.updates),
            (discoveries, batch.discoveries),
        ):
            for name, found in theirs.items():
                ours.setdefault(name, []).extend(found)
        for name, covered in batch.coverage.items():
            known = coverage.get(name)
            coverage[name] = known.and_also(covered.keys) if known else covered
        rejected += batch.rejected
    return RowBatch(rows, coverage, rejected, [], updates, discoveries, is_load, completes)


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


def _kept(tables: Mapping[str, list[Row]], keep: Callable[[Row], bool]) -> dict[str, list[Row]]:
    return {name: [row for row in rows if keep(row)] for name, rows in tables.items()}


def _may_concern(item: Rejected, chosen: frozenset[int]) -> bool:
    series_id = item.payload.get("series_id") if isinstance(item.payload, dict) else None
    return not isinstance(series_id, int) or series_id in chosen


def sorted_words(words: Iterable[str] | None) -> list[str] | None:
    """Tags without an order of their own, so that another order is no change."""
    return None if words is None else sorted(words)


def sorted_objects(objects: Iterable[Any] | None) -> list[Any] | None:
    """Objects kept as JSON without an order of their own, so that another order is no change."""
    return None if objects is None else sorted(objects, key=partial(json.dumps, sort_keys=True))


def sorted_ids(ids: Iterable[int] | None) -> list[int] | None:
    """Ids without an order of their own, so that another order is no change."""
    return None if ids is None else sorted(set(ids))
