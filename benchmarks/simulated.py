"""What measurements of a sync stand on: a simulator in a process of its own, databases, processes timed.

In: the size of a world, commands. Out: calls made, seconds, peak memory. Nothing here prints.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen
from uuid import uuid4

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
    seconds_to_start: float

    def calls(self) -> list[dict[str, Any]]:
        """The /data requests so far."""
        rows = self._control("requests")
        return [row for row in rows if row["path"].startswith("/data/")]

    def forget(self) -> None:
        """Begin the record of requests anew."""
        self._control("requests", method="DELETE")

    def break_index(self) -> None:
        """From now on the index of all series is not to be had."""
        self._control(
            "faults",
            method="POST",
            data=json.dumps({"kind": "status", "endpoint": "series/stats_series", "status": 404}),
        )

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
    began = time.perf_counter()
    process = _CONTEXT.Process(
        target=_serve, args=(theirs, world, rate_limit, window_seconds), daemon=True
    )
    process.start()
    theirs.close()
    try:
        yield Simulated(ours.recv(), time.perf_counter() - began)
    finally:
        ours.close()
        process.join(10)


def _serve(pipe: Connection, world: World, rate_limit: int, window_seconds: float) -> None:
    from iracing_pipeline.simulator import Simulator, WorldSource

    source = WorldSource(
        series=world.series, past_quarters=world.past_quarters, past_mode=world.mode
    )
    with Simulator(source, rate_limit=rate_limit, window_seconds=window_seconds) as simulator:
        pipe.send(simulator.environment)
        try:
            pipe.recv()
        except EOFError:
            return  # whoever wanted it is gone


@dataclass(frozen=True)
class Calls:
    """What a record of requests holds."""

    rows: Sequence[Mapping[str, Any]]

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
        """To make them once more."""
        return [(row["path"].removeprefix("/data/"), row["params"]) for row in self.rows]

    @property
    def refused(self) -> int:
        return sum(row["status"] == 429 for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Databases:
    """One embedded Postgres with its own settings, and a fresh database for every measurement."""

    def __init__(self, folder: Path) -> None:
        from iracing_pipeline.warehouse.embedded.shared_server import database_url

        self._folder = folder
        self._server = database_url(folder / "postgres")

    def fresh(self, simulator: Simulated) -> Target:
        import psycopg

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
    peak_mb: float
    calls: Calls
    rows_written: int
    """Rows of data tables that Postgres inserted, updated or deleted."""


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
            raise RuntimeError(f"{command} ended with {process.returncode}\n{log.read_text()}")
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Measured(
            began_at,
            seconds,
            usage.ru_maxrss / unit,
            Calls(self.simulator.calls()),
            self._written() - before,
        )

    def query(self, text: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(text.encode()).fetchall()

    def _written(self) -> int:
        from iracing_pipeline.warehouse.schema.tables import DATA_TABLES

        names = ", ".join(f"'{table.name}'" for table in DATA_TABLES)
        return int(
            self.query(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM "
                f"pg_stat_user_tables WHERE schemaname = 'iracing' AND relname IN ({names})"
            )[0][0]
        )


def plain_loop(
    environment: dict[str, str], calls: Sequence[tuple[str, dict[str, str]]], threads: int
) -> float:
    """Seconds that calls take with nothing but the client, on so many threads of another process."""
    ours, theirs = _CONTEXT.Pipe()
    arguments = (theirs, environment, calls, threads)
    process = _CONTEXT.Process(target=_loop, args=arguments, daemon=True)
    process.start()
    theirs.close()
    seconds: float = ours.recv()
    process.join(10)
    return seconds


def _loop(
    pipe: Connection,
    environment: dict[str, str],
    calls: Sequence[tuple[str, dict[str, str]]],
    threads: int,
) -> None:
    from iracing_pipeline.api.client import IracingClient
    from iracing_pipeline.api.errors import ApiError
    from iracing_pipeline.settings import Settings
    from iracing_pipeline_tests.support.token_stores import InMemoryTokenStore

    settings = Settings.from_environment(environment)
    client = IracingClient(
        api_url=settings.api_url,
        oauth_url=settings.oauth_url,
        credentials=settings.credentials,
        tokens=InMemoryTokenStore(),
    )

    def get(call: tuple[str, dict[str, str]]) -> None:
        try:
            client.get(*call)
        except ApiError:
            return  # a call that failed is repeated as one that fails

    began = time.perf_counter()
    in_threads(get, calls, threads)
    pipe.send(time.perf_counter() - began)
    client.close()


def in_threads(work: Callable[[Any], None], items: Sequence[Any], threads: int) -> None:
    """`work` on every item, in order, so many at a time."""
    rest, lock = iter(items), threading.Lock()

    def run() -> None:
        while True:
            with lock:
                item = next(rest, None)
            if item is None:
                return
            work(item)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
