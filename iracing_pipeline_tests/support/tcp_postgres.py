"""A Postgres of its own over TCP, with passwords, as an operator's is.

In: where its programs are, a folder that other accounts may enter. Out: its URL; restarts.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from iracing_pipeline.warehouse.embedded.binaries import executable_by, installed
from iracing_pipeline.warehouse.embedded.place import locate
from iracing_pipeline_tests.support.shell import free_port
from iracing_pipeline_tests.support.waiting import eventually

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def embedded_programs(folder: Path) -> Path:
    """Those of the embedded Postgres, where the account that the server runs as reaches them."""
    place = locate(folder)
    return executable_by(place.account, installed()[max(installed())], place)


class TcpPostgres:
    """`with TcpPostgres(programs, folder) as server: server.url`. As root it runs as nobody."""

    def __init__(
        self, programs: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment`: what its programs need beside PATH."""
        self._programs = programs
        self._folder = folder
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", **(environment or {})}
        root = os.geteuid() == 0
        self._account = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._data = folder / "data"
        self.port = free_port()
        self.password = secrets.token_hex(16)

    @property
    def url(self) -> str:
        """The superuser's."""
        return self.url_of("postgres", "postgres")

    def url_of(self, user: str, database: str) -> str:
        """Of a user with the password of all."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> TcpPostgres:
        self.give(self._data)
        secret = self._folder / "password"
        secret.write_text(self.password)
        self._own(secret)
        made = ("-D", str(self._data), "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8")
        initdb = self._run("initdb", *made, f"--pwfile={secret}")
        assert initdb.wait() == 0, (self._folder / "initdb.log").read_text()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def give(self, folder: Path) -> None:
        """Make a folder that is the server's alone."""
        folder.mkdir(mode=0o700)
        self._own(folder)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, self._account.pw_uid, self._account.pw_gid)

    def start(self) -> None:
        """Start it, and wait until it takes sessions."""
        settings = [f"-c{name}={value}" for name, value in NOT_DURABLE.items()]
        self._server = self._run(
            "postgres",
            *("-D", str(self._data), "-p", str(self.port), "-k", "", "-cmax_connections=200"),
            *settings,
        )
        eventually(self._answers, "Postgres takes sessions over TCP")

    def stop(self) -> None:
        """Roll back, write everything, leave: `pg_ctl stop -m fast`."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(60)

    def revive(self) -> None:
        """Start it if it has given up, as a service manager does."""
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(5)
        if self._server.poll() is not None:
            self.start()

    def restart(self) -> None:
        self.stop()
        self.start()

    def _answers(self) -> bool:
        assert self._server.poll() is None, (self._folder / "postgres.log").read_text()
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        root = os.geteuid() == 0
        with (self._folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments],
                cwd=self._data,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self._account.pw_uid if root else None,
                group=self._account.pw_gid if root else None,
            )
