"""`iracing-pipeline simulate`: serve until told to stop.

In: the blocking call behind the command, and what it prints. Out: parsing of flags (the command
line), the server itself (server.py).
"""

from __future__ import annotations

import re
import shlex
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from .captures import CaptureSource
from .credentials import DEFAULT_SECRETS, SimCredentials
from .errors import SimulatorError
from .server import Simulator
from .source import Source
from .world import WorldSource


def serve(
    port: int,
    captures: Path | None = None,
    host: str = "127.0.0.1",
    *,
    source: Source | None = None,
    storage_port: int | None = None,
    storage_url: str | None = None,
    say: Callable[[str], None] | None = None,
    rate_limit: int = 240,
    login_limit: int = 12,
    credentials: SimCredentials | None = None,
) -> None:
    """Serve the world, or `captures`, or `source`, until SIGINT or SIGTERM; then return.

    The object host listens on `storage_port`, by default the next port (any free one if `port` is
    0); links lead there, or to `storage_url`. Credentials are the caller's `IRACING_*` where set and
    none are given. `say` gets each line of output. Raises SimulatorError if a port is busy, the host is
    none of this machine's, `storage_url` is no URL or the captures are no good. Main thread only.
    """
    if not 0 <= port <= 65534:
        raise SimulatorError(f"port {port} is not between 0 and 65534")
    if storage_url is not None:
        storage_url = storage_url.rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+", storage_url):
            raise SimulatorError("the storage's URL must be like https://storage.example:8701")
    if source is None:
        source = CaptureSource(captures) if captures is not None else WorldSource()
    if storage_port is None:
        storage_port = port + 1 if port else 0
    simulator = Simulator(
        source,
        host=host,
        port=port,
        storage_port=storage_port,
        storage_url=storage_url,
        credentials=credentials or SimCredentials.from_environment(),
        rate_limit=rate_limit,
        login_limit=login_limit,
    )
    stopped = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with simulator:
            for line in announcement(simulator):
                (say or _print)(line)
            # A bare wait() cannot be interrupted by a signal on every platform.
            while not stopped.wait(0.2):
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def announcement(simulator: Simulator) -> list[str]:
    """Where it is and how to get in, as lines that a shell can evaluate."""
    return [
        f"# simulated iRacing API   {simulator.api_url}",
        f"# simulated OAuth service {simulator.oauth_url}",
        f"# simulated object host   {simulator.storage_url}",
        *(_export(name, value) for name, value in simulator.environment.items()),
        "# ^C stops it. Simulated data lands in .iracing, unless you set IRACING_DATA_DIR.",
    ]


def _export(name: str, value: str) -> str:
    # What the caller has given may be somebody's real secret.
    if name in {"IRACING_CLIENT_SECRET", "IRACING_PASSWORD"} and value not in DEFAULT_SECRETS:
        return f"# {name}: as in this environment"
    return f"export {name}={shlex.quote(value)}"


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
