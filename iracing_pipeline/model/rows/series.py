"""series/get and series/assets → rows of `series` and `series_licenses`.

In: parsed JSON bodies. Out: RowBatch. A series that is not listed says nothing: the list is of running ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iracing_pipeline.api.types.items import given, readable
from iracing_pipeline.api.types.parsing import expect_list, parse_items
from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.api.types.series import AllowedLicense, Series, SeriesAsset
from iracing_pipeline.core import endpoints
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import EVERYTHING, Coverage, Row, RowBatch

_COLUMNS = tuple(
    name
    for name in Series.model_fields
    if name not in {"first_season", "eligible", "allowed_licenses"}
)


def series_rows(
    get_body: Any,
    assets_body: Any,
    drift: Drift | None = None,
    pictures_drift: Drift | None = None,
) -> RowBatch:
    """Rows of the series that run now. `assets_body` None: pictures and text stay as stored.

    Raises UnusableResponse when an answer is not of the promised shape.
    """
    parsed = parse_items(Series, expect_list(get_body, endpoints.SERIES), ("series_id",), drift)
    pictures = picture_columns(assets_body, pictures_drift)
    rows: list[Row] = []
    licenses: list[Row] = []
    for series in parsed.items:
        first = series.first_season
        row: Row = readable(series, _COLUMNS)
        if "first_season" not in series.unread:
            row["first_season_year"] = first.season_year if first else None
            row["first_season_quarter"] = first.season_quarter if first else None
        rows.append({**row, **pictures.get(series.series_id, {})})
        licenses += license_rows(series.series_id, series.allowed_licenses or (), parsed.drift)
    said = (series.series_id for series in parsed.items if series.allowed_licenses is not None)
    return RowBatch(
        {"series": rows, "series_licenses": licenses},
        {"series_licenses": Coverage(("series_id",), frozenset((one,) for one in said))},
        parsed.rejected,
        completes=EVERYTHING,
    )


def license_rows(series_id: int, allowed: Iterable[AllowedLicense], drift: Drift) -> list[Row]:
    """Rows of `series_licenses`, one per group."""
    return [
        {
            "series_id": series_id,
            "license_group": item.license_group,
            **readable(item, ("group_name", "min_license_level", "max_license_level")),
        }
        for item in once(allowed, ("license_group",), drift, f"series_id={series_id}")
    ]


def picture_columns(body: Any, drift: Drift | None = None) -> dict[int, Row]:
    """Pictures and description by series, running or not, from series/assets; none for None.

    They decorate: one that cannot be read is left out, not set aside.
    """
    if not isinstance(body, dict):
        return {}
    objects = (
        {"series_id": series_id, **asset} if isinstance(asset, dict) else asset
        for series_id, asset in body.items()
    )
    parsed = parse_items(SeriesAsset, objects, ("series_id",), drift)
    return {
        asset.series_id: given(asset, ("logo", "large_image", "small_image", "series_copy"))
        for asset in parsed.items
    }
