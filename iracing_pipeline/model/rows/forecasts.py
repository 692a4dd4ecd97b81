"""Forecasts: where the list of seasons says they lie, and their hours → rows of `weather_forecasts`.

In: parsed JSON. Out: links by week, RowBatch. Fetching is the asset's; a link is a secret until it dies.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.api.types.forecasts import ForecastHour
from iracing_pipeline.api.types.items import readable
from iracing_pipeline.api.types.parsing import expect_list, parse_items
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import FORECAST
from iracing_pipeline.core.forecasts import WeekKey
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.rows import Coverage, Rejected, Row, RowBatch

# Column → field and what one unit of the column counts there.
_SCALED = {
    "raw_air_temp_c": ("raw_air_temp", 100),
    "air_temp_c": ("air_temp", 100),
    "precip_chance_pct": ("precip_chance", 100),
    "precip_amount_mm_h": ("precip_amount", 10),
    "pressure_hpa": ("pressure", 10),
    "wind_speed_ms": ("wind_speed", 100),
    "wind_dir_deg": ("wind_dir", 1),
    "cloud_cover_pct": ("cloud_cover", 10),
    "rel_humidity_pct": ("rel_humidity", 100),
}
_SAME = ("timestamp", "is_sun_up", "affects_session", "allow_precip")


def forecast_links(body: Any) -> dict[WeekKey, str]:
    """The signed links of an answer of series/seasons, by week; weeks that cannot be read have none."""
    seasons = body.get("seasons") if isinstance(body, dict) else body
    found: dict[WeekKey, str] = {}
    for season in seasons if isinstance(seasons, list) else ():
        weeks = season.get("schedules") if isinstance(season, dict) else None
        for week in weeks if isinstance(weeks, list) else ():
            if not isinstance(week, dict) or not isinstance(week.get("weather"), dict):
                continue
            season_id = whole(week.get("season_id", season.get("season_id")))
            race_week_num = whole(week.get("race_week_num"))
            url = week["weather"].get("weather_url")
            if season_id is not None and race_week_num is not None and isinstance(url, str):
                found |= {(season_id, race_week_num): url} if url else {}
    return found


def params_of_week(week: WeekKey) -> dict[str, str]:
    """A week as the parameters that its forecast lands under."""
    return {"season_id": str(week[0]), "race_week_num": str(week[1])}


def forecast_rows(week: WeekKey, body: Any, drift: Drift | None = None) -> RowBatch:
    """The hours of one week's forecast, complete unless some could not be read.

    A body that is no list is set aside as a whole, under the week's key.
    """
    season_id, race_week_num = week
    name = f"season_id={season_id} race_week_num={race_week_num}"
    params = params_of_week(week)
    if not isinstance(body, list):
        reason = f"The forecast is {type(body).__name__} where a list was expected."
        return RowBatch(
            {"weather_forecasts": []}, rejected=[Rejected(name, reason, body).of(FORECAST, params)]
        )
    parsed = parse_items(ForecastHour, expect_list(body, FORECAST), ("time_offset",), drift)
    rejected = [item.under(name).of(FORECAST, params) for item in parsed.rejected]
    rows = [
        {"season_id": season_id, "race_week_num": race_week_num, **_hour_row(hour)}
        for hour in parsed.items
    ]
    # An hour that could not be read is in no row, and not gone; an empty file says nothing.
    is_whole = bool(rows) and not rejected
    hours_of = Coverage(("season_id", "race_week_num"), frozenset({week} if is_whole else ()))
    return RowBatch({"weather_forecasts": rows}, {"weather_forecasts": hours_of}, rejected)


def _hour_row(hour: ForecastHour) -> Row:
    row: Row = readable(hour, ("time_offset", *_SAME))
    values, unread = hour.__dict__, hour.unread
    # Figures that iRacing itself calls invalid are unknown.
    is_valid = values["valid_stats"] is not False
    for column, (name, scale) in _SCALED.items():
        if name in unread:
            continue
        value = values[name]
        row[column] = round(value / scale, 4) if is_valid and value is not None else None
    return row
