"""The processes of a deployment, each killed amid a backfill, and Postgres restarted under them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.daemon import BackfillOutcome
from iracing_pipeline_tests.support.dagster_sync import dump
from iracing_pipeline_tests.support.deployment import Deployment
from iracing_pipeline_tests.support.shell import run
from iracing_pipeline_tests.support.tcp_postgres import TcpPostgres, embedded_programs
from iracing_pipeline_tests.support.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600), pytest.mark.promise(5)]
BACKFILL = "iracing_pipeline_tests.support.backfill_definitions"
TABLES = ("series", "seasons", "season_schedules", "season_car_classes")
ROLE = "pipeline"
# Each statement that stores seasons takes this long, so that there is a middle.
SLOW_DISK = """
CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON iracing.seasons FOR EACH STATEMENT EXECUTE FUNCTION public.wait()
"""


@dataclass
class Place:
    """A deployment, whose runs read from a file which database is theirs."""

    postgres: TcpPostgres
    deployment: Deployment
    environment: dict[str, str]
    url_file: Path
    folder: Path

    def new_database(self) -> str:
        """Name of a new database, with the current schema, that the next runs are about."""
        name = f"data_{uuid4().hex[:8]}"
        with psycopg.connect(self.postgres.url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE data OWNER {ROLE}")
        self.url_file.write_text(self.postgres.url_of(ROLE, name))
        return name

    def materialize_series(self) -> list[str]:
        """As somebody at a shell; the keys of all partitions."""
        done = run(
            *("asset", "materialize", "-m", "iracing_pipeline.definitions", "--select", "series"),
            environment=self.environment,
            program="dagster",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return list(self.deployment.instance.get_dynamic_partitions("series_id"))

    def stored(self, database: str) -> int:
        """How many series have seasons by now."""
        with psycopg.connect(self.postgres.url_of(ROLE, database)) as connection:
            row = connection.execute("SELECT count(DISTINCT series_id) FROM iracing.seasons")
            return int(row.fetchall()[0][0])

    def tables(self, name: str) -> dict[str, list[Any]]:
        database = Database(self.postgres.url_of(ROLE, name), self.folder)
        try:
            return dump(database, *TABLES)
        finally:
            database.dispose()

    def ended(self, backfill_id: str) -> BackfillOutcome:
        """Its outcome, once there is one."""
        return self.deployment.ended(backfill_id, "past_seasons", timeout=180)


@pytest.fixture(scope="module")
def postgres(postgres_dir: Path, worker_id: str) -> Iterator[TcpPostgres]:
    """A server over TCP: two databases, and a role that may do nothing but own the schemas in them.

    Beside `postgres_dir`, where the server's account gets through.
    """
    folder = postgres_dir.with_name(f"tcp_{worker_id}")
    folder.mkdir()
    folder.chmod(0o755)
    with TcpPostgres(embedded_programs(folder), folder) as server:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER PASSWORD '{server.password}'")
            for name in ("data", "books"):
                admin.execute(f"CREATE DATABASE {name}")
        for name, statement in (
            ("data", f"GRANT CREATE ON DATABASE data TO {ROLE}"),
            ("books", f"CREATE SCHEMA AUTHORIZATION {ROLE}"),
        ):
            with psycopg.connect(server.url_of("postgres", name), autocommit=True) as admin:
                admin.execute(statement)
        yield server


@pytest.fixture(scope="module")
def place(
    prepared: None,
    postgres: TcpPostgres,
    tmp_path_factory: pytest.TempPathFactory,
    frozen: Callable[..., WorldSource],
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("deployment")
    url_file = folder / "database_url"
    url_file.write_text(postgres.url_of(ROLE, "data"))
    world = frozen(series=130, past_quarters=4)
    with Simulator(world, rate_limit=100_000) as simulator:
        environment = {
            **os.environ,
            **simulator.environment,
            "IRACING_DATABASE_URL_FILE": str(url_file),
            "IRACING_DATA_DIR": str(folder / "data"),
            "DAGSTER_POSTGRES_URL": postgres.url_of(ROLE, "books"),
            "DAGSTER_HOME": str(folder / "home"),
            "PYTHONUNBUFFERED": "1",
        }
        done = run("db", "upgrade", environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        with psycopg.connect(postgres.url_of("postgres", "data"), autocommit=True) as admin:
            admin.execute(f"REVOKE CREATE ON DATABASE data FROM {ROLE}")
            admin.execute(SLOW_DISK)
        with Deployment(folder / "home", environment, module=BACKFILL) as deployment:
            yield Place(postgres, deployment, environment, url_file, folder)


@pytest.fixture(scope="module")
def undisturbed(place: Place) -> dict[str, list[Any]]:
    """The tables after a backfill in which nothing happens."""
    name = place.new_database()
    keys = place.materialize_series()
    assert len(keys) > 100
    outcome = place.ended(place.deployment.request("past_seasons", keys))
    assert (outcome.materialized, outcome.failed) == (set(keys), set())
    return place.tables(name)


def in_the_middle(place: Place) -> tuple[str, list[str], str]:
    """A database in which a backfill has stored some series and not all; all keys; the backfill."""
    name = place.new_database()
    keys = place.materialize_series()
    backfill = place.deployment.request("past_seasons", keys)
    eventually(lambda: place.stored(name), "some series are stored", 120)
    assert place.stored(name) < len(keys)
    return name, keys, backfill


@pytest.mark.parametrize("process", ["code", "webserver", "daemon"])
def test_a_killed_process_comes_back_and_the_backfill_ends_as_if_nothing_had_happened(
    place: Place, undisturbed: dict[str, list[Any]], process: str
) -> None:
    name, keys, backfill = in_the_middle(place)
    place.deployment.kill(process)
    time.sleep(1)  # until the restart policy of a container acts
    place.deployment.start(process)
    outcome = place.ended(backfill)
    assert (outcome.materialized, outcome.failed) == (set(keys), set())
    assert len(outcome.runs) == 1
    assert place.tables(name) == undisturbed


def test_a_killed_run_fails_with_what_it_had_not_stored_and_a_backfill_of_that_completes_it(
    place: Place, undisturbed: dict[str, list[Any]]
) -> None:
    name, keys, backfill = in_the_middle(place)
    place.deployment.kill("run")
    outcome = place.ended(backfill)
    assert outcome.materialized | outcome.failed == set(keys)
    assert outcome.failed
    # Nothing is called done that is not stored.
    assert len(outcome.materialized) <= place.stored(name) < len(keys)
    (killed,) = outcome.runs
    messages = [log.message for log in place.deployment.instance.all_logs(killed.run_id)]
    assert any("was terminated by signal 9 (SIGKILL)" in message for message in messages)
    again = place.ended(place.deployment.request("past_seasons", sorted(outcome.failed)))
    assert (again.materialized, again.failed) == (outcome.failed, set())
    assert place.tables(name) == undisturbed


def test_postgres_restarted_under_all_of_them_loses_nothing(
    place: Place, undisturbed: dict[str, list[Any]]
) -> None:
    name, keys, backfill = in_the_middle(place)
    place.postgres.restart()
    outcome = place.ended(backfill)
    assert outcome.materialized | outcome.failed == set(keys)
    if outcome.failed:
        again = place.ended(place.deployment.request("past_seasons", sorted(outcome.failed)))
        assert (again.materialized, again.failed) == (outcome.failed, set())
    assert place.tables(name) == undisturbed
    # Nobody had to be restarted.
    assert place.deployment.ask("{ version }")["version"]
