"""`db …`: flags, checked, handed to commands/database.py and its neighbours.

In: flags. Out: an exit status.
"""

from __future__ import annotations

import sys

import click

from iracing_pipeline.cli.flags import console


@click.group()
def db() -> None:
    """The database: migrations, what is stored, SQL."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date (every sync does so too)."""
    from iracing_pipeline.commands.database import run_upgrade

    run_upgrade(console())


@db.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--prometheus", "for_prometheus", is_flag=True, help="For Prometheus's textfile collector."
)
def status(as_json: bool, for_prometheus: bool) -> None:
    """Health, what is stored, what failed. Exit status 1 when an asset is older than it may be."""
    from iracing_pipeline.commands.status import run_status

    if as_json and for_prometheus:
        raise click.UsageError("--json and --prometheus are two forms of one document: choose one.")
    sys.exit(run_status(console(), as_json=as_json, for_prometheus=for_prometheus))


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would differ.")
def rebuild(dry_run: bool) -> None:
    """Derive every table anew from the landed responses, without one API call, and say what differed."""
    from iracing_pipeline.commands.rebuild import run_rebuild

    sys.exit(run_rebuild(console(), dry_run=dry_run))


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def maintain(dry_run: bool) -> None:
    """Remove expired rows of the ledger and old runs of Dagster; never data, never a landed response."""
    from iracing_pipeline.commands.maintain import run_maintain

    sys.exit(run_maintain(console(), dry_run=dry_run))


@db.command()
@click.argument("query", default="-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "jsonl"]),
    default="table",
    show_default=True,
    help="For people, or for programs: CSV, a JSON array, an object per line.",
)
def sql(query: str, form: str) -> None:
    """Run one SQL query (read only) and print its rows. Without QUERY, or with -, it is read from stdin."""
    from iracing_pipeline.commands.sql import run_sql

    if query == "-" and sys.stdin.isatty():
        raise click.UsageError("Give a query, or pipe one in.")
    try:
        text = sys.stdin.read() if query == "-" else query
        text.encode()
    except UnicodeError:
        raise click.UsageError("The query is not UTF-8 text.") from None
    if not text.strip() or "\0" in text:
        raise click.UsageError("The query is empty, or holds a zero byte.")
    sys.exit(run_sql(console(), text, form=form))


@db.command()
def url() -> None:
    """Print the database's URL, for psql and other clients. It may hold a password."""
    from iracing_pipeline.commands.database import print_url

    print_url()


@db.command()
def serve() -> None:
    """Keep the embedded Postgres running until ^C, and print its URL: for clients, without the UI."""
    from iracing_pipeline.commands.server import run_serve

    sys.exit(run_serve())


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """psql over the database. ARGUMENTS are psql's own."""
    from iracing_pipeline.commands.server import run_shell

    sys.exit(run_shell(arguments))


@db.command()
def dictionary() -> None:
    """Print the data dictionary (docs/data-dictionary.md) as Markdown."""
    from iracing_pipeline.warehouse.schema.dictionary import data_dictionary

    click.echo(data_dictionary(), nl=False)
