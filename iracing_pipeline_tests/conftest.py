"""Fixtures: one embedded Postgres for the whole session, a fresh database per test, real simulators.

In: nothing from outside (no variable of the shell, no shared folder). Out: settings, databases, worlds.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.embedded import shared_server as embedded
from iracing_pipeline_tests.support.forked_commands import Prepared
from iracing_pipeline_tests.support.places import fast_disk, roomy_disk
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import RUNNER

for name in [name for name in os.environ if name.startswith(("IRACING_", "DAGSTER_"))]:
    del os.environ[name]
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
# No test speaks TLS with the world: reading its authorities is half of what a client costs.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
# Whoever keeps compiled modules out of a container pays a second for each process that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def _pass_over(number: int, frame: object) -> None:
    """Caught and ignored: unlike SIG_IGN, the programs that a test starts do not inherit it."""


# A script's background job (`nohup make test &`) starts with SIGINT ignored; tests interrupt programs.
for signal_number in (signal.SIGINT, signal.SIGTERM):
    if signal.getsignal(signal_number) is signal.SIG_IGN:
        signal.signal(signal_number, _pass_over)


# Files, or tests, the longest first. Begun last, one of them would leave the other workers idle.
_LONGEST = (
    "test_season_rollover.py",
    "test_served.py",
    "test_docs_commands.py",
    "test_a_backfill_through_the_daemon",
    "test_a_cold_history",
    "test_cut_off.py",
    "test_old_runs_of_dagster_go",
)
_FOLDER = "TESTS_FOLDER"
_PREFIX = "iracing-tests-"
_LONGEST_SESSION = 86_400  # seconds


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-server", action="store_true", help="only what needs no Postgres")
    parser.addoption(
        "--chaos", action="store_true", help="with what is marked as chaos, which takes long"
    )


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the folder that all share; workers inherit its name."""
    if hasattr(config, "workerinput"):
        return
    # What takes long may write gigabytes.
    disk = (roomy_disk() if config.getoption("--chaos") else fast_disk()).resolve()
    for left_over in disk.glob(f"{_PREFIX}*"):
        # Of a session that was killed: where it is memory, nobody else takes it away.
        with contextlib.suppress(OSError):
            if left_over.stat().st_mtime < time.time() - _LONGEST_SESSION:
                shutil.rmtree(left_over)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=disk))
    # For the service account of a root session.
    folder.chmod(0o755)
    os.environ[_FOLDER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_FOLDER), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker begins with some of the longest: it is dealt an equal stretch of the list."""
    if config.getoption("--without-server"):
        items[:] = [one for one in items if "server_url" not in getattr(one, "fixturenames", ())]
    if not config.getoption("--chaos"):
        items[:] = [one for one in items if not one.get_closest_marker("chaos")]
    longest = [[item for item in items if name in item.nodeid] for name in _LONGEST]
    rest = [item for item in items if not any(name in item.nodeid for name in _LONGEST)]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    dealt: list[pytest.Item] = []
    for number in range(workers):
        own = [item for group in longest[number::workers] for item in group]
        stretch = (len(items) - len(dealt)) // (workers - number)
        others = max(0, stretch - len(own))
        dealt += [*own, *rest[:others]]
        del rest[:others]
    items[:] = [*dealt, *rest]


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking for garbage in it is a tenth of what the tests cost.

    And it is looked for as seldom as in a command, which is another tenth.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def unstamped_memory() -> Iterator[None]:
    """An ephemeral instance of Dagster's says nothing of its tables' revision.

    To stamp what it has just made in memory, it imports ninety migrations: a third of a short run.
    """
    with pytest.MonkeyPatch.context() as patch:
        # Absent where no test of this session needs Dagster, which imports these when it first does.
        if "dagster" in sys.modules:
            for storage in ("runs", "event_log"):
                module = importlib.import_module(f"dagster._core.storage.{storage}.in_memory")
                patch.setattr(module, "stamp_alembic_rev", lambda config, connection: None)
        yield


@pytest.fixture(scope="session")
def tests_folder() -> Path:
    """What all xdist workers share, on the fastest disk."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(scope="session")
def postgres_dir(tests_folder: Path) -> Path:
    """Data directory of the session's Postgres, the same for every xdist worker."""
    folder = tests_folder / "postgres"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server_url(postgres_dir: Path) -> str:
    """URL of the session's Postgres. Not durable: nothing here has to survive a power cut.

    Nor does it clean up: ten times a second, a worker of its own would visit one of hundreds of databases.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        # Somebody's: databases are added, settings are not touched.
        return given
    url = embedded.database_url(postgres_dir)
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute("SELECT pg_advisory_lock(1)")
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_advisory_unlock(1)")
        connection.execute("SELECT pg_reload_conf()")
    return url


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


class Databases:
    """Those of the session's server: made, empty or as copies of another, and dropped."""

    def __init__(self, server_url: str, session: str) -> None:
        self._url = server_url
        self._session = session
        self._connection = psycopg.connect(server_url, autocommit=True)
        # Fewer pages pass through a server that syncs nothing; on somebody's own it would be slow.
        self._strategy = "" if "TEST_POSTGRES_URL" in os.environ else " STRATEGY file_copy"

    def create(self, template: str | None = None, name: str | None = None) -> str:
        name = name or f"test_{uuid4().hex[:12]}"
        copy = f" TEMPLATE {template}{self._strategy}" if template else ""
        self._connection.execute(f"CREATE DATABASE {name}{copy}")
        return _with_database(self._url, name)

    def once(self, what: str, fill: Callable[[str], None], template: str | None = None) -> str:
        """Name of a database for all workers, which whoever comes first fills, given its URL."""
        name, unfinished = f"{what}_{self._session}", f"unfinished_{what}_{self._session}"
        execute = self._connection.execute
        execute("SELECT pg_advisory_lock(2)")
        try:
            known = "SELECT FROM pg_database WHERE datname = %s"
            if execute(known, [name]).fetchone() is None:
                execute(f"DROP DATABASE IF EXISTS {unfinished}")
                fill(self.create(template, unfinished))
                execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")
        finally:
            execute("SELECT pg_advisory_unlock(2)")
        return name

    def drop(self, url: str) -> None:
        self._connection.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def databases(server_url: str, tests_folder: Path) -> Iterator[Databases]:
    found = Databases(server_url, tests_folder.name.removeprefix(_PREFIX))
    yield found
    found.close()


@pytest.fixture(scope="session")
def template(databases: Databases) -> str:
    """Name of a migrated database that tests are cloned from."""

    def migrate(url: str) -> None:
        database = Database(url, Path("unused"))
        database.ensure_current()
        database.dispose()

    return databases.once("template", migrate)


@pytest.fixture(scope="session")
def new_database_url(databases: Databases) -> Callable[[str | None], str]:
    """Creates databases, empty or copied from a template; they go with the server."""
    return databases.create


@pytest.fixture
def prototype(template: str) -> str:
    """Name of the database that `database_url` is a copy of: a module's own, or a migrated, empty one."""
    return template


@pytest.fixture
def database_url(databases: Databases, prototype: str) -> Iterator[str]:
    """A database of this test's own, which goes with it."""
    url = databases.create(prototype)
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = Database(database_url, tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def prepared(tests_folder: Path) -> Iterator[None]:
    """What shell.run() and shell.fork() fork their commands from."""
    with Prepared(tests_folder / "commands") as RUNNER["prepared"]:
        yield


@pytest.fixture
def answers() -> RecordedResponses:
    """Small hand-written answers, by endpoint."""
    return RecordedResponses()


@pytest.fixture
def settings_for(database_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Settings that lead to a simulator and to this test's database."""

    def make(environment: dict[str, str], **more: str) -> Settings:
        return Settings.from_environment(
            {
                **environment,
                "IRACING_DATABASE_URL": database_url,
                "IRACING_DATA_DIR": str(tmp_path),
                **more,
            }
        )

    return make
