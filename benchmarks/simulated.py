"""What measurements of a sync stand on: a simulator in a process of its own, databases, processes timed.

In: the size of a world, commands. Out: calls made, seconds of clock and of CPU, peak memory.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline.warehouse.embedded.shared_server import database_url
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent
UNLIMITED = 10_000_000
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class World:
    """`WorldSource`'s sizes, and what its past quarters answer."""

    series: int
    past_quarters: int
    mode: str = "list"

    def __str__(self) -> str:
        return f"{self.series} x {self.past_quarters}"


@dataclass(frozen=True)
class Simulated:
    """A simulator that shares no interpreter with what is measured."""

    environment: dict[str, str]

    def requests(self) -> list[dict[str, Any]]:
        """Every request so far."""
        rows: list[dict[str, Any]] = self._control("requests")
        return rows

    def forget(self) -> None:
        """Begin the record of requests anew."""
        self._control("requests", method="DELETE")

    def break_index(self) -> None:
        """From now on the index of all series is not to be had."""
        self._fault(kind="status", endpoint="series/stats_series", status=404)

    def delay(self, seconds: float) -> None:
        """From now on every hop takes so much longer: login, API and the host of the links."""
        for kind in ("oauth_slow", "slow", "storage_slow"):
            self._fault(kind=kind, seconds=seconds)

    def _fault(self, **fault: Any) -> None:
        self._control("faults", method="POST", data=json.dumps(fault))

    def _control(self, what: str, *, method: str = "GET", data: str | None = None) -> Any:
        url = f"{self.environment['IRACING_API_URL']}/_simulator/{what}"
        body = None if data is None else data.encode()
        with urlopen(Request(url, body, method=method), timeout=60) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def simulated(
    world: World, *, rate_limit: int = UNLIMITED, window_seconds: float = 60.0
) -> Iterator[Simulated]:
    """A simulator until the block ends."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(
        target=_serve, args=(theirs, world, rate_limit, window_seconds), daemon=True
    )
    process.start()
    theirs.close()
    try:
        yield Simulated(ours.recv())
    finally:
        ours.close()
        process.join(10)


def _serve(pipe: Connection, world: World, rate_limit: int, window_seconds: float) -> None:
    from iracing_pipeline.simulator import Simulator

    source = _Remembering(
        series=world.series, past_quarters=world.past_quarters, past_mode=world.mode
    )
    with Simulator(source, rate_limit=rate_limit, window_seconds=window_seconds) as simulator:
        pipe.send(simulator.environment)
        try:
            pipe.recv()
        except EOFError:
            return  # whoever wanted it is gone


class _Remembering(WorldSource):
    """Makes each body once: whoever is measured first would pay for it otherwise."""

    def __init__(self, **sizes: Any) -> None:
        super().__init__(**sizes)
        self._made: dict[tuple[Any, ...], bytes] = {}
        self._files: dict[str, bytes | None] = {}

    def answer_json(self, endpoint: str, params: Mapping[str, str], now: datetime) -> bytes:
        key = (endpoint, *sorted(params.items()))
        if key not in self._made:
            self._made[key] = super().answer_json(endpoint, params, now)
        return self._made[key]

    def file(self, path: str, now: datetime) -> bytes | None:
        if path not in self._files:
            self._files[path] = super().file(path, now)
        return self._files[path]


def calls_of(requests: Sequence[Mapping[str, Any]]) -> Calls:
    """What a record of requests holds; login and the bodies behind the links left out."""
    return Calls(
        [row for row in requests if row["path"].startswith("/data/")],
        [
            row["path"]
            for row in requests
            if row["origin"] == "storage" and "weather-forecast" in row["path"]
        ],
    )


@dataclass(frozen=True)
class Calls:
    """The /data requests, and the paths of the weather files that were read."""

    rows: Sequence[Mapping[str, Any]]
    files: Sequence[str] = ()

    @property
    def by_endpoint(self) -> Counter[str]:
        """Past quarters apart from the list of current seasons."""
        return Counter(
            row["path"].removeprefix("/data/series/").removeprefix("/data/")
            + ("?quarter" if "season_year" in row["params"] else "")
            for row in self.rows
        )

    @property
    def wanted(self) -> list[tuple[str, dict[str, str]]]:
        """Those that were answered, to make them once more."""
        return [
            (row["path"].removeprefix("/data/"), row["params"])
            for row in self.rows
            if row["status"] == 200
        ]

    @property
    def refused(self) -> int:
        return sum(row["status"] == 429 for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Databases:
    """One embedded Postgres with its own settings, and a fresh database for every measurement."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = database_url(folder / "postgres")

    def fresh(self, simulator: Simulated) -> Target:
        name = f"bench_{uuid4().hex[:12]}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))
        folder = self._folder / name
        folder.mkdir()
        return Target(simulator, url, folder)


@dataclass(frozen=True)
class Measured:
    """One process, from start to end."""

    began_at: datetime
    seconds: float
    cpu_seconds: float
    """User and system, of it and of the processes that it waited for; not Postgres'."""
    peak_mb: float
    """Of the largest of these processes."""
    calls: Calls
    rows_written: int
    """Rows of data tables that Postgres inserted, updated or deleted."""
    output: str


@dataclass(frozen=True)
class Target:
    """A simulator and a database, and the environment that leads to both."""

    simulator: Simulated
    url: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("IRACING_", "DAGSTER_"))
        }
        return {
            **kept,
            **self.simulator.environment,
            "IRACING_DATABASE_URL": self.url,
            "IRACING_DATA_DIR": str(self.folder),
        }

    def run(self, *command: str | Path, **more: str) -> Measured:
        """Run it to its end; `more` goes into its environment. Raises RuntimeError if it fails."""
        self.simulator.forget()
        before = self._written()
        log = self.folder / "output.txt"
        began_at, began = datetime.now(timezone.utc), time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env={**self.environment, **more},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            # Its own peak, as the kernel kept it: sampling would miss it.
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            end = log.read_text(errors="replace").strip()[-400:]
            raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}: {end}")
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Measured(
            began_at,
            seconds,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / unit,
            calls_of(self.simulator.requests()),
            self._written() - before,
            log.read_text(errors="replace"),
        )

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(text.encode()).fetchall()

    def _written(self) -> int:
        names = ", ".join(f"'{table.name}'" for table in DATA_TABLES)
        return int(
            self.query(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM "
                f"pg_stat_user_tables WHERE schemaname = 'iracing' AND relname IN ({names})"
            )[0][0]
        )
