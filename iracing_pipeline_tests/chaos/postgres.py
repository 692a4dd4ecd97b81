"""Faults of Postgres: restarted, gone, full, read-only, out of connections, held by others.

In: nothing. Out: a list of Fault. Most are made by the server itself, on a database of the fault's own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg

from iracing_pipeline_tests.chaos.bench import Bench
from iracing_pipeline_tests.chaos.promises import Ends, Fault, fails

TABLES = (
    "series",
    "seasons",
    "season_schedules",
    "race_time_descriptors",
    "tracks",
    "responses",
    "sync_runs",
    "api_calls",
)


def _raising(state: str, words: str, times: int | None = None) -> Callable[[Bench], None]:
    """The server refuses to write one table, which the seed chooses, with this SQLSTATE."""

    def inject(bench: Bench) -> None:
        table = bench.dice.choice(TABLES)
        limit = "true" if times is None else f"nextval('public.turns') <= {times}"
        bench.execute(
            f"""CREATE SEQUENCE public.turns;
            CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF {limit} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '{state}'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER refuse AFTER INSERT ON iracing.{table}
                FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()"""
        )
        bench.cleanup.callback(
            bench.execute, "DROP FUNCTION public.refuse CASCADE; DROP SEQUENCE public.turns"
        )

    return inject


def _set(name: str, value: str) -> Callable[[Bench], None]:
    def inject(bench: Bench) -> None:
        database = urlsplit(bench.database_url).path[1:]
        bench.execute(f"ALTER DATABASE {database} SET {name} = {value}")
        bench.cleanup.callback(bench.execute, f"ALTER DATABASE {database} RESET {name}")

    return inject


def _held(table: str, seconds: float | None) -> Callable[[Bench], None]:
    """Somebody else's transaction holds the whole table, for so long or to the end."""

    def inject(bench: Bench) -> None:
        holder = psycopg.connect(bench.database_url)
        holder.execute(f"LOCK TABLE iracing.{table} IN ACCESS EXCLUSIVE MODE")
        if seconds is None:
            bench.cleanup.callback(holder.close)
        else:
            timer = threading.Timer(seconds, holder.close)
            timer.start()
            bench.cleanup.callback(timer.join)

    return inject


def _ended_mid_run(bench: Bench) -> None:
    """Every connection to the database ends as at a restart, at a request that the seed chooses."""
    at = bench.some_call()

    def told(passing: object) -> None:
        if len(bench.api.seen) == at + 1:
            with psycopg.connect(bench.database_url, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    bench.api.on_request = told


def _restarted_mid_run(bench: Bench) -> None:
    at = bench.some_call()

    def told(passing: object) -> None:
        if len(bench.api.seen) == at + 1:
            threading.Thread(target=bench.restart_postgres).start()

    bench.api.on_request = told


def _full(bench: Bench) -> None:
    """Others have taken every connection but those for administrators."""
    taken: list[psycopg.Connection] = []
    with suppress(psycopg.OperationalError):
        for _ in range(200):
            taken.append(psycopg.connect(bench.database_url))
    assert len(taken) < 200
    bench.cleanup.callback(lambda: [one.close() for one in taken])
    bench.cleanup.callback(time.sleep, 0.2)


def _gone(bench: Bench) -> None:
    bench.environment["IRACING_DATABASE_URL"] = "postgresql://postgres@127.0.0.1:1/none"


def _faults() -> Iterator[Fault]:
    yield Fault("Postgres", "nothing listens", _gone, fails("refuses", 2))
    yield Fault(
        *("Postgres", "every connection is ended mid-run, as at a restart", _ended_mid_run),
        Ends(1, "The connection to the database broke", or_done=True),
        quick=True,
    )
    for part in range(3):
        yield Fault(
            *(
                "Postgres",
                f"restarted mid-run, at three random moments ({part + 1})",
                _restarted_mid_run,
            ),
            Ends(1, "", or_done=True, says='"The connection to the database broke"'),
            seconds=30,
            is_kept=True,
            has_own_server=True,
        )
    yield Fault(
        "Postgres",
        "no connection is left",
        _full,
        fails("too many clients", 2),
        has_own_server=True,
    )
    yield Fault(
        "Postgres",
        "no room on the disk",
        _raising("53100", "could not extend file: No space left on device"),
        fails("The disk of the database is full"),
    )
    yield Fault(
        "Postgres",
        "no memory for a statement, once",
        _raising("53200", "out of memory", 1),
        Ends(1, "", or_done=True, says='"The connection to the database broke: out of memory"'),
    )
    yield Fault(
        "Postgres",
        "read-only for every session",
        _set("default_transaction_read_only", "on"),
        fails("The database takes no writes", 2),
    )
    yield Fault(
        "Postgres",
        "read-only from the middle on",
        _raising("25006", "cannot execute INSERT in a read-only transaction"),
        fails("The database takes no writes", 2),
    )
    yield Fault("Postgres", "deadlocks, twice", _raising("40P01", "deadlock detected", 2))
    yield Fault(
        "Postgres",
        "serialization failures, twice",
        _raising("40001", "could not serialize access", 2),
    )
    yield Fault(
        "Postgres",
        "every session is serializable",
        _set("default_transaction_isolation", "serializable"),
    )
    yield Fault(
        "Postgres", "another time zone and DateStyle", _set("timezone", "'America/New_York'")
    )
    yield Fault("Postgres", "a statement_timeout of 1 ms", _set("statement_timeout", "1"))
    yield Fault(
        "Postgres", "another session holds a table for 3 s", _held("seasons", 3), seconds=15
    )
    yield Fault(
        "Postgres",
        "another session holds a table for good",
        _held("seasons", None),
        fails("is held by pid"),
        30,
        environment={"IRACING_LOCK_TIMEOUT": "2"},
    )


POSTGRES: list[Fault] = list(_faults())
