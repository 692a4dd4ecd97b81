"""Every field of every object of every response, with every value that is odd: it costs its item at most."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from iracing_pipeline.api.types.forecasts import ForecastHour
from iracing_pipeline.api.types.index import IndexedSeries
from iracing_pipeline.api.types.items import Int, Item
from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.api.types.reference import Car, CarClass, Track
from iracing_pipeline.api.types.series import Season, Series, SeriesAsset
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.model.plan import read_quarter
from iracing_pipeline.model.rows.index import series_of_past_seasons
from iracing_pipeline.model.rows.past_schedules import weeks_of_schedule
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.simulator.source import to_json
from iracing_pipeline.sync.past_seasons import sync_past_seasons
from iracing_pipeline.sync.result import SeriesListed, SeriesSynced, SyncEvent, SyncResult
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.series import sync_series
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.migrations.sql_files import ORDER
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import QUICK, sync
from iracing_pipeline_tests.support.odd_values import ODD, OddItem, odd_items, types_in
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

FIRST = 100_000
"""The ids of odd items begin here; those of the others are far below."""
HOURS = json.loads((RECORDED / "weather_url_body.json").read_text())


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield settings_for(running.environment)


# -- items with ids of their own, and what has to become of them ------------------------------------------


def season_of(raw: dict[str, Any], number: int) -> dict[str, Any]:
    week = {**raw["schedules"][0], "season_id": number}
    week |= {"weather": {**week["weather"], "weather_url": None}, "race_week_cars": [{"car_id": 1}]}
    return {**raw, "season_id": number, "schedules": [week]}


def entry_of(raw: dict[str, Any], number: int) -> dict[str, Any]:
    """Of the index: a series with one season of one week."""
    season = raw["seasons"][0]
    week = {**season["race_weeks"][0], "season_id": number}
    ids = {"season_id": number, "series_id": number}
    return {**raw, "series_id": number, "seasons": [{**season, **ids, "race_weeks": [week]}]}


def check_stored(
    database: Database,
    odd: dict[int, OddItem],
    table: str,
    name: str,
    healthy: set[int],
    excused: Collection[str] = (),
) -> None:
    """The healthy items are stored, and an odd one too, or it is in quarantine under its id.

    Only those whose very id is odd, or a field that is `excused`, may be neither.
    """
    stored = {row[0] for row in query(database, f"SELECT {name} FROM iracing.{table}")}
    set_aside = query(
        database,
        f"SELECT substring(item_key FROM '\\m{name}=(\\d+)')::numeric FROM iracing.quarantine",
    )
    assert healthy <= stored
    lost = set(odd).difference(stored, (int(row[0]) for row in set_aside if row[0] is not None))
    assert {odd[number].field for number in lost} <= {name, *excused}
    check_views(database)


def check_views(database: Database) -> None:
    """Not one of them fails over what is stored."""
    names = (name.partition("/") for name in ORDER)
    for view in (name for folder, _, name in names if folder == "views"):
        schema = "iracing_private" if view == "changes_in_words" else "iracing"
        query(database, f"SELECT count(*) FROM {schema}.{view}")
    query(database, "SELECT count(*) FROM iracing.race_sessions('2026-01-01', '2027-01-01')")


# -- endpoint by endpoint ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "type_", "asset", "table", "name"),
    [
        ("series/get", Series, "series", "series", "series_id"),
        ("track/get", Track, "tracks", "tracks", "track_id"),
        ("car/get", Car, "cars", "cars", "car_id"),
        ("carclass/get", CarClass, "car_classes", "car_classes", "car_class_id"),
    ],
)
@pytest.mark.promise(4)
def test_lists_of_things(
    settings: Settings,
    answers: RecordedResponses,
    database: Database,
    endpoint: str,
    type_: type[Item],
    asset: str,
    table: str,
    name: str,
) -> None:
    first, *others = answers[endpoint]
    odd = odd_items(type_, lambda number: {**first, name: number}, FIRST)
    answers[endpoint] = [first, *(item.raw for item in odd.values()), *others]
    assert sync(settings, asset).failures() == {}
    check_stored(database, odd, table, name, {item[name] for item in (first, *others)})


def test_pictures(settings: Settings, answers: RecordedResponses, database: Database) -> None:
    (series, *_), assets = answers["series/get"], answers["series/assets"]
    odd = odd_items(SeriesAsset, lambda number: {**assets["10"], "series_id": number}, FIRST)
    answers["series/get"] += [{**series, "series_id": number} for number in odd]
    keys = {str(value): assets["10"] for value in ODD.values()}
    answers["series/assets"] = {
        **keys,
        **assets,
        **{str(number): item.raw for number, item in odd.items()},
    }
    assert sync(settings, "series").failures() == {}
    check_stored(database, {}, "series", "series_id", {10, 20, *odd})


@pytest.mark.promise(4)
def test_the_list_of_current_seasons(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    first, *others = answers["series/seasons"]
    odd = odd_items(Season, lambda number: season_of(first, number), FIRST)
    answers["series/seasons"] = [first, *(item.raw for item in odd.values()), *others]
    assets = ("current_seasons", "season_schedules")
    assert sync(settings, *assets, sync_past_seasons=False).failures() == {}
    check_stored(database, odd, "seasons", "season_id", {1001, 1002})
    weeks = query(database, "SELECT count(*) FROM iracing.season_schedules WHERE season_id < 2000")
    assert weeks == [(3,)]


@pytest.mark.promise(4)
def test_the_index_of_all_series(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    first, *others = answers["series/stats_series"]
    odd = odd_items(IndexedSeries, lambda number: entry_of(first, number), FIRST)
    answers["series/stats_series"] = [first, *(item.raw for item in odd.values()), *others]
    services = Services(settings, limits=QUICK)
    try:
        *_, listed, result = _events(services, "series", sync_series)
        assert isinstance(listed, SeriesListed)
        assert isinstance(result, SyncResult)
        # They become partition keys: only what is stored does.
        stored = query(database, "SELECT series_id FROM iracing.series")
        assert listed.known == {row[0] for row in stored}
        check_stored(database, odd, "series", "series_id", {10, 20})
        events = list(
            _events(
                services, "past_seasons", lambda run: sync_past_seasons(run, sorted(listed.known))
            )
        )
    finally:
        services.close()
    done = {event.series_id for event in events if isinstance(event, SeriesSynced)}
    assert {10, 20} <= done
    # Seasons of a series that cannot be read have no row.
    unread = {"series_id", "series_name", "seasons", "seasons.season_id"}
    check_stored(database, odd, "seasons", "season_id", {1001, 1002}, unread)


def _events(
    services: Services, asset: str, work: Callable[[SyncRun], Iterator[SyncEvent]]
) -> Iterator[SyncEvent]:
    run = SyncRun.of(services, Session(services.now()), RunInfo(f"odd {asset}", asset))
    yield from work(run)


@pytest.mark.promise(4)
def test_forecasts_and_their_links(
    answers: RecordedResponses, settings_for: Callable[..., Settings], database: Database
) -> None:
    hours = odd_items(ForecastHour, lambda number: {**HOURS[0], "time_offset": number}, FIRST)
    season = answers.season(1001)
    week = season["schedules"][0]
    odd_weeks = [
        {**week, "season_id": None, **changed}
        for value in ODD.values()
        for changed in (
            {"season_id": value},
            {"race_week_num": value},
            {"weather": value},
            {"weather": {"weather_url": value}},
        )
    ]
    listed = [
        {**season, "season_id": FIRST + number, "schedules": [odd_week]}
        for number, odd_week in enumerate(odd_weeks)
    ]
    answers["series/seasons"] += listed

    class OddForecasts(CaptureSource):
        def file(self, path: str, now: datetime) -> bytes | None:
            return to_json([*HOURS, *(item.raw for item in hours.values())])

    with Simulator(OddForecasts(RECORDED), rate_limit=100_000) as running:
        running.faults.transform = answers.transform
        done = sync(
            settings_for(running.environment),
            "current_seasons",
            "season_schedules",
            "weather_forecasts",
        )
    assert done.failures() == {}
    offsets = "SELECT time_offset FROM iracing.weather_forecasts WHERE season_id = 1001"
    stored = {row[0] for row in query(database, f"{offsets} AND race_week_num = 0")}
    assert {HOURS[0]["time_offset"], HOURS[1]["time_offset"]} <= stored
    assert {hours[number].field for number in set(hours).difference(stored)} == {"time_offset"}


# -- what stands around the items --------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_envelopes_are_usable_or_refused(odd: Any) -> None:
    for body in (odd, {"series": odd}, {"series": {"series_id": odd}}):
        with pytest.raises(UnusableResponse):
            series_of_past_seasons(body, 139)
    for body in (odd, {"schedules": odd}, {"schedules": [], "season_id": odd}):
        try:
            assert isinstance(weeks_of_schedule(body, 5862), list)
        except UnusableResponse:
            continue
    season = {"season_id": 5862, "season_year": 2025, "season_quarter": 3, "schedules": [{}]}
    for name in season:
        assert read_quarter([{**season, name: odd}, season], (2025, 3), {5862}).schedules == {
            5862: [{}]
        }
        assert set(read_quarter(odd, (2025, 3), {5862}).schedules) == set()


def test_every_response_type_is_gone_through(answers: RecordedResponses) -> None:
    roots: list[tuple[type[Item], Any]] = [
        (Series, answers["series/get"][0]),
        (SeriesAsset, {}),
        (IndexedSeries, answers["series/stats_series"][0]),
        (Season, season_of(answers["series/seasons"][0], FIRST)),
        (Track, answers["track/get"][0]),
        (Car, answers["car/get"][0]),
        (CarClass, answers["carclass/get"][0]),
        (ForecastHour, HOURS[0]),
    ]
    seen = set().union(*(types_in(type_, raw) for type_, raw in roots))
    assert set(Item.__subclasses__()) - seen == set()


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_is_read_without_its_type_is_read_as_the_type_reads_it(odd: Any) -> None:
    try:
        expected = TypeAdapter(Int).validate_python(odd)
    except ValidationError:
        expected = None
    assert whole(odd) == expected
