"""`iracing-pipeline db upgrade` and `db url`: migrations, and where the database is.

In: settings; no credentials are needed. Out: the console. Nothing asks the API.
"""

from __future__ import annotations

import click
from rich.console import Console

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import describe


def run_upgrade(console: Console) -> None:
    """Bring the schema up to date and say from where to where."""
    database = open_door(Database, may_create=True)
    before = database.schema_version()
    database.ensure_current()
    after = database.schema_version()
    place = describe(database.url)
    if before == after:
        console.print(f"Schema iracing at {place} is up to date ({after}).", highlight=False)
    else:
        console.print(f"Schema iracing at {place}: {before or 'new'} → {after}.", highlight=False)


def print_url() -> None:
    """The URL as other programs take it. The embedded server runs only while one of us uses it."""
    database = open_door(Database)
    database.ensure_current()
    click.echo(database.url)
    if database.is_embedded:
        click.echo(
            "It answers while something keeps it running, such as `db serve` or `make ui`.",
            err=True,
        )
