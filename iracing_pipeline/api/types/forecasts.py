"""The hours of a forecast, as the file behind `weather.weather_url` gives them.

In: JSON objects, values scaled as iRacing scales them. Out: typed items. Units are model/rows/forecasts.py's.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.api.types.items import Item, LocalTime, Optional, Real


class ForecastHour(Item):
    """One hour: temperatures in 1/100 degrees Celsius, wind in 1/100 m/s, rain in 1/10 mm/h."""

    time_offset: Real
    timestamp: Optional[LocalTime] = None
    raw_air_temp: Optional[Real] = None
    air_temp: Optional[Real] = None
    precip_chance: Optional[Real] = None
    precip_amount: Optional[Real] = None
    pressure: Optional[Real] = None
    wind_speed: Optional[Real] = None
    wind_dir: Optional[Real] = None
    cloud_cover: Optional[Real] = None
    rel_humidity: Optional[Real] = None
    is_sun_up: Optional[bool] = None
    affects_session: Optional[bool] = None
    allow_precip: Optional[bool] = None
    valid_stats: Optional[bool] = None
    # Its position in the list.
    index: Any = None
