"""Every statement that the documentation shows runs, those that ask as the documented reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.core.cadence import CORE, MAX_AGES
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.queries.status import read_status
from iracing_pipeline_tests.support.places import RECORDED, ROOT

PAGES = ("README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))
READER = "iracing_reader"
ROLES = (ROOT / "deploy/roles.sql").read_bytes()


def statements(page: str) -> list[str]:
    """Those of a page: its blocks of SQL, and what it gives to `db sql`."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    found = [
        statement.strip()
        for block in blocks
        for statement in re.sub(r"--[^\n]*", "", block).split(";")
    ]
    return [one for one in (*found, *re.findall(r'db sql "([^"]+)"', text)) if one]


def is_question(statement: str) -> bool:
    return statement.upper().startswith(("SELECT", "WITH"))


@pytest.fixture(scope="module")
def full_url(new_database_url: Callable[[str | None], str], tmp_path_factory) -> str:  # type: ignore[no-untyped-def]
    """A database with rows in every table, changes of every kind among them."""
    url = new_database_url(None)
    with psycopg.connect(url) as connection:
        connection.execute((RECORDED / "database_at_0011.sql").read_bytes())
    database = Database(url, tmp_path_factory.mktemp("docs"))
    with database.begin() as opened:
        # Those of real syncs, as if they had been seen just now.
        opened.exec_driver_sql("UPDATE iracing.changes SET changed_at = now()")
    database.dispose()
    return url


@pytest.fixture
def connection(full_url: str) -> Iterator[psycopg.Connection]:
    """In a transaction that is rolled back, the documented reader with it."""
    with psycopg.connect(full_url) as connected:
        yield connected
        connected.rollback()


def test_there_are_such_statements() -> None:
    with_some = {page for page in PAGES if statements(page)}
    assert with_some >= {
        "README.md",
        *(f"docs/{n}.md" for n in ("calendars", "queries", "security", "webhooks")),
    }


def test_the_documented_reader_can_ask_every_documented_query(
    connection: psycopg.Connection,
) -> None:
    connection.execute(ROLES)
    connection.execute(f"SET LOCAL ROLE {READER}")
    refused, told = {}, {}
    for page in PAGES:
        for statement in filter(is_question, statements(page)):
            try:
                with connection.transaction():
                    told[statement] = len(connection.execute(statement.encode()).fetchall())
            except psycopg.Error as error:
                refused[statement] = str(error)
    assert refused == {}
    of_changes = [rows for statement, rows in told.items() if "schedule_changes" in statement]
    assert of_changes
    assert all(of_changes)


def test_the_documented_reader_reads_every_view_and_no_token_and_no_response(
    connection: psycopg.Connection,
) -> None:
    connection.execute(ROLES)
    connection.execute(f"SET LOCAL ROLE {READER}")
    names = connection.execute(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'iracing'::regnamespace "
        "AND relkind IN ('r', 'v')"
    ).fetchall()
    for name, kind in names:
        if name != "responses":
            found = connection.execute(f"SELECT count(x), max(x::text) FROM iracing.{name} x")
            assert found.fetchone() is not None, (name, kind)
    for secret in ("iracing_private.oauth_tokens", "iracing.responses"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(f"SELECT * FROM {secret}")
    connection.execute("SELECT endpoint, fetched_at FROM iracing.responses")


def test_what_db_status_shows_may_be_read_by_the_documented_reader(
    full_url: str, tmp_path: Path
) -> None:
    database = Database(full_url, tmp_path)
    with database.dry_run() as opened:
        raw = opened.connection.driver_connection
        assert raw
        raw.execute(ROLES)
        raw.execute(f"SET LOCAL ROLE {READER}")
        status = read_status(opened, max_ages=MAX_AGES, required=CORE)
    database.dispose()
    assert {one.endpoint for one in status.answers} >= {"series/seasons"}


def test_documented_statements_that_write_run_for_who_may(connection: psycopg.Connection) -> None:
    connection.execute(ROLES)
    for page in PAGES:
        for statement in statements(page):
            if not is_question(statement):
                connection.execute(statement.encode())
