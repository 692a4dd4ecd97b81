"""From what was read to what the warehouse takes: batches for the merge, items for the quarantine.

In: Extract, Reject. Out: Batch, SetAside. The one place where model and warehouse meet; no Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping

from iracing_pipeline.api.types.parsing import Reject
from iracing_pipeline.core.rows import Extract
from iracing_pipeline.warehouse.ledger.runs import SetAside
from iracing_pipeline.warehouse.merge.batches import Batch, Scope
from iracing_pipeline.warehouse.schema.tables import table


def batches_of(extract: Extract, *, restores: bool = True) -> list[Batch]:
    """What the merge takes, table by table. `restores`: whether retired rows come back to life."""
    batches = []
    for name, rows in extract.rows.items():
        complete = extract.complete.get(name)
        scope = Scope(complete.columns, complete.keys) if complete else None
        batches.append(Batch(table(name), rows, scope, is_load=extract.is_load, restores=restores))
    for updates, is_load in (
        (extract.updates, extract.is_load),
        (extract.discoveries, True),
    ):
        batches += [
            Batch(table(name), rows, is_load=is_load, only_updates=True)
            for name, rows in updates.items()
            if rows
        ]
    return batches


def as_set_aside(item: Reject, source: tuple[str, Mapping[str, str]]) -> SetAside:
    """An item as the quarantine takes it, with the answer it stood in."""
    endpoint, params = source
    return SetAside(endpoint, params, item.item_key, item.reason, item.payload)
