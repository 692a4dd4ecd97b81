"""What a server, a database, a role or a shell has set changes neither what is stored nor what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine

from iracing_pipeline.instance.engines import dagster_url
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
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
    "statement_timeout": "61s",
    "idle_in_transaction_session_timeout": "61s",
    "idle_session_timeout": "61s",
    "transaction_timeout": "61s",
    "exit_on_error": "on",
    "lc_numeric": "C",
    "client_min_messages": "debug1",
}
OTHERS_BUSINESS = {"lc_numeric", "client_min_messages"}
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


def shown(execute: Callable[[str], Any], names: Iterable[str]) -> dict[str, str]:
    return {name: execute(f"SHOW {name}").fetchone()[0] for name in names}


@pytest.mark.promise(2)
def test_odd_settings_change_nothing(
    simulator: Simulator,
    answers: RecordedResponses,
    environment: dict[str, str],
    settings_for: Callable[..., Settings],
    new_database_url: Callable[[str | None], str],
    template: str,
    without_books: None,
    database: Database,
) -> None:
    answers["series/get"][0]["series_name"] = NAME
    plain_url = new_database_url(template)
    plain = sync(
        settings_for(simulator.environment, IRACING_DATABASE_URL=plain_url),
        *ALL,
        "weather_forecasts",
    )
    assert plain.success, plain.failures()
    expected = stored(Database(plain_url, database.data_dir))
    assert all(expected[name] for name in TABLES), {name: len(expected[name]) for name in TABLES}

    set_on_database(database.url, ODD)
    database.dispose()
    environment |= {"PGTZ": "Asia/Kathmandu", "PGDATESTYLE": "German", "PGCLIENTENCODING": "LATIN9"}
    done = run("sync", "--sync-seasons", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert stored(database) == expected
    name = run("db", "sql", "SELECT series_name FROM iracing.series", environment=environment)
    assert NAME in name.stdout

    # Every door, and Dagster's: none is left with a setting that somebody else has made.
    with database.begin() as connection:
        settled = shown(connection.exec_driver_sql, ODD)
    assert {setting for setting in ODD if settled[setting] == ODD[setting]} <= OTHERS_BUSINESS
    with database.autocommit() as connection:
        assert shown(connection.exec_driver_sql, ODD) == settled
    with database.plain_connection() as raw:
        assert shown(raw.execute, ODD) == settled
    engine = create_engine(dagster_url(database.url, search_path="dagster"))
    with engine.connect() as connection:
        found = shown(connection.exec_driver_sql, ODD)
    engine.dispose()
    differs = {setting for setting in ODD if found[setting] != settled[setting]}
    assert differs <= {"search_path", "standard_conforming_strings"}


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
