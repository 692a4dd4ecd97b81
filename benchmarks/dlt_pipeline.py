"""What a user of dlt would write for the same data: one call per quarter, weeks as child tables, merged.

In: `python -m benchmarks.dlt_pipeline quarters` or, where past quarters answer without schedules, `seasons`:
one call per season. Out: tables in the schema `racing`. Items are cut down to what ours keeps.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dlt
import orjson

from benchmarks.wire import Wire, weather_links

Item = dict[str, Any]
SCHEMA = "racing"
# A forecast of its own is not worth a future.
_FILES_AT_A_TIME = 50


def _flat(item: Item, *nested: str) -> Item:
    """The scalars of an item, and what is named."""
    return {
        name: value
        for name, value in item.items()
        if name in nested or not isinstance(value, list | dict)
    }


def _season(item: Item) -> Item:
    return {
        **_flat(item, "car_class_ids"),
        "schedules": [_week(week) for week in item.get("schedules", ())],
    }


def _week(item: Item) -> Item:
    weather = item.get("weather") or {}
    return {
        **_flat(item, "track"),
        "weather": {
            **{name: value for name, value in _flat(weather).items() if name != "weather_url"},
            "weather_summary": weather.get("weather_summary"),
        },
        "race_time_descriptors": [
            _flat(each, "session_times") for each in item.get("race_time_descriptors", ())
        ],
        "car_restrictions": [_flat(each) for each in item.get("car_restrictions", ())],
    }


class Racing:
    """The source: each answer is fetched where it is needed, and once."""

    def __init__(self, by: str) -> None:
        self._wire = Wire()
        self._by = by
        self._index: list[Item] = self._get("series/stats_series")
        self._current: list[Item] = self._get("series/seasons", include_series="true")

    def _get(self, endpoint: str, **params: Any) -> Any:
        return orjson.loads(self._wire.get(endpoint, {k: str(v) for k, v in params.items()}))

    def seasons(self) -> Iterator[Any]:
        yield [_season(item) for item in self._current]
        current = {item["season_id"] for item in self._current}
        past = [
            season
            for series in self._index
            for season in series["seasons"]
            if season["season_id"] not in current
        ]

        @dlt.defer
        def quarter(year: int, number: int) -> list[Item]:
            found = self._get("series/seasons", season_year=year, season_quarter=number)
            return [_season(item) for item in found if item["season_id"] not in current]

        @dlt.defer
        def single(season: Item) -> Item:
            schedule = self._get("series/season_schedule", season_id=season["season_id"])
            return _season({**season, "schedules": schedule["schedules"]})

        if self._by == "seasons":
            for season in past:
                yield single(season)
        else:
            for year, number in sorted({(s["season_year"], s["season_quarter"]) for s in past}):
                yield quarter(year, number)

    def series(self) -> Iterator[Any]:
        logos = self._get("series/assets")
        running = {item["series_id"]: item for item in self._get("series/get")}
        for item in self._index:
            whole = {**item, **running.get(item["series_id"], {})}
            logo = logos.get(str(item["series_id"]), {}).get("logo")
            yield {**_flat(whole, "allowed_licenses"), "logo": logo}

    def forecasts(self) -> Iterator[Any]:
        links = weather_links(self._current)

        @dlt.defer
        def some(links: list[str]) -> list[Item]:
            return [
                {"file": link.partition("?")[0], **_flat(hour)}
                for link in links
                for hour in orjson.loads(self._wire.file(link))
            ]

        for start in range(0, len(links), _FILES_AT_A_TIME):
            yield some(links[start : start + _FILES_AT_A_TIME])

    def cars(self) -> Iterator[Any]:
        yield [_flat(item) for item in self._get("car/get")]

    def tracks(self) -> Iterator[Any]:
        yield [_flat(item) for item in self._get("track/get")]

    def car_classes(self) -> Iterator[Any]:
        classes = self._get("carclass/get")
        yield [
            {**_flat(item), "cars": [_flat(car) for car in item["cars_in_class"]]}
            for item in classes
        ]


def _resource(work: Callable[[], Iterator[Any]], key: str | tuple[str, ...]) -> Any:
    return dlt.resource(
        work(),
        name=work.__name__,
        primary_key=key,
        write_disposition="merge",
        # Weeks are the first level; what is deeper than their descriptors stays JSON.
        max_table_nesting=2,
    )


def _credentials() -> str:
    """dlt wants a host and a password, which a socket has not; the query's host goes before the other."""
    parts = urlsplit(os.environ["IRACING_DATABASE_URL"])
    user, password, host = parts.username, parts.password or "none", parts.hostname or "localhost"
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}{port}"))


def main() -> None:
    by = sys.argv[1]
    pipeline = dlt.pipeline(
        "racing",
        destination=dlt.destinations.postgres(credentials=_credentials()),
        dataset_name=SCHEMA,
    )
    racing = Racing(by)
    loaded = pipeline.run(
        [
            _resource(racing.series, "series_id"),
            _resource(racing.seasons, "season_id"),
            _resource(racing.forecasts, ("file", "time_offset")),
            _resource(racing.cars, "car_id"),
            _resource(racing.tracks, "track_id"),
            _resource(racing.car_classes, "car_class_id"),
        ]
    )
    loaded.raise_on_failed_jobs()


if __name__ == "__main__":
    main()
