"""The schema: migrations make what the tables declare, every column explains itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.schema.dictionary import data_dictionary
from iracing_pipeline.warehouse.schema.tables import ALL_TABLES, DATA_TABLES, metadata
from iracing_pipeline.warehouse.upgrade import alembic_config
from iracing_pipeline_tests.support.places import ROOT


def scalar(database: Database, query: str) -> Any:
    with database.begin() as connection:
        return connection.exec_driver_sql(query).scalar()


def test_migrations_make_exactly_the_declared_tables(database: Database) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table_schema": "iracing",
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_checks_in_the_database_are_those_declared(database: Database) -> None:
    from sqlalchemy import CheckConstraint

    declared = {
        f"{table.name}: {constraint.name}"
        for table in ALL_TABLES
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    with database.begin() as connection:
        stored = connection.exec_driver_sql(
            """
            SELECT relname || ': ' || conname FROM pg_constraint
            JOIN pg_class ON pg_class.oid = conrelid
            JOIN pg_namespace n ON n.oid = relnamespace
            WHERE contype = 'c' AND nspname LIKE 'iracing%%'
            """
        ).scalars()
        assert set(stored) == declared


def test_head_names_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_every_table_view_function_and_column_has_a_comment_in_the_database(
    database: Database,
) -> None:
    with database.begin() as connection:
        bare = connection.exec_driver_sql(
            """
            SELECT c.relname, a.attname FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0
            WHERE n.nspname IN ('iracing', 'iracing_private') AND c.relkind IN ('r', 'v')
              AND c.relname <> 'alembic_version' AND NOT a.attisdropped
              AND col_description(c.oid, a.attnum) IS NULL
            """
        ).all()
        assert bare == []
        uncommented = connection.exec_driver_sql(
            """
            SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
            WHERE nspname IN ('iracing', 'iracing_private') AND relkind IN ('r', 'v')
              AND relname <> 'alembic_version' AND obj_description(pg_class.oid) IS NULL
            """
        ).all()
        assert uncommented == []
        silent = connection.exec_driver_sql(
            """
            SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
            WHERE nspname IN ('iracing', 'iracing_private') AND obj_description(p.oid) IS NULL
            """
        ).all()
        assert silent == []


@pytest.mark.parametrize("table", DATA_TABLES, ids=lambda table: table.name)
def test_data_tables_have_a_natural_key_and_the_bookkeeping_columns(table: Any) -> None:
    assert list(table.primary_key.columns)
    assert all(column.autoincrement is False for column in table.primary_key.columns)
    assert {"first_seen_at", "updated_at", "retired_at", "run_id"} <= set(table.columns.keys())


def test_the_data_dictionary_is_up_to_date() -> None:
    stored = (ROOT / "docs" / "data-dictionary.md").read_text()
    assert stored == data_dictionary(), "run `make dictionary`"


def test_the_data_dictionary_shows_every_column_of_every_view_and_all_that_a_function_returns(
    database: Database,
) -> None:
    sections = {
        section.split("`")[1].partition("(")[0]: section
        for section in data_dictionary().split("\n### ")[1:]
    }
    with database.begin() as connection:
        columns = connection.exec_driver_sql(
            """
            SELECT 'iracing.' || relname, attname, col_description(c.oid, attnum)
            FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
            WHERE relnamespace = 'iracing'::regnamespace AND relkind = 'v'
            """
        ).all()
        returned = connection.exec_driver_sql(
            """
            SELECT 'iracing.' || proname, unnest(proargnames[pronargs + 1:]), obj_description(oid)
            FROM pg_proc WHERE pronamespace = 'iracing'::regnamespace
            """
        ).all()
    assert len(columns) > 150
    for view, column, comment in columns:
        assert f"| `{column}` | {comment} |" in sections[view], (view, column)
    assert {name for name, *_ in returned} >= {"iracing.race_sessions", "iracing.playable_weeks"}
    for function, column, comment in returned:
        assert f"{column} " in sections[function].partition("Returns: ")[2], (function, column)
        assert comment in sections[function]


def test_processes_that_start_together_upgrade_once(
    new_database_url: Callable[[str | None], str], tmp_path: Path
) -> None:
    url, failures = new_database_url(None), []

    def upgrade() -> None:
        database = Database(url, tmp_path)
        try:
            database.ensure_current()
        except DatabaseError as error:
            failures.append(error)
        finally:
            database.dispose()

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Database(url, tmp_path).schema_version() == HEAD


def test_a_database_of_a_newer_version_is_left_alone_with_a_clear_message(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match=r"at migration 9999.*Upgrade iracing_pipeline"):
        Database(database_url, tmp_path).ensure_current()


def test_a_schema_of_somebody_else_is_named_and_left_alone(
    new_database_url: Callable[[str | None], str], tmp_path: Path
) -> None:
    url = new_database_url(None)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA iracing CREATE TABLE series (id int)")
        with pytest.raises(DatabaseError, match="is not iracing_pipeline's: it holds series"):
            Database(url, tmp_path).ensure_current()
        found = connection.execute("SELECT to_regnamespace('iracing_private')").fetchone()
        assert found == (None,)
        # An empty one was made for us by an administrator.
        connection.execute("DROP TABLE iracing.series")
        Database(url, tmp_path).ensure_current()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://bob:s3cret-pw@127.0.0.1:9/x", "bob@127.0.0.1:9/x refuses"),
        ("postgresql://bob:s3cret-pw@no-such-host.invalid/x", "no-such-host.invalid"),
        ("postgresql://bob:s3cret-pw@127.0.0.1:nine/x", "not a usable postgresql:// URL"),
    ],
)
@pytest.mark.promise(8)
def test_a_database_that_refuses_is_named_without_its_password(
    url: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseError) as caught:
        Database(url, tmp_path).ensure_current()
    assert words in str(caught.value)
    assert "s3cret-pw" not in str(caught.value)
    assert caught.value.__cause__ is None
