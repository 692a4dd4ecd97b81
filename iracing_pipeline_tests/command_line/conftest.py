"""A small API, a database that Dagster knows already, and the environment that leads to both."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.conftest import Databases
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses


@pytest.fixture
def simulator(answers: RecordedResponses) -> Iterator[Simulator]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield running


@pytest.fixture(scope="session")
def open_folder(tests_folder: Path) -> Callable[[], Path]:
    """Makes folders that the service account of a root session gets through, as it does not through tmp_path.

    An embedded Postgres whose account is kept out goes elsewhere, and would stay there.
    """

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(dir=tests_folder))
        folder.chmod(0o755)
        return folder

    return make


@pytest.fixture(scope="session")
def with_books(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Name of a database that Dagster's tables are in already: they take most of a second to make."""

    def make_books(url: str) -> None:
        folder = tmp_path_factory.mktemp("with_books")
        environment = {"IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(folder)}
        with patch.dict(os.environ, environment):
            provide_dagster_home(Settings.from_environment())
            kept_instance().dispose()

    return databases.once("with_books", make_books, template)


@pytest.fixture
def prototype(with_books: str) -> str:
    return with_books


@pytest.fixture
def without_books(database: Database) -> None:
    """Dagster has never been here."""
    with database.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA dagster CASCADE")


@pytest.fixture
def environment(simulator: Simulator, database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        **simulator.environment,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(tmp_path / "data"),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "140",
    }


@pytest.fixture(scope="session", autouse=True)
def commands(prepared: None) -> None:
    """Every file here runs some."""
