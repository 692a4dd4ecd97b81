"""`iracing-pipeline export` as people start it."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.shell import run


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """No credentials: none are needed."""
    return {
        **os.environ,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(tmp_path / "data"),
    }


def test_the_files_and_what_is_said_of_them(
    database: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    empty = run("export", "--to", str(tmp_path / "out"), environment=environment)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert "No race sessions are stored yet" in empty.stderr
    week = {"season_id": 1, "race_week_num": 0}
    season = {
        "season_id": 1,
        "series_id": 10,
        "season_name": "Cup S1",
        "has_rules": True,
        "active": True,
        "complete": False,
    }
    rows = {
        "series": {"series_id": 10, "series_name": "Cup"},
        "seasons": season,
        "season_schedules": {**week, "track_name": "Park", "track_id": 1, "is_in_schedule": True},
        "race_time_descriptors": {
            **week,
            "descriptor_num": 0,
            "repeating": False,
            "session_minutes": 30,
            "session_times": [datetime(2999, 1, 1, 10, tzinfo=timezone.utc)],
        },
    }
    with database.begin() as connection:
        merge_tables(
            connection, [TableBatch(table(name), [row]) for name, row in rows.items()], run_id="x"
        )
    out = tmp_path / "out"
    arguments = ("--to", str(out), "--format", "json", "--format", "sqlite", "--history")
    done = run("export", *arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"1 season, 1 week, no session in {out}: 9 files written, 0 unchanged, 0 removed.\n"
    )
    (week,) = json.loads((out / "weeks.json").read_text())
    assert (week["track_name"], week["car_ids"]) == ("Park", [])
    place = {**environment, "IRACING_EXPORT_DIR": str(out)}
    again = run("export", *arguments[2:], environment=place)
    assert "no file written, 9 unchanged" in again.stdout
    wrong = run("export", "--to", "/dev/null/x", environment=environment)
    assert wrong.returncode == 2
    assert "cannot be written to /dev/null/x: Not a directory. Set --to to a place" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say where to: --to DIR, or set IRACING_EXPORT_DIR."),
        (("--to", "x", "--format", "xml"), "'xml' is not one of"),
        (("--to", "x", "--days", "121"), "0<=x<=120"),
    ],
)
def test_a_mistake_is_one_message_and_exit_2(
    environment: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    done = run("export", *arguments, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
