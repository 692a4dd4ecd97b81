"""The layers and what they may import: proven by the linter that CI runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("layer", "statement"),
    [
        ("api", "import dagster"),
        ("api", "from dagster import asset"),
        ("api", "from iracing_pipeline.warehouse import merge"),
        ("api", "import sqlalchemy"),
        ("warehouse", "import dagster"),
        ("warehouse", "from iracing_pipeline.api.client import IracingClient"),
        ("warehouse", "import httpx"),
        ("model", "from dagster import asset"),
        ("model", "from iracing_pipeline.warehouse.tables import table"),
        ("model", "import httpx"),
        ("report", "from dagster import asset"),
        ("report", "import sqlalchemy"),
        ("report", "from iracing_pipeline.warehouse.database import Database"),
        ("report", "import httpx"),
        ("simulator", "from iracing_pipeline.api.credentials import mask"),
    ],
)
def test_the_linter_refuses_what_crosses_a_wall(layer: str, statement: str) -> None:
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "ruff",
                "check",
                "--select",
                "TID251",
                "--output-format",
                "concise",
            ),
            *("--stdin-filename", str(ROOT / "iracing_pipeline" / layer / "anything.py"), "-"),
        ],
        input=f"{statement}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "TID251" in done.stdout


def test_definitions_load_without_environment_api_database_or_their_libraries() -> None:
    libraries = (
        *("httpx", "sqlalchemy", "psycopg", "alembic", "uvicorn", "icalendar", "fsspec"),
        *("jinja2", "vobject"),
    )
    code = (
        "import sys; from dagster import Definitions;"
        "import iracing_pipeline.definitions as d; Definitions.validate_loadable(d.defs);"
        f"print([m for m in {libraries} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={}, cwd="/", check=True
    )
    assert done.stdout == "[]\n"


def test_every_module_says_first_what_belongs_in_it() -> None:
    for path in (ROOT / "iracing_pipeline").rglob("*.py"):
        if "versions" in path.parts:
            continue
        assert path.read_text().startswith('"""'), path
        assert path.stem not in {"utils", "helpers", "common", "misc"}, path


def test_no_package_index_or_url_is_named_in_the_lock() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index" not in text
