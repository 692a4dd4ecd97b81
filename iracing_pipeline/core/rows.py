"""What reading an answer yields: rows per table, of which parents they are complete, what failed.

In: built up by the *_rows modules. Out: Extract, handed to the merge by the assets. No parsing here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from iracing_pipeline.api.types.parsing import Reject
from iracing_pipeline.core.drift import Drift

Row = dict[str, Any]


@dataclass(frozen=True)
class Complete:
    """The rows of a table are all there are for these parents (values of `columns`)."""

    columns: tuple[str, ...]
    keys: frozenset[tuple[int, ...]]


EVERYTHING = Complete((), frozenset({()}))
"""The rows are all there are."""


@dataclass
class Extract:
    """Rows by table, parents first; `complete` says where an absent row has vanished."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    complete: dict[str, Complete] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    rejects_elsewhere: list[Reject] = field(default_factory=list)
    """Items that could not be read either, but of series nobody asked for this time."""
    drift: Drift = field(default_factory=Drift)
    updates: dict[str, list[Row]] = field(default_factory=dict)
    """Changes of rows that are stored already; other columns of theirs may be missing."""
    discoveries: dict[str, list[Row]] = field(default_factory=dict)
    """The same, where something was not known before: no change of the row."""
    is_load: bool = False
    """History that is filled in: stored, and not recorded as change."""

    def only(self, keep: Callable[[Row], bool]) -> Extract:
        """The same, restricted to rows for which `keep` holds in every table.

        Completeness shrinks to the parents that still have a say: `keep` is asked with their key
        columns too, so it has to decide by those alone.
        """
        return Extract(
            rows=_kept(self.rows, keep),
            complete={
                name: Complete(
                    scope.columns,
                    frozenset(
                        key
                        for key in scope.keys
                        if keep(dict(zip(scope.columns, key, strict=True)))
                    ),
                )
                for name, scope in self.complete.items()
            },
            rejects=self.rejects,
            rejects_elsewhere=self.rejects_elsewhere,
            drift=self.drift,
            updates=_kept(self.updates, keep),
            discoveries=_kept(self.discoveries, keep),
            is_load=self.is_load,
        )

    def of_series(self, chosen: frozenset[int], wanted: Callable[[Row], bool]) -> Extract:
        """Only rows for which `wanted` holds; rejects of series outside `chosen` step aside."""
        extract = self.only(wanted)
        extract.rejects = [item for item in self.rejects if _may_concern(item, chosen)]
        extract.rejects_elsewhere = [
            item for item in self.rejects if not _may_concern(item, chosen)
        ]
        return extract


def joined(extracts: Sequence[Extract], *, is_load: bool = False) -> Extract:
    """Several extracts of the same tables as one: fewer statements for the same rows."""
    result = Extract(is_load=is_load)
    for extract in extracts:
        for ours, theirs in (
            (result.rows, extract.rows),
            (result.updates, extract.updates),
            (result.discoveries, extract.discoveries),
        ):
            for name, rows in theirs.items():
                ours.setdefault(name, []).extend(rows)
        for name, scope in extract.complete.items():
            known = result.complete.get(name)
            keys = known.keys | scope.keys if known else scope.keys
            result.complete[name] = Complete(scope.columns, keys)
        result.rejects += extract.rejects
    return result


def _kept(tables: dict[str, list[Row]], keep: Callable[[Row], bool]) -> dict[str, list[Row]]:
    return {name: [row for row in rows if keep(row)] for name, rows in tables.items()}


def _may_concern(item: Reject, chosen: frozenset[int]) -> bool:
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
