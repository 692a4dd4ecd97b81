"""Race weeks: the objects in `schedules`, in the shapes of active and of past seasons.

In: one week's body. Out: which weeks a season has (seasons.py) and what surrounds them
(season_bodies.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from .calendar import midnight, stamp
from .dice import dice
from .names import CATEGORY_IDS
from .seasons import SeasonPlan
from .times import descriptors, qualifying
from .tracks import Track
from .weather import weather

# A week further ahead than this may still see another forecast, and in some series another track.
PROVISIONAL_DAYS = 14
UNLIMITED_LAPS = 32767


def is_provisional(season: SeasonPlan, week: int, moment: datetime) -> bool:
    """Whether corrections to this week are still to come."""
    return midnight(season.week_starts[week]) - moment > timedelta(days=PROVISIONAL_DAYS)


def rerolls(season: SeasonPlan, week: int, moment: datetime) -> int:
    """0 while the forecast is provisional, 1 once it is final. The past is final."""
    provisional = season.series.number % 4 == 0 and is_provisional(season, week, moment)
    return 0 if provisional else 1


def tracks_at(season: SeasonPlan, catalogue: list[Track], moment: datetime) -> list[Track]:
    """The tracks as they are announced at a moment: a swap of two weeks is corrected in time."""
    tracks = season.tracks(catalogue)
    if season.series.has("swaps") or season.series.number == 0:
        for week in range(8, len(tracks) - 1, 4):
            if is_provisional(season, week, moment):
                tracks[week], tracks[week + 1] = tracks[week + 1], tracks[week]
    return tracks


def week_body(
    season: SeasonPlan,
    week: int,
    track: Track,
    names: tuple[str, str],
    moment: datetime,
    quarter: int,
    *,
    active: bool,
) -> dict[str, Any]:
    """What all shapes share. `names`: series and season; `quarter`: whose names are current."""
    series = season.series
    roll = dice(season.seed, "week", season.season_id, week)
    laps, minutes = roll.choice([(None, 20), (30, None), (None, 45), (50, 60), (15, None)])
    oval = track.category in ("oval", "dirt_oval")
    category = "oval" if series.has("varying-category") and oval else series.category
    cadence = f"every {series.cadence.every} minutes" if series.cadence.every else "timeslots"
    state: dict[str, Any] = {"leave_marbles": roll.random() < 0.6}
    if roll.random() < 0.16:
        state["practice_rubber"] = 0
    if roll.random() < 0.06:
        state["race_rubber"] = roll.randint(17, 28)
    body: dict[str, Any] = {
        "car_restrictions": restrictions(season, week, moment),
        "category": category,
        "category_id": CATEGORY_IDS[category],
        "enable_pitlane_collisions": False,
        "full_course_cautions": oval,
        "qual_attached": True,
        "race_lap_limit": laps,
        "race_time_descriptors": descriptors(season, week, past=not active),
        "race_time_limit": minutes,
        "restart_type": "Single-file Maintain" if track.category == "dirt_oval"
        else "Double-file Back",
        # iRacing's own template name, misspellings included.
        "schedule_name": f"{series.category.replace('_', ' ')} - races {cadence}",
        "season_name": names[1],
        "series_id": series.series_id,
        "series_name": names[0],
        "short_parade_lap": False,
        "special_event_type": 2 if series.has("special") and week % 9 == 4 else None,
        "start_date": season.week_starts[week].isoformat(),
        "start_type": "Standing" if series.has("standing") else "Rolling",
        "start_zone": oval,
        "track": track.on_week(quarter),
        "track_state": state,
        "weather": weather(season, week, rerolls(season, week, moment), url=active),
        "week_end_time": stamp(season.week_ends[week]),
    }  # fmt: skip
    if not series.has("heat"):
        # Heat racing keeps its lengths in heat_ses_info.
        body.update(practice_length=3, qualify_laps=2, qualify_length=8, warmup_length=0)
    return body


def active_extras(season: SeasonPlan, week: int, quarter: int) -> dict[str, Any]:
    """The keys that only weeks of listed seasons have."""
    cars: list[dict[str, Any]] = []
    if season.series.has("varying-cars"):
        garage = [car for item in season.series.classes for car in item.cars]
        cars = [
            {
                "car_id": car.car_id,
                "car_name": car.name(quarter),
                "car_name_abbreviated": car.abbreviation,
            }
            for car in (garage[week % len(garage)], garage[(week + 1) % len(garage)])
        ]
    # Some multiclass series leave a class out now and then.
    classes = season.series.classes
    class_ids = [item.car_class_id for item in classes[1:]] if week % 6 == 4 else []
    return {"race_week_car_class_ids": class_ids, "race_week_cars": cars}


def past_extras(body: dict[str, Any]) -> dict[str, Any]:
    """The keys that season_schedule gives past weeks only."""
    laps, minutes = body["race_lap_limit"], body["race_time_limit"]
    standing = body["start_type"] == "Standing"
    sessions = [
        _session(3, "Open Practice", None, body.get("practice_length", 5)),
        _session(4, "Lone Qualifying", body.get("qualify_laps", 2), body.get("qualify_length", 2)),
        _session(6, "Race", laps, minutes),
    ]
    return {
        "event_options": {
            "allow_wave_arounds": True,
            "cautions_enabled": body["full_course_cautions"],
            "qualify_scoring_type": 0,
            "restart_type": 2,
            "short_parade_lap": False,
            "single_file_consec_cautions": False,
            "standing_start": standing,
            "starting_grid_type": int(standing),
        },
        "event_sessions": sessions,
        "race_week_car_classes": [],
    }


def _session(number: int, name: str, laps: int | None, minutes: int | None) -> dict[str, Any]:
    return {
        "laps": UNLIMITED_LAPS if laps is None else laps,
        "minutes": 10080 if minutes is None else minutes,
        "start_time_offset": 0,
        "type": number,
        "type_name": name,
        "unlimited_laps": laps is None,
        "unlimited_time": minutes is None,
    }


def detach_qualifying(season: SeasonPlan, week: int, body: dict[str, Any]) -> None:
    """season_schedule only: weeks whose qualifying runs on its own (every sixth, of some)."""
    detached = season.series.has("detached-qualifying") and week % 6 == 5
    body["qual_time_descriptors"] = qualifying(season, week) if detached else []
    if detached:
        body.update(
            practice_length=0, qual_attached=False, qualify_laps=0, qualify_length=0,
            race_lap_limit=3, race_time_limit=None, warmup_length=7,
        )  # fmt: skip


def restrictions(season: SeasonPlan, week: int, moment: datetime) -> list[dict[str, Any]]:
    """Balance of performance, one row per car; empty for series without."""
    series = season.series
    if series.has("no-restrictions"):
        return []
    roll = dice(season.seed, "bop", season.season_id, week, rerolls(season, week, moment))
    cars = {car.car_id: car for item in series.classes for car in item.cars}
    rows = []
    for car_id in sorted(cars):
        power: float | int = 0
        if series.has("floats"):
            power = roll.choice([0, -1, -1.75, -2.5, 0, -0.5])
        row = {
            "car_id": car_id,
            "max_dry_tire_sets": roll.choice([0, 0, 0, 3, 6]),
            "max_pct_fuel_fill": roll.choice([100, 100, 80, 50]),
            "power_adjust_pct": power,
            "weight_penalty_kg": roll.choice([0, 0, 0, 10, 25]) if series.has("floats") else 0,
        }
        if series.has("setups"):
            row["race_setup_id"] = 230000 + car_id * 100 + week
            if car_id % 3 == 0:
                row["qual_setup_id"] = 250000 + car_id * 100 + week
        rows.append(dict(sorted(row.items(), key=_car_id_first)))
    return rows


def _car_id_first(item: Sequence[Any]) -> tuple[bool, str]:
    return (item[0] != "car_id", str(item[0]))


def ordered(body: dict[str, Any], season: SeasonPlan, week: int) -> dict[str, Any]:
    """Keys as iRacing orders them: season_id, race_week_num, then the alphabet."""
    head = {"season_id": season.season_id, "race_week_num": week}
    return {**head, **dict(sorted(body.items()))}
