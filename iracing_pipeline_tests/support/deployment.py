"""Code location, webserver and daemon, started by hand with the commands of deploy/.

In: a DAGSTER_HOME, an environment, a definitions module. Out: processes that can be killed and started again,
as a container's restart policy does, and the UI's way to ask for a backfill. Stays out: Docker.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from iracing_pipeline_tests.support.daemon import DAEMON, Daemon
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.shell import BIN, free_port
from iracing_pipeline_tests.support.waiting import eventually

PROCESSES = ("code", "webserver", "daemon")
START_SECONDS = 90
_LAUNCH = """
mutation ($keys: [String!]!, $asset: String!) {
  launchPartitionBackfill(backfillParams: {partitionNames: $keys, assetSelection: [{path: [$asset]}]}) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""


class Deployment(Daemon):
    """`with Deployment(home, environment, module=…) as deployment: deployment.kill("code")`."""

    def __init__(self, home: Path, environment: Mapping[str, str], *, module: str) -> None:
        super().__init__(home, environment, module=module, cadence_seconds=1)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports = {"code": free_port(), "webserver": free_port()}
        self._commands = self._as_deployed()

    def _as_deployed(self) -> dict[str, list[str]]:
        """The commands of Dockerfile and compose file, with ports, paths and module of this place."""
        services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
        dockerfile = (ROOT / "deploy/Dockerfile").read_text()
        (code,) = (
            json.loads(line.removeprefix("CMD "))
            for line in dockerfile.splitlines()
            if line.startswith("CMD ")
        )
        workspace = self.home / "workspace.yaml"
        here = {
            "/opt/dagster/workspace.yaml": str(workspace),
            "0.0.0.0": "127.0.0.1",  # noqa: S104
            "4000": str(self._ports["code"]),
            "3000": str(self._ports["webserver"]),
            "iracing_pipeline.definitions": self.module,
        }
        commands = {"code": code} | {name: services[name]["command"] for name in PROCESSES[1:]}
        return {
            name: [here.get(word, word) for word in command] for name, command in commands.items()
        }

    def _start(self) -> subprocess.Popen[bytes]:
        workspace = yaml.safe_load((ROOT / "deploy/workspace.yaml").read_text())
        workspace["load_from"][0]["grpc_server"] |= {
            "host": "127.0.0.1",
            "port": self._ports["code"],
        }
        (self.home / "workspace.yaml").write_text(yaml.safe_dump(workspace))
        for name in PROCESSES:
            self.start(name)
        return self._processes["daemon"]

    def start(self, name: str) -> None:
        """Start one of PROCESSES, and wait until it serves where it is one that does."""
        program, *arguments = self._commands[name]
        command = [str(BIN / program), *arguments]
        if name == "daemon":
            # Dagster's cadences are half a minute's waiting for each look.
            command = [sys.executable, "-c", DAEMON, str(self._cadence), *arguments]
        with self.log.open("ab") as log:
            log.write(f"\n$ {shlex.join(self._commands[name])}\n".encode())
            log.flush()
            process = subprocess.Popen(
                command,
                env={**os.environ, **self._environment},
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes[name] = process
        if name == "daemon":
            self._process = process
        elif name == "code":
            eventually(self._code_answers, "the code location serves", START_SECONDS)
        else:
            eventually(self._webserver_answers, "the webserver serves", START_SECONDS)

    def kill(self, name: str) -> None:
        """kill -9, of one of PROCESSES alone, or of the "run" that is under way."""
        if name == "run":
            for process in self.runs():
                process.kill()
            return
        self._processes[name].kill()
        self._processes[name].wait()

    def runs(self) -> list[psutil.Process]:
        """The processes in which runs are executed."""
        found = []
        for process in self._family():
            with suppress(psutil.Error):
                if any("spawn_main" in word for word in process.cmdline()):
                    found.append(process)
        return found

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the webserver answers to a GraphQL query."""
        url = f"http://127.0.0.1:{self._ports['webserver']}/graphql"
        answer = httpx.post(url, json={"query": query, "variables": variables}, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found
        return dict(found["data"])

    def request(
        self, asset: str, keys: Iterable[str], *, run_config: Mapping[str, Any] | None = None
    ) -> str:
        assert run_config is None
        launched = self.ask(_LAUNCH, asset=asset, keys=list(keys))["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def _code_answers(self) -> bool:
        assert self._processes["code"].poll() is None, self._tail()
        check = ("api", "grpc-health-check", "--port", str(self._ports["code"]))
        done = subprocess.run(
            [BIN / "dagster", *check],
            env={**os.environ, **self._environment},
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def _webserver_answers(self) -> bool:
        assert self._processes["webserver"].poll() is None, self._tail()
        try:
            self.ask("{ version }")
        except httpx.HTTPError:
            return False
        return True

    def _stop(self) -> None:
        for name in ("webserver", "code"):
            self._processes[name].terminate()
        super()._stop()
        for process in self._processes.values():
            process.wait(30)

    def _sessions(self) -> set[int]:
        return {process.pid for process in self._processes.values()}
