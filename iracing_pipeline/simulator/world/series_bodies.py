"""Series objects: of series/get, series/assets, past_seasons and stats_series.

In: one series' body in each shape. Out: its seasons (season_bodies.py).
"""

from __future__ import annotations

from typing import Any

from .calendar import year_and_quarter
from .names import CATEGORY_IDS, LICENSE_GROUPS
from .roster import SeriesPlan


def allowed_licenses(series: SeriesPlan) -> list[dict[str, Any]]:
    """Everybody from the level below the series' group upwards; rookies from the start."""
    rows = []
    lowest = max(series.license_group - 1, 1)
    for group in range(lowest, 8):
        level = 4 * group - 3
        # A narrowed row: only the best level of the group below may enter.
        narrow = group == lowest and (group < series.license_group or series.has("narrow"))
        rows.append(
            {
                "group_name": LICENSE_GROUPS[group],
                "license_group": group,
                "max_license_level": 4 * group,
                "min_license_level": 4 * group if narrow else level,
            }
        )
    return rows


def running_series(series: SeriesPlan, quarter: int) -> dict[str, Any]:
    """The row of series/get."""
    year, number = year_and_quarter(series.first)
    name = series.name(quarter)
    oval = series.category in ("oval", "dirt_oval")
    row: dict[str, Any] = {
        "allowed_licenses": allowed_licenses(series),
        "category": series.category,
        "category_id": CATEGORY_IDS[series.category],
        "eligible": series.license_group < 4,
        "first_season": {"season_year": year, "season_quarter": number},
        "forum_url": f"https://forums.example.com/categories/series-{series.series_id}",
        "max_starters": 20 + series.number % 30,
        "min_starters": 6,
        "oval_caution_type": 3 if oval else 0,
        "road_caution_type": 0 if oval else 1,
        "search_filters": search_filters(series),
        "series_id": series.series_id,
        "series_name": name,
        "series_short_name": name,
    }
    absent = {"forum_url": series.has("no-forum"), "search_filters": series.has("no-filters")}
    return {key: value for key, value in row.items() if not absent.get(key)}


def search_filters(series: SeriesPlan) -> str:
    return f"{series.category.replace('_', '')},{series.kind}"


def series_assets(series: SeriesPlan, quarter: int) -> dict[str, Any]:
    """The value of series/assets."""
    return {
        "large_image": None,
        "logo": f"seriesid_{series.series_id}.png" if series.number % 9 else None,
        "series_copy": f"{series.name(quarter)} is raced on invented tracks.\r\n<br><br>\r\nEnjoy.",
        "series_id": series.series_id,
        "small_image": None,
    }


def indexed_series(
    series: SeriesPlan, seasons: list[dict[str, Any]], quarter: int, *, active: bool
) -> dict[str, Any]:
    """The row of stats_series, and `series` of past_seasons; seasons newest first."""
    name = series.name(quarter)
    row: dict[str, Any] = {
        "series_id": series.series_id,
        "series_name": name,
        "series_short_name": name,
        "category_id": CATEGORY_IDS[series.category],
        "category": series.category,
        "active": active,
        "official": series.official,
        "fixed_setup": series.fixed,
        "search_filters": search_filters(series),
        "logo": f"seriesid_{series.series_id}.png" if series.number % 9 else None,
        "license_group": series.license_group,
        "license_group_types": [{"license_group_type": series.license_group}],
        "allowed_licenses": [
            {**row, "parent_id": series.series_id} for row in allowed_licenses(series)
        ],
        "seasons": seasons,
    }
    if series.has("no-filters"):
        del row["search_filters"]
    return row
