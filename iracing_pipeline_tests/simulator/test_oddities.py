"""Every oddity that the world promises is in its data.

In: one finder per entry of ODDITIES. Out: how a pipeline copes with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from iracing_pipeline.simulator.world import ODDITIES
from iracing_pipeline_tests.support.simulator_view import AUGUST, Body, View


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def gaps(season: Body) -> list[int]:
    starts = [day(week["start_date"]) for week in season["schedules"]]
    return [(b - a).days for a, b in pairwise(starts)]


def lead(season: Body) -> int:
    return (day(season["schedules"][0]["start_date"]) - day(season["start_date"])).days


def varying(season: Body) -> bool:
    return len({week["category"] for week in season["schedules"]}) > 1


def stale(season: Body) -> bool:
    ended = [w for w in season["schedules"] if w["week_end_time"] < "2025-08-20T12"]
    return season["race_week"] == 2 and len(ended) > 3


def short_index(view: View) -> bool:
    lists = [
        [week["race_week_num"] for week in season["race_weeks"]]
        for series in view.index
        for season in series["seasons"]
    ]
    single = [weeks[0] for weeks in lists if len(weeks) == 1]
    return len(single) > 10 and 0 in single and any(single)


def partial(view: View) -> bool:
    season = next(
        s
        for s in view.world.seasons(AUGUST)
        if s.series.has("partial-schedule") and s.has_ended(AUGUST)
    )
    weeks = view.ask("series/season_schedule", season_id=season.season_id)["schedules"]
    series = view.ask("series/past_seasons", series_id=season.series.series_id)["series"]
    listed = next(s for s in series["seasons"] if s["season_id"] == season.season_id)
    return [w["race_week_num"] for w in weeks] == [0, 2, 6, 9] and len(listed["race_weeks"]) >= 12


def renamed(view: View) -> bool:
    """Within ten years ahead every kind of rename reaches seasons of 2023 and before."""
    later = datetime(2035, 8, 20, tzinfo=timezone.utc)

    def names(now: datetime) -> dict[tuple[int, str], str]:
        found = {}
        for series in view.ask("series/stats_series", now):
            for season in series["seasons"]:
                if season["season_year"] > 2023:
                    continue
                key = season["season_id"]
                found[key, "season"] = season["season_name"]
                found[key, "class"] = season["car_classes"][0]["name"]
                found[key, "track"] = season["race_weeks"][0]["track"]["track_name"]
        return found

    before, after = names(AUGUST), names(later)
    turned = {
        (what, mark)
        for (season_id, what), name in after.items()
        for mark in ("[Legacy]", "[Retired]", "[L]", " by ")
        if mark in name and before[season_id, what] != name
    }
    marks = {("season", "[Legacy]"), ("season", " by "), ("track", "[Retired]"), ("class", "[L]")}
    # And the very next turn renames something.
    soon = names(datetime(2025, 9, 17, tzinfo=timezone.utc))
    return turned >= marks and any(soon[key] != name for key, name in before.items())


def three_a_quarter(view: View) -> bool:
    rookies = [
        season["season_short_name"]
        for series in view.index
        for season in series["seasons"]
        if (season["season_year"], season["season_quarter"]) == (2010, 2)
        and len(season["race_weeks"]) == 4
    ]
    return any(name.endswith("C") for name in rookies) and len(rookies) >= 6


def two_a_quarter(view: View) -> bool:
    seen = [(s["series_id"], s["season_year"], s["season_quarter"]) for s in view.seasons]
    return len(set(seen)) < len(seen)


def corrected(view: View) -> bool:
    """Far weeks change between two moments, near ones do not."""
    changed = set()
    later = {s["season_id"]: s for s in view.ask("series/seasons", AUGUST + timedelta(days=14))}
    early = AUGUST - timedelta(days=40)
    for season in view.ask("series/seasons", early):
        for old, new in zip(
            season["schedules"],
            later.get(season["season_id"], {}).get("schedules", []),
            strict=False,
        ):
            for what in ("track", "car_restrictions", "weather"):
                if old[what] != new[what]:
                    changed.add(what)
                    assert day(old["start_date"]) > early.date() + timedelta(days=13)
    return changed == {"track", "car_restrictions", "weather"}


FINDERS: dict[str, Callable[[View], bool]] = {
    "repeats of 15, 30, 60 and 120 minutes": lambda v: (
        {15, 30, 60, 120} <= {d["repeat_minutes"] for d in v.descriptors if d["repeating"]}
    ),
    "explicit session times": lambda v: any(
        d["session_times"] == sorted(d["session_times"]) and "start_date" not in d
        for d in v.descriptors
        if not d["repeating"]
    ),
    "unsorted session times": lambda v: any(
        d["session_times"] != sorted(d["session_times"])
        for week in v.schedules("unsorted")
        for d in week["race_time_descriptors"]
    ),
    "one-day weeks": lambda v: any(
        gaps(s) == [1] * 6 and s["schedules"][6]["week_end_time"] == "2025-09-15T23:45:00Z"
        for s in v.week_13
    ),
    "two-week gaps": lambda v: any(gaps(s) == [14] * 5 for s in v.seasons),
    "long seasons": lambda v: (
        {1, 4} <= {s["season_quarter"] for s in v.everything if s["max_weeks"] == 38}
        and any(s["max_weeks"] == 38 and s["season_quarter"] == 1 for s in v.seasons)
    ),
    "weeks begin on any weekday": lambda v: (
        {day(w["start_date"]).weekday() for w in v.weeks} == set(range(7))
    ),
    "season starts before its first week": lambda v: {0, 1, 4} <= {lead(s) for s in v.everything},
    "thirteen weeks": lambda v: any(
        s["max_weeks"] == 13 and s["race_week"] == 12 and s["season_quarter"] == 3
        for s in v.week_13
    ),
    "stale race week": lambda v: any(stale(s) for s in v.seasons),
    "heat racing": lambda v: any(
        len(s["heat_ses_info"]) == 43 and "practice_length" not in s["schedules"][0]
        for s in v.seasons
        if s["is_heat_racing"]
    ),
    "no config name": lambda v: {"config_name" in w["track"] for w in v.weeks} == {True, False},
    "ints and floats": lambda v: (
        {type(r["power_adjust_pct"]) for r in v.restrictions} == {int, float}
        and {type(r["price"]) for r in v.ask("car/get")} == {int, float}
        and {type(s["temp_high"]) for s in v.weather("weather_summary")} == {int, float}
    ),
    "negative weather seed": lambda v: any(
        f.get("weather_seed", 0) < -(2**40) for f in v.weather("forecast_options")
    ),
    "no weather seed": lambda v: any(
        "weather_seed" not in f for f in v.weather("forecast_options")
    ),
    "high below low": lambda v: any(
        s["temp_high"] < s["temp_low"] for s in v.weather("weather_summary")
    ),
    "rain": lambda v: (
        {s["precip_chance"] > 0 for s in v.weather("weather_summary")} == {True, False}
    ),
    "weather of version 0": lambda v: {w["weather"]["version"] for w in v.weeks} == {0, 1},
    "narrow licence levels": lambda v: any(
        row["min_license_level"] > 4 * row["license_group"] - 3
        for series in v.ask("series/get")
        for row in series["allowed_licenses"]
    ),
    "fixed setups": lambda v: (
        any("race_setup_id" in r for r in v.restrictions)
        and any("qual_setup_id" in r for r in v.restrictions)
        and any("race_setup_id" not in r for r in v.restrictions)
    ),
    "no car restrictions": lambda v: any(not w["car_restrictions"] for w in v.weeks),
    "cars vary by week": lambda v: (
        any(w["race_week_cars"] for w in v.weeks)
        and any(w["race_week_car_class_ids"] for w in v.weeks)
    ),
    "category varies by week": lambda v: any(varying(s) for s in v.seasons),
    "special events": lambda v: (
        {w["special_event_type"] for w in v.weeks} == {None, 2}
        and len({w["season_id"] for w in v.weeks if w["special_event_type"]}) == 2
    ),
    "team racing": lambda v: any(
        s["driver_changes"] and (s["min_team_drivers"], s["max_team_drivers"]) == (2, 16)
        for s in v.seasons
    ),
    "several classes": lambda v: any(
        s["multiclass"] and s["score_as_carclassid"] in s["car_class_ids"]
        for s in v.seasons
        if len(s["car_class_ids"]) > 2
    ),
    "retired series": lambda v: any(
        s["seasons"][0]["season_year"] < 2020 and not s["active"] for s in v.index
    ),
    "three seasons a quarter": three_a_quarter,
    "two seasons a quarter": two_a_quarter,
    "one week in the index": short_index,
    "four weeks in the schedule": partial,
    "blanks in names": lambda v: (
        any("  " in s["season_name"] for s in v.everything)
        and any(s["season_name"].endswith(" ") for s in v.everything)
    ),
    "names without a season": lambda v: any(
        "Season" not in s["season_name"] and s["max_weeks"] == 7 for s in v.week_13
    ),
    "retroactive renames": renamed,
    "detached qualifying": lambda v: any(
        w["qual_time_descriptors"] and not w["qual_attached"] and w["race_time_limit"] is None
        for w in v.schedules("detached-qualifying")
    ),
    "no forum, no filters": lambda v: all(
        {key in row for row in v.ask("series/get")} == {True, False}
        for key in ("forum_url", "search_filters")
    ),
    "optional season keys": lambda v: all(
        {key in s for s in v.seasons} == {True, False}
        for key in ("reg_open_minutes", "rookie_season", "score_as_carclassid")
    ),
    "announced seasons": lambda v: (
        {s["active"] for s in v.week_13 if s["start_date"] > "2025-09-11"} == {True, False}
    ),
    "late activation": lambda v: (
        len(v.ask("series/get", datetime(2025, 9, 16, 11, tzinfo=timezone.utc)))
        < len(v.ask("series/get", datetime(2025, 9, 16, 13, tzinfo=timezone.utc)))
    ),
    "corrections": corrected,
}


@pytest.fixture(scope="module")
def view() -> View:
    return View()


def test_every_documented_oddity_has_a_finder() -> None:
    assert FINDERS.keys() == ODDITIES.keys()


@pytest.mark.parametrize("oddity", FINDERS)
def test_the_oddity_is_in_the_default_world(view: View, oddity: str) -> None:
    assert FINDERS[oddity](view), ODDITIES[oddity]
