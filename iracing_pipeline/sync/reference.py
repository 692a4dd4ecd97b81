"""`tracks`, `cars` and `car_classes`: reference data, one call each.

In: track/get, car/get, carclass/get. Out: rows of the tables of the same names, and of car_class_cars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iracing_pipeline.core import endpoints
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import EVERYTHING, RowBatch
from iracing_pipeline.model.rows.reference import car_class_rows, car_rows, track_rows
from iracing_pipeline.sync.responses import read_response
from iracing_pipeline.sync.result import SyncEvent
from iracing_pipeline.sync.run import SyncRun, engine, require_rows
from iracing_pipeline.sync.writer import sync_one_response

READERS: Mapping[str, tuple[str, Callable[[Any, Drift | None], RowBatch]]] = {
    "tracks": (endpoints.TRACKS, track_rows),
    "cars": (endpoints.CARS, car_rows),
    "car_classes": (endpoints.CAR_CLASSES, car_class_rows),
}
"""Asset → endpoint and reader. The asset's main table has its name."""


def sync_reference(run: SyncRun) -> Iterator[SyncEvent]:
    """The asset that the run is about, from its one endpoint."""
    yield from engine(run, lambda run: sync_one_response(run, _read))


def _read(run: SyncRun) -> RowBatch:
    """The response lists everything there is: what it lacks has vanished."""
    endpoint, rows_of = READERS[run.info.asset]
    batch = rows_of(read_response(run, endpoint), run.drift_of(endpoint))
    batch = require_rows(batch, endpoint, may_be_empty=run.options.allow_shrink)
    # An item that could not be read is in no row, and not gone.
    return batch if batch.rejected else batch.covering(run.info.asset, EVERYTHING)
