"""`db rebuild`: on an untouched database nothing differs; what a worse parser left behind is put right."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from iracing_pipeline.commands.rebuild import run_rebuild
from iracing_pipeline.simulator import CaptureSource, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import DATA_TABLES, dump, query
from iracing_pipeline_tests.support.places import CAPTURES, RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.sync_command import Command
from iracing_pipeline_tests.sync.test_schedule_backfill import start  # noqa: F401 - the fixture


def rebuild(*, dry_run: bool = False) -> str:
    """The command, in the environment that a Command has set; what it printed."""
    output = io.StringIO()
    assert run_rebuild(Console(file=output, width=200), dry_run=dry_run) == 0
    return output.getvalue()


def whole(database: Database) -> dict[str, list[Any]]:
    """The data tables with their bookkeeping, and the changes."""
    return {
        name: query(database, f"SELECT * FROM iracing.{name} ORDER BY 1, 2")
        for name in (*DATA_TABLES, "weather_forecasts")
    }


def made(command: Command) -> int:
    return len(command.simulator.calls())


@pytest.mark.parametrize(
    ("mode", "steps"),
    [
        ("list", [{}]),
        ("full", [{"sync_past_seasons": False}, {}, {"refresh": True}]),
        ("list", [{"limit": 3, "sync_past_seasons": False}]),
        ("full", [{"series_ids": "two"}, {"limit": 5}]),
        ("full", [{"quarter": True, "sync_past_seasons": False}, {"sync_past_seasons": False}]),
        ("full", [{}, {"quarter": True, "refresh": True}]),
        ("list", [{}, {"quarter": True, "refresh": True}]),
    ],
    ids=["whole", "later", "limited", "named", "quarter", "quarter-last", "quarter-last-list"],
)
def test_on_an_untouched_database_there_are_0_differences(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
    mode: str,
    steps: list[dict[str, Any]],
) -> None:
    world = WorldSource(series=12, past_quarters=2, past_mode=mode)
    command, database = start(world)
    past = next(
        season
        for series in world.answer("series/stats_series")
        for season in series["seasons"]
        if not season["active"]
    )
    for step in steps:
        flags = dict(step)
        if flags.pop("quarter", False):
            flags |= {
                "season_year": past["season_year"],
                "season_quarter": past["season_quarter"],
            }
        if "series_ids" in flags:
            flags["series_ids"] = tuple(series.series_id for series in world.series[:2])
        # Which series a command names it tells Dagster as partitions.
        assert (command.sync if {"series_ids", "limit"} & flags.keys() else command.fill)(**flags)
    before, calls = whole(database), made(command)
    assert sum(map(len, before.values())) > 100
    text = rebuild()
    assert text.startswith("tracks") or "from" in text
    assert "\n0 differences" in text, text
    if not any({"limit", "series_ids", "quarter"}.intersection(step) for step in steps):
        assert "Left out" not in text
    assert whole(database) == before
    assert (
        query(database, "SELECT * FROM iracing.changes WHERE starts_with(run_id, 'rebuild')") == []
    )
    assert made(command) == calls


def test_what_a_sync_of_some_series_landed_of_the_others_is_left_to_a_sync(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
) -> None:
    world = WorldSource(series=12, past_quarters=2)
    command, database = start(world)
    assert command.fill().status == 0
    listed = world.answer("series/seasons")
    other = listed[0]["series_id"]

    def change(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/seasons" and "season_year" not in params:
            return [
                {**season, "drops": 9} if season["series_id"] == other else season
                for season in body
            ]
        return body

    command.simulator.faults.transform = change
    one = next(season["series_id"] for season in listed if season["series_id"] != other)
    command.fill(series_ids=(one,), refresh=True, sync_past_seasons=False)
    before = whole(database)
    text = rebuild()
    assert "\n0 differences" in text
    unread = {season["series_id"] for season in listed} - {one}
    assert f"Left out: {len(unread)} series of series/seasons of " in text
    assert "which current_seasons has not read yet" in text
    assert whole(database) == before
    # The change is news when a sync brings it.
    command.fill(sync_past_seasons=False)
    assert query(
        database, "SELECT what, new FROM iracing.schedule_changes WHERE what = 'drops' LIMIT 1"
    ) == [("drops", "9")]
    assert "\n0 differences" in rebuild()


def test_rows_as_an_older_parser_left_them_are_put_right_and_told_apart_from_real_changes(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
) -> None:
    command, database = start(series=12, past_quarters=2)
    assert command.fill().status == 0
    before = dump(database)
    with database.begin() as connection:
        for statement in (
            "UPDATE iracing.season_schedules SET temp_c = temp_c * 1.8 + 32",
            "UPDATE iracing.seasons SET drops = NULL WHERE has_rules",
            "UPDATE iracing.series SET category = 'road'",
            "UPDATE iracing.tracks SET track_config_length = 0",
            "DELETE FROM iracing.car_restrictions",
        ):
            connection.exec_driver_sql(statement)
    spoilt = dump(database)
    calls = made(command)
    rehearsed = rebuild(dry_run=True)
    assert dump(database) == spoilt
    text = rebuild()
    assert made(command) == calls
    assert dump(database) == before
    for words in (text, rehearsed):
        assert "0 differences" not in words
        assert "season_schedules" in words
        assert "category: road → " in words
    # The repair is on record, and no news for those who follow the schedule.
    ((recorded,),) = query(
        database, "SELECT count(*) FROM iracing.changes WHERE starts_with(run_id, 'rebuild ')"
    )
    assert recorded > 50
    assert query(database, "SELECT count(*) FROM iracing.schedule_changes") == [(0,)]
    assert query(
        database, "SELECT status, updated > 0 FROM iracing.sync_runs WHERE asset = 'rebuild'"
    ) == [("success", True)]
    assert "\n0 differences" in rebuild()


def test_an_item_that_can_be_read_now_lands_and_leaves_quarantine(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
) -> None:
    answers = RecordedResponses()
    command, database = start(CaptureSource(RECORDED))
    command.simulator.faults.transform = answers.transform
    answers.season(1002)["season_year"] = "MMXXVI"
    answers.season(1001)["schedules"][1]["track"] = None
    answers["series/get"][0]["series_name"] = None
    assert command.fill(sync_past_seasons=False).status == 1
    open_items = "SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL"
    assert query(database, open_items) == [(3,)]
    text = rebuild()
    assert "\n0 differences" in text
    assert "3 items cannot be read" in text
    assert query(database, open_items) == [(3,)]
    # As good as a parser that understands them: the landed bodies say what they meant.
    with database.begin() as connection:
        for statement in (
            "UPDATE iracing.responses SET body = jsonb_set(jsonb_set(body, '{1,season_year}', '2026'),"
            ' \'{0,schedules,1,track}\', \'{"track_id": 202, "track_name": "The Bowl"}\')'
            " WHERE endpoint = 'series/seasons'",
            "UPDATE iracing.responses SET body = jsonb_set(body, '{0,series_name}', '\"Rookie Cup\"')"
            " WHERE endpoint = 'series/get'",
        ):
            connection.exec_driver_sql(statement)
    text = rebuild()
    assert "new season: " in text
    assert query(database, open_items) == [(0,)]
    assert query(database, "SELECT count(*) FROM iracing.seasons") == [(2,)]
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]
    assert query(database, "SELECT series_name FROM iracing.series WHERE series_id = 10") == [
        ("Rookie Cup",)
    ]
    assert "\n0 differences" in rebuild()


def test_retired_rows_stay_retired_and_no_row_is_retired(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, database = start(series=8, past_quarters=2)
    assert command.fill().status == 0
    with database.begin() as connection:
        # What a landed response lacks went when it was new, or there was a reason not to.
        for endpoint, path in (
            ("series/seasons", "{0,schedules,-1}"),
            ("series/stats_series", "{0,seasons,-1}"),
            ("track/get", "{0}"),
        ):
            connection.exec_driver_sql(
                "UPDATE iracing.responses SET body = body #- %s::text[] WHERE endpoint = %s",
                (path, endpoint),
            )
    before = whole(database)
    assert "\n0 differences" in rebuild()
    assert whole(database) == before
    with database.begin() as connection:
        for table in ("season_schedules", "car_restrictions", "tracks"):
            connection.exec_driver_sql(
                f"UPDATE iracing.{table} SET retired_at = now() WHERE ctid IN "
                f"(SELECT ctid FROM iracing.{table} LIMIT 3)"
            )
    before = whole(database)
    assert "\n0 differences" in rebuild()
    assert whole(database) == before
    # Nothing is asked: the address that the data came from is not needed.
    monkeypatch.setenv("IRACING_API_URL", "https://members-ng.iracing.com")
    assert "\n0 differences" in rebuild()


@pytest.mark.skipif(
    not (CAPTURES / "series_seasons.json").is_file(),
    reason="no folder of captured answers beside the checkout",
)
def test_captured_answers_too(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
) -> None:
    command, database = start(CaptureSource(CAPTURES))
    command.fill(sync_past_seasons=False)
    command.fill(series_ids=(306,))
    before = whole(database)
    assert "\n0 differences" in rebuild()
    assert whole(database) == before


def test_before_anything_has_landed_there_is_nothing_to_derive(
    start: Callable[..., tuple[Command, Database]],  # noqa: F811
) -> None:
    command, _ = start(series=2, past_quarters=1)
    command.fill(dry_run=True)
    assert rebuild().startswith("0 differences")
