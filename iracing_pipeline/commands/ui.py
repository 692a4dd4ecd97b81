"""`make ui`: Dagster's web server and daemon over the data every other command uses.

In: settings, a port. Out: a `dagster dev` process, ended with this one.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator

from rich.console import Console

from iracing_pipeline.commands.demo import apply_environment, simulated_api
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
        child = subprocess.Popen(command)
        with _passing_signals_to(child):
            return child.wait()


@contextlib.contextmanager
def _passing_signals_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    # ^C reaches the child by the terminal, SIGTERM only through us; either way we wait for it.
    def pass_on(number: int, _: object) -> None:
        if number == signal.SIGTERM:
            child.terminate()

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
