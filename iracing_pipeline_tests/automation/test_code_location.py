"""One name of the code location: Dagster keeps schedules' states and queued runs by it."""

from __future__ import annotations

from dagster._core.workspace.load_target import (
    ModuleTarget,
    PyProjectFileTarget,
    WorkspaceFileTarget,
)

from iracing_pipeline_tests.support.places import ROOT


def test_the_code_location_has_one_name_whichever_way_it_is_started() -> None:
    # `dagster dev` in the checkout, `-w workspace.yaml`, and `-m` as `make ui` and the docs have it.
    targets = (
        PyProjectFileTarget(str(ROOT / "pyproject.toml")),
        WorkspaceFileTarget([str(ROOT / "workspace.yaml")]),
        ModuleTarget("iracing_pipeline.definitions", None, None, None),
    )
    names = [[origin.location_name for origin in target.create_origins()] for target in targets]
    assert names == [["iracing_pipeline.definitions"]] * 3
