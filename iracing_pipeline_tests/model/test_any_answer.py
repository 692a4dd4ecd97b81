"""Readers: whatever looks roughly like an answer is rows and rejected items, or is refused as a whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iracing_pipeline.api.types.index import IndexedSeries
from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse, expect_list
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.core.seasons import CurrentList, MissingSchedule
from iracing_pipeline.model.plan import plan_details, plan_index, read_quarter
from iracing_pipeline.model.rows.forecasts import forecast_links, forecast_rows
from iracing_pipeline.model.rows.index import (
    indexed_series_rows,
    parse_index,
    past_season_rows,
    series_of_past_seasons,
)
from iracing_pipeline.model.rows.past_schedules import season_details, weeks_of_schedule
from iracing_pipeline.model.rows.reference import car_class_rows, car_rows, track_rows
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.warehouse.schema.base import key_columns, value_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.examples import ANY_JSON, examples, nearly
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

NOW = datetime(2026, 3, 20, tzinfo=timezone.utc)
RECORDED = RecordedResponses()
HOUR = {
    "time_offset": 0,
    "air_temp": 2000,
    "precip_chance": 10,
    "timestamp": "2026-03-17T00:00:00Z",
}
WEEKS = RECORDED.season(1001)["schedules"]


def _index(body: Any) -> Parsed[IndexedSeries]:
    return parse_index(expect_list(body, "series/stats_series"))


def _past_seasons(body: Any) -> Iterator[RowBatch]:
    for series in _index(body).items:
        found = past_season_rows(series, {}, CurrentList(), NOW, Drift())
        yield found.history
        yield found.news


def _schedule(body: Any) -> Iterator[RowBatch]:
    missing = MissingSchedule(1001, 10, (2026, 2))
    yield season_details(missing, weeks_of_schedule(body, 1001), NOW, Drift()).weeks


def _seasons(body: Any) -> Iterator[RowBatch]:
    parsed = parse_seasons(body)
    yield season_rows(parsed)
    yield current_schedule_rows(parsed)


Reader = Callable[[Any], Iterator[RowBatch]]
READERS: dict[str, tuple[Any, Reader]] = {
    "series/get": (
        RECORDED["series/get"],
        lambda body: iter([series_rows(body, RECORDED["series/assets"])]),
    ),
    "series/assets": (
        RECORDED["series/assets"],
        lambda body: iter([series_rows(RECORDED["series/get"], body)]),
    ),
    "series/seasons": (RECORDED["series/seasons"], _seasons),
    "series/stats_series": (
        RECORDED["series/stats_series"],
        lambda body: iter(
            [indexed_series_rows(_index(body), series_rows(RECORDED["series/get"], {}))]
        ),
    ),
    "past seasons": (RECORDED["series/stats_series"], _past_seasons),
    "series/season_schedule": ({"season_id": 1001, "schedules": WEEKS}, _schedule),
    "track/get": (RECORDED["track/get"], lambda body: iter([track_rows(body)])),
    "car/get": (RECORDED["car/get"], lambda body: iter([car_rows(body)])),
    "carclass/get": (RECORDED["carclass/get"], lambda body: iter([car_class_rows(body)])),
    "weather_url": (
        [HOUR, {**HOUR, "time_offset": 60}],
        lambda body: iter([forecast_rows((1001, 0), body)]),
    ),
}


def _check(batch: RowBatch) -> None:
    for name, rows in (*batch.rows.items(), *batch.updates.items(), *batch.discoveries.items()):
        keys = key_columns(table(name))
        known = {*keys, *value_columns(table(name))}
        for row in rows:
            assert set(row) <= known
            assert all(row[key] is not None for key in keys)
    for name, rows in batch.rows.items():
        found = [tuple(row[key] for key in key_columns(table(name))) for row in rows]
        assert len(set(found)) == len(found), name
    assert all(item.reason and item.item_key for item in batch.rejected)


@pytest.mark.promise(9)
@pytest.mark.parametrize("name", READERS)
@examples(30, 3000)
@given(data=st.data())
def test_an_answer_of_roughly_the_right_shape_is_rows_and_rejected_items(
    name: str, data: st.DataObject
) -> None:
    body, read = READERS[name]
    try:
        for batch in read(data.draw(nearly(body))):
            _check(batch)
    except UnusableResponse:
        pass


@examples(30, 3000)
@given(body=ANY_JSON)
def test_what_is_no_answer_at_all_is_refused_or_empty(body: Any) -> None:
    for _, read in READERS.values():
        try:
            for batch in read(body):
                _check(batch)
        except UnusableResponse:
            pass
    with contextlib.suppress(UnusableResponse):
        series_of_past_seasons(body, 10)
    assert isinstance(forecast_links(body), dict)
    assert read_quarter(body, (2026, 1), {1}).schedules == {}


# -- the planner -------------------------------------------------------------------------------------------

QUARTERS = st.tuples(st.integers(2008, 2026), st.integers(1, 4))
CARRIES = st.sampled_from([None, "schedules", "list", "other seasons", "nothing", "refused"])


@examples(100, 5000)
@given(
    quarters=st.dictionaries(st.integers(1, 300), QUARTERS, max_size=60),
    carries=CARRIES,
    current=st.none() | QUARTERS,
    asked=st.sets(QUARTERS, max_size=5),
)
def test_a_plan_covers_what_is_wanted_and_is_never_dearer_than_a_call_each(
    quarters: dict[int, tuple[int, int]],
    carries: Any,
    current: tuple[int, int] | None,
    asked: set[tuple[int, int]],
) -> None:
    wanted = [MissingSchedule(one, one % 7, quarter) for one, quarter in quarters.items()]
    plan = plan_details(wanted, carries, current=current, asked=asked)
    in_quarters = {one.season_id for one in wanted if one.quarter in plan.quarters}
    assert in_quarters.isdisjoint(plan.singles)
    assert in_quarters.union(plan.singles) == set(quarters)
    assert len(set(plan.singles)) == len(plan.singles)
    assert asked.isdisjoint(plan.quarters)
    assert plan.calls <= len(wanted)
    # One that is tried in vain is the only one too many.
    assert plan.most_calls <= len(wanted) + (1 if plan.is_probe else 0)
    assert plan.in_words()


@examples(50, 2000)
@given(wanted=st.lists(st.integers(1, 99)), landed=st.sets(st.integers(1, 99)))
def test_the_index_is_asked_for_each_series_once_or_for_all(
    wanted: list[int], landed: set[int]
) -> None:
    plan = plan_index(wanted, landed)
    had = {*plan.from_landed, *plan.one_by_one}
    assert had <= set(wanted)
    assert plan.asks_for_all or had == set(wanted)
    assert not (plan.asks_for_all and plan.one_by_one)
