"""series/seasons → rows of `seasons` and `season_car_classes`. The weeks are schedules.py's business.

In: a parsed JSON body. Out: RowBatch. What moves at every fetch (reg_user_count, ...) never becomes a column.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.api.types.items import given, readable
from iracing_pipeline.api.types.parsing import Parsed, expect_list, parse_items
from iracing_pipeline.api.types.series import Season
from iracing_pipeline.core import endpoints
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Coverage, Row, RowBatch, sorted_ids

# Stored elsewhere (weeks, classes), or moving at every fetch.
_NOT_COLUMNS = frozenset(
    {
        "schedules",
        "car_class_ids",
        "reg_user_count",
        "next_race_session",
        "allowed_season_members",
    }
)
_COLUMNS = tuple(name for name in Season.model_fields if name not in _NOT_COLUMNS)
# Lists of objects with one field each.
_TAGS = (
    ("license_group_types", "license_group_type"),
    ("car_types", "car_type"),
    ("track_types", "track_type"),
)


def parse_seasons(body: Any, drift: Drift | None = None) -> Parsed[Season]:
    """The seasons of an answer, one by one. Raises UnusableResponse when the body is no list."""
    return parse_items(Season, expect_list(body, endpoints.SEASONS), ("season_id",), drift)


def season_rows(parsed: Parsed[Season], *, is_current: bool = True) -> RowBatch:
    """Rows of the seasons and of their car classes.

    `is_current`: it is the list of current seasons, so none of them is over, whatever the answer says
    or leaves out. An answer for a quarter says so of the active ones only.
    """
    seasons: list[Row] = []
    classes: list[Row] = []
    for season in parsed.items:
        # What a list of another quarter leaves out, the list of current seasons may have told.
        row: Row = readable(season, _COLUMNS) if is_current else given(season, _COLUMNS)
        for name, tag in _TAGS:
            if row.get(name) is not None:
                row[name] = sorted(getattr(item, tag) for item in row[name])
        row["has_rules"] = True
        if is_current or season.active:
            row |= {"complete": bool(season.complete), "has_final_schedule": False}
        elif not season.complete:
            row.pop("complete", None)
        seasons.append(row)
        classes.extend(
            {"season_id": season.season_id, "car_class_id": car_class_id}
            for car_class_id in sorted_ids(season.car_class_ids) or []
        )
    classes_of = Coverage(
        ("season_id",),
        frozenset(
            (season.season_id,) for season in parsed.items if season.car_class_ids is not None
        ),
    )
    return RowBatch(
        {"seasons": seasons, "season_car_classes": classes},
        {"season_car_classes": classes_of},
        parsed.rejected,
        completes=None
        if is_current
        else Coverage(
            ("season_id",),
            frozenset((season.season_id,) for season in parsed.items if not season.active),
        ),
    )
