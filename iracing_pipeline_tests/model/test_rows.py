"""Recorded answer → exact rows, endpoint by endpoint. Pure: no server, no database."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any

import pytest

from iracing_pipeline.api.types.parsing import UnusableResponse, parse_items
from iracing_pipeline.api.types.series import Week
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.model.rows.index import indexed_series_rows, parse_index
from iracing_pipeline.model.rows.reference import car_class_rows, car_rows, track_rows
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.warehouse.schema.base import key_columns, value_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

UTC = timezone.utc


def batches(answers: RecordedResponses, drift: Drift | None = None) -> list[RowBatch]:
    seasons = parse_seasons(answers["series/seasons"], drift)
    running = series_rows(answers["series/get"], answers["series/assets"], drift, drift)
    return [
        indexed_series_rows(parse_index(answers["series/stats_series"], drift), running),
        season_rows(seasons),
        current_schedule_rows(seasons),
        track_rows(answers["track/get"], drift),
        car_rows(answers["car/get"], drift),
        car_class_rows(answers["carclass/get"], drift),
    ]


def test_rows_carry_exactly_the_columns_of_their_tables(answers: RecordedResponses) -> None:
    for extract in batches(answers):
        for name, rows in extract.rows.items():
            expected = {*key_columns(table(name)), *value_columns(table(name))}
            if name == "season_schedules":
                expected.remove("is_in_index")  # said by the index, which lists past weeks too
            for row in rows:
                assert set(row) == expected, name


def test_no_recorded_answer_has_drift_or_rejects(answers: RecordedResponses) -> None:
    drift = Drift()
    assert [batch.rejected for batch in batches(answers, drift)] == [[]] * 6
    assert drift == Drift()


def test_series(answers: RecordedResponses) -> None:
    extract = series_rows(answers["series/get"], answers["series/assets"])
    assert extract.rows["series"][0] == {
        "series_id": 10,
        "series_name": "Rookie Cup",
        "series_short_name": "Rookie Cup",
        "category": "sports_car",
        "category_id": 5,
        "min_starters": 4,
        "max_starters": 12,
        "oval_caution_type": 0,
        "road_caution_type": 1,
        "first_season_year": 2012,
        "first_season_quarter": 1,
        "forum_url": "https://forums.example/rookie-cup",
        "search_filters": "road,rookie",
        "logo": "rookie.png",
        "large_image": None,
        "small_image": None,
        "series_copy": "<p>For beginners.</p>",
    }
    assert extract.rows["series"][1]["forum_url"] is None
    assert extract.rows["series_licenses"] == [
        _license(10, 1, "Rookie", 1, 4),
        _license(10, 2, "Class D", 5, 8),
        _license(20, 4, "Class B", 13, 16),
    ]


def _license(series_id: int, group: int, name: str, low: int, high: int) -> dict[str, Any]:
    return {
        "series_id": series_id,
        "license_group": group,
        "group_name": name,
        "min_license_level": low,
        "max_license_level": high,
    }


def test_a_series_without_assets_keeps_its_stored_pictures(answers: RecordedResponses) -> None:
    del answers["series/assets"]["20"]
    rows = series_rows(answers["series/get"], answers["series/assets"]).rows["series"]
    assert "logo" in rows[0]
    assert "logo" not in rows[1]


def test_season(answers: RecordedResponses) -> None:
    extract = season_rows(parse_seasons(answers["series/seasons"]))
    row = extract.rows["seasons"][1]
    assert row["season_id"] == 1002
    assert row["series_id"] == 20
    assert row["season_name"] == "Oval Tour  - 2026 Season 2 "
    assert row["start_date"] == datetime(2026, 3, 17, tzinfo=UTC)
    assert (row["season_year"], row["season_quarter"]) == (2026, 2)
    assert (row["active"], row["complete"], row["official"]) == (True, False, True)
    assert (row["fixed_setup"], row["multiclass"], row["license_group"]) == (True, True, 4)
    assert (row["max_weeks"], row["drops"], row["race_week"]) == (2, 4, 0)
    assert row["license_group_types"] == [1]
    assert row["car_types"] == ["mx5", "road"]
    assert row["rookie_season"] is None
    assert row["reg_open_minutes"] == 15
    assert row["heat_ses_info"] == {"heat_info_id": 7, "description": "Two heats\r\nand a feature"}
    assert extract.rows["season_car_classes"] == [
        {"season_id": 1001, "car_class_id": 1},
        {"season_id": 1002, "car_class_id": 1},
        {"season_id": 1002, "car_class_id": 2},
    ]


def test_fields_that_move_at_every_fetch_are_no_columns(answers: RecordedResponses) -> None:
    row = season_rows(parse_seasons(answers["series/seasons"])).rows["seasons"][0]
    assert not {"reg_user_count", "next_race_session", "allowed_season_members"} & set(row)
    week = _schedules(answers).rows["season_schedules"][0]
    assert not [name for name in week if "url" in name]


def _schedules(answers: RecordedResponses) -> RowBatch:
    return current_schedule_rows(parse_seasons(answers["series/seasons"]))


def test_week_of_a_road_season(answers: RecordedResponses) -> None:
    row = _schedules(answers).rows["season_schedules"][0]
    assert row["season_id"] == 1001
    assert row["race_week_num"] == 0
    assert row["series_id"] == 10
    assert row["start_date"] == date(2026, 3, 17)
    assert row["week_end_time"] == datetime(2026, 3, 23, 23, 58, tzinfo=UTC)
    assert (row["track_id"], row["track_name"], row["config_name"]) == (
        101,
        "Limestone Park",
        "Full Course",
    )
    assert (row["track_category"], row["category"]) == ("road", "sports_car")
    assert (row["race_lap_limit"], row["race_time_limit"]) == (None, 20)
    assert (row["practice_length"], row["qualify_laps"], row["qualify_length"]) == (3, 2, 8)
    assert row["practice_rubber_pct"] == 25
    assert row["race_rubber_pct"] is None


def test_weather_is_in_si_units_whatever_the_answer_uses(answers: RecordedResponses) -> None:
    row = _schedules(answers).rows["season_schedules"][0]
    assert row["temp_c"] == 20.0  # 68 °F
    assert row["wind_speed_ms"] == 4.47  # 10 mph
    assert (row["temp_low_c"], row["temp_high_c"]) == (19.7, 19.6)  # low above high is iRacing's
    assert (row["wind_low_ms"], row["wind_high_ms"]) == (2.5, 5.0)  # km/h
    assert (row["precip_chance_pct"], row["max_precip_rate_mm_h"]) == (30, 1.5)
    assert row["weather_seed"] == -124949489675454
    assert row["simulated_start_time"] == datetime(2026, 5, 21, 15, 20)  # noqa: DTZ001 - track-local
    assert row["simulated_time_offsets_minutes"] == [15, 35]


def test_unknown_weather_is_null_never_zero(answers: RecordedResponses) -> None:
    del answers.season(1001)["schedules"][0]["weather"]
    row = _schedules(answers).rows["season_schedules"][0]
    assert row["temp_c"] is None
    assert row["precip_chance_pct"] is None
    assert row["wind_high_ms"] is None


def test_descriptors_repeat_or_list_their_starts(answers: RecordedResponses) -> None:
    rows = _schedules(answers).rows["race_time_descriptors"]
    assert rows[0] == {
        "season_id": 1001,
        "race_week_num": 0,
        "descriptor_num": 0,
        "repeating": True,
        "session_minutes": 29,
        "super_session": False,
        "start_date": date(2026, 3, 17),
        "day_offset": [0, 1, 2, 3, 4, 5, 6],
        "first_session_time": time(0, 45),
        "repeat_minutes": 120,
        "session_times": None,
    }
    # Unsorted in answers before 2025.
    assert rows[2]["session_times"] == [
        datetime(2026, 3, 18, 1, tzinfo=UTC),
        datetime(2026, 3, 22, 19, tzinfo=UTC),
    ]


def test_car_restrictions_take_ints_and_floats(answers: RecordedResponses) -> None:
    rows = _schedules(answers).rows["car_restrictions"]
    assert rows[0]["power_adjust_pct"] == -1.75
    assert rows[0]["max_pct_fuel_fill"] == 100
    assert rows[0]["race_setup_id"] is None


def test_heat_racing_has_no_session_lengths(answers: RecordedResponses) -> None:
    row = _schedules(answers).rows["season_schedules"][2]
    assert [row[name] for name in ("practice_length", "qualify_laps", "warmup_length")] == [
        None
    ] * 3


def test_answers_of_2022_load_without_week_end_time_descriptors_or_category(
    answers: RecordedResponses,
) -> None:
    week = answers.season(1001)["schedules"][0]
    for name in ("week_end_time", "race_time_descriptors", "category", "category_id"):
        del week[name]
    week["yellow_flags"] = week.pop("full_course_cautions")
    extract = _schedules(answers)
    assert extract.rejected == []
    row = extract.rows["season_schedules"][0]
    assert row["week_end_time"] is None
    assert row["category"] is None
    assert row["full_course_cautions"] is False


def test_tracks(answers: RecordedResponses) -> None:
    rows = track_rows(answers["track/get"]).rows["tracks"]
    assert rows[0]["price"] == Decimal("11.95")
    assert rows[0]["opens"] == date(2018, 4, 1)
    assert rows[0]["time_zone"] == "America/New_York"
    assert rows[1]["price"] == Decimal(0)
    assert rows[1]["config_name"] is None
    assert rows[1]["track_types"] == []


def test_cars_and_classes(answers: RecordedResponses) -> None:
    car = car_rows(answers["car/get"]).rows["cars"][0]
    assert car["car_types"] == ["mx5", "road"]
    assert car["paint_rules"] == {"1": {"PaintCarAvailable": False}, "RestrictCustomPaint": True}
    classes = car_class_rows(answers["carclass/get"])
    assert [row["name"] for row in classes.rows["car_classes"]] == [
        "Little Roadsters",
        "Everything",
    ]
    assert [(row["car_class_id"], row["car_id"]) for row in classes.rows["car_class_cars"]] == [
        (1, 1),
        (2, 999),
        (2, 1),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda season: season.pop("series_id"), "series_id: Field required"),
        (
            lambda season: season.update(season_name=None),
            "season_name: Input should be a valid string",
        ),
        (lambda season: season.update(season_quarter=7), "season_quarter: Input should be less"),
        (lambda season: season.update(season_id=2**40), "season_id: Input should be less"),
    ],
)
@pytest.mark.promise(4)
def test_a_bad_season_fails_alone(answers: RecordedResponses, change: Any, reason: str) -> None:
    change(answers.season(1001))
    parsed = parse_seasons(answers["series/seasons"])
    extract = season_rows(parsed)
    assert [row["season_id"] for row in extract.rows["seasons"]] == [1002]
    assert len(extract.rejected) == 1
    assert reason in extract.rejected[0].reason
    assert {row["season_id"] for row in current_schedule_rows(parsed).rows["season_schedules"]} == {
        1002
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda week: week.pop("track"), "track: Field required"),
        (lambda week: week["track"].pop("track_id"), "track.track_id: Field required"),
        (lambda week: week.update(race_week_num=-1), "race_week_num"),
        (lambda week: week.update(week_end_time="2026-03-01T00:00:00Z"), "lies before start_date"),
        (lambda week: week.update(season_id=4711), "belongs to season 4711"),
        (lambda week: week["car_restrictions"][0].pop("car_id"), "car_restrictions.0.car_id"),
    ],
)
@pytest.mark.promise(4)
def test_a_bad_week_fails_alone(answers: RecordedResponses, change: Any, reason: str) -> None:
    change(answers.season(1001)["schedules"][1])
    extract = _schedules(answers)
    assert [(r["season_id"], r["race_week_num"]) for r in extract.rows["season_schedules"]] == [
        (1001, 0),
        (1002, 0),
    ]
    assert [reason in item.reason for item in extract.rejected] == [True]
    assert "season_id=" in extract.rejected[0].item_key
    # Nothing is said about the week's descriptors and cars, so nothing of it can be retired.
    assert (1001, 1) not in extract.coverage["race_time_descriptors"].keys


def test_of_a_repeated_key_the_first_stays_where_both_tell_as_much(
    answers: RecordedResponses,
) -> None:
    drift = Drift()
    again = {**answers.season(1001), "drops": 9}
    answers["series/seasons"].append(again)
    answers["series/seasons"].append(dict(answers.season(1002)))  # the same once more: no matter
    extract = season_rows(parse_seasons(answers["series/seasons"], drift))
    assert [row["drops"] for row in extract.rows["seasons"]] == [4, 4]
    assert extract.rejected == []
    assert list(drift.repeated) == ["season_id=1001"]


@pytest.mark.promise(9)
def test_a_new_field_is_counted_and_harmless(answers: RecordedResponses) -> None:
    for season in answers["series/seasons"]:
        season["brand_new"] = {"nested": 1}
    drift = Drift()
    extract = season_rows(parse_seasons(answers["series/seasons"], drift))
    assert len(extract.rows["seasons"]) == 2
    assert drift.unknown_fields == {"Season.brand_new": 2}


@pytest.mark.promise(9)
def test_an_optional_field_of_a_new_type_is_left_out_and_counted(
    answers: RecordedResponses,
) -> None:
    answers.season(1001)["drops"] = "many"
    drift = Drift()
    extract = season_rows(parse_seasons(answers["series/seasons"], drift))
    assert "drops" not in extract.rows["seasons"][0]
    assert drift.unexpected_types == {("Season.drops", "string"): 1}


@pytest.mark.promise(2)
def test_the_order_of_tags_and_keys_is_no_change(
    answers: RecordedResponses,
) -> None:
    before = [extract.rows for extract in batches(answers)]
    for season in answers["series/seasons"]:
        for name in ("car_types", "car_class_ids", "track_types"):
            season[name].reverse()
        season["reg_user_count"] += 1
        for week in season["schedules"]:
            week["weather"]["weather_url"] += "&again=1"
            for descriptor in week["race_time_descriptors"]:
                for listed in ("day_offset", "session_times"):
                    if listed in descriptor:
                        descriptor[listed].reverse()
    answers["series/seasons"] = [
        dict(reversed(season.items())) for season in answers["series/seasons"]
    ]
    assert [extract.rows for extract in batches(answers)] == before


@pytest.mark.parametrize("body", [{}, {"seasons": []}, None, "text", 3])
def test_an_answer_that_is_no_list_is_refused_as_a_whole(body: Any) -> None:
    with pytest.raises(UnusableResponse, match="series/seasons answered"):
        parse_seasons(body)


@pytest.mark.parametrize(
    ("name", "value", "counted"),
    [
        ("weather", 5, {("Week.weather", "number"): 1}),
        ("track_state", [], {("Week.track_state", "array"): 1}),
        (
            "race_week_cars",
            [{"car_id": 1, "car_name": []}, {"car_id": "one", "car_name": {}}, {"car_id": 2}],
            {
                ("WeekCar.car_name", "array"): 1,
                ("WeekCar.car_name", "object"): 1,
                ("Week.race_week_cars", "array"): 1,
            },
        ),
    ],
)
def test_an_object_that_cannot_be_read_is_counted_once_and_takes_along_what_is_in_it(
    name: str, value: Any, counted: dict[tuple[str, str], int]
) -> None:
    drift = Drift()
    week = {
        "season_id": 1,
        "race_week_num": 0,
        "track": {"track_id": 2},
        "start_zone": "x",
        name: value,
    }
    parsed = parse_items(Week, [week, week | {"race_week_num": 1}], ("race_week_num",), drift)
    assert [item.unread for item in parsed.items] == [{"start_zone", name}] * 2
    assert [getattr(item, name) for item in parsed.items] == [None, None]
    assert drift.unread == []
    twice = {key: 2 * count for key, count in counted.items()}
    assert drift.unexpected_types == {("Week.start_zone", "string"): 2, **twice}
