"""What others join by: workflow, hooks and pages name commands, versions and files that are there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from iracing_pipeline.cli import cli
from iracing_pipeline_tests.support.places import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE))
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "deploy/README.md", "docs/security.md")


def workflow() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    return found


def test_ci_tries_every_python_and_every_postgres_that_is_promised() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    pythons = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)
    assert workflow()["test"]["strategy"]["matrix"]["python"] == pythons
    operations = (ROOT / "docs/operations.md").read_text()
    promised = re.search(r"Postgres (\d+) to (\d+)", operations)
    assert promised
    first, last = map(int, promised.groups())
    assert workflow()["postgres"]["strategy"]["matrix"]["postgres"] == list(range(first, last + 1))


@pytest.mark.parametrize("page", [".github/workflows/ci.yml", *PAGES])
def test_every_target_of_make_that_is_named_is_there(page: str) -> None:
    named = re.findall(
        r"(?:^|[`&:] ?)\s*make ([a-z][\w-]*)", (ROOT / page).read_text(), re.MULTILINE
    )
    assert set(named) <= TARGETS


@pytest.mark.parametrize("page", PAGES)
def test_every_page_and_file_that_is_linked_is_there(page: str) -> None:
    folder = (ROOT / page).parent
    text = (ROOT / page).read_text()
    for link, anchor in re.findall(r"\]\(([^)#:]+)(#[\w-]+)?\)", text):
        target = (folder / link).resolve()
        assert target.exists(), link
        if anchor:
            heads = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor[1:] in slugs, anchor


def test_the_version_is_one_line() -> None:
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()
    shown = CliRunner().invoke(cli, ["--version"])
    line = re.search(r'__version__ = "(.*)"', (ROOT / "iracing_pipeline/__init__.py").read_text())
    assert line
    assert shown.output.strip() == f"iracing-pipeline, version {line[1]}"


def test_hooks_container_and_templates_can_be_read_and_ask_for_what_there_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert lint
    for hook in hooks:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert f"$(BIN)/{program}" in lint[1]
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"].split()[1] in TARGETS
    for template in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        assert yaml.safe_load(template.read_text())
    bug = (ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text()
    assert "iracing-pipeline db status --json" in bug
    assert "--json" in CliRunner().invoke(cli, ["db", "status", "--help"]).output
