"""Season objects: of series/seasons, season_list, season/list and past_seasons.

In: one season's body in each of the four shapes. Out: which seasons are asked for (source.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .calendar import index_of, midnight, stamp
from .dice import dice
from .seasons import SeasonPlan
from .tracks import Track
from .weeks import (
    active_extras,
    detach_qualifying,
    ordered,
    past_extras,
    tracks_at,
    week_body,
)

_HEAT_NUMBERS = {
    "consolation_delta_max_field_size": 0, "consolation_delta_session_laps": 0,
    "consolation_delta_session_length_minutes": 0, "consolation_first_max_field_size": 9,
    "consolation_first_session_laps": 10, "consolation_first_session_length_minutes": 10,
    "consolation_num_position_to_invert": 0, "consolation_num_to_consolation": 0,
    "consolation_num_to_main": 1, "cust_id": 0, "heat_caution_type": 0, "heat_laps": 10,
    "heat_length_minutes": 10, "heat_max_field_size": 10, "heat_num_from_each_to_main": 7,
    "heat_num_position_to_invert": 0, "heat_session_minutes_estimate": 120, "main_laps": 35,
    "main_length_minutes": 60, "main_max_field_size": 24, "main_num_position_to_invert": 0,
    "max_entrants": 30, "pre_main_practice_length_minutes": 0, "pre_qual_num_to_main": 0,
    "pre_qual_practice_length_minutes": 5, "qual_caution_type": 0, "qual_laps": 2,
    "qual_length_minutes": 2, "qual_num_to_main": 0, "qual_open_delay_seconds": 0,
    "qual_scoring": 0, "qual_style": 1, "race_style": 1,
}  # fmt: skip
_HEAT_FLAGS = {
    "consolation_run_always": False, "consolation_scores_champ_points": False,
    "heat_scores_champ_points": True, "hidden": False, "open_practice": True,
    "qual_scores_champ_points": True,
}  # fmt: skip
_PARTS = ("", "B", "C")
_LAST_ABC = index_of(2013, 4)


def season_names(season: SeasonPlan, quarter: int) -> tuple[str, str, str]:
    """(series_name, season_name, season_short_name) as written in `quarter`."""
    series = season.series
    name = series.name(quarter)
    short = f"{season.year} Season {season.quarter}"
    if series.kind == "week13":
        long = name if series.has("bare-name") else f"{name} - {short}"
        return name, long, f"{short} - 13th Week"
    if season.is_yearly:
        blank = " " if series.has("trailing-blank") else ""
        return name, f"{name} - {season.year} Season{blank}", f"{season.year} Season{blank}"
    if series.kind == "rookie" and season.quarter_index <= _LAST_ABC:
        short += _PARTS[season.part]
    elif season.part:
        short += " - Second Half"
    if series.has("double-blank"):
        return name, f"{name}  - Europe South - {short}", short
    middle = " - Fixed" if series.fixed else ""
    return name, f"{name}{middle} - {short}", short + (" Fixed" if series.fixed else "")


def season_body(season: SeasonPlan, moment: datetime, quarter: int) -> dict[str, Any]:
    """Every season-level field of series/seasons, without schedules and next_race_session."""
    series = season.series
    roll = dice(season.seed, "season", season.season_id)
    team = series.has("team")
    week = season.current_week(moment)
    body: dict[str, Any] = {
        # Announced seasons: some say active already, some do not.
        "active": season.is_running(moment)
        or (season.is_listed(moment) and series.number % 2 == 0),
        "allowed_season_members": None,
        "car_class_ids": [item.car_class_id for item in series.classes],
        "car_switching": False,
        "car_types": [{"car_type": car} for car in sorted(
            {car.model.lower().replace(" ", "") for item in series.classes for car in item.cars}
        )],
        "caution_laps_do_not_count": False,
        "complete": season.has_ended(moment),
        "connection_black_flag": True,
        "consec_caution_within_nlaps": 2,
        "consec_cautions_single_file": False,
        "cross_license": roll.random() < 0.5,
        "distributed_matchmaking": False,
        "driver_change_rule": 4 if team else 0,
        "driver_changes": team,
        "drops": max(len(season.week_starts) // 3, 1),
        "enable_pitlane_collisions": False,
        "fixed_setup": series.fixed,
        "green_white_checkered_limit": 3 if series.category == "oval" else 0,
        "grid_by_class": len(series.classes) > 1,
        "hardcore_level": 1,
        "has_supersessions": False,
        "ignore_license_for_practice": True,
        "incident_limit": roll.choice([17, 17, 25, 0]),
        "incident_warn_mode": roll.choice([0, 1]),
        "incident_warn_param1": 17,
        "incident_warn_param2": 0,
        "is_heat_racing": series.has("heat"),
        "license_group": series.license_group,
        "license_group_types": [{"license_group_type": series.license_group}],
        "lucky_dog": series.category == "oval",
        "max_team_drivers": 16 if team else 1,
        "max_weeks": len(season.week_starts),
        "min_team_drivers": 2 if team else 1,
        "multiclass": len(series.classes) > 1,
        "must_use_diff_tire_types_in_race": False,
        "num_fast_tows": roll.choice([0, 1]),
        "num_opt_laps": 0,
        "official": series.official,
        "op_duration": 120,
        "open_practice_session_type_id": 170,
        "qualifier_must_start_race": False,
        "race_week": min(week, 2) if series.has("stale-week") else week,
        "race_week_to_make_divisions": 0,
        "reg_user_count": 0,
        "region_competition": True,
        "restrict_by_member": False,
        "restrict_to_car": False,
        "restrict_viewing": False,
        "schedule_description": _description(season),
        "season_quarter": season.quarter,
        "season_short_name": season_names(season, quarter)[2],
        "season_year": season.year,
        "send_to_open_practice": True,
        "series_id": series.series_id,
        "short_parade_lap": False,
        "start_date": stamp(midnight(season.starts)),
        "start_on_qual_tire": False,
        "start_zone": series.category == "oval",
        "track_types": [{"track_type": series.category}],
        "unsport_conduct_rule_mode": roll.choice([0, 1, 3, 4]),
    }  # fmt: skip
    if series.has("heat"):
        body["heat_ses_info"] = _heat(season)
    if series.kind == "rookie":
        body["rookie_season"] = "ABC"[season.part]
    if series.cadence.every == 15:
        body["reg_open_minutes"] = 15
    if len(series.classes) > 1:
        body["score_as_carclassid"] = series.classes[0].car_class_id
    return body


def full_season(
    season: SeasonPlan, catalogue: list[Track], moment: datetime, quarter: int
) -> dict[str, Any]:
    """The object of series/seasons, schedules included."""
    body = season_body(season, moment, quarter)
    body["next_race_session"] = None
    active = not season.has_ended(moment)
    names = season_names(season, quarter)
    tracks = tracks_at(season, catalogue, moment)
    body["schedules"] = [
        ordered(
            {
                **week_body(season, n, track, names[:2], moment, quarter, active=active),
                **active_extras(season, n, quarter),
            },
            season,
            n,
        )
        for n, track in enumerate(tracks)
    ]
    return _ordered(season, names[1], body)


def listed_season(
    season: SeasonPlan, catalogue: list[Track], moment: datetime, quarter: int
) -> dict[str, Any]:
    """The object of series/season_list: the current week instead of the schedules."""
    body = season_body(season, moment, quarter)
    names = season_names(season, quarter)
    week = season.current_week(moment)
    track = tracks_at(season, catalogue, moment)[week]
    event = week_body(season, week, track, names[:2], moment, quarter, active=False)
    body["current_week_sched"] = {
        "race_week_num": week,
        "track": event["track"],
        "car_restrictions": event["car_restrictions"],
        "race_lap_limit": event["race_lap_limit"],
        "race_time_limit": event["race_time_limit"],
        "precip_chance": event["weather"].get("weather_summary", {}).get("precip_chance", 0),
        "start_type": event["start_type"],
        "category_id": event["category_id"],
    }
    body["elig"] = {"own_car": season.season_id % 2 == 0, "own_track": season.season_id % 3 == 0}
    body["has_mpr"] = False
    return _ordered(season, names[1], body)


def short_season(season: SeasonPlan, quarter: int) -> dict[str, Any]:
    """The object of season/list."""
    series = season.series
    body: dict[str, Any] = {
        "season_id": season.season_id,
        "series_id": series.series_id,
        "season_name": season_names(season, quarter)[1],
        "series_name": series.name(quarter),
        "official": series.official,
        "season_year": season.year,
        "season_quarter": season.quarter,
        "license_group": series.license_group,
        "fixed_setup": series.fixed,
        "driver_changes": series.has("team"),
    }
    if series.kind == "rookie":
        body["rookie_season"] = "ABC"[season.part]
    return body


def indexed_season(
    season: SeasonPlan, catalogue: list[Track], moment: datetime, quarter: int
) -> dict[str, Any]:
    """The object of past_seasons and stats_series: no dates, times, weather or limits."""
    series = season.series
    _, name, short = season_names(season, quarter)
    tracks = list(enumerate(tracks_at(season, catalogue, moment)))
    if series.has("one-week-index"):
        only = {0: 1, 3: 5}.get(season.season_id % 7, 0)
        tracks = tracks[only : only + 1]
    return {
        "season_id": season.season_id,
        "series_id": series.series_id,
        "season_name": name,
        "season_short_name": short,
        "season_year": season.year,
        "season_quarter": season.quarter,
        "active": season.is_running(moment),
        "official": series.official,
        "driver_changes": series.has("team"),
        "fixed_setup": series.fixed,
        "license_group": series.license_group,
        "has_supersessions": False,
        "car_switching": False,
        "license_group_types": [{"license_group_type": series.license_group}],
        "car_classes": [item.on_season(quarter) for item in series.classes],
        "race_weeks": [
            {
                "season_id": season.season_id,
                "race_week_num": week,
                "track": track.on_season(quarter),
            }
            for week, track in tracks
        ],
    }


def schedule(
    season: SeasonPlan, catalogue: list[Track], moment: datetime, quarter: int
) -> list[dict[str, Any]]:
    """The `schedules` of series/season_schedule, active or past shape."""
    names = season_names(season, quarter)
    past = season.has_ended(moment)
    weeks = []
    for n, track in enumerate(tracks_at(season, catalogue, moment)):
        if past and season.series.has("partial-schedule") and n not in (0, 2, 6, 9):
            continue
        body = week_body(season, n, track, names[:2], moment, quarter, active=not past)
        detach_qualifying(season, n, body)
        body.update(past_extras(body) if past else active_extras(season, n, quarter))
        weeks.append(ordered(body, season, n))
    return weeks


def _ordered(season: SeasonPlan, name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"season_id": season.season_id, "season_name": name, **dict(sorted(body.items()))}


def _description(season: SeasonPlan) -> str:
    cadence = season.series.cadence
    if cadence.times:
        return f"{len(cadence.times)} timeslots per race week"
    return f"Races every {cadence.every} minutes from {cadence.first[3:]} past"


def _heat(season: SeasonPlan) -> dict[str, Any]:
    info: dict[str, Any] = {
        **_HEAT_NUMBERS,
        **_HEAT_FLAGS,
        "created": f"{season.year}-01-06T17:38:41Z",
        "description": "30 Entries - 5 Minute Practice\r\n2 Lap, 2 Minute Qualifying \r\n3 heats",
        "heat_info_id": 180000 + season.season_id,
        "heat_info_name": f"{season.year} {season.series.base_name}",
    }
    return dict(sorted(info.items()))
