"""The made-up world has iRacing's shapes: every key that the captures have, and no loose ends.

In: bodies of WorldSource against key lists written by hand. Out: when things happen
(test_simulator_calendar), oddities (test_simulator_oddities).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline.simulator.source import BadRequestError

AUGUST = datetime(2025, 8, 20, 12, tzinfo=timezone.utc)


def words(text: str) -> set[str]:
    return set(text.split())


SEASON = words(
    """active allowed_season_members car_class_ids car_switching car_types
    caution_laps_do_not_count complete connection_black_flag consec_caution_within_nlaps
    consec_cautions_single_file cross_license distributed_matchmaking driver_change_rule
    driver_changes drops enable_pitlane_collisions fixed_setup green_white_checkered_limit
    grid_by_class hardcore_level has_supersessions ignore_license_for_practice incident_limit
    incident_warn_mode incident_warn_param1 incident_warn_param2 is_heat_racing license_group
    license_group_types lucky_dog max_team_drivers max_weeks min_team_drivers multiclass
    must_use_diff_tire_types_in_race num_fast_tows num_opt_laps official op_duration
    open_practice_session_type_id qualifier_must_start_race race_week race_week_to_make_divisions
    reg_user_count region_competition restrict_by_member restrict_to_car restrict_viewing
    schedule_description season_id season_name season_quarter season_short_name season_year
    send_to_open_practice series_id short_parade_lap start_date start_on_qual_tire start_zone
    track_types unsport_conduct_rule_mode"""
)
WEEK = words(
    """car_restrictions category category_id enable_pitlane_collisions full_course_cautions
    qual_attached race_lap_limit race_time_descriptors race_time_limit race_week_num restart_type
    schedule_name season_id season_name series_id series_name short_parade_lap special_event_type
    start_date start_type start_zone track track_state weather week_end_time"""
)
LENGTHS = {"practice_length", "qualify_laps", "qualify_length", "warmup_length"}
WEATHER = words(
    """allow_fog forecast_options precip_option rel_humidity simulated_start_time
    simulated_time_multiplier simulated_time_offsets skies temp_units temp_value time_of_day
    track_water version weather_summary wind_dir wind_units wind_value"""
)
WEATHER_0 = words(
    """fog rel_humidity simulated_start_time simulated_time_multiplier simulated_time_offsets skies
    temp_units temp_value time_of_day type version weather_var_initial weather_var_ongoing wind_dir
    wind_units wind_value"""
)
SUMMARY = words(
    """max_precip_rate max_precip_rate_desc precip_chance skies_high skies_low temp_high temp_low
    temp_units wind_dir wind_high wind_low wind_units"""
)
INDEXED_SEASON = words(
    """season_id series_id season_name season_short_name season_year season_quarter active official
    driver_changes fixed_setup license_group has_supersessions car_switching license_group_types
    car_classes race_weeks"""
)
INDEXED_SERIES = words(
    """series_id series_name series_short_name category category_id active official fixed_setup logo
    license_group license_group_types allowed_licenses seasons"""
)
FORECAST = words(
    """time_offset raw_air_temp precip_chance index is_sun_up pressure wind_dir air_temp valid_stats
    affects_session cloud_cover rel_humidity wind_speed allow_precip timestamp precip_amount"""
)


@pytest.fixture(scope="module")
def world() -> WorldSource:
    return WorldSource(now=lambda: AUGUST)


def weeks_of(seasons: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for season in seasons:
        yield from season["schedules"]


def test_seasons_have_every_key_of_the_captures(world: WorldSource) -> None:
    seasons = world.answer("series/seasons")
    for season in seasons:
        assert SEASON | {"next_race_session", "schedules"} <= season.keys()
        assert list(season)[:2] == ["season_id", "season_name"]
        assert list(season)[2:] == sorted(list(season)[2:])
        assert ("heat_ses_info" in season) == season["is_heat_racing"]
        assert season["max_weeks"] == len(season["schedules"])
        assert season["multiclass"] == (len(season["car_class_ids"]) > 1)
    for week in weeks_of(seasons):
        assert WEEK | {"race_week_cars", "race_week_car_class_ids"} <= week.keys()
        assert list(week)[:2] == ["season_id", "race_week_num"]
        assert week["weather"].keys() == WEATHER | {"weather_url"}
        assert week["weather"]["weather_summary"].keys() == SUMMARY
        assert week["race_lap_limit"] is not None or week["race_time_limit"] is not None
        assert len(week["race_time_descriptors"]) == 1
    assert all(
        week.keys() >= LENGTHS or season["is_heat_racing"]
        for season in seasons
        for week in season["schedules"]
    )


def test_season_list_has_the_current_week_instead_of_schedules(world: WorldSource) -> None:
    body = world.answer("series/season_list")
    assert set(body) == {"seasons"}
    for season in body["seasons"]:
        assert SEASON | {"current_week_sched", "elig", "has_mpr"} <= season.keys()
        assert not {"schedules", "next_race_session"} & season.keys()
        week = season["current_week_sched"]
        assert {"race_week_num", "track", "car_restrictions", "precip_chance"} <= week.keys()


def test_the_index_has_exactly_the_keys_of_the_captures(world: WorldSource) -> None:
    for series in world.answer("series/stats_series"):
        assert series.keys() - {"search_filters"} == INDEXED_SERIES
        assert all("parent_id" in row for row in series["allowed_licenses"])
        for season in series["seasons"]:
            assert season.keys() == INDEXED_SEASON
            for week in season["race_weeks"]:
                assert set(week) == {"season_id", "race_week_num", "track"}
        starts = [(s["season_year"], s["season_quarter"]) for s in series["seasons"]]
        assert starts == sorted(starts, reverse=True)


def test_past_seasons_is_the_row_of_the_index(world: WorldSource) -> None:
    row = world.answer("series/stats_series")[3]
    body = world.answer("series/past_seasons", {"series_id": str(row["series_id"])})
    assert body == {"success": True, "series": row, "series_id": row["series_id"]}


def test_schedules_come_in_an_active_and_a_past_shape(world: WorldSource) -> None:
    listed = {season.season_id for season in world.listed(AUGUST)}
    active = past = old = 0
    for season in world.seasons(AUGUST)[::9]:
        body = world.answer("series/season_schedule", {"season_id": str(season.season_id)})
        for week in body["schedules"]:
            assert WEEK | {"qual_time_descriptors"} <= week.keys()
            if season.season_id in listed:
                active += 1
                assert {"race_week_cars", "race_week_car_class_ids"} <= week.keys()
                assert "weather_url" in week["weather"]
            else:
                past += 1
                assert {"event_sessions", "event_options", "race_week_car_classes"} <= week.keys()
                assert "race_week_cars" not in week
                assert "weather_url" not in week["weather"]
                old += week["weather"]["version"] == 0
                if season.year < 2024:
                    assert week["weather"].keys() == WEATHER_0
    assert min(active, past, old) > 10


def test_everything_that_is_referred_to_exists(world: WorldSource) -> None:
    tracks = {row["track_id"] for row in world.answer("track/get")}
    cars = {row["car_id"] for row in world.answer("car/get")}
    classes = {row["car_class_id"]: row for row in world.answer("carclass/get")}
    for season in world.answer("series/seasons"):
        assert set(season["car_class_ids"]) <= classes.keys()
        for week in season["schedules"]:
            assert week["track"]["track_id"] in tracks
            assert {row["car_id"] for row in week["car_restrictions"]} <= cars
    for series in world.answer("series/stats_series"):
        for season in series["seasons"]:
            assert {row["car_class_id"] for row in season["car_classes"]} <= classes.keys()
            assert {row["track"]["track_id"] for row in season["race_weeks"]} <= tracks
    assert {car["car_id"] for row in classes.values() for car in row["cars_in_class"]} <= cars
    assert world.answer("track/assets").keys() == {str(track) for track in tracks}
    assert world.answer("car/assets").keys() == {str(car) for car in cars}


def test_season_ids_are_unique_and_rise_with_the_quarters(world: WorldSource) -> None:
    seasons = world.seasons(AUGUST)
    ids = [season.season_id for season in seasons]
    assert len(set(ids)) == len(ids)
    by_quarter = [
        (s.quarter_index, s.season_id) for s in sorted(seasons, key=lambda s: s.season_id)
    ]
    assert by_quarter == sorted(by_quarter)


def test_the_race_guide_is_what_the_descriptors_expand_to(world: WorldSource) -> None:
    guide = world.answer("season/race_guide")
    begin, end = AUGUST, AUGUST + timedelta(hours=3)
    expanded = set()
    for season in world.answer("series/seasons"):
        for week in season["schedules"]:
            for start in _expanded(week):
                if begin <= start < end:
                    expanded.add((season["season_id"], week["race_week_num"], start))
    listed = {
        (row["season_id"], row["race_week_num"], _moment(row["start_time"]))
        for row in guide["sessions"]
    }
    assert listed == expanded
    assert len(listed) > 20
    assert guide["block_begin_time"] == "2025-08-20T12:00:00Z"
    assert {"session_id" in row for row in guide["sessions"]} == {True, False}


def test_the_race_guide_rewrites_the_past_to_now(world: WorldSource) -> None:
    past = world.answer("season/race_guide", {"from": "2020-01-01T00:00:00Z"})
    assert past == world.answer("season/race_guide")
    later = world.answer("season/race_guide", {"from": "2025-08-21T00:00:00+00:00"})
    assert later["block_begin_time"] == "2025-08-21T00:00:00Z"
    running = world.answer("season/race_guide", {"include_end_after_from": "true"})
    assert min(row["start_time"] for row in running["sessions"]) < "2025-08-20T12:00:00Z"
    with pytest.raises(BadRequestError):
        world.answer("season/race_guide", {"from": "yesterday"})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _expanded(week: dict[str, Any]) -> Iterator[datetime]:
    for row in week["race_time_descriptors"]:
        if not row["repeating"]:
            yield from (_moment(text) for text in row["session_times"])
            continue
        for day in row["day_offset"]:
            start = _moment(f"{row['start_date']}T{row['first_session_time']}Z")
            start += timedelta(days=day)
            last = min(_moment(week["week_end_time"]), start.replace(hour=23, minute=59))
            while start <= last:
                yield start
                start += timedelta(minutes=row["repeat_minutes"])


def test_a_forecast_has_every_key_of_the_capture(world: WorldSource) -> None:
    season = world.answer("series/seasons")[0]
    path = season["schedules"][0]["weather"]["weather_url"].removeprefix("sim-storage://")
    rows = json.loads(world.file(path, AUGUST) or b"")
    assert all(row.keys() == FORECAST for row in rows)
    assert [row["index"] for row in rows] == list(range(len(rows)))
    assert world.file(path.replace("rw0", "rw99"), AUGUST) is None
