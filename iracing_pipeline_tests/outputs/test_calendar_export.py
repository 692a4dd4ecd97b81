"""The export: one schema in three formats, the rows that are stored, bytes that change only with them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.export.publish import Published, Wanted, publish_export
from iracing_pipeline.outputs.export.schema import TABLES, VERSION, Kind, in_markdown
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support import dagster_sync
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.places import ROOT

NOW = datetime.now(timezone.utc)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
NAMES = [table.name for table in TABLES]


@pytest.fixture(scope="module")
def world(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """A small world, with its past, that nobody changes."""
    url = new_database_url(template)
    folder = str(tmp_path_factory.mktemp("world"))
    with Simulator(WorldSource(series=10, past_quarters=2), rate_limit=100_000) as simulator:
        settings = Settings.from_environment(
            {**simulator.environment, "IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": folder}
        )
        done = sync(settings, *ALL, "past_seasons", sync_past_seasons=True)
        assert done.success, done.failures()
    database = Database(url, Path(folder))
    yield database
    database.dispose()


def export(database: Database, folder: Path, *formats: str, **wanted: Any) -> Published:
    return publish_export(
        database, str(folder), Wanted(formats or ("json",), **wanted), wanted.pop("now", NOW)
    )


def from_json(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: json.loads((folder / f"{name}.json").read_bytes()) for name in NAMES}


def from_sqlite(folder: Path) -> dict[str, list[dict[str, Any]]]:
    connection = sqlite3.connect(folder / "calendar.sqlite")
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.row_factory = sqlite3.Row
    found = {
        name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in NAMES
    }
    connection.close()
    for table in TABLES:
        for row in found[table.name]:
            for column in table.columns:
                if column.kind is Kind.INTEGERS:
                    row[column.name] = json.loads(row[column.name])
                if column.kind is Kind.BOOLEAN and row[column.name] is not None:
                    row[column.name] = bool(row[column.name])
    return found


def from_parquet(folder: Path) -> dict[str, list[dict[str, Any]]]:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    found = {name: parquet.read_table(folder / f"{name}.parquet") for name in NAMES}
    assert found["weeks"].schema.metadata[b"schema_version"] == str(VERSION).encode()
    return {
        name: [
            {
                column: value.isoformat() if isinstance(value, datetime) else value
                for column, value in row.items()
            }
            for row in table.to_pylist()
        ]
        for name, table in found.items()
    }


READERS = {"json": from_json, "sqlite": from_sqlite, "parquet": from_parquet}


@pytest.mark.parametrize("name", READERS)
def test_every_format_has_the_rows_that_are_stored(
    world: Database, tmp_path: Path, name: str
) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    done = export(world, tmp_path, name, days=3)
    found = READERS[name](tmp_path)
    assert {table: len(rows) for table, rows in found.items()} == done.rows
    types = {
        Kind.INTEGER: int,
        Kind.NUMBER: float,
        Kind.BOOLEAN: bool,
        Kind.TEXT: str,
        Kind.MOMENT: str,
        Kind.INTEGERS: list,
    }
    for table in TABLES:
        rows = found[table.name]
        keys = [tuple(row[column] for column in table.key) for row in rows]
        assert keys == sorted(keys), table.name
        assert len(set(keys)) == len(keys) > 0, table.name
        for column in table.columns:
            values = [row[column.name] for row in rows if row[column.name] is not None]
            assert {type(value) for value in values} <= {types[column.kind]}, column
            if column.kind is Kind.MOMENT:
                assert {value[-6:] for value in values} <= {"+00:00"}
    sessions = [
        (one["season_id"], one["race_week_num"], datetime.fromisoformat(one["start_time"]))
        for one in found["sessions"]
    ]
    until = TODAY + timedelta(days=4)
    span = f"'{TODAY.isoformat()}', '{until.isoformat()}'"
    assert sessions == query(
        world,
        "SELECT DISTINCT season_id, race_week_num, start_time "
        f"FROM iracing.race_sessions({span}) ORDER BY 1, 2, 3",
    )
    wanted = f"(status <> 'complete' OR last_week_end >= '{TODAY.isoformat()}')"
    assert [(one["season_id"], one["status"]) for one in found["seasons"]] == query(
        world, f"SELECT season_id, status FROM iracing.season_status WHERE {wanted} ORDER BY 1"
    )
    assert [
        (one["season_id"], one["race_week_num"], one["track_id"], one["track_name"], one["car_ids"])
        for one in found["weeks"]
    ] == query(
        world,
        f"""SELECT season_id, race_week_num, track_id, track_name, array(
               SELECT car_id FROM iracing.week_cars w
               WHERE (w.season_id, w.race_week_num) = (c.season_id, c.race_week_num) ORDER BY 1)
           FROM iracing.season_calendar c JOIN iracing.season_status USING (season_id)
           WHERE {wanted} ORDER BY 1, 2""",
    )
    assert [(one["track_id"], one["price"]) for one in found["tracks"]] == query(
        world, "SELECT track_id, price::float8 FROM iracing.tracks ORDER BY 1"
    )
    # What one table names another one has.
    for column, of, among in (
        ("series_id", "seasons", "series"),
        ("season_id", "weeks", "seasons"),
        ("track_id", "weeks", "tracks"),
    ):
        assert {row[column] for row in found[of]} <= {row[column] for row in found[among]}


def test_the_formats_have_the_same_values(world: Database, tmp_path: Path) -> None:
    export(world, tmp_path, "json", "sqlite", days=1)
    assert from_sqlite(tmp_path) == from_json(tmp_path)
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    export(world, tmp_path, "json", "parquet", days=1)
    assert from_parquet(tmp_path) == from_json(tmp_path)


@pytest.mark.promise(2)
def test_bytes_change_only_where_rows_do(world: Database, tmp_path: Path) -> None:
    formats = ["json", "sqlite"]
    if find_spec("pyarrow"):
        formats.append("parquet")

    def state() -> dict[str, tuple[int, int]]:
        found = {path.name: path.stat() for path in tmp_path.iterdir()}
        return {name: (one.st_ino, one.st_mtime_ns) for name, one in found.items()}

    first = export(world, tmp_path, *formats, days=2)
    assert (first.unchanged, first.removed) == ([], [])
    before = state()
    # Another connection, another hour of the same day.
    later = NOW.replace(hour=23, minute=59)
    again = publish_export(world, str(tmp_path), Wanted(formats, days=2), later)
    assert (again.written, sorted(again.unchanged)) == ([], sorted(before))
    assert state() == before
    # One day on, only sessions are others.
    moved = publish_export(world, str(tmp_path), Wanted(formats, days=2), NOW + timedelta(days=1))
    kinds = {name.partition(".")[0] for name in moved.written}
    assert kinds == {"sessions", "calendar", "export"}
    difference = {
        line
        for line in (tmp_path / "sessions.json").read_text().splitlines()
        if line.startswith("{")
    }
    assert len(difference) == moved.rows["sessions"]


def test_history_is_there_on_demand(world: Database, tmp_path: Path) -> None:
    export(world, tmp_path, days=0)
    now = from_json(tmp_path)
    export(world, tmp_path, days=0, history=True)
    past = from_json(tmp_path)
    assert [row["season_id"] for row in past["seasons"]] == [
        row[0] for row in query(world, "SELECT season_id FROM iracing.season_status ORDER BY 1")
    ]
    for name in ("seasons", "weeks"):
        assert len(past[name]) > len(now[name])
        assert [row for row in past[name] if row in now[name]] == now[name]
    assert past["sessions"] == now["sessions"]


def test_the_manifest_says_what_there_is_and_only_what_it_lists_is_removed(
    world: Database, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("mine")
    (tmp_path / "cars.sqlite").write_text("mine")
    export(world, tmp_path, "json", "sqlite", days=5)
    manifest = json.loads((tmp_path / "export.json").read_text())
    assert (manifest["schema"], manifest["schema_version"]) == ("iracing-calendar", VERSION)
    assert (manifest["data"], manifest["history"]) == ("simulated", False)
    assert datetime.fromisoformat(manifest["sessions_from"]) == TODAY
    assert datetime.fromisoformat(manifest["sessions_until"]) == TODAY + timedelta(days=6)
    assert sorted(manifest["files"]) == sorted(
        ["calendar.sqlite", *(f"{name}.json" for name in NAMES)]
    )
    for name, told in manifest["files"].items():
        content = (tmp_path / name).read_bytes()
        assert told == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    weeks = manifest["tables"]["weeks"]
    assert weeks["key"] == ["season_id", "race_week_num"]
    assert list(from_json(tmp_path)["weeks"][0]) == list(weeks["columns"])
    # Without SQLite from now on; and a manifest that is somebody else's removes nothing.
    assert export(world, tmp_path, days=5).removed == ["calendar.sqlite"]
    for strange in ("[]", "{", '{"files": {"index.html": 1}, "schema": "x"}', '{"files": {}}'):
        (tmp_path / "export.json").write_text(strange)
        assert export(world, tmp_path, days=5).removed == []
    assert (tmp_path / "index.html").read_text() == (tmp_path / "cars.sqlite").read_text() == "mine"


@pytest.mark.parametrize("days_ago", [0, 40, 100])
def test_no_session_is_without_its_season_and_week(
    world: Database, tmp_path: Path, days_ago: int
) -> None:
    """Also on the day on which a season ends: what has raced since midnight is among the sessions."""
    publish_export(world, str(tmp_path), Wanted(("json",), days=20), NOW - timedelta(days=days_ago))
    found = from_json(tmp_path)
    weeks = {(row["season_id"], row["race_week_num"]) for row in found["weeks"]}
    assert {(row["season_id"], row["race_week_num"]) for row in found["sessions"]} <= weeks
    assert {season for season, _ in weeks} <= {row["season_id"] for row in found["seasons"]}
    assert {row["series_id"] for row in found["seasons"]} <= {
        row["series_id"] for row in found["series"]
    }
    assert found["sessions"]


def test_a_store_takes_it_as_a_directory_does(world: Database) -> None:
    place = "memory://bucket/export"
    assert len(publish_export(world, place, Wanted(), NOW).written) == len(TABLES) + 1
    assert publish_export(world, place, Wanted(), NOW).written == []


def test_without_pyarrow_it_says_what_to_install(
    world: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'iracing-pipeline\[parquet\]'"):
        export(world, tmp_path, "json", "parquet")
    # Nothing is half there.
    assert list(tmp_path.iterdir()) == []


def test_the_documentation_has_the_schema() -> None:
    """`python -c "from iracing_pipeline.outputs.export.schema import *; print(in_markdown())"` has it."""
    text = (ROOT / "docs/exports.md").read_text()
    assert in_markdown() in text
    assert f"version {VERSION}" in text


# The asset.


def test_where_it_is_not_switched_on_the_asset_is_over_at_once(
    database: Database, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    done = dagster_sync.sync(settings_for({}), "calendar_export")
    assert done.success
    assert done.result.asset_materializations_for_node("calendar_export") == []
    # Not even the ledger knows of it.
    assert query(database, "SELECT count(*) FROM iracing.sync_runs") == [(0,)]
    assert list(tmp_path.iterdir()) == []


def test_where_it_is_the_asset_writes_it(
    world: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_environment(
        {
            "IRACING_DATABASE_URL": world.url,
            "IRACING_DATA_DIR": str(tmp_path),
            "IRACING_EXPORT_DIR": str(tmp_path / "site"),
        }
    )
    done = dagster_sync.sync(settings, "calendar_export", formats=["sqlite"], days=1)
    assert done.success, done.failures()
    metadata = done.metadata("calendar_export")
    assert (metadata["directory"], metadata["files_written"]) == (str(tmp_path / "site"), 2)
    assert metadata["rows"]["series"] == len(from_sqlite(tmp_path / "site")["series"])
    elsewhere = str(tmp_path / "elsewhere")
    done = dagster_sync.sync(settings, "calendar_export", directory=elsewhere, formats=["xml"])
    assert done.failures() == {
        "calendar_export": "There is no format xml; the formats are json, parquet, sqlite."
    }
