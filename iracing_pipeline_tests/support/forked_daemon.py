"""The same daemon over a code server of its own, both forked, as are the runs: a third of the cost.

In: what Daemon takes; the fixture `prepared`. What is the same: Dagster's daemon, gRPC server and launcher.
"""

from __future__ import annotations

import time
from contextlib import suppress

import psutil
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._grpc.client import DagsterGrpcClient

from iracing_pipeline_tests.support.daemon import DAEMON, POLL_SECONDS, STOP_SECONDS, Daemon
from iracing_pipeline_tests.support.forked_commands import Forked
from iracing_pipeline_tests.support.shell import fork

# Each run is a fork of a process that has imported what it needs, in place of a new interpreter.
_CODE_SERVER = """
import multiprocessing, sys
forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload([
    "iracing_pipeline_tests.support.dagster_sync",
    "dagster_postgres",
    "sqlalchemy.dialects.postgresql.psycopg2",
])
multiprocessing.get_context = lambda method: forkserver
from dagster._cli import main
main()
"""


class ForkedDaemon(Daemon):
    def _start(self) -> Forked:
        socket = self.home / "code"
        with self.log.open("ab") as log:
            options = {
                "program": "python",
                "environment": self._environment,
                "output": log,
                "start_new_session": True,
            }
            self._server = fork(
                _CODE_SERVER,
                *("api", "grpc", "--lazy-load-user-code", "--log-level", "warning"),
                *("--socket", str(socket), "-m", self.module),
                **options,
            )
            self._left.callback(self._server.wait)
            self._see_server(str(socket))
            workspace = self.home / "workspace.yaml"
            workspace.write_text(
                f"load_from: [grpc_server: {{socket: {socket}, location_name: {self.module}}}]"
            )
            return fork(DAEMON, str(self._cadence), "run", "-w", str(workspace), **options)

    def _see_server(self, socket: str) -> None:
        """Wait until it answers: a daemon that does not find its assets fails whatever it is asked for."""
        client = DagsterGrpcClient(socket=socket)
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                client.ping("")
                return
            except DagsterUserCodeUnreachableError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    self._server.kill()
                    raise
                time.sleep(POLL_SECONDS)

    def _sessions(self) -> set[int]:
        return {self._process.pid, self._server.pid}

    def _stop(self) -> None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self._server.pid).terminate()
        super()._stop()
