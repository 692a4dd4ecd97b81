"""The index → exact rows: series at rest, all seasons of a series, week → track. Pure: no database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Coverage, RowBatch
from iracing_pipeline.model.lifecycle import CurrentList, StoredSeason
from iracing_pipeline.model.rows.index import (
    PastSeasons,
    first_season,
    indexed_series_rows,
    parse_index,
    past_season_rows,
    series_of_past_seasons,
)
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.warehouse.schema.base import key_columns, value_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

NOW = datetime(2026, 4, 1, tzinfo=timezone.utc)
PRESENT = CurrentList(frozenset({1001}), (2026, 2))
CLASSES = "season_car_classes"
WEEKS = "season_schedules"


@pytest.fixture
def index() -> Any:
    """An answer of series/stats_series: one series that runs, one at rest, one that says next to nothing."""
    return json.loads((RECORDED / "index" / "series_stats_series.json").read_text())


@pytest.fixture
def entry() -> Any:
    """The series of an answer of series/past_seasons, with a season that says next to nothing."""
    answer = json.loads((RECORDED / "index" / "series_past_seasons.json").read_text())
    return series_of_past_seasons(answer, 30)


# -- series ------------------------------------------------------------------------------------------


def all_series(answers: RecordedResponses, index: Any, drift: Drift | None = None) -> RowBatch:
    running = series_rows(answers["series/get"], answers["series/assets"], drift)
    return indexed_series_rows(parse_index(index), running)


def series_row(extract: RowBatch, series_id: int) -> dict[str, Any]:
    (row,) = [row for row in extract.rows["series"] if row["series_id"] == series_id]
    return row


def test_a_series_at_rest_is_as_the_index_says(answers: RecordedResponses, index: Any) -> None:
    extract = all_series(answers, index)
    assert series_row(extract, 30) == {
        "series_id": 30,
        "series_name": "Dirt Late Models",
        "series_short_name": "Late Models",
        "category": "dirt_oval",
        "category_id": 3,
        "search_filters": "dirtoval",
        "logo": "latemodels-logo.png",
        "active": False,
        "official": True,
        "fixed_setup": False,
        "license_group": 3,
        "first_season_year": 2017,
        "first_season_quarter": 4,
    }
    assert [row for row in extract.rows["series_licenses"] if row["series_id"] == 30] == [
        _license(30, 2, "Class D", 8, 8),
        _license(30, 3, "Class C", 9, 12),
    ]


def _license(series_id: int, group: int, name: str, low: int, high: int) -> dict[str, Any]:
    return {
        "series_id": series_id,
        "license_group": group,
        "group_name": name,
        "min_license_level": low,
        "max_license_level": high,
    }


def test_a_series_that_says_next_to_nothing_is_a_row_all_the_same(
    answers: RecordedResponses, index: Any
) -> None:
    row = series_row(all_series(answers, index), 40)
    assert (row.pop("series_id"), row.pop("series_name")) == (40, "Interlope with the Antelope")
    assert set(row.values()) == {None}


def test_a_running_series_keeps_every_word_of_its_list_and_gains_what_only_the_index_says(
    answers: RecordedResponses, index: Any
) -> None:
    before = series_rows(answers["series/get"], answers["series/assets"])
    extract = all_series(answers, index)
    assert series_row(extract, 10) == {
        **series_row(before, 10),
        "active": True,
        "official": True,
        "fixed_setup": True,
        "license_group": 1,
    }
    assert [row for row in extract.rows["series_licenses"] if row["series_id"] in {10, 20}] == (
        before.rows["series_licenses"]
    )


def test_a_running_series_that_the_index_does_not_hold_yet_is_as_its_list_says(
    answers: RecordedResponses, index: Any
) -> None:
    before = series_row(series_rows(answers["series/get"], answers["series/assets"]), 20)
    row = series_row(all_series(answers, index), 20)
    assert {name: row[name] for name in before} == before
    assert not any(row[name] for name in set(row).difference(before))


def test_licences_are_complete_where_somebody_lists_them(
    answers: RecordedResponses, index: Any
) -> None:
    assert all_series(answers, index).coverage == {
        "series_licenses": Coverage(("series_id",), frozenset({(10,), (20,), (30,)}))
    }
    index[2]["allowed_licenses"] = []
    extract = all_series(answers, index)
    assert (40,) in extract.coverage["series_licenses"].keys


def test_rejects_and_drift_of_both_answers_are_kept(answers: RecordedResponses, index: Any) -> None:
    answers["series/get"][1]["series_name"] = None
    answers["series/get"][0]["brand_new"] = 1
    index[1]["series_name"] = None
    drift = Drift()
    extract = all_series(answers, index, drift)
    assert [item.item_key for item in extract.rejected] == ["series_id=20", "series_id=30"]
    assert sorted(row["series_id"] for row in extract.rows["series"]) == [10, 40]
    assert drift.unknown_fields == {"Series.brand_new": 1}


@pytest.mark.parametrize(
    ("seasons", "first"),
    [
        ([(2018, 1), (2017, 4), (2017, 2)], (2017, 2)),
        ([(2018, 1), (2007, 4), (3000, 1), ("2010", 1), (None, 1), (True, 1)], (2018, 1)),
        ([(2018, 1), (2012, 0), (2012, 5), (2012, None), (2012, "2")], (2018, 1)),
        ([(2012, [1])], None),
        ([], None),
    ],
)
def test_the_first_season_is_the_earliest_that_can_be_read(
    index: Any, seasons: list[Any], first: tuple[int, int] | None
) -> None:
    index[1]["seasons"] = [
        {"season_year": year, "season_quarter": quarter} for year, quarter in seasons
    ]
    index[1]["seasons"] += [None, "text", {}]
    assert first_season(parse_index(index).items[1]) == first


@pytest.mark.parametrize("quarter", [True, 2.0])
def test_a_quarter_that_is_no_whole_number_is_not_stored_as_the_first_one(
    index: Any, quarter: Any
) -> None:
    index[1]["seasons"].append({"season_year": 2010, "season_quarter": quarter})
    found = first_season(parse_index(index).items[1])
    assert found is not None
    # COPY takes true for 1, and refuses 2.0 and with it every series of the answer.
    assert [type(part) for part in found] == [int, int]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda series: series.pop("series_name"), "series_name: Field required"),
        (lambda series: series.pop("seasons"), "seasons: Field required"),
        (lambda series: series.update(seasons=None), "seasons: Input should be a valid list"),
        (lambda series: series.update(series_id=True), "series_id: "),
    ],
)
@pytest.mark.promise(4)
def test_a_malformed_series_fails_alone(
    index: Any, change: Callable[[Any], Any], reason: str
) -> None:
    change(index[1])
    parsed = parse_index(index)
    assert [series.series_id for series in parsed.items] == [10, 40]
    assert [reason in item.reason for item in parsed.rejected] == [True]


@pytest.mark.promise(9)
def test_in_a_series_is_counted_and_costs_nothing(index: Any) -> None:
    index[1] |= {"official": "perhaps", "brand_new": 1}
    drift = Drift()
    (_, series, _) = parse_index(index, drift).items
    assert series.official is None
    assert drift.unexpected_types == {("IndexedSeries.official", "string"): 1}
    assert drift.unknown_fields == {"IndexedSeries.brand_new": 1}


# -- the answer for one series -----------------------------------------------------------------------


def test_the_series_is_found_inside_its_answer() -> None:
    series = {"series_id": 30, "seasons": []}
    assert series_of_past_seasons({"success": True, "series": series}, 30) is series


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {}, {"series": None}, {"series": [30]}, {"series": {"series_id": 31}}],
)
def test_an_answer_without_the_series_that_was_asked_for_is_refused(body: Any) -> None:
    with pytest.raises(UnusableResponse, match=r"past_seasons \(series_id=30\) answered without"):
        series_of_past_seasons(body, 30)


# -- seasons -----------------------------------------------------------------------------------------


def read(
    entry: Any,
    stored: dict[int, StoredSeason] | None = None,
    present: CurrentList = PRESENT,
    drift: Drift | None = None,
) -> PastSeasons:
    (series,) = parse_index([entry]).items
    mine = {
        season_id: replace(known, series_id=known.series_id or series.series_id)
        for season_id, known in (stored or {}).items()
    }
    return past_season_rows(series, mine, present, NOW, drift or Drift())


def empty(**rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {"seasons": [], CLASSES: [], WEEKS: [], **rows}


def test_a_past_season_is_a_row_with_its_classes_and_tracks(entry: Any) -> None:
    past = read(entry)
    assert (past.seasons, past.weeks, past.rejected) == (2, 2, [])
    assert past.history.rows["seasons"][0] == {
        "season_id": 503,
        "series_id": 30,
        "season_name": "Dirt Late Models - 2025 Season 3",
        "season_short_name": "2025 Season 3",
        "season_year": 2025,
        "season_quarter": 3,
        "active": False,
        "complete": True,
        "official": True,
        "driver_changes": False,
        "fixed_setup": False,
        "license_group": 3,
        "license_group_types": [2, 3],
        "has_supersessions": False,
        "car_switching": True,
    }
    assert past.history.rows[CLASSES] == [
        {"season_id": 503, "car_class_id": 12},
        {"season_id": 503, "car_class_id": 90},
    ]
    assert past.history.coverage[CLASSES] == Coverage(("season_id",), frozenset({(503,)}))
    assert past.history.rows[WEEKS] == [
        {
            "season_id": 503,
            "race_week_num": 0,
            "is_in_index": True,
            "series_id": 30,
            "track_id": 387,
            "track_name": "Cedar Bowl",
            "config_name": None,
        },
        {
            "season_id": 503,
            "race_week_num": 5,
            "is_in_index": True,
            "series_id": 30,
            "track_id": 320,
            "track_name": "Kokomo Dirt",
            "config_name": "Tires in",
        },
    ]


def test_a_season_that_says_next_to_nothing_is_a_row_all_the_same(entry: Any) -> None:
    row = read(entry).history.rows["seasons"][1]
    said = {
        "season_id": 201,
        "series_id": 30,
        "season_name": "2017 Season 4",
        "season_year": 2017,
        "season_quarter": 4,
    }
    # Whether it is over is not known, so nothing is said of that.
    assert "complete" not in row
    assert {name: value for name, value in row.items() if value is not None} == said


def test_rows_carry_only_columns_of_their_tables_and_all_of_the_key(entry: Any) -> None:
    past = read(entry, {201: StoredSeason()})
    for extract in (past.history, past.news):
        for name, rows in extract.rows.items():
            keys = set(key_columns(table(name)))
            for row in rows:
                assert keys <= set(row) <= {*keys, *value_columns(table(name))}, name


def test_a_recorded_entry_has_no_drift(entry: Any) -> None:
    drift = Drift()
    read(entry, drift=drift)
    assert drift == Drift()


def test_an_empty_list_of_classes_is_complete_too(entry: Any) -> None:
    entry["seasons"][1]["car_classes"] = []
    past = read(entry)
    assert past.history.coverage[CLASSES].keys == {(503,), (201,)}


def test_weeks_without_a_season_id_are_their_seasons(entry: Any) -> None:
    for week in entry["seasons"][0]["race_weeks"]:
        del week["season_id"]
    past = read(entry)
    assert [row["season_id"] for row in past.history.rows[WEEKS]] == [503, 503]
    assert past.rejected == []


# -- what is stored already --------------------------------------------------------------------------


@pytest.fixture
def running(entry: Any) -> Any:
    """The entry with a season on top that runs."""
    week = {"season_id": 1001, "race_week_num": 3, "track": {"track_id": 7, "track_name": "New"}}
    season = {
        "season_id": 1001,
        "series_id": 30,
        "season_name": "Dirt Late Models - 2026 Season 2",
        "season_year": 2026,
        "season_quarter": 2,
        "active": True,
        "car_classes": [{"car_class_id": 90}],
        "race_weeks": [week],
    }
    entry["seasons"].insert(0, season)
    return entry


def ids(extract: RowBatch) -> list[int]:
    return [row["season_id"] for row in extract.rows["seasons"]]


@pytest.mark.promise(7)
def test_the_running_season_is_never_demoted(running: Any) -> None:
    running["seasons"][0] |= {"active": False, "season_name": "Old name", "car_classes": []}
    past = read(running, {1001: StoredSeason(active=True, complete=False)})
    assert past.news.rows == empty(
        **{
            WEEKS: [
                {
                    "season_id": 1001,
                    "race_week_num": 3,
                    "is_in_index": True,
                    "series_id": 30,
                    "track_id": 7,
                    "track_name": "New",
                    "config_name": None,
                }
            ]
        }
    )
    # Nothing is said of its classes, so none of them can be retired.
    assert past.news.coverage[CLASSES].keys == frozenset()
    assert 1001 not in ids(past.history)


def test_a_listed_season_without_a_row_is_stored_and_not_over(running: Any) -> None:
    past = read(running, {503: StoredSeason(complete=True)})
    (row,) = [row for row in past.news.rows["seasons"] if row["season_id"] == 1001]
    assert (row["active"], row["complete"]) == (True, False)


def test_a_week_known_from_a_schedule_keeps_the_schedules_track(entry: Any) -> None:
    past = read(entry, {503: StoredSeason(complete=True, scheduled_weeks=frozenset({0, 1}))})
    known, unknown = past.news.rows[WEEKS]
    assert known == {"season_id": 503, "race_week_num": 0, "is_in_index": True}
    assert (unknown["race_week_num"], unknown["track_id"]) == (5, 320)


def test_of_a_series_never_seen_before_everything_is_history(running: Any) -> None:
    past = read(running)
    assert ids(past.history) == [1001, 503, 201]
    assert len(past.history.rows[WEEKS]) == 3
    assert past.news.rows == empty()


def test_of_a_known_series_what_is_stored_and_what_is_new_and_runs_are_news(running: Any) -> None:
    past = read(running, {503: StoredSeason(complete=True)}, CurrentList(frozenset(), (2026, 2)))
    assert ids(past.news) == [1001, 503]
    assert ids(past.history) == [201]
    assert {row["season_id"] for row in past.news.rows[WEEKS]} == {1001, 503}
    assert past.news.coverage[CLASSES].keys == {(1001,), (503,)}
    assert past.history.coverage[CLASSES].keys == frozenset()


def test_a_new_season_that_is_over_already_is_history_even_of_a_known_series(entry: Any) -> None:
    past = read(entry, {201: StoredSeason(complete=True)})
    assert (ids(past.history), ids(past.news)) == ([503], [201])


def test_a_season_that_is_over_is_not_active_whatever_the_index_says(entry: Any) -> None:
    entry["seasons"][1]["active"] = True
    past = read(entry, {201: StoredSeason(complete=True)})
    (row,) = past.news.rows["seasons"]
    assert (row["active"], row["complete"]) == (False, True)


def test_a_season_announced_for_later_is_not_over(entry: Any) -> None:
    entry["seasons"][0] |= {"season_year": 2026, "season_quarter": 3}
    row = read(entry).history.rows["seasons"][0]
    assert (row["active"], row["complete"]) == (False, False)


# -- what cannot be read -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        pytest.param(
            lambda season: season.pop("season_name"),
            "series_id=30 season_id=503",
            "season_name: Field required",
            id="no name",
        ),
        pytest.param(
            lambda season: season.update(season_quarter=5),
            "series_id=30 season_id=503",
            "season_quarter: ",
            id="fifth quarter",
        ),
        pytest.param(
            lambda season: season.update(season_year=2007),
            "series_id=30 season_id=503",
            "season_year: ",
            id="before there were seasons",
        ),
        pytest.param(
            lambda season: season["car_classes"][1].pop("car_class_id"),
            "series_id=30 season_id=503",
            "car_classes.1.car_class_id: Field required",
            id="a class without an id",
        ),
        pytest.param(
            lambda season: season.update(race_weeks="none"),
            "series_id=30 season_id=503",
            "race_weeks: Input should be a valid list",
            id="weeks that are no list",
        ),
        pytest.param(
            lambda season: season.pop("season_id"),
            "series_id=30 position=0",
            "season_id: Field required",
            id="no id",
        ),
        pytest.param(
            lambda season: season.update(series_id=31),
            "series_id=30 season_id=503",
            "The season says that it belongs to series 31.",
            id="another series' season",
        ),
    ],
)
@pytest.mark.promise(4)
def test_a_malformed_season_fails_alone(
    entry: Any, change: Callable[[Any], Any], key: str, reason: str
) -> None:
    change(entry["seasons"][0])
    past = read(entry)
    assert ids(past.history) == [201]
    assert past.history.rows[CLASSES] == past.history.rows[WEEKS] == []
    assert past.history.coverage[CLASSES].keys == frozenset()
    assert (past.seasons, past.weeks) == (1, 0)
    (reject,) = past.rejected
    assert reject.item_key == key
    assert reject.reason.startswith(reason)


def test_a_member_that_is_no_season_fails_alone(entry: Any) -> None:
    entry["seasons"].insert(0, "a season")
    past = read(entry)
    assert ids(past.history) == [503, 201]
    assert [item.item_key for item in past.rejected] == ["series_id=30 position=0"]


def test_a_season_that_is_told_twice_differently_is_one_season(entry: Any) -> None:
    drift = Drift()
    entry["seasons"].append({**entry["seasons"][1], "season_name": "Another"})
    past = read(entry, drift=drift)
    assert ids(past.history) == [503, 201]
    assert past.rejected == []
    assert list(drift.repeated) == ["season_id=201"]


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        pytest.param(
            lambda week: week.pop("track"),
            "series_id=30 season_id=503 race_week_num=0",
            "track: Field required",
            id="no track",
        ),
        pytest.param(
            lambda week: week["track"].update(track_id=None),
            "series_id=30 season_id=503 race_week_num=0",
            "track.track_id: ",
            id="a track without an id",
        ),
        pytest.param(
            lambda week: week.update(race_week_num=-1),
            "series_id=30 season_id=503 race_week_num=-1",
            "race_week_num: ",
            id="a week before the first",
        ),
        pytest.param(
            lambda week: week.pop("race_week_num"),
            "series_id=30 season_id=503 position=0",
            "race_week_num: Field required",
            id="no number",
        ),
        pytest.param(
            lambda week: week.update(season_id=4711),
            "series_id=30 season_id=503 race_week_num=0",
            "The week says that it belongs to season 4711.",
            id="another season's week",
        ),
    ],
)
@pytest.mark.promise(4)
def test_a_malformed_week_fails_alone(
    entry: Any, change: Callable[[Any], Any], key: str, reason: str
) -> None:
    change(entry["seasons"][0]["race_weeks"][0])
    past = read(entry)
    assert ids(past.history) == [503, 201]
    assert [row["race_week_num"] for row in past.history.rows[WEEKS]] == [5]
    assert (past.seasons, past.weeks) == (2, 1)
    (reject,) = past.rejected
    assert reject.item_key == key
    assert reject.reason.startswith(reason)


@pytest.mark.parametrize("week", ["a week", None, {"season_id": None, "race_week_num": 1}])
def test_a_member_that_is_no_week_fails_alone_and_its_season_is_named(
    entry: Any, week: Any
) -> None:
    for season in entry["seasons"]:
        season["race_weeks"] = [week]
    past = read(entry)
    assert ids(past.history) == [503, 201]
    # Two seasons with the same trouble are two items of the quarantine.
    assert [item.item_key.split()[:2] for item in past.rejected] == [
        ["series_id=30", "season_id=503"],
        ["series_id=30", "season_id=201"],
    ]


def test_a_season_in_two_series_entries_stays_with_the_first(entry: Any) -> None:
    (series,) = parse_index([entry]).items
    past = past_season_rows(series, {}, PRESENT, NOW, Drift(), taken={503})
    assert ids(past.history) == [201]
    (reject,) = past.rejected
    assert reject.item_key == "series_id=30 season_id=503"
    assert reject.reason == "The season stands in the entry of another series too."


@pytest.mark.promise(9)
def test_in_seasons_and_weeks_is_counted_and_costs_nothing(entry: Any) -> None:
    season = entry["seasons"][0]
    season |= {"driver_changes": "perhaps", "brand_new": 1}
    season["race_weeks"][1]["track"]["config_name"] = ["Tires in"]
    season["race_weeks"][1]["weather"] = "fine"
    drift = Drift()
    past = read(entry, drift=drift)
    assert "driver_changes" not in past.history.rows["seasons"][0]
    assert "config_name" not in past.history.rows[WEEKS][1]
    assert drift.unexpected_types == {
        ("IndexedSeason.driver_changes", "string"): 1,
        ("TrackRef.config_name", "array"): 1,
    }
    assert drift.unknown_fields == {"IndexedSeason.brand_new": 1, "IndexedWeek.weather": 1}
