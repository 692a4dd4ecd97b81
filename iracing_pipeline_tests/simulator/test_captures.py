"""Captured answers are replayed as the API gave them.

In: small captures written here, and the shared real ones where they lie beside the repository.
Out: what the captures mean (the model's tests).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.simulator import CaptureSource, Simulator, SimulatorError
from iracing_pipeline.simulator.captures import parse_name
from iracing_pipeline_tests.support.places import CAPTURES
from iracing_pipeline_tests.support.simulator_client import HTTP, Wire

SIGNED = "https://bucket.s3.amazonaws.com/forecast/rw0.json?X-Amz-Date=2025&X-Amz-Signature=00"


def write(folder: Path, **bodies: Any) -> Path:
    for name, body in bodies.items():
        (folder / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("stem", "endpoint", "params", "label"),
    [
        ("series_get", "series/get", {}, False),
        ("carclass_get", "carclass/get", {}, False),
        ("data_doc", "doc", {}, False),
        ("constants_event_types", "constants/event_types", {}, False),
        ("season_race_guide", "season/race_guide", {}, False),
        ("series_past_seasons__306", "series/past_seasons", {"series_id": "306"}, False),
        ("series_season_schedule__4508", "series/season_schedule", {"season_id": "4508"}, False),
        (
            "season_list__2025_3",
            "season/list",
            {"season_year": "2025", "season_quarter": "3"},
            False,
        ),
        (
            "series_seasons__2025_3",
            "series/seasons",
            {"season_year": "2025", "season_quarter": "3"},
            False,
        ),
        (
            "series_seasons__season_year=2024&season_quarter=1",
            "series/seasons",
            {"season_year": "2024", "season_quarter": "1"},
            False,
        ),
        (
            "series_seasons__season_year=2024__season_quarter=1",
            "series/seasons",
            {"season_year": "2024", "season_quarter": "1"},
            False,
        ),
        ("series_seasons__no_params__2025-09-09", "series/seasons", {}, True),
        ("series_stats_series__first3", "series/stats_series", {}, True),
        (
            "time_attack_member_season_results",
            "time_attack/member_season_results",
            {},
            False,
        ),
    ],
)
def test_a_file_name_says_what_it_answers(
    stem: str, endpoint: str, params: dict[str, str], label: bool
) -> None:
    assert parse_name(stem) == (endpoint, params, label)


def test_exact_parameters_win_and_the_rest_is_the_documented_choice(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        series_get=[1],
        series_seasons__2025_3=["quarter"],
        series_seasons__no_params=["active"],
        series_past_seasons__306={"series_id": 306},
    )
    with Simulator(CaptureSource(folder)) as sim:
        wire = Wire(sim)
        assert wire.body("series/seasons") == ["active"]
        assert wire.body("series/seasons", include_series="true") == ["active"]
        assert wire.body("series/seasons", season_year=2025, season_quarter=3) == ["quarter"]
        assert wire.body("series/seasons", season_year=2024, season_quarter=1) == ["active"]
        assert wire.body("series/seasons", season_year=2024) == ["active"]
        assert wire.body("series/past_seasons", series_id=306) == {"series_id": 306}
        missing = wire.data("series/past_seasons", series_id=307)
        note = "There is no capture of series/past_seasons for series_id 307."
        assert (missing.status_code, missing.json()) == (404, {"error": "Not Found", "note": note})
        assert wire.data("series/past_seasons").status_code == 400
        unknown = wire.data("track/get")
        served = "It serves series/get, series/past_seasons, series/seasons."
        assert unknown.status_code == 404
        assert unknown.json()["note"] == f"This simulator does not serve track/get. {served}"


def test_a_plain_capture_is_preferred_to_a_labelled_one(tmp_path: Path) -> None:
    source = CaptureSource(write(tmp_path, series_get__old=["old"], series_get=["plain"]))
    assert source.answer("series/get") == ["plain"]


def test_signed_links_inside_captures_are_made_live(tmp_path: Path) -> None:
    folder = write(tmp_path, series_seasons=[{"u": SIGNED}], weather_url_body=[{"time_offset": 0}])
    with Simulator(CaptureSource(folder)) as sim:
        wire = Wire(sim)
        link = wire.body("series/seasons")[0]["u"]
        assert link.startswith(f"{sim.storage_url}/storage/forecast/rw0.json?")
        assert link != wire.body("series/seasons")[0]["u"]
        assert HTTP.get(link).json() == [{"time_offset": 0}]


def test_without_a_weather_capture_the_link_is_denied(tmp_path: Path) -> None:
    with Simulator(CaptureSource(write(tmp_path, series_seasons=[{"u": SIGNED}]))) as sim:
        answer = HTTP.get(Wire(sim).body("series/seasons")[0]["u"])
        assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)


def test_envelopes_and_other_files_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "envelopes").mkdir()
    (tmp_path / "envelopes" / "link.json").write_text("not json")
    (tmp_path / "MANIFEST.md").write_text("# captures")
    assert CaptureSource(write(tmp_path, car_get=[])).endpoints == ["car/get"]


def test_a_broken_capture_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "car_get.json").write_text('{"half": ')
    with pytest.raises(SimulatorError, match=r"car_get\.json is not JSON"):
        CaptureSource(tmp_path)


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="no shared captures beside the repository")
def test_the_shared_captures_are_replayed_completely() -> None:
    with Simulator(CaptureSource(CAPTURES)) as sim:
        wire = Wire(sim)
        seasons = wire.body("series/seasons", include_series="true")
        weeks = [week for season in seasons for week in season["schedules"]]
        assert len(wire.body("series/get")) == 35
        assert (len(seasons), len(weeks)) == (35, 527)
        assert sum(len(week["car_restrictions"]) for week in weeks) == 909
        assert len(wire.body("track/get")) == 461
        assert len(wire.body("car/get")) == 183
        assert len(wire.body("carclass/get")) == 254
        assert len(wire.body("season/list", season_year=2025, season_quarter=3)["seasons"]) == 164
        assert len(wire.body("series/past_seasons", series_id=306)["series"]["seasons"]) == 33
        assert len(wire.body("series/season_schedule", season_id=4508)["schedules"]) == 4
        assert len(wire.body("season/race_guide")["sessions"]) == 133
        assert len(wire.body("series/stats_series")) == 3
        assert len(wire.data("constants/categories").json()) == 6
        assert "series" in wire.data("doc").json()
        assert len(HTTP.get(weeks[0]["weather"]["weather_url"]).json()) == 8
