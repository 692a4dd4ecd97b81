"""`make demo`: the whole sync against the simulated API, for people without an account.

In: the data directory. Out: a simulator for as long as it takes, the embedded Postgres filled, what is
made of it, hints.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from iracing_pipeline.commands.demo_settings import enter_demo
from iracing_pipeline.commands.run_outputs import run_outputs
from iracing_pipeline.commands.sync import SyncRequest, run_sync
from iracing_pipeline.core.errors import DONE
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource


def run_demo(console: Console, *, refresh: bool = False) -> int:
    """Run it and return the exit status of the sync and of what is made of its rows."""
    with simulated_api(console):
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
def simulated_api(console: Console) -> Iterator[None]:
    """A simulator on free ports of this machine; this process and its children use nothing else."""
    with Simulator(WorldSource()) as simulator:
        ignored = enter_demo(os.environ, simulator.environment)
        if ignored:
            console.print(f"The demo does not use {', '.join(ignored)}.", highlight=False)
        console.print(
            f"Simulated iRacing API on {simulator.api_url}: every series, season and race is made up.",
            highlight=False,
        )
        yield
