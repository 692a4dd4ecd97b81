"""What concerns persons is cut out of JSON, wherever it stands; what names nobody stays."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from iracing_pipeline.core.landable import landable
from iracing_pipeline.core.personal import PERSONAL_FIELDS

NAME = "Ayrton Prost"
MEMBER = {"cust_id": 900001, "display_name": NAME, "car_id": 116, "car_num": "29"}
VALUES: tuple[Any, ...] = (
    *(900001, "900001", NAME, [900001], [NAME], MEMBER, [MEMBER], {"900001": MEMBER}),
    {"a": [{"b": {"900001": [NAME]}}]},
)


@pytest.mark.promise(8)
@pytest.mark.parametrize("field", sorted(PERSONAL_FIELDS))
def test_a_personal_field_is_cut_out_at_any_depth(field: str) -> None:
    for value in VALUES:
        item = {"season_id": 7, field: value}
        bodies = (item, [item], {"seasons": [item]}, {"139": {"schedules": [{"x": [[item]]}]}})
        for body in bodies:
            kept = json.dumps(landable(deepcopy(body)))
            assert "900001" not in kept
            assert NAME not in kept
            assert f'"season_id": 7, "{field}": null' in kept


def test_members_by_their_ids_are_cut_out_under_any_name() -> None:
    body = [{"season_id": 7, "somebody": {"900001": MEMBER, "900002": MEMBER}}]
    assert landable(body) == [{"season_id": 7, "somebody": None}]


@pytest.mark.parametrize("value", [None, 0, False, "", [], {}])
def test_what_names_nobody_stays(value: Any) -> None:
    body = dict.fromkeys((*PERSONAL_FIELDS, "track_name"), value)
    assert landable([dict(body)]) == [body]


def test_everything_else_stays_and_signatures_go() -> None:
    body = {"139": {"logo": "a.png", "restrict_by_member": True, "max_team_drivers": 4}}
    assert landable(deepcopy(body)) == body
    link = "https://storage/x?X-Amz-Signature=s"
    assert landable({"weather_url": link}) == {"weather_url": "https://storage/x"}
