"""`make ui`: Dagster's web server and daemon over the data every other command uses.

In: settings, a port. Out: a `dagster dev` process, ended with this one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import fasteners
from rich.console import Console

from iracing_pipeline.commands.demo import simulated_api
from iracing_pipeline.core.errors import DONE, ConfigurationError
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services


def run_ui(console: Console, *, port: int, demo: bool) -> int:
    """Serve until ^C or SIGTERM; returns dagster's exit status."""
    with contextlib.ExitStack() as stack:
        _require_free(port)
        if demo:
            stack.enter_context(simulated_api(console))
        settings = Settings.from_environment()
        services = Services(settings)
        stack.callback(services.close)
        # Held open here: the embedded Postgres then outlives every child's comings and goings.
        services.database.ensure_current()
        if demo:
            services.stored_origin()  # raises where the data is real
        home = provide_dagster_home(settings)
        lock = fasteners.InterProcessLock(home / ".ui.lock")
        if not lock.acquire(blocking=False):
            raise ConfigurationError(
                f"Dagster already runs over the data in {settings.data_dir}: two would disturb each "
                "other. Stop the other one, or set IRACING_DATA_DIR."
            )
        stack.callback(lock.release)
        missing = settings.credentials.missing()
        if missing:
            console.print(
                f"{', '.join(missing)} not set: you can look at what is stored; to run something "
                "set them, or use `make ui-demo`.",
                highlight=False,
            )
        console.print(
            f"Starting Dagster; in about ten seconds it is on http://127.0.0.1:{port} (runs: /runs). "
            "^C ends it.",
            highlight=False,
        )
        command = [
            *(sys.executable, "-m", "iracing_pipeline.commands.dagster_dev", "dev"),
            *("-m", "iracing_pipeline.definitions"),
            *("-h", "127.0.0.1", "-p", str(port)),
        ]
        # Dagster reads the .env of the directory it is started in, over everything that is set.
        return _run(command, home if demo else None)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} cannot be used ({error.strerror}): does Dagster run already? "
                "`--port N` (make ui PORT=N) chooses another."
            ) from None


def _run(command: list[str], folder: Path | None) -> int:
    """Run a child to its end. ^C, SIGTERM and a closed terminal reach it through this process alone.

    It has a session of its own: ^C in the terminal would end its servers before itself, and it would
    start them anew.
    """
    told_to_stop = False
    child: subprocess.Popen[bytes] | None = None

    def stop(_: int, __: object) -> None:
        nonlocal told_to_stop
        if child is not None and not told_to_stop:
            child.terminate()
        told_to_stop = True

    # Before the child starts, so that a signal in between is not lost.
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in signals}
    # Dagster's own advice to use another of its commands is not for who typed `make ui`.
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore:Function"}
    try:
        child = subprocess.Popen(command, env=quiet, cwd=folder, start_new_session=True)
        if told_to_stop:
            child.terminate()
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return DONE if told_to_stop else status
