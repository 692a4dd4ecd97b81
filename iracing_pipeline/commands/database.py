"""`iracing-pipeline db …`: migrations, SQL for a look, where the database is. `db status` is status.py's.

In: settings; no credentials are needed. Out: the console. Nothing asks the API.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime, timezone
from typing import Any

import click
import psycopg
from psycopg import errors, pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.core.errors import DONE, MISUSE, ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database, describe


def open_database(*, may_create: bool = False) -> Database:
    """The data's database, as the environment names it.

    Raises ConfigurationError where there is none yet, unless it may be created: a look must not leave
    a new server behind in whatever directory it was taken from.
    """
    settings = Settings.from_environment()
    if settings.database_url is None and not may_create:
        known = (*settings.data_dir.glob("pg[0-9]*"), *settings.data_dir.glob("relocated-to.txt"))
        if not known:
            raise ConfigurationError(
                f"No database in {settings.data_dir} yet: run `iracing-pipeline sync` or `make demo`, "
                "or set IRACING_DATA_DIR or IRACING_DATABASE_URL."
            )
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if settings.database_url is None:
            raise ConfigurationError(
                f"{settings.data_dir} cannot be written ({error.strerror}). Set IRACING_DATA_DIR."
            ) from None
    return Database(settings.database_url, settings.data_dir, settings.lock_timeout)


def run_upgrade(console: Console) -> None:
    """Bring the schema up to date and say from where to where."""
    database = open_database(may_create=True)
    before = database.schema_version()
    database.ensure_current()
    after = database.schema_version()
    place = describe(database.url)
    if before == after:
        console.print(f"Schema iracing at {place} is up to date ({after}).", highlight=False)
    else:
        console.print(f"Schema iracing at {place}: {before or 'new'} → {after}.", highlight=False)


# COPY, after white space and comments.
_COPY = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*copy\b", re.IGNORECASE | re.DOTALL)


def run_sql(console: Console, query: str) -> int:
    """Print a query's rows. One statement, and read only: what writes is refused by Postgres.

    COPY … TO STDOUT goes to the console as it comes.
    """
    database = open_database()
    database.ensure_current()
    with database.plain_connection() as connection:
        connection.autocommit = False
        try:
            # Not the session: behind a pooler it is somebody else's next.
            connection.execute("SET TRANSACTION READ ONLY")
            result = connection.cursor()
            if _COPY.match(query):
                _copy_out(result, query)
                return DONE
            # In a pipeline the server itself refuses more than one statement.
            with connection.pipeline():
                result.execute(query.encode())
        except psycopg.Error as error:
            text = str(error).strip()
            if isinstance(error, errors.SyntaxError) and "multiple commands" in text:
                text = "One statement at a time, please: multiple commands are not run."
            click.echo(text, err=True)
            return MISUSE
        if result.description is None:
            return DONE
        names = [column.name for column in result.description]
        rows = [[_cell(value) for value in row] for row in result]
    _print_rows(console, names, rows)
    return DONE


def _copy_out(cursor: psycopg.Cursor[Any], query: str) -> None:
    # Several statements would be run together; parsing as one of them is refused by the server.
    parsed = cursor.connection.pgconn.prepare(b"", query.encode())
    state = parsed.error_field(pq.DiagnosticField.SQLSTATE)
    if state:
        raise errors.lookup(state.decode())(pq.error_message(parsed))
    with cursor.copy(query.encode()) as blocks:
        for block in blocks:
            sys.stdout.buffer.write(block)


def _print_rows(console: Console, names: list[str], rows: list[list[str]]) -> None:
    """As a table where it fits, else one block per row, so that nothing is cut off."""
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) < console.width:
        table = Table(*names)
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
    else:
        label = max(map(len, names))
        for number, row in enumerate(rows, start=1):
            console.print(f"[bold]row {number}[/]", highlight=False)
            for name, value in zip(names, row, strict=True):
                console.print(f"{name:<{label}}  {escape(value)}", highlight=False, soft_wrap=True)
    console.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", highlight=False)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (
            value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
            if value.tzinfo
            else str(value)
        )
    return json.dumps(value, default=str) if isinstance(value, (dict, list)) else str(value)


def print_url() -> None:
    """The URL as other programs take it. The embedded server runs only while one of us uses it."""
    database = open_database()
    database.ensure_current()
    click.echo(database.url)
    if database.is_embedded:
        click.echo("It answers while something keeps it running, such as `make ui`.", err=True)
