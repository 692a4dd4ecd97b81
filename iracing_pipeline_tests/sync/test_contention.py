"""Other sessions in the way are no failure.

Who is overtaken takes what has landed, and a deadlock is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.contention import ATTEMPTS, Contended, again
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

ASSETS = (*ALL, "past_seasons")


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED), rate_limit=100_000) as simulator:
        simulator.faults.transform = answers.transform
        yield settings_for(simulator.environment)


@contextmanager
def raised_twice(database: Database, table: str, event: str, state: str) -> Iterator[None]:
    """The server ends two statements that write this table with this SQLSTATE, as it ends a deadlock."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"""
            CREATE SEQUENCE public.turns;
            CREATE FUNCTION public.end_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                -- A sequence keeps its number where a transaction is rolled back.
                IF nextval('public.turns') <= 2 THEN
                    RAISE EXCEPTION 'in the way' USING ERRCODE = '{state}';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER end_it AFTER {event} ON iracing.{table}
                FOR EACH STATEMENT EXECUTE FUNCTION public.end_it();
            """
        )
    yield
    assert query(database, "SELECT last_value > 2 FROM public.turns") == [(True,)]
    with database.begin() as connection:
        connection.exec_driver_sql(
            "DROP FUNCTION public.end_it CASCADE; DROP SEQUENCE public.turns"
        )


WRITTEN = [
    ("seasons", "INSERT"),  # past_seasons and current_seasons
    ("season_schedules", "INSERT"),
    ("responses", "INSERT"),
    ("sync_runs", "INSERT"),
    ("sync_runs", "UPDATE"),
    ("api_calls", "INSERT"),
]


@pytest.mark.promise(5)
@pytest.mark.parametrize("state", ["40P01", "40001"])
def test_a_deadlock_or_a_serialization_failure_anywhere_is_tried_again(
    settings: Settings, database: Database, state: str
) -> None:
    for table, event in WRITTEN:
        with raised_twice(database, table, event, state):
            done = sync(settings, *ASSETS, refresh=True, sync_past_seasons=False)
        assert done.success, (table, event, done.failures())
    assert query(database, "SELECT DISTINCT status FROM iracing.sync_runs") == [("success",)]
    # The calls of what was rolled back are entered once.
    ((rows, told),) = query(
        database,
        """SELECT (SELECT count(*) FROM iracing.api_calls WHERE NOT from_cache), sum(api_calls)
           FROM iracing.sync_runs""",
    )
    assert rows == told == len(WRITTEN) * 7


def test_what_is_in_the_way_at_every_attempt_is_told_as_that() -> None:
    attempts = []

    def work() -> None:
        attempts.append(1)
        raise psycopg.errors.DeadlockDetected("deadlock detected\nDETAIL: Process 1 waits")

    with pytest.raises(Contended, match=rf"{ATTEMPTS} times over \(deadlock detected\)"):
        again(work)
    assert len(attempts) == ATTEMPTS


@pytest.mark.chaos
@pytest.mark.promise(5)
@pytest.mark.promise(7)
def test_ten_syncs_at_once_all_succeed_whatever_isolation_the_server_has(
    settings: Settings, database: Database, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = serializable"
        )
    database.dispose()
    barrier = threading.Barrier(10)

    def at_once(_: int) -> Any:
        barrier.wait()
        return sync(settings, *ASSETS, refresh=True, sync_past_seasons=False)

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(at_once, range(10)))
    assert [one.failures() for one in results] == [{}] * 10
    assert [one.failed_checks() for one in results] == [{}] * 10
    together = dump(database)
    assert sync(settings, *ASSETS, refresh=True, sync_past_seasons=False).written() == 0
    assert dump(database) == together


def test_who_is_overtaken_takes_what_has_landed_however_often_others_land_something_newer(
    settings: Settings, database: Database
) -> None:
    assert sync(settings, "tracks").success
    with database.begin() as connection:
        # Whatever this run reads, a newer response has landed by the time it writes; ten times over.
        connection.exec_driver_sql(
            """
            CREATE SEQUENCE public.landings;
            CREATE FUNCTION public.land() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('public.landings') <= 10 THEN
                    UPDATE iracing.responses SET fetched_at = clock_timestamp() + interval '1 second'
                    WHERE endpoint = 'track/get';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER land AFTER INSERT ON iracing.tracks
                FOR EACH STATEMENT EXECUTE FUNCTION public.land();
            """
        )
    done = sync(settings, "tracks", refresh=True)
    assert done.success, done.failures()
