"""The command line: flags, checked, handed to commands/. Errors end here, in words and an exit status.

In: argv and the environment. Out: exit status 0 done, 1 some items failed, 2 misuse, 3 API not there.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import click

from iracing_pipeline import __version__
from iracing_pipeline.commands.interrupts import lose_no_interrupt
from iracing_pipeline.core.errors import (
    INTERRUPTED,
    MISUSE,
    exit_status,
    kind_of,
    message_of,
)
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.outputs.calendars.feeds import LICENSES_IN_WORDS, license_group_of
from iracing_pipeline.settings import Settings, value_of


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="iracing-pipeline")
def cli() -> None:
    """iRacing's series, seasons and race schedules in Postgres."""


def _positive_ids(_: click.Context, __: click.Parameter, value: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(value))


def _sync_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of `sync` that are options of the assets too, from their one list."""
    for option in reversed(fields(SyncOptions)):
        text = option.metadata["flag"]
        flag = "--" + option.name.replace("_", "-")
        if text is None:
            continue
        if option.name == "series_ids":
            add = click.option(
                "--series-id",
                "series_ids",
                type=click.IntRange(min=1),
                multiple=True,
                callback=_positive_ids,
                help=text,
            )
        elif isinstance(option.default, bool):
            add = click.option(flag, is_flag=True, help=text)
        else:
            add = click.option(flag, type=int, help=text)
        command = add(command)
    return command


@cli.command()
@click.option(
    "--sync-seasons", is_flag=True, help="Also current and announced seasons and schedules."
)
@click.option(
    "--sync-past-seasons",
    is_flag=True,
    help="Also past seasons since 2008 and the schedules of theirs that are missing "
    "(with --sync-seasons).",
)
@_sync_options
def sync(**flags: Any) -> None:
    """Sync series and reference data, and with --sync-seasons the seasons too."""
    sync_seasons, sync_past_seasons = flags.pop("sync_seasons"), flags.pop("sync_past_seasons")
    options = SyncOptions.of(flags)
    problems = options.problems()
    if sync_past_seasons and not sync_seasons:
        problems = problems or ["--sync-past-seasons needs --sync-seasons."]
    if options.season_year is not None and not sync_seasons:
        problems = problems or ["season_year and season_quarter need --sync-seasons."]
    if problems:
        raise click.UsageError(_as_flags(" ".join(problems)))
    settings = Settings.from_environment()
    settings.require_credentials()
    # Dagster comes with it, a second of imports: after all that can be refused without.
    from iracing_pipeline.commands.sync import SyncRequest, run_sync

    command = " ".join(["sync", *sys.argv[2:]])
    request = SyncRequest(sync_seasons, sync_past_seasons, options, command)
    sys.exit(run_sync(settings, request, _console()))


def _as_flags(text: str) -> str:
    """The launchpad's names of options as the command line has them."""
    for name in ("season_year", "season_quarter", "limit", "concurrency"):
        text = text.replace(name, "--" + name.replace("_", "-"))
    return text


@cli.command()
@click.option("--refresh", is_flag=True, help="Ask the simulated API again.")
def demo(refresh: bool) -> None:
    """Run the whole sync against the simulated API, in the embedded Postgres. Needs no account."""
    from iracing_pipeline.commands.demo import run_demo

    sys.exit(run_demo(_console(), refresh=refresh))


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@click.option("--demo", is_flag=True, help="With the simulated API behind it.")
def ui(port: int, demo: bool) -> None:
    """Dagster's UI and daemon on 127.0.0.1, over the same data as every other command."""
    from iracing_pipeline.commands.ui import run_ui

    sys.exit(run_ui(_console(), port=port, demo=demo))


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True)
@click.option(
    "--captures",
    type=click.Path(path_type=Path),
    help="Replay a folder of captured answers instead of the generated world.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 lets other machines and containers in.",
)
@click.option(
    "--storage-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of the object host, where links lead; any free one if you do not say.",
)
@click.option(
    "--storage-url",
    metavar="URL",
    help="Where clients reach the object host, if not at that port of the host that they ask.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(min=1),
    default=240,
    show_default=True,
    help="Requests a minute before it answers 429.",
)
@click.option(
    "--logins-per-hour",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="Full logins before it refuses them.",
)
def simulate(
    port: int,
    captures: Path | None,
    host: str,
    storage_port: int,
    storage_url: str | None,
    rate_limit: int,
    logins_per_hour: int,
) -> None:
    """The simulated iRacing API alone, until ^C. Prints what to set to use it."""
    from iracing_pipeline.simulator import SimCredentials, serve

    names = ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")
    given = {f"IRACING_{name}": value_of(os.environ, f"IRACING_{name}") for name in names}
    # The object host takes any free port: the next one up may be another simulator.
    serve(
        port=port,
        captures=captures,
        host=host,
        storage_port=storage_port,
        storage_url=storage_url,
        rate_limit=rate_limit,
        login_limit=logins_per_hour,
        credentials=SimCredentials.from_environment({k: v for k, v in given.items() if v}),
    )


def _license_groups(
    _: click.Context, __: click.Parameter, value: tuple[str, ...]
) -> tuple[int, ...]:
    found = {text: license_group_of(text) for text in value}
    unknown = [text for text, number in found.items() if number is None]
    if unknown:
        raise click.BadParameter(
            f"no licence class is called {', '.join(unknown)}. There are: {LICENSES_IN_WORDS}."
        )
    return tuple(number for number in found.values() if number is not None)


@cli.command()
@click.option(
    "--series-id",
    "series_ids",
    type=click.IntRange(min=1),
    multiple=True,
    callback=_positive_ids,
    help="This series' races; may be given several times, as may the next two.",
)
@click.option(
    "--season-id",
    "season_ids",
    type=click.IntRange(min=1),
    multiple=True,
    callback=_positive_ids,
    help="This season's races.",
)
@click.option(
    "--license",
    "license_groups",
    multiple=True,
    callback=_license_groups,
    help="The races of this licence class: R, D, C, B, A, P, WC, its name or number.",
)
@click.option("--all", "is_all", is_flag=True, help="Every race.")
@click.option(
    "--days",
    type=click.IntRange(1, 120),
    default=14,
    show_default=True,
    help="How many days ahead.",
)
@click.option("--hours", help="Only races that start in these hours, such as 18-23 or 6-8,20-24.")
@click.option("--weekdays", help="Only races that start on these days, such as sat,sun or mon-fri.")
@click.option(
    "--timezone", help="Whose hours and weekdays they are, such as Europe/Berlin; default UTC."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="-",
    help="The file to write; by default to the console.",
)
def calendar(**flags: Any) -> None:
    """Race sessions as an iCalendar file (.ics), of whatever is named; from what is stored, no request."""
    from iracing_pipeline.commands.calendar import CalendarRequest, run_calendar

    named = flags["series_ids"] or flags["season_ids"] or flags["license_groups"]
    if not named and not flags["is_all"]:
        raise click.UsageError(
            "Say of what: --series-id, --season-id, --license (any of them several times), or --all."
        )
    if named and flags["is_all"]:
        raise click.UsageError("--all leaves nothing to be named by the other options.")
    sys.exit(run_calendar(CalendarRequest(**flags)))


@cli.group()
def db() -> None:
    """The database: migrations, what is stored, SQL."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date (every sync does so too)."""
    from iracing_pipeline.commands.database import run_upgrade

    run_upgrade(_console())


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
    sys.exit(run_status(_console(), as_json=as_json, for_prometheus=for_prometheus))


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would differ.")
def rebuild(dry_run: bool) -> None:
    """Derive every table anew from the landed responses, without one API call, and say what differed."""
    from iracing_pipeline.commands.rebuild import run_rebuild

    sys.exit(run_rebuild(_console(), dry_run=dry_run))


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def maintain(dry_run: bool) -> None:
    """Remove expired rows of the ledger and old runs of Dagster; never data, never a landed response."""
    from iracing_pipeline.commands.maintain import run_maintain

    sys.exit(run_maintain(_console(), dry_run=dry_run))


@db.command()
@click.argument("query")
def sql(query: str) -> None:
    """Run one SQL query (read only) and print its rows."""
    from iracing_pipeline.commands.database import run_sql

    sys.exit(run_sql(_console(), query))


@db.command()
def url() -> None:
    """Print the database's URL, for psql and other clients. It may hold a password."""
    from iracing_pipeline.commands.database import print_url

    print_url()


@db.command()
def dictionary() -> None:
    """Print the data dictionary (docs/data-dictionary.md) as Markdown."""
    from iracing_pipeline.warehouse.schema.dictionary import data_dictionary

    click.echo(data_dictionary(), nl=False)


def _console() -> Any:
    from rich.console import Console

    # Into a file or a pipe, a table is as wide as it needs to be.
    return Console() if sys.stdout.isatty() else Console(width=140)


def main() -> None:
    """Entry point: known failures become one message and an exit status, bugs keep their traceback."""
    # SIGTERM by default ends Python without cleaning up: the embedded Postgres would be left running.
    # SIGINT too: background jobs of a script start with it ignored, Dagster gives SIGTERM whatever
    # handler SIGINT has after every step, and children inherit what their parent ignores.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    lose_no_interrupt()
    # Modules and answers are made of very many objects, which refer to each other in no circle. By default
    # Python looks for circles after every 700 new ones: a fifth of the time that reading an answer takes.
    gc.set_threshold(50_000, 20, 100)
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(MISUSE)
    except (click.Abort, KeyboardInterrupt):
        _interrupted()
    except Exception as error:
        # While a class is being made, Python before 3.12 hands an interrupt on inside a RuntimeError.
        if isinstance(error.__cause__, KeyboardInterrupt):
            _interrupted()
        kind = kind_of(error)
        if kind is None:
            raise
        click.echo(message_of(error), err=True)
        sys.exit(exit_status([kind]))
    finally:
        _hear_no_more()


def _interrupted() -> NoReturn:
    _hear_no_more()
    click.echo("Interrupted.", err=True)
    sys.exit(INTERRUPTED)


def _hear_no_more() -> None:
    """A second ^C must not cut the cleaning up short, nor what is said of the first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
