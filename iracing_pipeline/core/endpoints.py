"""Every endpoint the pipeline asks: its name, how long a response serves, whether the server is slow.

In: nothing. Out: names as constants, ENDPOINTS by name. What a response means is model's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from iracing_pipeline.core.seasons import YearQuarter

SERIES = "series/get"
SERIES_ASSETS = "series/assets"
STATS_SERIES = "series/stats_series"
PAST_SEASONS = "series/past_seasons"
SEASONS = "series/seasons"
SEASON_SCHEDULE = "series/season_schedule"
TRACKS = "track/get"
CARS = "car/get"
CAR_CLASSES = "carclass/get"
MEMBER_INFO = "member/info"
"""The account itself. Only what it owns is read, and nothing of it lands."""
FORECAST = "weather_url"
"""Not an endpoint of /data: the file behind a week's `weather.weather_url`, landed under this name."""

API_LIFETIME = timedelta(seconds=900)
"""The API declares expirationSeconds 900 everywhere: asking sooner returns the same response."""


@dataclass(frozen=True)
class Endpoint:
    """What is known of an endpoint before it is asked."""

    name: str
    params: tuple[str, ...] = ()
    """Query parameters that tell one response of it from another."""
    lifetime: timedelta | None = None
    """How long a landed response serves; None: as long as IRACING_CACHE_TTL says."""
    is_slow: bool = False
    """Building a cold response takes the server up to 30 s, or it is some 11 MB large."""


ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint(SERIES),
        Endpoint(SERIES_ASSETS),
        Endpoint(STATS_SERIES, lifetime=timedelta(days=7), is_slow=True),
        Endpoint(PAST_SEASONS, ("series_id",), lifetime=timedelta(days=7)),
        Endpoint(SEASONS, ("include_series", "season_year", "season_quarter"), is_slow=True),
        Endpoint(SEASON_SCHEDULE, ("season_id",)),
        Endpoint(TRACKS),
        Endpoint(CARS),
        Endpoint(CAR_CLASSES),
        Endpoint(MEMBER_INFO),
        Endpoint(FORECAST, ("season_id", "race_week_num")),
    )
}

CURRENT_LIST: Mapping[str, str] = {"include_series": "true"}
"""Parameters of `series/seasons` under which it answers with the list of current seasons."""


def season_list_params(quarter: YearQuarter | None) -> dict[str, str]:
    """Parameters of `series/seasons`: the current list, or the list of one quarter."""
    if quarter is None:
        return dict(CURRENT_LIST)
    year, number = quarter
    return {**CURRENT_LIST, "season_year": str(year), "season_quarter": str(number)}


def is_slow(endpoint: str) -> bool:
    """Whether more time is allowed for a call; unknown endpoints are quick."""
    known = ENDPOINTS.get(endpoint)
    return known is not None and known.is_slow
