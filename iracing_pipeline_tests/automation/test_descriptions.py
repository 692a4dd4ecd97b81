"""Whatever the UI lists says what it is for."""

from __future__ import annotations

from dagster import Definitions

from iracing_pipeline.definitions import defs


def test_all_that_the_ui_lists_has_a_description() -> None:
    assert isinstance(defs, Definitions)
    repository = defs.get_repository_def()
    specs = {spec.key.to_user_string(): spec.description for spec in defs.resolve_all_asset_specs()}
    checks = {str(spec.key): spec.description for one in _all_checks() for spec in one.check_specs}
    listed = {
        one.name: one.description
        for group in (repository.schedule_defs, repository.sensor_defs)
        for one in group
        if one.name != "default_automation_condition_sensor"
    }
    jobs = {job.name: job.description for job in repository.get_all_jobs() if job.name[0] != "_"}
    assert len(listed) > 10
    for found in (specs, checks, listed, jobs):
        assert {name: text for name, text in found.items() if not (text or "").strip()} == {}


def _all_checks() -> list:  # type: ignore[type-arg]
    return [*(defs.asset_checks or []), *(defs.assets or [])]
