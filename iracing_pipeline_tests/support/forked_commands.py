"""`iracing-pipeline`, `dagster` or `dg` in a process of its own, forked from one with everything imported.

In: arguments, an environment. Out: exit status and what was printed. The imports are a second of each
command. For tests that are not about how a process begins, or about signals; POSIX only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_SERVER = """
import gc, json, os, sys
import dagster, dagster._cli, dagster_postgres, psycopg, sqlalchemy.dialects.postgresql.psycopg2
import iracing_pipeline.cli, iracing_pipeline.definitions, iracing_pipeline.commands.sync
import iracing_pipeline.api.client, iracing_pipeline.warehouse.database

MAINS = {"iracing-pipeline": iracing_pipeline.cli.main, "dagster": dagster._cli.main}
gc.freeze()
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)
        continue
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    for number, path in enumerate((job["input"], job["output"], job["errors"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
    sys.argv = [job["program"], *job["arguments"]]
    if job["program"] == "dg":
        from dagster_dg_cli.cli import main
        MAINS["dg"] = main
    MAINS[job["program"]]()
    sys.exit()
"""


class Prepared:
    """`with Prepared(folder) as prepared: prepared.run("sync", environment=…)`: one command at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0

    def __enter__(self) -> Prepared:
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.kill()
        self._server.communicate()

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        cwd: Path | None = None,
        program: str = "iracing-pipeline",
        stdin: bytes | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run: a process of its own, seen to its end. pytest's timeout is the bound."""
        assert self._server.stdin
        assert self._server.stdout
        self._runs += 1
        output, errors = (self._folder / f"{self._runs}.{name}" for name in ("out", "err"))
        source = self._folder / f"{self._runs}.in"
        if stdin is not None:
            source.write_bytes(stdin)
        job = {
            "input": os.devnull if stdin is None else str(source),
            "program": program,
            "arguments": arguments,
            "environment": dict(environment),
            "folder": str(cwd or Path.cwd()),
            "output": str(output),
            "errors": str(errors),
        }
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        # As it was written: line ends are not for read_text to change.
        said = [path.read_bytes().decode() for path in (output, errors)]
        return subprocess.CompletedProcess(arguments, status, *said)
