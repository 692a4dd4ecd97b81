"""The command line: flags, checked, handed to commands/. Errors end here, in words and an exit status.

In: argv and the environment. Out: exit status 0 done, 1 some items failed, 2 misuse, 3 API not there.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

import click

from iracing_pipeline import __version__
from iracing_pipeline.cli.account import login, owned
from iracing_pipeline.cli.database import db
from iracing_pipeline.cli.outputs import calendar, export, feeds, report
from iracing_pipeline.cli.servers import demo, simulate, ui
from iracing_pipeline.cli.sync import sync
from iracing_pipeline.commands.interrupts import lose_no_interrupt
from iracing_pipeline.core.errors import (
    INTERRUPTED,
    MISUSE,
    SOME_FAILED,
    exit_status,
    kind_of,
    message_of,
)
from iracing_pipeline.core.wording import printable


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="iracing-pipeline")
def cli() -> None:
    """iRacing's series, seasons and race schedules in Postgres."""


for verb in (sync, calendar, feeds, report, export, db, login, owned, demo, ui, simulate):
    cli.add_command(verb)


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
        try:
            cli(standalone_mode=False)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads, such as `head`, has seen enough: as click ends it, where click notices. Python
        # would say so once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(SOME_FAILED)
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
        click.echo(printable(message_of(error)), err=True)
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
