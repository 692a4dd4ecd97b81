"""track/get, car/get, carclass/get → rows of `tracks`, `cars`, `car_classes`, `car_class_cars`.

In: parsed JSON bodies. Out: RowBatch. Nothing here depends on a season.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from iracing_pipeline.api.types.items import Item, readable
from iracing_pipeline.api.types.parsing import expect_list, parse_items
from iracing_pipeline.api.types.reference import Car, CarClass, Track
from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.core import endpoints
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Coverage, Row, RowBatch, sorted_objects, sorted_words

# Lists without an order of their own.
_LISTS: Mapping[str, Callable[[Any], Any]] = {
    "track_types": lambda kinds: sorted_words(kind.track_type for kind in kinds),
    "car_types": lambda kinds: sorted_words(kind.car_type for kind in kinds),
    "categories": sorted_words,
    "car_configs": sorted_objects,
    "car_config_defs": sorted_objects,
}


def _row(item: Item, names: Iterable[str]) -> Row:
    row = readable(item, names)
    for name, listed in _LISTS.items():
        if row.get(name) is not None:
            row[name] = listed(row[name])
    return row


def track_rows(body: Any, drift: Drift | None = None) -> RowBatch:
    """Rows of `tracks`. Raises UnusableResponse when the body is no list."""
    parsed = parse_items(Track, expect_list(body, endpoints.TRACKS), ("track_id",), drift)
    rows = [_row(track, Track.model_fields) for track in parsed.items]
    return RowBatch({"tracks": rows}, rejected=parsed.rejected)


def car_rows(body: Any, drift: Drift | None = None) -> RowBatch:
    """Rows of `cars`. Raises UnusableResponse when the body is no list."""
    parsed = parse_items(Car, expect_list(body, endpoints.CARS), ("car_id",), drift)
    rows = [_row(car, Car.model_fields) for car in parsed.items]
    return RowBatch({"cars": rows}, rejected=parsed.rejected)


def car_class_rows(body: Any, drift: Drift | None = None) -> RowBatch:
    """Rows of `car_classes` and `car_class_cars`. Raises UnusableResponse when the body is no list."""
    parsed = parse_items(
        CarClass, expect_list(body, endpoints.CAR_CLASSES), ("car_class_id",), drift
    )
    classes = [
        readable(item, (name for name in CarClass.model_fields if name != "cars_in_class"))
        for item in parsed.items
    ]
    members = [
        {
            "car_class_id": item.car_class_id,
            **readable(car, ("car_id", "car_dirpath", "rain_enabled", "retired")),
        }
        for item in parsed.items
        for car in once(
            item.cars_in_class or (),
            ("car_id",),
            parsed.drift,
            f"car_class_id={item.car_class_id}",
        )
    ]
    members_of = Coverage(
        ("car_class_id",),
        frozenset((item.car_class_id,) for item in parsed.items if item.cars_in_class is not None),
    )
    return RowBatch(
        {"car_classes": classes, "car_class_cars": members},
        {"car_class_cars": members_of},
        parsed.rejected,
    )
