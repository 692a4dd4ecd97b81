"""What is merged is not merged again: landed lists are read once, until something else is new."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.sync.services import utc_now
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import EngineSync, sync
from iracing_pipeline_tests.support.places import RECORDED

INDEX = "endpoint = 'series/stats_series'"
# Whoever reads the index anew finds the name that nobody has read yet.
RENAMED = f"""
    UPDATE iracing.responses SET body = regexp_replace(
        body::text, '"season_name": "', '"season_name": "New ', 'g')::jsonb WHERE {INDEX}
"""


@pytest.fixture
def settings(settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED)) as simulator:
        yield settings_for(simulator.environment)


def merged(settings: Settings, database: Database) -> EngineSync:
    """A first sync, whose index has other names since."""
    done = sync(settings, "series", "current_seasons", "past_seasons")
    assert done.success, done.failures()
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE iracing.responses SET expires_at = 'infinity' WHERE {INDEX}"
        )
        connection.exec_driver_sql(RENAMED)
    return done


@pytest.mark.promise(2)
@pytest.mark.promise(6)
@pytest.mark.parametrize(
    ("change", "options", "days", "is_read"),
    [
        (None, {}, 0, False),
        (f"UPDATE iracing.responses SET sha256 = 'other' WHERE {INDEX}", {}, 0, True),
        (None, {}, 1, True),
        (None, {"allow_shrink": True}, 0, True),
        (None, {"dry_run": True}, 0, True),
    ],
    ids=["nothing new", "another index", "next day", "allow_shrink", "dry run"],
)
def test_a_merged_index_is_read_again_only_where_something_is_new(
    settings: Settings,
    database: Database,
    change: str | None,
    options: dict[str, bool],
    days: int,
    is_read: bool,
) -> None:
    first = merged(settings, database)
    if change is not None:
        with database.begin() as connection:
            connection.exec_driver_sql(change)
    again = sync(
        settings, "past_seasons", clock=lambda: utc_now() + timedelta(days=days), **options
    )
    assert again.success
    assert (again.written() > 0) is is_read
    assert again.results["past_seasons"].summary == first.results["past_seasons"].summary
    names = query(
        database, "SELECT count(*) > 0 FROM iracing.seasons WHERE starts_with(season_name, 'New ')"
    )
    assert names == [(is_read and not options.get("dry_run"),)]


def test_a_series_that_could_not_be_read_whole_is_read_again_with_all_of_them(
    settings: Settings, database: Database
) -> None:
    merged(settings, database)
    with database.begin() as connection:
        connection.exec_driver_sql(
            """UPDATE iracing.installation SET value = value #- ARRAY['series', (
                   SELECT min(series_id)::text FROM iracing.series)]
               WHERE name = 'index_entries_merged'"""
        )
    assert sync(settings, "past_seasons").written() > 0


LIST = "endpoint = 'series/seasons'"
# Whoever reads the list anew finds the tracks that nobody has read yet.
REBUILT = f"""
    UPDATE iracing.responses SET body = regexp_replace(
        body::text, '"track_name": "', '"track_name": "New ', 'g')::jsonb WHERE {LIST}
"""
OF_LISTED = "season_id IN (SELECT season_id FROM iracing.seasons WHERE has_rules)"


@pytest.mark.promise(2)
@pytest.mark.parametrize(
    ("change", "options", "is_read"),
    [
        (None, {}, False),
        (f"UPDATE iracing.responses SET sha256 = 'other' WHERE {LIST}", {}, True),
        (None, {"allow_shrink": True}, True),
        (None, {"dry_run": True}, True),
        (None, {"limit": 1}, True),
        *(
            (f"UPDATE iracing.{name} SET run_id = 'mine' WHERE {OF_LISTED}", {}, True)
            for name in ("seasons", "season_schedules", "race_time_descriptors", "car_restrictions")
        ),
        (f"DELETE FROM iracing.car_restrictions WHERE {OF_LISTED}", {}, True),
        (f"UPDATE iracing.season_schedules SET run_id = 'mine' WHERE NOT {OF_LISTED}", {}, False),
    ],
)
def test_a_merged_list_is_read_again_only_where_something_is_new(
    settings: Settings,
    database: Database,
    change: str | None,
    options: dict[str, Any],
    is_read: bool,
) -> None:
    options = {"sync_past_seasons": False, **options}
    assets = ("series", "current_seasons", "past_seasons", "season_schedules")
    first = sync(settings, *assets, sync_past_seasons=False)
    assert first.success, first.failures()
    for statement in (REBUILT, change):
        if statement is not None:
            with database.begin() as connection:
                connection.exec_driver_sql(statement)
    again = sync(settings, "season_schedules", **options)
    assert again.success, again.failures()
    assert (again.written() > 0) is is_read
    if not is_read:
        before, after = (one.results["season_schedules"] for one in (first, again))
        assert {name: count.unchanged for name, count in after.counts.items()} == {
            name: count.inserted + count.unchanged + count.updated
            for name, count in before.counts.items()
        }
        assert {name: count.living for name, count in after.counts.items()} == {
            name: count.living for name, count in before.counts.items()
        }
        assert after.row_total == before.row_total
        assert after.api_calls_saved == 1


def test_a_list_that_was_not_read_whole_is_read_again(
    settings_for: Callable[..., Settings], database: Database
) -> None:
    def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/seasons":
            body = copy.deepcopy(body)
            body[0]["schedules"][0]["track"] = "somewhere"
        return body

    with Simulator(CaptureSource(RECORDED)) as simulator:
        simulator.faults.transform = spoil
        settings = settings_for(simulator.environment)
        for _ in range(2):
            done = sync(settings, "series", "current_seasons", "season_schedules")
            assert len(done.results["season_schedules"].rejected) == 1
    assert query(
        database,
        "SELECT count(*) FROM iracing.installation WHERE name = 'current_weeks_as_merged'",
    ) == [(0,)]
