"""Where a fault is tried: a simulated API behind three faulty hops, a database, and the real command.

In: a Fault. Out: how the command ended, what it said, and the tables that it left. Assertions are the test's.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.chaos.promises import Fault
from iracing_pipeline_tests.support.dagster_sync import DATA_TABLES, dump, query
from iracing_pipeline_tests.support.faulty_hop import FaultyHop
from iracing_pipeline_tests.support.shell import run

DATA = "/data/*"
FILES = "/storage/production/data-server/*"
"""What is behind the links that answer requests; forecasts lie elsewhere on the same host."""
WEATHER = "/storage/weather*"
TOKEN = "/oauth2/token"
CALLS = {"sync --sync-seasons": 7, "sync --sync-seasons --sync-past-seasons": 12}
"""Requests to /data of an undisturbed run."""
QUICK_ENDPOINTS = ("carclass/get", "car/get", "series/get", "track/get")
"""Those that are to answer in seconds and that nothing replaces."""


@dataclass
class Bench:
    """One fault's surroundings."""

    simulator: Simulator
    api: FaultyHop
    storage: FaultyHop
    login: FaultyHop
    database_url: str
    folder: Path
    dice: random.Random
    cleanup: ExitStack
    """What puts right, after the command, what a fault has set wrong."""
    command: tuple[str, ...] = ()
    restart_postgres: Callable[[], None] = lambda: None
    """Of a fault with a server of its own."""
    environment: dict[str, str] = field(default_factory=dict)
    """More variables, for the command under the fault alone."""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of an undisturbed command."""
        return {
            **os.environ,
            **self.simulator.environment,
            "IRACING_API_URL": self.api.url,
            "IRACING_OAUTH_URL": f"{self.login.url}/oauth2",
            "IRACING_DATABASE_URL": self.database_url,
            "IRACING_DATA_DIR": str(self.folder / "data"),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "300",
        }

    def execute(self, statements: str) -> None:
        """As the database's administrator, whatever the database makes of others."""
        writes = "-c default_transaction_read_only=off"
        with psycopg.connect(self.database_url, autocommit=True, options=writes) as connection:
            connection.execute(statements)

    def some_call(self) -> int:
        """How many requests to /data are to pass before the one that is struck."""
        return self.dice.randrange(CALLS.get(" ".join(self.command), 1))

    def some_endpoint(self) -> str:
        return self.dice.choice(QUICK_ENDPOINTS)

    def some_later_endpoint(self) -> str:
        """Not the first that is asked."""
        return self.dice.choice(QUICK_ENDPOINTS[1:])

    def clear(self) -> None:
        """Everything is well again."""
        self.cleanup.close()
        self.simulator.faults.clear()
        for hop in (self.api, self.storage, self.login):
            hop.clear()


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    status: int
    text: str
    seconds: float


@contextmanager
def bench(
    source: WorldSource, database_url: str, folder: Path, seed: str, **simulated: float
) -> Iterator[Bench]:
    """A simulator of its own over a world that is shared, so that no fault meets another's tokens.

    `simulated`: what of the simulator is otherwise, such as `token_seconds`.
    """
    with ExitStack() as stack:
        dice = random.Random(seed)
        api, storage, login = (
            stack.enter_context(FaultyHop(dice.randrange(2**32))) for _ in range(3)
        )
        simulator = stack.enter_context(
            Simulator(source, storage_url=storage.url, **{"rate_limit": 100_000, **simulated})  # type: ignore[arg-type]
        )
        api.lead_to(simulator.api_url)
        login.lead_to(simulator.api_url)
        storage.lead_to(f"http://127.0.0.1:{simulator.storage_port}")
        cleanup = stack.enter_context(ExitStack())
        yield Bench(simulator, api, storage, login, database_url, folder, dice, cleanup)


# Half of what a command costs is Dagster's storage, which no answer of an API can harm.
FORGETFUL = """
from dagster import DagsterInstance
from iracing_pipeline import cli
from iracing_pipeline.commands import sync
sync.kept_instance = DagsterInstance.ephemeral
cli.main()
"""


def command(bench: Bench, *arguments: str, is_kept: bool = False, **more: str) -> Ended:
    """The command, as a process of its own, to its end. `is_kept`: with Dagster's storage in the database."""
    began = time.monotonic()
    environment = {**bench.variables, **more}
    if is_kept:
        done = run(*arguments, environment=environment)
    else:
        done = run(FORGETFUL, *arguments, environment=environment, program="python")
    return Ended(done.returncode, done.stdout + done.stderr, time.monotonic() - began)


def disturbed(bench: Bench, fault: Fault) -> Ended:
    """The fault's command under the fault; afterwards everything is well again."""
    bench.command = fault.command
    fault.inject(bench)
    more = ("--refresh",) if fault.is_second else ()
    try:
        if fault.play is not None:
            return fault.play(bench)
        return command(
            bench,
            *fault.command,
            *more,
            is_kept=fault.is_kept,
            **{**fault.environment, **bench.environment},
        )
    finally:
        bench.clear()


def tables(bench: Bench) -> dict[str, list[Any]]:
    """All that is stored of the data, forecasts included, column by column."""
    database = Database(bench.database_url, bench.folder)
    try:
        return dump(database, *DATA_TABLES, "weather_forecasts")
    finally:
        database.dispose()


def rows(bench: Bench, statement: str) -> list[Any]:
    database = Database(bench.database_url, bench.folder)
    try:
        return query(database, statement)
    finally:
        database.dispose()
