"""`make demo`: the whole sync against the simulated API, for people without an account.

In: the data directory. Out: a simulator for as long as it takes, the embedded Postgres filled, what is
made of it, hints.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console

from iracing_pipeline.commands.run_outputs import run_outputs
from iracing_pipeline.commands.sync import SyncRequest, run_sync
from iracing_pipeline.core.errors import DONE
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings

# Long, so that a second demo shows what landed responses save.
DEMO_CACHE_TTL_SECONDS = 86400

# Never the reader's own database, account or page: simulated data stays in the data directory.
_LEFT_ALONE = (
    "IRACING_DATABASE_URL",
    "DAGSTER_POSTGRES_URL",
    "IRACING_ACCESS_TOKEN",
    "IRACING_REFRESH_TOKEN",
    "IRACING_WEBHOOK_URL",
    "IRACING_REPORT_FILE",
)


def run_demo(console: Console, *, refresh: bool = False) -> int:
    """Run it and return the exit status of the sync and of what is made of its rows."""
    ignored = [name for name in _LEFT_ALONE if os.environ.get(name)]
    if ignored:
        console.print(f"The demo does not use {', '.join(ignored)}.")
    with simulated_api() as environment:
        apply_environment(environment)
        console.print(
            f"Simulated iRacing API on {environment['IRACING_API_URL']}: every series, season and "
            "race below is made up.",
            highlight=False,
        )
        request = SyncRequest(
            sync_seasons=True, options=SyncOptions(refresh=refresh), command="demo"
        )
        status = run_sync(Settings.from_environment(), request, console)
    if status != DONE:
        return status
    hints: list[str] = []
    status = run_outputs(Settings.from_environment(), console, command=request.command, hints=hints)
    if status == DONE:
        console.print(
            "\nLook around:\n"
            "  make ui-demo                                 Dagster's UI over this data\n"
            '  .venv/bin/iracing-pipeline db sql "SELECT start_time, series_name, track_name '
            'FROM iracing.upcoming_sessions LIMIT 5"\n'
            "  .venv/bin/iracing-pipeline db status         what is stored, how fresh\n"
            "With an iRacing account: README.md, “Run it for real”.",
            highlight=False,
            markup=False,
        )
        for hint in hints:
            # Unbroken, so that it can be copied.
            console.print(hint, highlight=False, markup=False, soft_wrap=True)
    return status


@contextmanager
def simulated_api() -> Iterator[Mapping[str, str]]:
    """A simulator on free ports of this machine, and the environment that leads to it."""
    from iracing_pipeline.simulator import Simulator, WorldSource

    with Simulator(WorldSource()) as simulator:
        yield {
            **simulator.environment,
            "IRACING_CACHE_TTL": os.environ.get("IRACING_CACHE_TTL") or str(DEMO_CACHE_TTL_SECONDS),
        }


def apply_environment(environment: Mapping[str, str]) -> None:
    """Make this process and its children use the simulated API and the embedded Postgres."""
    for name in _LEFT_ALONE:
        os.environ.pop(name, None)
    os.environ.update(environment)
