"""What changed, in words: the view schedule_changes, and what dry runs and `db status` say."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console

from iracing_pipeline.commands.status import run_status
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

FULL = "Limestone Park \N{EN DASH} Full Course"
SHORT = "Limestone Park \N{EN DASH} Short"
WORDS = """SELECT series_name, season_id, race_week_num, kind, what, old, new
           FROM iracing.schedule_changes ORDER BY change_id, what"""


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield settings_for(running.environment)


def words(database: Database) -> list[tuple[Any, ...]]:
    return query(database, WORDS)


def test_a_track_swap_is_one_line_with_both_tracks(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    first, second = answers.season(1001)["schedules"]
    first["track"], second["track"] = second["track"], first["track"]
    sync(settings, refresh=True)
    assert words(database) == [
        ("Rookie Cup", 1001, 0, "updated", "track", FULL, "The Bowl"),
        ("Rookie Cup", 1001, 1, "updated", "track", "The Bowl", FULL),
    ]


def test_another_layout_of_the_same_track_names_the_track_as_it_was_called_then(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    track = answers.season(1001)["schedules"][0]["track"]
    track |= {"track_id": 102, "config_name": "Short"}
    sync(settings, refresh=True)
    track["track_name"] = "Limestone Ring"
    sync(settings, refresh=True)
    track["config_name"] = None
    sync(settings, refresh=True)
    assert [line[4:] for line in words(database)] == [
        ("track", FULL, SHORT),
        ("track", SHORT, "Limestone Ring \N{EN DASH} Short"),
        ("track", "Limestone Ring \N{EN DASH} Short", "Limestone Ring"),
    ]


def test_there_and_back_again_is_two_lines(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    for drops in (3, 4):
        answers.season(1001)["drops"] = drops
        sync(settings, refresh=True)
    assert [line[3:] for line in words(database)] == [
        ("updated", "drops", "4", "3"),
        ("updated", "drops", "3", "4"),
    ]


def test_names_dates_sessions_and_restrictions_are_told_as_people_say_them(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    answers["series/get"][0]["series_name"] = "Beginners Cup"
    week = answers.season(1001)["schedules"][0]
    week["week_end_time"] = "2026-03-24T00:00:00Z"
    (restriction,) = week["car_restrictions"]
    restriction["power_adjust_pct"] = -2.5
    (descriptor,) = answers.season(1002)["schedules"][0]["race_time_descriptors"]
    descriptor["session_times"] = ["2026-03-18T02:00:00Z", "2026-03-19T02:30:00Z"]
    sync(settings, refresh=True)
    found = {line[4]: line for line in words(database)}
    assert found["series name"][5:] == ("Rookie Cup", "Beginners Cup")
    assert found["series name"][:3] == ("Beginners Cup", None, None)
    assert found["week end"][6] == "2026-03-24 00:00 UTC"
    ((car_name,),) = query(database, "SELECT car_name FROM iracing.cars WHERE car_id = 1")
    assert found[f"power of {car_name}"][5:] == ("-1.75 %", "-2.5 %")
    assert found["session times"][6] == "2026-03-18 02:00 UTC, 2026-03-19 02:30 UTC"
    # One line for each change, and none twice.
    ((changes,),) = query(database, "SELECT count(*) FROM iracing.changes")
    assert len(words(database)) == changes == 4


def test_what_comes_and_goes_is_one_line_with_its_name(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    restrictions = answers.season(1001)["schedules"][0]["car_restrictions"]
    kept = restrictions.pop()
    week = answers.season(1001)["schedules"].pop()
    sync(settings, refresh=True)
    restrictions.append(kept)
    answers.season(1001)["schedules"].append(week)
    answers.season(1002)["schedules"].append(
        {**answers.season(1001)["schedules"][0], "season_id": 1002, "race_week_num": 1}
    )
    sync(settings, refresh=True)
    found = {(line[3], line[4]): line[5:] for line in words(database)}
    assert found["retired", "week"] == ("The Bowl", None)
    assert found["restored", "week"] == (None, "The Bowl")
    assert found["inserted", "week"] == (None, FULL)
    old, new = found["retired", "car restriction"]
    assert new is None
    assert "power -1.75 %" in old
    assert ("retired", "session times") in found
    assert ("inserted", "session times") in found


def test_a_dry_run_says_the_first_changes_in_words_and_lands_nothing(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    before = dump(database)
    landed = query(
        database, "SELECT endpoint, sha256, fetched_at FROM iracing.responses ORDER BY 1"
    )
    answers["series/get"][0]["series_name"] = "Beginners Cup"
    first, second = answers.season(1001)["schedules"]
    first["track"] = second["track"]
    first["car_restrictions"] = []
    answers["track/get"].pop()
    done = sync(settings, dry_run=True, refresh=True)
    assert done.success
    # The name is still the old one: each dry run is rolled back before the next.
    assert done.metadata("series")["first_changes"] == (
        "- Beginners Cup: series name: Rookie Cup → Beginners Cup"
    )
    told = done.metadata("season_schedules")["first_changes"].splitlines()
    assert f"- Rookie Cup, season 1001, week 0: track: {FULL} → The Bowl" in told
    assert any("car restriction gone: " in line for line in told), told
    assert done.counts()["car_restrictions"]["retired"] == 1
    assert done.counts()["tracks"]["retired"] == 1
    assert "track gone: " in done.metadata("tracks")["first_changes"]
    assert dump(database) == before
    assert (
        query(database, "SELECT endpoint, sha256, fetched_at FROM iracing.responses ORDER BY 1")
        == landed
    )
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


def test_status_lists_what_is_in_quarantine_and_what_drifted(
    settings: Settings,
    answers: RecordedResponses,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers.season(1001)["season_year"] = "MMXXVI"
    answers.season(1002)["brand_new"] = 1
    sync(settings)
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    output = io.StringIO()
    run_status(Console(file=output, width=200), as_json=False)
    text = output.getvalue()
    assert "set aside current_seasons: season_id=1001: season_year: " in text
    assert "drift series/seasons: new field Season.brand_new, since " in text
    run_status(Console(file=io.StringIO()), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["quarantined"][0][1] == "season_id=1001"
    assert document["drift"][0][:3] == ["series/seasons", "new field", "Season.brand_new"]
