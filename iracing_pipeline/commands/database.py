"""`iracing-pipeline db upgrade` and `db url`: migrations, and where the database is.

In: settings; no credentials are needed. Out: the console. Nothing asks the API.
"""

from __future__ import annotations

import click
from rich.console import Console

from iracing_pipeline.core.errors import ConfigurationError
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


def print_url() -> None:
    """The URL as other programs take it. The embedded server runs only while one of us uses it."""
    database = open_database()
    database.ensure_current()
    click.echo(database.url)
    if database.is_embedded:
        click.echo(
            "It answers while something keeps it running, such as `db serve` or `make ui`.",
            err=True,
        )
