"""The report from the tables to the file: exact facts of hand-written rows, and real runs of the asset."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.files import REPORT, put_file
from iracing_pipeline.outputs.report import render
from iracing_pipeline.outputs.report.facts import (
    CallsOfDay,
    Car,
    Change,
    DriftItem,
    Example,
    Facts,
    Health,
    RunsOfDay,
    Season,
    SetAsideItem,
)
from iracing_pipeline.outputs.report.queries import read_facts
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import set_state
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query, sync
from iracing_pipeline_tests.support.page_reader import Page
from iracing_pipeline_tests.support.report_facts import (
    DAY,
    NOW,
    TUESDAY,
    UTC,
    at,
    week,
)

# -- facts -----------------------------------------------------------------------------------------


def _stored(number: int, first: datetime, days: int, season_id: int = 1, **more: Any) -> Any:
    return {
        "season_id": season_id,
        "race_week_num": number,
        "start_date": first.date(),
        "week_end_time": first + days * DAY - timedelta(minutes=15),
        "track_id": 101,
        "track_name": "Park",
        "category": "oval",
        **more,
    }


SERIES = [
    {"series_id": 10, "series_name": "Rookie Cup", "category": "oval"},
    {"series_id": 20, "series_name": "Formula Tour", "category": None},
]
SEASONS = [
    # 1 runs, 2 is announced, 3 is over by its word, 4 by its weeks, 5 is known by name alone.
    {"season_id": 1, "series_id": 10, "complete": False, "active": True, "license_group": 1},
    {"season_id": 2, "series_id": 20, "complete": None, "active": False, "license_group": None},
    {"season_id": 3, "series_id": 10, "complete": True, "active": False, "license_group": 1},
    {"season_id": 4, "series_id": 10, "complete": False, "active": True, "license_group": 1},
    {"season_id": 5, "series_id": 20, "complete": None, "active": False, "license_group": 1},
]
WEEKS = [
    _stored(0, TUESDAY, 7, precip_chance_pct=30, config_name="Inner"),
    _stored(1, TUESDAY + 7 * DAY, 7),
    _stored(0, TUESDAY + 21 * DAY, 7, season_id=2, category="formula_car"),
    _stored(0, TUESDAY, 7, season_id=3),
    _stored(0, TUESDAY - 30 * DAY, 7, season_id=4),
]
TIMES = [
    {
        "season_id": 1,
        "race_week_num": number,
        "descriptor_num": 0,
        "repeating": True,
        "start_date": (TUESDAY + 7 * number * DAY).date(),
        "day_offset": list(range(7)),
        "first_session_time": time(10, 30),
        "repeat_minutes": 120,
        "session_minutes": 30,
    }
    for number in (0, 1)
]


def store(database: Database, weeks: list[Any], run_id: str = "first") -> None:
    seasons = [
        {
            "season_name": f"Season {row['season_id']}",
            "season_year": 2026,
            "season_quarter": 4,
            "fixed_setup": True,
            **row,
        }
        for row in SEASONS
    ]
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(table("series"), SERIES),
                TableBatch(table("seasons"), seasons),
                TableBatch(table("season_schedules"), weeks),
                TableBatch(table("race_time_descriptors"), TIMES),
            ],
            run_id=run_id,
        )
        connection.exec_driver_sql("UPDATE iracing.changes SET changed_at = %s", (NOW - DAY,))


def facts_at(database: Database, now: datetime, **more: Any) -> Facts:
    """The facts of a database, with no asset required and a day of patience for each."""
    patience = dict.fromkeys(("series", "cars"), DAY)
    return read_facts(database, now, max_ages=patience, required=(), **more)


def test_the_facts_hold_the_seasons_that_are_not_over_with_weeks_and_next_session(
    database: Database,
) -> None:
    store(database, WEEKS)
    found = facts_at(database, NOW)
    assert found.seasons == (
        Season(
            season_id=1,
            series_id=10,
            series_name="Rookie Cup",
            season_name="Season 1",
            season_year=2026,
            season_quarter=4,
            category="oval",
            license_group=1,
            fixed_setup=True,
            weeks=(
                week(0, "2026-11-24", "2026-11-30", config="Inner", rain=30),
                week(1, "2026-12-01", "2026-12-07"),
            ),
            next_session=at("2026-11-25 12:30"),
        ),
        Season(
            season_id=2,
            series_id=20,
            series_name="Formula Tour",
            season_name="Season 2",
            season_year=2026,
            season_quarter=4,
            category="formula_car",
            license_group=None,
            fixed_setup=True,
            weeks=(week(0, "2026-12-15", "2026-12-21"),),
            next_session=None,
        ),
    )
    assert found.changes == ()
    assert found.health == Health()
    assert found.data_origin is None


def test_the_facts_hold_what_a_week_is_raced_with(database: Database) -> None:
    bought = {"package_id": 5, "free_with_subscription": False}
    store(database, WEEKS)
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(table("tracks"), [{"track_id": 101, "track_name": "Park", **bought}]),
                TableBatch(table("cars"), [{"car_id": 8, "car_name": "Kart", **bought}]),
                TableBatch(table("car_classes"), [{"car_class_id": 7, "name": "Karts"}]),
                TableBatch(table("car_class_cars"), [{"car_class_id": 7, "car_id": 8}]),
                TableBatch(table("season_car_classes"), [{"season_id": 1, "car_class_id": 7}]),
            ],
            run_id="more",
        )
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET race_week_car_ids = '{9,8}'"
            " WHERE season_id = 1 AND race_week_num = 1"
        )
    found = facts_at(database, NOW)
    first, second = found.seasons[0].weeks
    assert (first.track_package, first.is_track_free, first.car_ids) == (5, False, (8,))
    assert second.car_ids == (8, 9)
    assert found.cars == {8: Car("Kart", 5, False)}


def test_retired_seasons_and_weeks_are_not_told_of(database: Database) -> None:
    store(database, WEEKS)
    with database.begin() as connection:
        execute = connection.exec_driver_sql
        execute("UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2")
        execute(
            "UPDATE iracing.season_schedules SET retired_at = now() "
            "WHERE season_id = 1 AND race_week_num = 1"
        )
    (only,) = facts_at(database, NOW).seasons
    assert (only.season_id, [one.race_week_num for one in only.weeks]) == (1, [0])


def test_changes_that_racers_plan_by_are_bundled_by_season_and_topic_and_old_ones_left_out(
    database: Database,
) -> None:
    store(database, WEEKS)
    moved = {"track_id": 102, "track_name": "Bowl"}
    weather = {"precip_chance_pct": 60, "temp_low_c": 11.5}
    changed = [
        {**WEEKS[0], **moved, **weather},
        {**WEEKS[1], "temp_low_c": 9.0},
        *WEEKS[2:],
        _stored(2, TUESDAY + 14 * DAY, 7),
    ]
    store(database, changed, run_id="second")
    newest = NOW - DAY
    common = ("Rookie Cup", 1, "Season 1")
    assert set(facts_at(database, NOW).changes) == {
        Change(
            10,
            *common,
            kind="inserted",
            topic="week",
            newest=newest,
            lines=1,
            weeks=1,
            examples=(Example(2, "week", None, "Park"),),
        ),
        Change(
            10,
            *common,
            kind="updated",
            topic="track",
            newest=newest,
            lines=1,
            weeks=1,
            examples=(Example(0, "track", "Park – Inner", "Bowl – Inner"),),  # noqa: RUF001
        ),
        Change(
            10,
            *common,
            kind="updated",
            topic="chance of rain",
            newest=newest,
            lines=1,
            weeks=1,
            examples=(Example(0, "chance of rain", "30 %", "60 %"),),
        ),
    }
    assert facts_at(database, NOW + 7 * DAY).changes == ()


def test_the_index_of_the_week_is_no_news(database: Database) -> None:
    store(database, WEEKS)
    with database.begin() as connection:
        for number in (3, 4):
            merge_tables(
                connection,
                [TableBatch(table("seasons"), [{**_named(SEASONS[0]), "race_week": number}])],
                run_id="later",
            )
    assert query(database, "SELECT what FROM iracing.schedule_changes WHERE old = '3'") == [
        ("race_week",)
    ]
    assert facts_at(database, datetime.now(UTC)).changes == ()


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {"season_name": "Season 1", "season_year": 2026, "season_quarter": 4, **row}


_RUN = """
    INSERT INTO iracing.sync_runs (run_id, asset, partition, started_at, finished_at, status, message,
                                   inserted)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_CALL = """
    INSERT INTO iracing.api_calls (at, endpoint, params, status, from_cache, ratelimit_remaining, error,
                                   run_id)
    VALUES (%s, 'series/get', '{}', %s, %s, %s, %s, 'r')
"""


def test_the_facts_of_the_books_are_exact(database: Database) -> None:
    start = NOW - timedelta(hours=2)

    def ran(run_id: str, asset: str, status: str, began: datetime, seconds: int | None) -> None:
        ended = None if seconds is None else began + timedelta(seconds=seconds)
        words = "no luck" if status == "failure" else None
        execute(_RUN, (run_id, asset, None, began, ended, status, words, 0))

    with database.begin() as connection:
        execute = connection.exec_driver_sql
        ran("a", "series", "success", start - 40 * DAY, 1000)
        ran("b", "series", "success", start - DAY, 10)
        # Tried twice in one run: one run, which came to its last attempt.
        ran("c", "series", "failure", start, 1)
        ran("c", "series", "success", start, 20)
        ran("c", "cars", "failure", start, 3)
        ran("d", "tracks", "running", start, None)
        # A partition that failed has a row beside the attempt's own.
        execute(_RUN, ("e", "past_seasons", "1...9", start, start, "failure", "two failed", 0))
        execute(_RUN, ("e", "past_seasons", "3", start, start, "failure", "series 3 failed", None))
        for seconds, status, cached, left, error in (
            (0, 200, False, 200, None),
            (59, 429, False, 0, "too many requests"),
            (60, 200, False, 239, None),
            (61, None, True, None, None),
        ):
            moment = start + timedelta(seconds=seconds)
            execute(_CALL, (moment, status, cached, left, error))
        execute(
            """INSERT INTO iracing.quarantine (endpoint, params, item_key, reason, first_seen_at,
                   last_seen_at, resolved_at, asset, run_id)
               VALUES ('series/get', '{}', 'season_id=7', 'no name', %s, %s, NULL, 'current_seasons', 'r'),
                      ('series/get', '{}', 'season_id=8', 'no id', %s, %s, %s, 'current_seasons', 'r')""",
            (start, start, start, start, NOW),
        )
        execute(
            """INSERT INTO iracing.drift (endpoint, kind, field, found, occurrences, first_seen_at,
                   last_seen_at, asset, run_id)
               VALUES ('series/get', 'new_field', 'Series.mood', '', 2, %s, %s, 'series', 'r')""",
            (start, start),
        )
        asking = execute(
            "INSERT INTO iracing.sync_runs (run_id, asset, started_at, status) "
            "VALUES ('f', 'season_report', %s, 'running') RETURNING sync_run_id",
            (NOW,),
        ).scalar_one()
    health = facts_at(database, NOW, apart_from=asking).health
    yesterday, today = date(2026, 11, 24), date(2026, 11, 25)
    assert {one.name: (one.state, one.message) for one in health.assets} == {
        "series": ("ok", None),
        "cars": ("failed", "no luck"),
        "past_seasons": ("failed", "two failed"),
        "tracks": ("running", None),
        "season_report": ("running", None),
    }
    assert replace(health, assets=()) == Health(
        runs=(RunsOfDay(yesterday, 1, 0, 0, 0), RunsOfDay(today, 1, 0, 2, 1)),
        calls=(
            CallsOfDay(today, made=3, saved=1, failed=1, refused=1, busiest_minute=2, least_left=0),
        ),
        set_aside=(SetAsideItem("current_seasons", "season_id=7", "no name", start),),
        set_aside_total=1,
        drift=(DriftItem("series/get", "new_field", "Series.mood", "", start),),
        drift_total=1,
    )


def test_an_empty_database_is_a_page_that_says_so(database: Database) -> None:
    page = Page(render(facts_at(database, NOW)))
    assert page.open_at_end == []
    assert "No seasons are stored that are not over." in page.section("grid").text
    assert "make demo" in page.section("grid").text
    assert "Nothing changed." in page.section("changes").text
    assert "No runs yet." in page.section("health").text
    assert page.all("svg") == []


# -- the asset -----------------------------------------------------------------------------------


def test_the_asset_writes_one_file_without_credentials_and_a_second_run_replaces_it(
    settings_for: Callable[..., Settings], database: Database, tmp_path: Path
) -> None:
    store(database, WEEKS)
    changed = [{**WEEKS[0], "track_id": 102, "track_name": "Bowl_[x](y)"}, *WEEKS[1:]]
    store(database, changed, run_id="second")
    with database.begin() as connection:
        set_state(connection, {"data_origin": "iracing.com"})
    settings = settings_for({})
    first = sync(settings, "season_report", clock=lambda: NOW)
    assert first.success, first.failures()
    target = tmp_path / "season_report.html"
    page = Page(target.read_text(encoding="utf-8"))
    assert [row for row in page.all("tr") if "data-season" in row.attributes]
    # The first run is not told of by itself, nor is it missed.
    assert "No runs yet." in page.section("health").text
    metadata = first.metadata("season_report")
    assert metadata == {
        "file": str(target),
        "bytes": target.stat().st_size,
        "seasons": 2,
        "weeks": 3,
        "changes_this_week": 1,
        "what_changed": "- **Rookie Cup**\n"
        "    - changed week 1: track: Park – Inner → Bowl\\_\\[x\\](y) – Inner",  # noqa: RUF001
    }
    assert sync(settings, "season_report", clock=lambda: NOW).success
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == [target.name]
    assert (
        query(database, "SELECT asset, status, api_calls FROM iracing.sync_runs")
        == [("season_report", "success", 0)] * 2
    )


def test_the_file_goes_where_the_run_says_or_else_the_environment(
    settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    elsewhere, given = tmp_path / "web" / "index.html", tmp_path / "other" / "page.html"
    settings = settings_for({}, IRACING_REPORT_FILE=str(elsewhere))
    assert sync(settings, "season_report").success
    assert elsewhere.exists()
    assert sync(settings, "season_report", path=str(given)).success
    assert given.exists()
    assert not (tmp_path / "season_report.html").exists()


def test_the_page_goes_wherever_feeds_can_go(
    settings_for: Callable[..., Settings], database: Database, tmp_path: Path
) -> None:
    memory = fsspec.filesystem("memory")
    settings = settings_for({}, IRACING_REPORT_FILE="memory://bucket/races/index.html")
    done = sync(settings, "season_report")
    assert done.success, done.failures()
    assert memory.cat_file("/bucket/races/index.html").startswith(b"<!doctype html>")
    assert done.metadata("season_report")["file"] == "memory://bucket/races/index.html"
    target = tmp_path / "by url.html"
    assert sync(settings, "season_report", path=f"file://{target}").success
    assert target.exists()
    # Nowhere has a local path been made of a URL.
    assert not list(tmp_path.glob("memory*"))
    assert not Path("memory:").exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("s3://key:s3cret@bucket/races/index.html", "s3://bucket/races"),
        ("carrierpigeon://bob:s3cret@loft/index.html?token=s3cret", "carrierpigeon://loft"),
        ("s3://bucket.html", "needs the name of a file"),
        ("memory://bucket/races/", "needs the name of a file"),
        ("/dev/null/index.html", "cannot be written to /dev/null"),
    ],
)
@pytest.mark.promise(8)
def test_a_place_for_the_page_that_cannot_be_used_is_one_message(place: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        put_file(place, b"<!doctype html>", REPORT)
    message = str(caught.value)
    assert words in message
    assert "s3cret" not in message
    assert "\n" not in message
    assert not Path("s3:").exists()


def test_a_link_to_the_page_stays_a_link(
    settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    link, target = tmp_path / "link.html", tmp_path / "target.html"
    target.write_text("old")
    link.symlink_to(target)
    assert sync(settings_for({}), "season_report", path=str(link)).success
    assert link.is_symlink()
    assert target.read_text().startswith("<!doctype html>")


def test_a_file_that_cannot_be_written_is_one_message_and_leaves_nothing(
    settings_for: Callable[..., Settings], database: Database, tmp_path: Path
) -> None:
    (tmp_path / "folder.html").mkdir()
    run = sync(settings_for({}), "season_report", path=str(tmp_path / "folder.html"))
    (message,) = run.failures().values()
    assert re.match(r"The report cannot be written to .*folder\.html: Is a directory\.", message)
    assert "IRACING_REPORT_FILE" in message
    assert [path.name for path in tmp_path.iterdir() if "folder" in path.name] == ["folder.html"]
    assert query(database, "SELECT status FROM iracing.sync_runs") == [("failure",)]
