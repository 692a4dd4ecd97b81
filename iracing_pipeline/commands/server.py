"""`iracing-pipeline db serve` and `db shell`: the embedded Postgres without the UI, and psql over either.

In: settings; no credentials are needed. Out: a server for as long as it takes; a shell. Nothing asks the API.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence

import click
import psycopg
from psycopg import conninfo, pq

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE, ConfigurationError
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError, describe
from iracing_pipeline.warehouse.embedded import binaries
from iracing_pipeline.warehouse.embedded.place import EmbeddedPostgresError


def run_serve() -> int:
    """Keep the embedded Postgres running, and print its URL, until ^C or SIGTERM.

    Raises ConfigurationError where the database is another one, DatabaseError where it goes away.
    """
    database = open_door(Database, may_create=True)
    if not database.is_embedded:
        raise ConfigurationError(
            f"IRACING_DATABASE_URL is set: the server at {describe(database.url)} runs by itself. To serve "
            "the embedded Postgres, unset it."
        )
    database.ensure_current()
    database.dispose()
    try:
        with database.plain_connection() as connection:
            click.echo(database.url)
            click.echo("It answers until ^C.", err=True)
            _wait_for_its_end(connection)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        return DONE
    raise DatabaseError(f"The embedded Postgres has ended. See the log under {database.data_dir}.")


def _wait_for_its_end(connection: psycopg.Connection) -> None:
    """A connection that ends tells it at once; what else comes in on it means nothing."""
    try:
        while connection.pgconn.status == pq.ConnStatus.OK:
            select.select([connection.fileno()], [], [])
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return


def run_shell(arguments: Sequence[str]) -> int:
    """psql over the data's database, with these arguments; returns its exit status.

    Raises ConfigurationError where there is no psql.
    """
    database = open_door(Database)
    program = _psql()
    if program is None:
        raise ConfigurationError(
            "psql is not installed: it comes with Postgres's client package (postgresql-client, libpq). "
            "Without it there is `iracing-pipeline db sql`, and any other client takes what "
            "`iracing-pipeline db url` prints."
        )
    database.ensure_current()
    database.dispose()
    # ^C is psql's: it ends a query there, not the shell.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen([program, *arguments], env={**os.environ, **_environment(database)})
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _psql() -> str | None:
    """The one on the PATH, or else the one that the embedded Postgres has brought along."""
    if found := shutil.which("psql"):
        return found
    try:
        brought = sorted(binaries.installed().items(), reverse=True)
    except EmbeddedPostgresError:
        return None
    programs = (folder / "psql" for _, folder in brought)
    return next((str(one) for one in programs if one.exists()), None)


def _environment(database: Database) -> Mapping[str, str]:
    """Where libpq finds the database: not among the arguments, where everybody on the machine reads them."""
    given = conninfo.conninfo_to_dict(database.url)
    names = {
        one.keyword.decode(): one.envvar.decode()
        for one in pq.Conninfo.get_defaults()
        if one.envvar is not None
    }
    return {names[key]: str(value) for key, value in given.items() if key in names}
