"""What a simulator serves of iRacing's own list of endpoints, and what it says of the rest.

In: every endpoint of `/data/doc` over HTTP, the public notices, the command's flags for a world.
Out: bodies in detail (test_shapes), the protocol (test_protocol).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline_tests.support.shell import BIN, run
from iracing_pipeline_tests.support.simulator_client import HTTP, Wire

NOW = datetime(2026, 2, 11, 12, 7, tzinfo=timezone.utc)
# As `/data/doc` listed them in 2026.
IRACINGS_OWN = {
    "car": "assets get",
    "carclass": "get",
    "constants": "categories divisions event_types",
    "driver_stats_by_category": "oval sports_car formula_car road dirt_oval dirt_road",
    "hosted": "combined_sessions sessions",
    "league": "cust_league_sessions directory get get_points_systems membership roster seasons "
    "season_standings season_sessions",
    "lookup": "countries current_season drivers flairs get licenses",
    "member": "awards award_instances chart_data get info participation_credits profile",
    "results": "get event_log lap_chart_data lap_data search_hosted search_series season_results",
    "season": "list race_guide spectator_subsessionids spectator_subsessionids_detail",
    "series": "assets get past_seasons seasons season_list season_schedule stats_series",
    "session": "reg_drivers_list",
    "stats": "member_bests member_career member_division member_recap member_recent_races "
    "member_summary member_yearly season_driver_standings season_supersession_standings "
    "season_team_standings season_tt_standings season_tt_results season_qualify_results world_records",
    "team": "get membership",
    "time_attack": "member_season_results",
    "track": "assets get",
}
ENDPOINTS = [f"{service}/{name}" for service, text in IRACINGS_OWN.items() for name in text.split()]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    source = WorldSource(series=30, past_quarters=2, now=lambda: NOW)
    with Simulator(source, rate_limit=100_000) as sim:
        yield Wire(sim)


def test_every_endpoint_of_iracings_list_answers_or_names_what_does(wire: Wire) -> None:
    season = wire.body("series/seasons")[0]
    known = {
        "series_id": season["series_id"],
        "season_id": season["season_id"],
        "season_year": season["season_year"],
        "season_quarter": season["season_quarter"],
        "league_id": 7,
    }
    documented = wire.data("doc").json()
    served = {f"{service}/{name}" for service, methods in documented.items() for name in methods}
    assert served <= {*ENDPOINTS}
    for endpoint in ENDPOINTS:
        answer = wire.data(endpoint, **known)
        if endpoint in served:
            assert answer.status_code == 200, endpoint
            found = answer.json()
            assert isinstance(found, list) or HTTP.get(found["link"]).json(), endpoint
            continue
        said = answer.json()
        assert (answer.status_code, said["error"]) == (404, "Not Found"), endpoint
        assert endpoint in said["note"]
        assert all(other in said["note"] for other in served)


def test_countries_and_flairs_agree(wire: Wire) -> None:
    countries = {row["country_code"]: row["country_name"] for row in wire.body("lookup/countries")}
    flairs = wire.body("lookup/flairs")["flairs"]
    assert len({row["flair_id"] for row in flairs}) == len(flairs)
    assert {
        row["country_code"]: row["flair_name"] for row in flairs if "country_code" in row
    } == countries
    assert {"country_code" in row for row in flairs} == {True, False}


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("", {}),
        ("licenselevels=licenselevels", {"licenselevels": ["licenselevels"]}),
        (
            "weather=weather_wind_speed_units&weather=weather_wind_speed_max&licenselevels=licenselevels",
            {
                "licenselevels": ["licenselevels"],
                "weather": ["weather_wind_speed_max", "weather_wind_speed_units"],
            },
        ),
        ("cust_id=1&weather=nonsense", {"cust_id": [], "weather": []}),
    ],
)
def test_lookups_are_those_that_were_asked_for(
    wire: Wire, query: str, tags: dict[str, list[str]]
) -> None:
    url = f"{wire.sim.api_url}/data/lookup/get?{query}"
    found = HTTP.get(HTTP.get(url, headers=wire.bearer).json()["link"]).json()
    assert {row["tag"]: [one["lookup_type"] for one in row["lookups"]] for row in found} == tags
    if "licenselevels" in tags:
        values = found[0]["lookups"][0]["lookup_values"]
        assert [row["seq"] for row in values] == list(range(1, 29))
        assert values[4]["name"] == "Class D (1.0)"


def test_spectators_see_the_races_that_have_begun_and_not_ended(wire: Wire) -> None:
    guide = wire.body("season/race_guide", include_end_after_from="true")["sessions"]
    now = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    going_on = {row["session_id"] for row in guide if row["start_time"] <= now < row["end_time"]}
    details = wire.body("season/spectator_subsessionids_detail")
    assert {row["session_id"] for row in details["subsessions"]} == going_on != set()
    ids = wire.body("season/spectator_subsessionids", event_types="2,3,4,5")["subsession_ids"]
    assert ids == [row["subsession_id"] for row in details["subsessions"]]
    assert len({*ids}) == len(ids)
    one = details["subsessions"][0]["season_id"]
    of_one = wire.body("season/spectator_subsessionids_detail", season_ids=one)["subsessions"]
    assert {row["season_id"] for row in of_one} == {one}
    assert wire.body("season/spectator_subsessionids", event_types=2)["subsession_ids"] == []
    expires = wire.data("season/spectator_subsessionids").json()["expires"]
    assert datetime.fromisoformat(expires.replace("Z", "+00:00")) < datetime.now(
        timezone.utc
    ) + timedelta(seconds=61)


def test_a_league_has_seasons_of_its_own(wire: Wire) -> None:
    series_seasons = {row["season_id"] for row in wire.body("series/seasons")}
    seen = set()
    for league_id in range(1, 12):
        active = wire.body("league/seasons", league_id=league_id)["seasons"]
        every = wire.body("league/seasons", league_id=league_id, retired="True")["seasons"]
        assert active == [row for row in every if row["active"]]
        assert {row["season_id"] for row in every}.isdisjoint(series_seasons)
        seen |= {row["league_id"] for row in every}
    assert len(seen) > 5
    assert wire.data("league/seasons", league_id=0).status_code == 404


def test_public_notices_need_no_token_and_tell_of_maintenance(wire: Wire) -> None:
    def said() -> tuple[object, ...]:
        status = HTTP.get(f"{wire.sim.api_url}/status.json").json()
        flags = status["tests"]["Configuration Flags"]["iRacing UI in Maintenance Mode"]
        notice = HTTP.get(f"{wire.sim.api_url}/public/maintenance.json").json()
        assert notice["maint_messages"] == status["maint_messages"]
        return flags["summary_label"], flags["result"][-1][1], len(notice["maint_messages"])

    assert said() == ("No", 0.0, 0)
    fault = wire.sim.faults.add("maintenance")
    assert said() == ("Yes", 1.0, 1)
    wire.sim.faults.remove(fault)
    assert said() == ("No", 0.0, 0)


def test_the_command_serves_a_world_of_any_size_without_limits() -> None:
    flags = ["--series", "40", "--seed", "7", "--past-quarters", "1"]
    flags += ["--logins-per-hour", "0", "--rate-limit", "0"]
    process = subprocess.Popen(
        [BIN / "iracing-pipeline", "simulate", "--port", "0", *flags],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with Simulator(WorldSource()) as other:
            wire = Wire(other)
            told = {wire.ask_token(at=url).status_code for _ in range(14)}
            assert told == {200}
            token = wire.ask_token(at=url).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        link = HTTP.get(f"{url}/data/series/stats_series", headers=bearer).json()["link"]
        served = HTTP.get(link).json()
    finally:
        process.kill()
        process.communicate()
    twin = WorldSource(series=40, seed=7, past_quarters=1)
    assert served == json.loads(
        twin.answer_json("series/stats_series", {}, datetime.now(timezone.utc))
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--series", "0"], "--series"),
        (["--series", "100000"], "--series"),
        (["--seed", "-1"], "--seed"),
        (["--past-quarters", "x"], "--past-quarters"),
        (["--captures", ".", "--seed", "7"], "--captures"),
        (["--captures", ".", "--series", "7"], "--captures"),
    ],
)
@pytest.mark.usefixtures("prepared")
def test_a_world_that_cannot_be_is_misuse(flags: list[str], said: str) -> None:
    done = run("simulate", *flags, environment=dict(os.environ))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
