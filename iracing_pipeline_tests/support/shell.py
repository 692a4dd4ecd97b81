"""Commands as a shell starts them, or nearly so.

In: arguments, an environment. Out: exit status and what was printed. The fixture is conftest's.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from iracing_pipeline_tests.support.forked_commands import Forked, Prepared

BIN = Path(sys.executable).parent
TIMEOUT = 120
RUNNER: dict[str, Prepared] = {}
"""What run() forks its commands from."""


def run(
    *arguments: str,
    environment: dict[str, str],
    cwd: Path | None = None,
    program: str = "iracing-pipeline",
    stdin: bytes = b"",
) -> subprocess.CompletedProcess[str]:
    """The command, without the seconds that its imports take. Needs the fixture `prepared`."""
    return RUNNER["prepared"].run(
        *arguments, environment=environment, cwd=cwd, program=program, stdin=stdin
    )


def fork(*arguments: str, **options: Any) -> Forked:
    """A command like that, still running; `options` are those of Prepared.start."""
    return RUNNER["prepared"].start(*arguments, **options)


def start(
    *arguments: str,
    environment: dict[str, str],
    program: str = "iracing-pipeline",
    **options: object,
) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [BIN / program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        **options,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
