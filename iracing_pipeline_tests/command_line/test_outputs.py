"""`feeds`, `report`, and what `sync --with-outputs` makes after the sync."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from iracing_pipeline.simulator import Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import run

PLACES = ("calendars", "season_report.html", "site")


@pytest.fixture
def with_races(answers: RecordedResponses) -> None:
    tomorrow = time.strftime("%Y-%m-%dT10:00:00Z", time.gmtime(time.time() + 86400))
    week = answers.season(1002)["schedules"][0]
    week["week_end_time"] = tomorrow
    week["race_time_descriptors"][0]["session_times"] = [tomorrow]


def test_a_sync_makes_what_is_made_of_its_rows_where_it_is_asked_to(
    environment: dict[str, str], with_races: None, database: Database, tmp_path: Path
) -> None:
    data = Path(environment["IRACING_DATA_DIR"])
    done = run("sync", "--sync-seasons", "--with-outputs", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Calendars to subscribe to: {data / 'calendars'}" in done.stdout
    assert f"Open {data / 'season_report.html'} in a browser." in done.stdout
    assert [path.suffix for path in (data / "calendars").iterdir()] != []
    ran = "SELECT asset FROM iracing.sync_runs ORDER BY started_at DESC, sync_run_id DESC LIMIT 2"
    assert {row[0] for row in query(database, ran)} == {"calendar_feeds", "season_report"}

    # The export, where there is a place for it; and each by itself.
    exporting = {**environment, "IRACING_EXPORT_DIR": str(tmp_path / "site")}
    done = run("sync", "--sync-seasons", "--with-outputs", "--json", environment=exporting)
    told = json.loads(done.stdout)
    assert (done.returncode, told["not_run"]) == (0, [])
    assert told["outputs"] == {
        "calendar_feeds": str(data / "calendars"),
        "calendar_export": str(tmp_path / "site"),
        "season_report": str(data / "season_report.html"),
    }
    assert (tmp_path / "site" / "export.json").exists()
    page = tmp_path / "page.html"
    done = run("report", "--to", str(page), environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"Open {page} in a browser."
    assert "<html" in page.read_text()
    elsewhere = ("feeds", "--to", str(tmp_path / "feeds"), "--days", "5", "--hours", "11-12")
    done = run(*elsewhere, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"Calendars to subscribe to: {tmp_path / 'feeds'}"
    own = tmp_path / "own.toml"
    own.write_text('[[feed]]\nname = "all"\n[[feed]]\nname = "none"\nseries = 1')
    done = run(*elsewhere, "--feeds-file", str(own), environment=environment)
    assert done.returncode == 2
    assert f"{own}: Feed “none”: Unknown series: 1. Known here" in done.stdout
    assert (tmp_path / "feeds" / "own-all.ics").exists()
    done = run(*elsewhere, environment={**environment, "IRACING_FEEDS_FILE": str(tmp_path / "no")})
    assert done.returncode == 2
    assert f"{tmp_path / 'no'}: No such file." in done.stdout
    assert run(*elsewhere, environment=environment).returncode == 0
    command = (
        "SELECT value FROM dagster.run_tags WHERE key = 'iracing/command' ORDER BY id DESC LIMIT 1"
    )
    assert query(database, command) == [(" ".join(elsewhere),)]


def test_nothing_is_made_of_a_sync_that_brought_no_schedules(
    environment: dict[str, str], simulator: Simulator
) -> None:
    simulator.faults.add("status", "series/seasons", status=404)
    done = run("sync", "--sync-seasons", "--with-outputs", "--json", environment=environment)
    told = json.loads(done.stdout)
    assert (done.returncode, told["outputs"]) == (1, {})
    assert {"calendar_feeds", "season_report"} <= set(told["not_run"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sync", "--with-outputs"), "--with-outputs needs --sync-seasons"),
        (("sync", "--sync-seasons", "--with-outputs", "--dry-run"), "and no --dry-run"),
        (("feeds", "--days", "0"), "1<=x<=120"),
    ],
)
def test_a_mistake_is_exit_2(
    environment: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_where_there_is_no_database_none_is_made(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    nowhere = {**os.environ, "IRACING_DATA_DIR": str(tmp_path / "nothing")}
    for verb in ("feeds", "report"):
        done = run(verb, environment=nowhere)
        assert done.returncode == 2
        assert "No database in" in done.stderr
    assert not (tmp_path / "nothing").exists()
    # One in which nothing is stored is a failed run, in words.
    done = run("feeds", environment=environment)
    assert done.returncode == 2
    assert "No race sessions are stored yet" in done.stdout
    done = run("feeds", "--hours", "25", environment=environment)
    assert "'25' are no hours" in done.stdout
