"""The locks: what the image runs on, that with tools and an embedded Postgres, what the benchmarks add."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from iracing_pipeline_tests.support.places import ROOT

RUNTIME = (ROOT / "deploy/requirements.lock").read_text().splitlines()
DEVELOPMENT = (ROOT / "requirements.lock").read_text().splitlines()
BENCHMARKS = (ROOT / "benchmarks/requirements.lock").read_text().splitlines()
PROJECT = (ROOT / "pyproject.toml").read_text()


def names(key: str) -> set[str]:
    """The packages that a list of pyproject.toml asks for."""
    listed = re.search(rf"^{key} = \[\n(.*?)^\]", PROJECT, re.DOTALL | re.MULTILINE)
    assert listed, key
    return {canonicalize_name(Requirement(one).name) for one in re.findall(r'"(.+)"', listed[1])}


def pinned(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


def everywhere(lines: list[str]) -> set[str]:
    """Those that are installed whatever the platform."""
    return pinned([line for line in lines if "sys_platform" not in line])


def test_what_the_image_runs_on_is_tested_in_the_same_version() -> None:
    assert [line for line in RUNTIME if line not in DEVELOPMENT and "psutil" not in line] == []


def test_the_image_has_what_the_program_needs_and_nothing_else() -> None:
    wanted = {name for key in ("dependencies", "cloud", "docker", "k8s") for name in names(key)}
    assert wanted <= pinned(RUNTIME)
    tools = (names("dev") | names("embedded")) - wanted
    assert everywhere(RUNTIME) & tools == set()
    assert tools <= pinned(DEVELOPMENT)


def test_the_benchmarks_add_to_what_is_tested_and_change_none_of_it() -> None:
    assert names("bench") <= pinned(BENCHMARKS)
    more = [line for line in BENCHMARKS if line not in DEVELOPMENT]
    assert everywhere(more) & everywhere(DEVELOPMENT) == set()
    assert names("bench") & pinned(DEVELOPMENT) == set()


def test_the_locks_pin_every_package_and_name_no_index() -> None:
    for line in (*RUNTIME, *DEVELOPMENT, *BENCHMARKS):
        assert re.match(r"[A-Za-z0-9._-]+==[^ ;]+( ; .+)?$", line), line
        assert "://" not in line
