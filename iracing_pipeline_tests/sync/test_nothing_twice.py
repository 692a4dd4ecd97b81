"""What is merged is not merged again: the landed index is read once, until something else is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

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
