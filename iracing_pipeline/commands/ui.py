"""`make ui`: Dagster's web server and daemon over the data every other command uses.

In: settings, a port. Out: a `dagster dev` process, ended with this one.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys

from rich.console import Console

from iracing_pipeline.commands.demo import apply_environment, simulated_api
from iracing_pipeline.commands.exits import DONE
from iracing_pipeline.commands.home import provide_dagster_home
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database


def run_ui(console: Console, *, port: int, demo: bool) -> int:
    """Serve until ^C or SIGTERM; returns dagster's exit status."""
    with contextlib.ExitStack() as stack:
        if demo:
            apply_environment(stack.enter_context(simulated_api()))
        settings = Settings.from_environment()
        # Held open here: the embedded Postgres then outlives every child's comings and goings.
        database = Database(settings.database_url, settings.data_dir)
        stack.callback(database.dispose)
        database.ensure_current()
        provide_dagster_home(settings)
        missing = settings.credentials.missing()
        if missing:
            console.print(
                f"{', '.join(missing)} not set: you can look at what is stored; to run something "
                "set them, or use `make ui-demo`.",
                highlight=False,
            )
        console.print(f"Dagster on http://127.0.0.1:{port}, ^C ends it.", highlight=False)
        command = [
            *(sys.executable, "-m", "dagster", "dev"),
            *("-m", "iracing_pipeline.definitions"),
            *("-h", "127.0.0.1", "-p", str(port)),
        ]
        return _run(command)


def _run(command: list[str]) -> int:
    """Run a child to its end; SIGTERM is passed on, ^C reaches it by the terminal."""
    told_to_stop = False

    def stop(number: int, _: object) -> None:
        nonlocal told_to_stop
        told_to_stop = True
        if number == signal.SIGTERM:
            child.terminate()

    # Before the child starts: a shell's background jobs ignore SIGINT, and what a parent ignores its
    # children do too. Dagster answers SIGTERM as it answers SIGINT, so it would ignore both.
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    child = subprocess.Popen(command)
    try:
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return DONE if told_to_stop else status
