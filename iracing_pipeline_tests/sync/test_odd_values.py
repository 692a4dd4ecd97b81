"""Every field of every object of every response, with every value that is odd: it costs its item at most."""

from __future__ import annotations

import copy
import json
import random
import string
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from iracing_pipeline.api.types.account import OwnedPackage
from iracing_pipeline.api.types.forecasts import ForecastHour
from iracing_pipeline.api.types.index import IndexedSeries
from iracing_pipeline.api.types.items import Forgiven, Id, Item
from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.api.types.reference import Car, CarClass, Track
from iracing_pipeline.api.types.series import Season, Series, SeriesAsset
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.model.plan import read_quarter
from iracing_pipeline.model.rows.index import series_of_past_seasons
from iracing_pipeline.model.rows.past_schedules import weeks_of_schedule
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.simulator.source import any_to_json
from iracing_pipeline.sync.past_seasons import sync_past_seasons
from iracing_pipeline.sync.result import SeriesListed, SeriesSynced, SyncEvent, SyncResult
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.series import sync_series
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import DATA_TABLES, dump, query
from iracing_pipeline_tests.support.engine_sync import ALL, QUICK, sync
from iracing_pipeline_tests.support.odd_values import ODD, OddItem, odd_items, types_in, unreadable
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


class Files(CaptureSource):
    """With forecasts of the test's own."""

    hours: list[Any] = HOURS

    def file(self, path: str, now: datetime) -> bytes | None:
        return any_to_json(self.hours)


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
    views = (
        "SELECT format('%%I.%%I', schemaname, viewname) FROM pg_views WHERE schemaname ~ '^iracing'"
    )
    for (view,) in query(database, views):
        query(database, f"SELECT count(*) FROM {view}")
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
        # They become partition keys: what is stored, and what can be asked for by its id.
        stored = {row[0] for row in query(database, "SELECT series_id FROM iracing.series")}
        assert stored <= listed.known
        assert listed.known - stored <= set(odd)
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

    source = Files(RECORDED)
    source.hours = [*HOURS, *(item.raw for item in hours.values())]
    with Simulator(source, rate_limit=100_000) as running:
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
        listed = [{**season, name: odd}, {**season, "season_id": 5863}]
        assert read_quarter(listed, (2025, 3), {5863}).schedules == {5863: [{}]}
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
    # Of what an account owns nothing is synced: test_owned has its odd values.
    assert set(Item.__subclasses__()) - seen - {OwnedPackage} == set()


# Python's int() reads most of them; of what has landed, SQL finds only "5", "0" and "-5" by their numbers.
TEXTS = (
    "5",
    "0",
    "-5",
    " 5",
    "5\n",
    "+5",
    "-0",
    "00",
    "007",
    "5.0",
    "5.",
    "5e0",
    "1_000",
    "0x5",
    "\u0665",
)


@pytest.mark.parametrize("odd", [*ODD.values(), *TEXTS, 5.0], ids=[*ODD, *map(ascii, TEXTS), "5.0"])
def test_what_is_read_without_its_type_is_read_as_the_type_reads_it(odd: Any) -> None:
    try:
        expected = TypeAdapter(Id).validate_python(odd)
    except ValidationError:
        expected = None
    assert whole(odd) == expected
    if isinstance(odd, str) and expected is not None:
        assert str(expected) == odd


# -- fields of any name --------------------------------------------------------------------------------------


@pytest.mark.promise(9)
def test_a_new_field_may_have_any_name_of_any_length(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    # No text that compresses: what an index takes is measured afterwards.
    endless = "".join(random.Random(1).choices(string.printable, k=30_000))
    names = ("", "nul\x00", "\ud800", "a.b", "100%s {0}", endless, f"{endless}2")
    new = dict.fromkeys(names, 1)
    for endpoint in ROOTS:
        answers[endpoint][0] |= new
    for week in answers["series/seasons"][0]["schedules"]:
        week |= new
        week["weather"] |= new
    done = sync(settings, *ALL, "past_seasons", sync_past_seasons=False)
    assert done.failures() == done.failed_checks() == {}
    drifted = query(database, "SELECT field, occurrences FROM iracing.drift")
    of_tracks = {field: times for field, times in drifted if field.startswith("Track.")}
    assert len(of_tracks) == len(names) - 1
    assert of_tracks[f"Track.{endless[:100]}"] == 2


# -- fractions, and what cannot be read ----------------------------------------------------------------------


ROOTS: dict[str, type[Item]] = {
    "series/get": Series,
    "series/stats_series": IndexedSeries,
    "series/seasons": Season,
    "track/get": Track,
    "car/get": Car,
    "carclass/get": CarClass,
}
EVERYTHING = (*ALL, "past_seasons", "weather_forecasts")


@pytest.mark.promise(9)
def test_a_value_that_cannot_be_read_overwrites_none_that_could(
    answers: RecordedResponses, settings_for: Callable[..., Settings], database: Database
) -> None:
    source = Files(RECORDED)
    with Simulator(source, rate_limit=100_000) as running:
        running.faults.transform = answers.transform
        settings = settings_for(running.environment)
        assert sync(settings, *EVERYTHING, sync_past_seasons=False).failures() == {}
        before = dump(database, *DATA_TABLES, "weather_forecasts")
        good = {endpoint: copy.deepcopy(answers[endpoint]) for endpoint in ROOTS}
        pictures = answers["series/assets"]
        for to_the_leaves in (True, False):
            for endpoint, type_ in ROOTS.items():
                answers[endpoint] = [
                    _telling_when(unreadable(type_, item, to_the_leaves=to_the_leaves), item)
                    for item in good[endpoint]
                ]
            answers["series/assets"] = {
                key: unreadable(SeriesAsset, item, to_the_leaves=True)
                for key, item in pictures.items()
            }
            source.hours = [unreadable(ForecastHour, hour, to_the_leaves=True) for hour in HOURS]
            again = sync(settings, *EVERYTHING, refresh=True, sync_past_seasons=False)
            assert again.failures() == again.failed_checks() == {}
            assert dump(database, *DATA_TABLES, "weather_forecasts") == before
            assert again.written() == 0
            if to_the_leaves:
                assert (
                    "new type WeatherSummary.precip_chance (object)"
                    in (again.warnings()["season_schedules"])
                )


def _telling_when(changed: Any, item: Any) -> Any:
    """The same, with links and with the times of sessions, without which a week is set aside.

    And with `cust_id`: whatever is in it is cut out before it is read.
    """
    if "cust_id" in item:
        changed["cust_id"] = item["cust_id"]
    for week, told in zip(changed.get("schedules", ()), item.get("schedules", ()), strict=True):
        for one, good in zip(
            week["race_time_descriptors"], told["race_time_descriptors"], strict=True
        ):
            for name in {"day_offset", "first_session_time", "session_times"} & good.keys():
                one[name] = good[name]
        if isinstance(week["weather"], dict):
            week["weather"]["weather_url"] = told["weather"].get("weather_url")
    return changed


def test_a_fraction_is_kept_where_something_is_measured_and_rounded_where_it_is_counted(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    season = answers.season(1001)
    season |= {"drops": 4.5, "reg_open_minutes": 29.5, "max_weeks": 2.25, "license_group": 1.5}
    week = season["schedules"][0]
    week |= {"race_time_limit": 22.5, "practice_length": 3.5, "race_lap_limit": 12.4}
    week["race_time_descriptors"][0] |= {"session_minutes": 44.5, "repeat_minutes": 112.5}
    week["weather"] |= {"rel_humidity": 54.5, "simulated_time_offsets": [0.5]}
    week["weather"]["weather_summary"] |= {"precip_chance": 12.5}
    week["track_state"] |= {"practice_rubber": 2.5}
    done = sync(settings, "current_seasons", "season_schedules")
    assert done.failures() == done.failed_checks() == {}
    where = "WHERE season_id = 1001"
    assert query(
        database,
        f"SELECT drops, reg_open_minutes, max_weeks, license_group FROM iracing.seasons {where}",
    ) == [(4, 29.5, 2, None)]
    assert query(
        database,
        "SELECT race_time_limit, practice_length, race_lap_limit, rel_humidity_pct, "
        "simulated_time_offsets_minutes, precip_chance_pct, practice_rubber_pct, session_minutes, "
        "repeat_minutes FROM iracing.season_schedules JOIN iracing.race_time_descriptors "
        f"USING (season_id, race_week_num) {where} AND race_week_num = 0",
    ) == [(22.5, 3.5, 12, 54.5, [0.5], 12.5, 2.5, 44.5, 112.5)]
    assert query(
        database,
        "SELECT start_time::time::text, end_time::time::text FROM iracing.race_sessions("
        "'2026-03-17', '2026-03-18') WHERE season_id = 1001 ORDER BY 1 LIMIT 2",
    ) == [("00:45:00", "01:29:30"), ("02:37:30", "03:22:00")]
    drifted = query(database, "SELECT field FROM iracing.drift WHERE kind = 'new_type' ORDER BY 1")
    assert drifted == [
        ("Season.drops",),
        ("Season.license_group",),
        ("Season.max_weeks",),
        ("Week.race_lap_limit",),
    ]


def test_only_of_ids_and_of_days_a_fraction_cannot_be_read() -> None:
    """Every other number is kept or rounded: half a unit, though, would make another temperature."""
    unread: set[str] = set()
    for type_ in Item.__subclasses__():
        for name, field in type_.model_fields.items():
            if not any(isinstance(one, Forgiven) for one in field.metadata):
                continue
            read = TypeAdapter(get_type_hints(type_, include_extras=True)[name]).validate_python
            found = next(filter(None, (read(3), read([3]))), None)
            is_number = isinstance(found, (int, float, Decimal)) or found == [3]
            if is_number and not isinstance(found, bool) and (read(3.25) or read([3.25])) is None:
                unread.add(name)
    assert unread == {
        *("series_id", "category_id", "car_class_ids", "race_week_car_class_ids", "cust_id"),
        *("score_as_carclassid", "race_setup_id", "qual_setup_id", "package_id", "parent_id"),
        *("open_practice_session_type_id", "license_group", "sku", "weather_seed"),
        *("temp_units", "wind_units", "day_offset"),
    }
