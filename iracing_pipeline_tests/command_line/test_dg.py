"""`dg` in the checkout. What the documentation shows of it is run by test_docs_commands."""

from __future__ import annotations

import json
from pathlib import Path

from iracing_pipeline.definitions import defs
from iracing_pipeline_tests.support.definitions_snapshot import snapshot
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.shell import run


def test_dg_sees_what_dagster_sees_and_where_it_is(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = run("list", "defs", "--json", program="dg", environment=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told, expected = json.loads(done.stdout), snapshot(defs)
    for kind, name in (
        ("assets", "asset_key"),
        ("jobs", "name"),
        ("schedules", "name"),
        ("sensors", "name"),
    ):
        assert {one[name] for one in told[kind]} == set(expected[kind]), kind
    for one in told["assets"]:
        assert one["source"].startswith("iracing_pipeline/assets/"), one
