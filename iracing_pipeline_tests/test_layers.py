"""The layers and what they may import: proven by the linter that CI runs."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from iracing_pipeline_tests.support.places import ROOT

VIOLATIONS = [
    ("core", "core/rows", "from pydantic import BaseModel"),
    ("core", "core/wording", "from iracing_pipeline.model.plan import plan_details"),
    ("api", "api/budget", "from iracing_pipeline.warehouse.merge.merging import merge"),
    ("api", "api/types/series", "import sqlalchemy"),
    ("model", "model/plan", "from iracing_pipeline.api.client import IracingClient"),
    ("model", "model/rows/index", "from iracing_pipeline.warehouse.schema.tables import table"),
    (
        "warehouse",
        "warehouse/merge/statements",
        "from iracing_pipeline.api.client import IracingClient",
    ),
    ("warehouse", "warehouse/queries/health", "import httpx"),
    ("sync", "sync/writer", "from dagster import Failure"),
    ("sync", "sync/rebuild", "from iracing_pipeline.resources import WarehouseResource"),
    ("outputs", "outputs/report/page", "import dagster"),
    ("outputs", "outputs/calendars/feeds", "from iracing_pipeline.api.client import IracingClient"),
    ("resources", "resources", "from iracing_pipeline.assets.adapter import sync_asset"),
    ("instance", "instance/storage", "from iracing_pipeline.sync.services import Services"),
    ("assets", "assets/series", "from iracing_pipeline.automation.jobs import JOBS"),
    ("automation", "automation/jobs", "from iracing_pipeline.commands.sync import run_sync"),
    ("simulator", "simulator/oauth", "from iracing_pipeline.api.credentials import mask"),
]
MOST_INSIDE = 50
"""Imports inside functions, in the whole package: some for each verb and each asset, and the extras."""


@pytest.fixture(scope="module")
def said_of_broken_walls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says by contract, of a copy of the package in which every wall is broken."""
    folder = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "iracing_pipeline", folder / "iracing_pipeline", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for number, (_, module, statement) in enumerate(VIOLATIONS):
        with (folder / "iracing_pipeline" / f"{module}.py").open("a") as broken:
            # Inside a function, where a reader of the head of the file does not see it.
            broken.write(f"\n\ndef _crosses_{number}() -> None:\n    {statement}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    names = re.findall(
        r'^id = "(\w+)"\nname = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M
    )
    # A contract's name, underlined, then every import that it forbids.
    _, *parts = re.split(
        r"^(\S.*)\n-{4,}\n", done.stdout.partition("Broken contracts")[2], flags=re.M
    )
    said = dict(zip(parts[::2], parts[1::2], strict=True))
    return {identity: said.get(name, "") for identity, name in names}


@pytest.mark.parametrize(("contract", "module", "statement"), VIOLATIONS)
def test_the_linter_refuses_what_crosses_a_wall(
    said_of_broken_walls: dict[str, str], contract: str, module: str, statement: str
) -> None:
    importer = f"iracing_pipeline.{module.replace('/', '.')}"
    imported = statement.split()[1]
    assert f"{importer} -> {imported} (" in said_of_broken_walls[contract]


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


def test_a_query_on_the_command_line_loads_neither_sqlalchemy_nor_alembic() -> None:
    code = (
        "import sys, iracing_pipeline.cli, iracing_pipeline.commands.sql;"
        "print([m for m in ('sqlalchemy', 'alembic', 'dagster', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={}, cwd="/", check=True
    )
    assert done.stdout == "[]\n"


def test_imports_stand_at_the_top_of_their_files() -> None:
    inside = [
        (path, node.lineno)
        for path in (ROOT / "iracing_pipeline").rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert len(set(inside)) <= MOST_INSIDE


def test_every_contract_is_broken_once() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    contracts = re.findall(r'^id = "(\w+)"$', text, flags=re.MULTILINE)
    assert {contract for contract, _, _ in VIOLATIONS} == set(contracts)


def test_every_module_says_first_what_belongs_in_it() -> None:
    for path in (ROOT / "iracing_pipeline").rglob("*.py"):
        if "versions" in path.parts:
            continue
        assert path.read_text().startswith('"""'), path
        assert path.stem not in {"utils", "helpers", "common", "misc"}, path


_FOLDERS = (
    "iracing_pipeline",
    "iracing_pipeline_tests",
    "benchmarks",
    "deploy",
    "docs",
    "examples",
)


def test_files_that_the_text_names_are_there() -> None:
    tracked = [
        path.relative_to(ROOT).as_posix()
        for folder in _FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    tracked += ["README.md", "CHANGELOG.md"]
    for name in tracked:
        if not name.endswith((".py", ".md")) or name.startswith("iracing_pipeline_tests"):
            continue
        text = (ROOT / name).read_text()
        for named in re.findall(r"(?<![\w/.<>*:-])((?:\w+/)*\w+\.(?:py|sql|j2))\b", text):
            assert any(one == named or one.endswith(f"/{named}") for one in tracked), (name, named)


def test_no_package_index_or_url_is_named_in_the_lock() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index" not in text
