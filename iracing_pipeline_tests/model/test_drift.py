"""Drift counted in parts, on threads of their own, adds up to drift counted in one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from iracing_pipeline.api.types.parsing import parse_items
from iracing_pipeline.api.types.reference import Track
from iracing_pipeline.core.drift import Drift

OBJECTS: list[dict[str, Any]] = [
    {"track_id": 1, "track_name": "One", "brand_new": 1},
    {"track_id": "2", "track_name": "Two", "latitude": []},
    {"track_id": 3, "track_name": "Three", "brand_new": 2, "latitude": 1.5},
    {"track_id": 4, "track_name": "Four", "category": {}},
]


def counted(drift: Drift, objects: list[dict[str, Any]]) -> Drift:
    parse_items(Track, deepcopy(objects), ("track_id",), drift)
    return drift


@pytest.mark.parametrize("watches_fields", [True, False])
@pytest.mark.parametrize("cut", range(len(OBJECTS) + 1))
def test_parts_add_up_to_the_whole(watches_fields: bool, cut: int) -> None:
    whole = counted(Drift(watches_fields), OBJECTS)
    assert whole.unknown_fields
    assert whole.unexpected_types
    assert bool(whole.objects) is watches_fields
    total = Drift(watches_fields)
    for part in (OBJECTS[:cut], OBJECTS[cut:]):
        total.add(counted(Drift(watches_fields), part))
    assert total == whole
