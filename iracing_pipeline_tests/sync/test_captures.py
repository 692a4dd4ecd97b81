"""Replay of real captured answers, where their folder lies beside the checkout: counts are exact."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import CAPTURES

pytestmark = pytest.mark.skipif(
    not (CAPTURES / "series_seasons.json").is_file(),
    reason="no folder of captured answers beside the checkout",
)


@pytest.fixture
def settings(settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    with Simulator(CaptureSource(CAPTURES)) as running:
        yield settings_for(running.environment)


def test_the_capture_of_2025_09_09_loads_whole_and_a_second_time_changes_nothing(
    settings: Settings, database: Database
) -> None:
    first = sync(settings)
    assert first.failed_checks() == {}
    assert {name: counts["rows"] for name, counts in first.counts().items()} == {
        "series": 38,
        "series_licenses": 250,
        "seasons": 35,
        "season_car_classes": 49,
        "season_schedules": 527,
        "race_time_descriptors": 527,
        "car_restrictions": 909,
        "tracks": 461,
        "cars": 183,
        "car_classes": 254,
        "car_class_cars": 604,
    }
    assert query(
        database,
        "SELECT repeating, count(*) FROM iracing.race_time_descriptors GROUP BY 1 ORDER BY 1",
    ) == [(False, 286), (True, 241)]
    second = sync(settings, refresh=True)
    assert second.success
    assert second.written() == 0
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


@pytest.mark.promise(9)
def test_captured_answers_of_every_endpoint_and_other_years_set_nothing_aside(
    settings: Settings, database: Database
) -> None:
    from iracing_pipeline.core.drift import Drift
    from iracing_pipeline.core.seasons import CurrentList
    from iracing_pipeline.model.rows.index import parse_index, past_season_rows
    from iracing_pipeline.model.rows.past_schedules import weeks_of_schedule
    from iracing_pipeline.model.rows.schedules import current_schedule_rows, past_schedule_rows
    from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows

    def capture(name: str) -> Any:
        return json.loads((CAPTURES / f"{name}.json").read_text())

    for season_id in (4508, 5935):
        body = capture(f"series_season_schedule__{season_id}")
        extract = past_schedule_rows(season_id, 1, weeks_of_schedule(body, season_id))
        assert extract.rejected == []
        assert len(extract.rows["season_schedules"]) == len(body["schedules"])
    entries = [capture("series_past_seasons__306")["series"]]
    entries += capture("series_stats_series__first3")
    index = parse_index(entries)
    assert index.rejected == []
    for series in index.items:
        past = past_season_rows(series, {}, CurrentList(), datetime.now(timezone.utc), Drift())
        assert past.rejected == []
        assert past.seasons == len(series.seasons)
    # As answers of 2022 were.
    seasons = capture("series_seasons")
    for season in seasons:
        for week in season["schedules"]:
            for name in ("week_end_time", "race_time_descriptors", "category", "category_id"):
                week.pop(name, None)
    parsed = parse_seasons(seasons)
    for extract in (season_rows(parsed), current_schedule_rows(parsed)):
        assert extract.rejected == []
    assert len(extract.rows["season_schedules"]) == 527
    assert all(row["week_end_time"] is None for row in extract.rows["season_schedules"])
    # Through the whole pipeline, drift included.
    assert sync(settings).failed_checks() == {}
    assert query(database, "SELECT count(*) FROM iracing.quarantine") == [(0,)]
    assert query(database, "SELECT endpoint, kind, field FROM iracing.drift") == []


@pytest.mark.promise(10)
def test_expanded_sessions_equal_the_race_guide_of_that_day(
    settings: Settings, database: Database
) -> None:
    guide = json.loads((CAPTURES / "season_race_guide.json").read_text())
    expected = sorted(
        (session["season_id"], session["race_week_num"], session["start_time"])
        for session in guide["sessions"]
    )
    assert len(expected) == 133
    sync(settings, "current_seasons", "season_schedules")
    found = query(
        database,
        f"""SELECT season_id, race_week_num,
                   to_char(start_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            FROM iracing.race_sessions('{guide["block_begin_time"]}', '{guide["block_end_time"]}')
            ORDER BY 1, 2, 3""",
    )
    assert found == expected


@pytest.mark.skipif(
    bool(os.environ.get("TEST_POSTGRES_URL")), reason="the log of somebody's server is not here"
)
def test_a_second_sync_with_refresh_takes_at_most_65_statements(
    settings: Settings, database_url: str, server_url: str, postgres_dir: Path
) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
        connection.execute(f"ALTER DATABASE {name} SET log_error_verbosity = 'terse'")
        # The server's log is shared with other tests: this database's lines are marked.
        connection.execute("ALTER SYSTEM SET log_line_prefix = '%d|%a|'")
        connection.execute("SELECT pg_reload_conf()")
    sync(settings)
    before = _statements(postgres_dir, name)
    assert before > 30  # the log is where it is looked for
    assert sync(settings, refresh=True).written() == 0
    assert 20 < _statements(postgres_dir, name) - before <= 65


def _statements(postgres_dir: Path, database: str) -> int:
    marked = re.compile(rf"^{database}\|iracing_pipeline\|LOG: +(statement|execute)", re.MULTILINE)
    logs = [path for path in postgres_dir.rglob("*.log") if path.is_file()]
    return sum(len(marked.findall(path.read_text(errors="replace"))) for path in logs)
