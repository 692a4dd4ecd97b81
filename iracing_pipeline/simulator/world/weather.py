"""Weather: the object on a week (version 0 until 2023, 1 since) and the file behind weather_url.

In: both shapes, with their oddities. Out: the signing of weather_url (protocol.py).
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from iracing_pipeline.simulator.source import STORAGE_SCHEME

from .calendar import index_of
from .dice import dice, varied
from .seasons import SeasonPlan

FIRST_VERSION_1 = index_of(2024, 1)
_PATH = (
    "members/messaging-services/non_expiring/weather-forecast/season/{0}/rw{1}_evt5_display.json"
)
_FILE = re.compile(r".*/season/(\d+)/rw(\d+)_evt5_display\.json")


def weather(season: SeasonPlan, week: int, reroll: int, *, url: bool) -> dict[str, Any]:
    """The `weather` of a week. `reroll` counts new forecasts; `url`: whether it has weather_url."""
    roll = dice(season.seed, "weather", season.season_id, week, reroll)
    start = datetime.combine(season.week_starts[week], time(roll.randint(8, 20)))
    start += timedelta(days=4, minutes=10 * roll.randint(0, 5))
    body: dict[str, Any] = {
        "rel_humidity": roll.randint(20, 100),
        "simulated_start_time": start.isoformat(),
        "simulated_time_multiplier": 1,
        "simulated_time_offsets": roll.choice([[15, 30], [15, 35], [20, 60], [0, 0]]),
        "skies": roll.randint(0, 3),
        "temp_units": 0,
        "temp_value": roll.randint(60, 85),
        "time_of_day": roll.choice([0, 1, 2, 3, 4, 5, 8, 9]),
        "wind_dir": roll.randint(0, 7),
        "wind_units": 0,
        "wind_value": roll.randint(0, 16),
    }
    if season.quarter_index < FIRST_VERSION_1:
        before = {
            "fog": 0,
            "type": 1,
            "version": 0,
            "weather_var_initial": 0,
            "weather_var_ongoing": 0,
        }
        return dict(sorted({**body, **before}.items()))
    wet = season.series.has("rain") and roll.random() < 0.5
    options: dict[str, Any] = {
        "allow_fog": wet,
        "forecast_type": 1,
        "precipitation": 0 if wet else 1,
        "skies": 0,
        "stop_precip": 0,
        "temperature": 0,
        # Signed, up to 53 bits, and absent now and then.
        "weather_seed": roll.randint(-(2**52), 2**52),
        "wind_dir": 0,
        "wind_speed": 0,
    }
    if (season.season_id + week) % 41 == 0:
        del options["weather_seed"]
    body.update(
        allow_fog=wet,
        forecast_options=options,
        precip_option=8 if wet else 0,
        track_water=0,
        version=1,
        weather_summary=_summary(season, week, reroll, wet),
    )
    if url:
        body["weather_url"] = STORAGE_SCHEME + _PATH.format(season.season_id, week)
    return dict(sorted(body.items()))


def _summary(season: SeasonPlan, week: int, reroll: int, wet: bool) -> dict[str, Any]:
    roll = dice(season.seed, "summary", season.season_id, week, reroll)
    temperature = roll.uniform(12, 34)
    wind = roll.uniform(0, 30)
    rate = varied(roll.uniform(0.3, 2.4)) if wet else 0
    skies = sorted((roll.randint(0, 3), roll.randint(0, 3)))
    # iRacing rounds the two apart: the high may be a tenth below the low.
    spread = -0.1 if (season.season_id + week) % 37 == 0 else roll.uniform(0, 2)
    return {
        "max_precip_rate": rate,
        "max_precip_rate_desc": ("Light" if rate < 1.5 else "Moderate") if wet else "None",
        "precip_chance": roll.randint(15, 95) if wet else 0,
        "skies_high": skies[1],
        "skies_low": skies[0],
        "temp_high": varied(round(temperature, 1) + spread),
        "temp_low": varied(temperature),
        "temp_units": 1,
        "wind_dir": roll.randint(0, 7),
        "wind_high": varied(wind + 2),
        "wind_low": varied(wind),
        "wind_units": 1,
    }


def file_of(path: str) -> tuple[int, int] | None:
    """(season_id, race_week_num) of a forecast's path, None if it is none."""
    found = _FILE.fullmatch(path)
    return (int(found[1]), int(found[2])) if found else None


def forecast(season: SeasonPlan, week: int, reroll: int) -> list[dict[str, Any]]:
    """The body behind weather_url: hourly, times in minutes, values scaled as iRacing scales."""
    body = weather(season, week, reroll, url=False)
    wet = body.get("precip_option") == 8
    start = datetime.fromisoformat(body["simulated_start_time"])
    roll = dice(season.seed, "forecast", season.season_id, week, reroll)
    rows = []
    for index in range(12):
        offset = (index - 6) * 60
        at = start + timedelta(minutes=offset)
        warmth = 1200 + roll.randint(0, 1500)
        rows.append(
            {
                "time_offset": offset,
                "raw_air_temp": warmth - 100,
                "precip_chance": roll.randint(1500, 10000) if wet else 0,
                "index": index,
                "is_sun_up": 6 <= at.hour < 20,
                "pressure": roll.randint(9600, 10200),
                "wind_dir": roll.randint(0, 359),
                "air_temp": warmth,
                "valid_stats": True,
                "affects_session": 0 <= offset <= 120,
                "cloud_cover": roll.randint(0, 1000),
                "rel_humidity": roll.randint(2000, 10000),
                "wind_speed": roll.randint(0, 900),
                "allow_precip": wet,
                "timestamp": at.isoformat(),
                "precip_amount": roll.randint(0, 60) if wet else 0,
            }
        )
    return rows
