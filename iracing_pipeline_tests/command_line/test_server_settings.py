"""What a server, a database, a role or a shell has set changes neither what is stored nor what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine

from iracing_pipeline.instance.engines import dagster_url
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError
from iracing_pipeline.warehouse.locks import Lock, lock_for_transaction
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.pgbouncer import POOL_SIZE, PROGRAM, pgbouncer
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import run

# Legal everywhere, each: what somebody may have set for reasons of their own.
ODD = {
    "timezone": "America/St_Johns",
    "datestyle": "SQL, DMY",
    "intervalstyle": "iso_8601",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "array_nulls": "off",
    "search_path": "odd, pg_catalog",
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "transform_null_equals": "on",
    "row_security": "off",
    "default_transaction_isolation": "serializable",
    "statement_timeout": "61001ms",
    "idle_in_transaction_session_timeout": "61001ms",
    "idle_session_timeout": "61001ms",
    "transaction_timeout": "61001ms",
    "exit_on_error": "on",
    "lc_numeric": "C",
    "client_min_messages": "debug1",
}
# What a transaction has, rather than what one would begin with.
SHOWN = {name.removeprefix("default_"): value for name, value in ODD.items()}
HELD = """
    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE locktype = 'advisory' AND datname = current_database()
"""
OTHERS_BUSINESS = {"lc_numeric", "client_min_messages"}
LOOK = "SELECT series_name FROM iracing.series"
NAME = "Nürburgring → 鈴鹿 'o\\'"
TABLES = ("series", "series_licenses", "seasons", "season_schedules", "race_time_descriptors")
TABLES += ("car_restrictions", "tracks", "cars", "car_classes", "weather_forecasts")


def set_on_database(url: str, settings: dict[str, str]) -> None:
    """As its administrator does; functions of schema `odd` would come before Postgres's own."""
    name = urlsplit(url).path[1:]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA odd")
        connection.execute(
            "CREATE FUNCTION odd.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT timestamptz 'epoch'$$"
        )
        for setting, value in settings.items():
            connection.execute(f"ALTER DATABASE {name} SET {setting} = {value_of(setting, value)}")


def value_of(setting: str, value: str) -> str:
    return value if setting == "search_path" else f"'{value}'"


def stored(database: Database) -> dict[str, list[Any]]:
    """Every data row, without what differs from run to run."""
    left_out = "{first_seen_at,updated_at,retired_at,run_id}"
    return {
        name: sorted(
            query(
                database, f"SELECT (to_jsonb(t) - '{left_out}'::text[])::text FROM iracing.{name} t"
            )
        )
        for name in TABLES
    }


def shown(execute: Callable[[str], Any]) -> dict[str, str]:
    return {name: execute(f"SHOW {name}").fetchone()[0] for name in SHOWN}


@pytest.fixture(scope="module")
def expected(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Any]]:
    """What a sync stores where nobody has set anything."""
    answers, url = answered(), new_database_url(template)
    folder = tmp_path_factory.mktemp("expected")
    with Simulator(CaptureSource(RECORDED)) as simulator:
        simulator.faults.transform = answers.transform
        environment = {"IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(folder)}
        settings = Settings.from_environment({**simulator.environment, **environment})
        done = sync(settings, *ALL, "weather_forecasts")
    assert done.success, done.failures()
    rows = stored(Database(url, folder))
    assert all(rows[name] for name in TABLES), {name: len(rows[name]) for name in TABLES}
    return rows


@pytest.fixture
def answers() -> RecordedResponses:
    return answered()


def answered() -> RecordedResponses:
    answers = RecordedResponses()
    answers["series/get"][0]["series_name"] = NAME
    return answers


@pytest.fixture(params=["direct", "session", "transaction"])
def route(
    request: pytest.FixtureRequest, database_url: str, postgres_dir: Path
) -> Iterator[tuple[str, str]]:
    """The way to the database, and its URL by that way."""
    if request.param == "direct":
        yield request.param, database_url
    elif PROGRAM is None:
        pytest.skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    else:
        with pgbouncer(database_url, request.param, postgres_dir) as url:
            yield request.param, url


def test_odd_settings_change_nothing_by_way_of_a_pooler_neither(
    expected: dict[str, list[Any]],
    environment: dict[str, str],
    database_url: str,
    route: tuple[str, str],
    without_books: None,
    database: Database,
    tmp_path: Path,
) -> None:
    way, url = route
    set_on_database(database_url, ODD)
    database.dispose()
    environment |= {"PGTZ": "Asia/Kathmandu", "PGDATESTYLE": "German", "PGCLIENTENCODING": "LATIN9"}
    environment["IRACING_DATABASE_URL"] = url
    # What a command leaves behind, the next one meets.
    for command in (["sync", "--sync-seasons"], ["db", "sql", LOOK], ["sync", "--refresh"]):
        done = run(*command, environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Retrying" not in done.stderr
        if command[1] == "sql":
            assert NAME in done.stdout
    assert stored(database) == expected
    assert query(database, HELD) == [(0,)]
    by_way, beside = Database(url, tmp_path), Database(url, tmp_path)
    check_doors(by_way)
    # Often enough for psycopg to prepare the statement, by a name that each connection counts for itself.
    for one in (by_way, beside) * 8:
        assert query(one, HELD) == [(0,)]
    # Nor does a lock stay with a connection that somebody else is given next.
    for one in (by_way, beside):
        with one.begin() as connection:
            lock_for_transaction(connection, Lock.CALENDAR_EVENTS)
            assert query(database, HELD) == [(1,)]
        assert query(database, HELD) == [(0,)]
    by_way.dispose()
    beside.dispose()
    if way == "transaction":
        check_pool(url)
        with pytest.raises(DatabaseError, match="It is a pooler, and takes no such parameter"):
            Database(f"{url}?options=-cjit%3Doff", tmp_path).ensure_current()


def check_doors(database: Database) -> None:
    """Every door, and Dagster's: none leads to a setting that somebody else has made."""
    with database.begin() as connection:
        settled = shown(connection.exec_driver_sql)
    assert {name for name in SHOWN if settled[name] == SHOWN[name]} <= OTHERS_BUSINESS
    with database.autocommit() as connection:
        assert shown(connection.exec_driver_sql) == settled
    with database.plain_connection() as raw:
        assert shown(raw.execute) == settled
    engine = create_engine(
        dagster_url(database.url, search_path="dagster"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        found = shown(connection.exec_driver_sql)
    engine.dispose()
    differs = {name for name in SHOWN if found[name] != settled[name]}
    assert differs <= {"search_path", "standard_conforming_strings"}


def check_pool(url: str) -> None:
    """Every connection of the pool is as the administrator has it: nothing of ours is left."""
    with ExitStack() as stack:
        others = [
            stack.enter_context(psycopg.connect(url)) for _ in range(POOL_SIZE["transaction"])
        ]
        for other in others:
            found = shown(other.execute)
            # pgbouncer itself keeps these for each of its clients.
            kept = {"client_encoding", "datestyle", "timezone", "standard_conforming_strings"}
            assert {name: found[name] for name in SHOWN if name not in kept} == {
                name: SHOWN[name] for name in SHOWN if name not in kept
            }


@pytest.mark.parametrize("command", [["sync"], ["db", "upgrade"], ["db", "maintain"]], ids=" ".join)
def test_a_database_that_takes_no_writes_is_named_and_can_be_looked_at(
    command: list[str], environment: dict[str, str], database_url: str, new_database_url: Any
) -> None:
    if command == ["db", "upgrade"]:
        database_url = environment["IRACING_DATABASE_URL"] = new_database_url(None)
    set_on_database(database_url, {"default_transaction_read_only": "on"})
    done = run(*command, environment=environment)
    assert done.returncode == 2, done.stdout + done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "The database takes no writes: it is a standby, or default_transaction_read_only" in said
    assert "Traceback" not in said
    if command == ["sync"]:
        look = run("db", "sql", "SELECT count(*) FROM iracing.series", environment=environment)
        assert look.returncode == 0, look.stderr
