"""Commands in processes of their own, forked from one with everything imported.

In: arguments, an environment. Out: what subprocess gives: a pid to send signals to, output, a status.
The imports are three seconds of each command. For tests that are not about how a process begins; POSIX only.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from fasteners import InterProcessLock

_IMPORTS = """
dagster._cli dagster._core.execution.execute_in_process dagster._core.instance.factory
dagster._core.storage.root dagster._daemon.cli dagster_postgres psycopg psycopg2.extras
sqlalchemy.dialects.postgresql.psycopg2 upath.core
iracing_pipeline.cli iracing_pipeline.definitions iracing_pipeline.commands.sync
iracing_pipeline.warehouse.upgrade iracing_pipeline_tests.support.engine_sync
"""
# Each command has a keeper, which begins it, tells its pid, waits for it, and tells its status.
_SERVER = """
import atexit, contextlib, gc, importlib, json, os, select, signal, socket, struct, sys, threading, traceback
gc.disable()
for module in sys.argv[2].split():
    importlib.import_module(module)

def program():
    exec(compile(sys.argv.pop(1), "<program>", "exec"), {"__name__": "__main__"})

def main_of(name):
    if name == "python":
        return program
    package = {
        "iracing-pipeline": "iracing_pipeline.cli", "dagster": "dagster._cli", "dg": "dagster_dg_cli.cli"
    }[name]
    return importlib.import_module(package).main

gc.freeze()
gc.enable()
listener = socket.socket(fileno=int(sys.argv[1]))
callers = [listener.accept()[0]]
while callers:
    jobs, *_ = select.select([listener, *callers], [], [])[0]
    if jobs is listener:
        callers.append(listener.accept()[0])
        continue
    text, descriptors, _, _ = socket.recv_fds(jobs, 2**16, 4)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass  # the keepers of commands that have ended
    if not text:
        callers.remove(jobs)
        jobs.close()
        continue
    while not text.endswith(b"\\n"):
        text += jobs.recv(2**16)
    if os.fork():
        for descriptor in descriptors:
            os.close(descriptor)
        continue
    *streams, told = descriptors
    child = os.fork()
    if child:
        for descriptor in streams:
            os.close(descriptor)
        os.write(told, struct.pack("i", child))
        os.write(told, struct.pack("i", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
        os._exit(0)
    break
else:
    sys.exit()

for connection in (listener, *callers):
    connection.close()
os.close(told)
for number, descriptor in enumerate(streams):
    os.dup2(descriptor, number)
    os.close(descriptor)
job = json.loads(text)
if job["session"]:
    os.setsid()
for number in job["ignored"]:
    signal.signal(number, signal.SIG_IGN)
os.environ.clear()
os.environ.update(job["environment"])
os.chdir(job["folder"])
sys.argv = [job["program"], *job["arguments"]]
status = 0
try:
    main_of(job["program"])()
except SystemExit as error:
    status = error.code
except BaseException:
    traceback.print_exc()
    status = 1
# As a program ends, but for the quarter of a second in which all that was imported is taken down.
threading._shutdown()
atexit._run_exitfuncs()
sys.stdout.flush()
if isinstance(status, str):
    print(status, file=sys.stderr)
    status = 1
os._exit(status or 0)
"""


class Forked:
    """A command that runs, with what is asked of a subprocess.Popen. pytest's timeout is the bound."""

    def __init__(
        self,
        told: int,
        stdin: IO[str] | None = None,
        stdout: IO[str] | None = None,
        stderr: IO[str] | None = None,
    ) -> None:
        self._told = told
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = self._number()
            os.close(self._told)
        return self.returncode

    def _number(self) -> int:
        return int(struct.unpack("i", os.read(self._told, 4))[0])

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """The rest of what is printed."""
        assert self.stdout
        with self.stdout:
            output = self.stdout.read()
        self.wait(timeout)
        return output, None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Prepared:
    """`with Prepared(place) as prepared: prepared.run("sync", environment=…)`.

    Whoever comes first to a place begins the process there, the last to leave ends it: one for all workers.
    """

    def __init__(self, place: Path, imports: str = _IMPORTS) -> None:
        self._place = place
        self._imports = imports
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Prepared:
        self._lock = threading.Lock()
        with InterProcessLock(self._place.with_suffix(".lock")):
            try:
                self._jobs = self._connected()
            except OSError:
                self._begin()
                self._jobs = self._connected()
        return self

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self._place))
        except OSError:
            connection.close()
            raise
        return connection

    def _begin(self) -> None:
        self._place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._place))
            listener.listen()
            self._server = subprocess.Popen(
                [sys.executable, "-c", _SERVER, str(listener.fileno()), self._imports],
                stdin=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._jobs.close()
        if self._server:
            self._server.wait()

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        cwd: Path | None = None,
        program: str = "iracing-pipeline",
        stdin: IO[bytes] | None = None,
        output: IO[bytes] | None = None,
        errors: IO[bytes] | None = None,
        start_new_session: bool = False,
        ignored: Sequence[int] = (),
        has_pipes: bool = False,
    ) -> Forked:
        """Begin a command. Where no files are given, all that it prints comes by `Forked.stdout`.

        `has_pipes`: with stdin, stdout and stderr of its own, in place of files.
        `program`: also `dagster`, `dg`, and `python` with the text of a program as its first argument.
        `ignored`: the signals that the process begins with ignored, as after nohup.
        """
        job = {
            "program": program,
            "arguments": arguments,
            "environment": dict(environment),
            "folder": str(cwd or Path.cwd()),
            "session": start_new_session,
            "ignored": ignored,
        }
        told, tell = os.pipe()
        told_to = stdout = stderr = None
        if has_pipes:
            read, told_to = os.pipe()
            stderr, complain = os.pipe()
        else:
            read = os.dup(stdin.fileno()) if stdin else os.open(os.devnull, os.O_RDONLY)
        if output is None:
            stdout, say = os.pipe()
        else:
            say = os.dup(output.fileno())
        if not has_pipes:
            complain = os.dup(errors.fileno() if errors else say)
        theirs = [read, say, complain, tell]
        with self._lock:
            line = json.dumps(job).encode() + b"\n"
            begun = socket.send_fds(self._jobs, [line], theirs)
            self._jobs.sendall(line[begun:])
            for descriptor in theirs:
                os.close(descriptor)
            return Forked(
                told,
                stdin=None if told_to is None else os.fdopen(told_to, "w"),
                stdout=None if stdout is None else os.fdopen(stdout, newline=""),
                stderr=None if stderr is None else os.fdopen(stderr, newline=""),
            )

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        cwd: Path | None = None,
        program: str = "iracing-pipeline",
        stdin: bytes = b"",
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run: a process of its own, seen to its end."""
        with (
            tempfile.TemporaryFile() as source,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as errors,
        ):
            source.write(stdin)
            source.seek(0)
            status = self.start(
                *arguments,
                environment=environment,
                cwd=cwd,
                program=program,
                stdin=source,
                output=output,
                errors=errors,
            ).wait()
            said = []
            for file in (output, errors):
                file.seek(0)
                # As it was written: line ends are not for read_text to change.
                said.append(file.read().decode())
        return subprocess.CompletedProcess(arguments, status, *said)
