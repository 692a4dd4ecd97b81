"""Postgres is told of tables that a run has filled: their next query is not planned for empty ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger import statistics
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync

MANY = 100


@pytest.fixture
def settings(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    monkeypatch.setattr(statistics, "_LEAST_ROWS_LOADED", MANY)
    with Simulator(WorldSource(series=16, past_quarters=1), rate_limit=100_000) as simulator:
        yield settings_for(simulator.environment)


@pytest.fixture(autouse=True)
def without_autovacuum(database: Database) -> None:
    """Somebody's own server has it, and it would do the same."""
    with database.begin() as connection:
        for (name,) in query(
            database, "SELECT tablename FROM pg_tables WHERE schemaname = 'iracing'"
        ):
            connection.exec_driver_sql(
                f"ALTER TABLE iracing.{name} SET (autovacuum_enabled = false)"
            )


def analysed(database: Database) -> dict[str, int]:
    """How many rows Postgres takes a table for, where it has been told."""
    return dict(
        query(
            database,
            """SELECT relname::text, reltuples::int FROM pg_class
               WHERE relnamespace = 'iracing'::regnamespace AND relkind = 'r' AND reltuples >= 0""",
        )
    )


def test_tables_that_a_run_fills_are_analysed_and_no_others(
    settings: Settings, database: Database
) -> None:
    done = sync(settings)
    found = {name: counts["inserted"] for name, counts in done.counts().items()}
    assert analysed(database) == {name: rows for name, rows in found.items() if rows >= MANY}
    assert {"season_schedules", "tracks"} <= analysed(database).keys()


def test_a_dry_run_and_a_run_that_adds_little_leave_the_statistics_as_they_are(
    settings: Settings, database: Database
) -> None:
    assert sync(settings, dry_run=True).success
    assert analysed(database) == {}
    assert sync(settings).success
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE pg_class SET reltuples = 7 WHERE oid = 'iracing.season_schedules'::regclass"
        )
    assert sync(settings, refresh=True).success
    assert analysed(database)["season_schedules"] == 7


def test_a_table_that_somebody_else_analyses_is_left_to_them(
    settings: Settings, database: Database
) -> None:
    with database.begin() as other:
        other.exec_driver_sql("LOCK TABLE iracing.season_schedules IN SHARE UPDATE EXCLUSIVE MODE")
        assert sync(settings).success
    assert "season_schedules" not in analysed(database)
    assert "tracks" in analysed(database)


def test_a_table_that_cannot_be_analysed_is_filled_all_the_same(
    settings: Settings, database: Database
) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            """CREATE FUNCTION iracing.reluctant(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
               BEGIN
                 IF starts_with(current_query(), 'ANALYZE') THEN RAISE 'not now'; END IF;
                 RETURN id;
               END $$;
               CREATE INDEX ON iracing.tracks (iracing.reluctant(track_id))"""
        )
    done = sync(settings)
    assert done.success, done.failures()
    assert "tracks" not in analysed(database)
    assert "car_classes" in analysed(database)
    assert query(database, "SELECT DISTINCT status FROM iracing.sync_runs") == [("success",)]
