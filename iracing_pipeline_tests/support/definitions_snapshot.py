"""All that Dagster is told, as one document: what depends on what, what is checked, what starts when.

In: definitions. Out: JSON. `make definitions` writes it anew; test_definitions compares. Who reads the
difference sees what a change does to those who have this running.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

from dagster import AssetSpec, Definitions, SensorDefinition


def snapshot(defs: Definitions) -> dict[str, Any]:
    """By kind and name. Without what differs from place to place, such as code references."""
    repository = defs.get_repository_def()
    checks: dict[str, list[str]] = {}
    for key in sorted(repository.asset_graph.asset_check_keys):
        blocks = " (blocks)" if repository.asset_graph.get(key).blocking else ""
        checks.setdefault(key.asset_key.to_user_string(), []).append(key.name + blocks)
    return {
        "assets": {
            spec.key.to_user_string(): _asset(spec, checks)
            for spec in sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key)
        },
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
            if not job.name.startswith("_")
        },
        "schedules": {
            one.name: {
                "cron": one.cron_schedule,
                "timezone": one.execution_timezone,
                "job": one.job_name,
                "default": one.default_status.value,
            }
            for one in sorted(repository.schedule_defs, key=lambda one: one.name)
        },
        "sensors": {
            one.name: _sensor(one)
            for one in sorted(repository.sensor_defs, key=lambda one: one.name)
        },
        "resources": sorted(defs.resources or {}),
    }


def _asset(spec: AssetSpec, checks: dict[str, list[str]]) -> dict[str, Any]:
    partitions: Any = spec.partitions_def
    return {
        "group": spec.group_name,
        "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
        "kinds": sorted(spec.kinds),
        "partitions": partitions and partitions.name,
        "checks": checks.get(spec.key.to_user_string(), []),
        "is_fresh_for": _fresh_for(spec),
        "owners": list(spec.owners),
        "tables": spec.metadata.get("tables"),
    }


def _fresh_for(spec: AssetSpec) -> str | None:
    policy: Any = spec.freshness_policy
    return policy and str(policy.fail_window.to_timedelta())


def _sensor(sensor: SensorDefinition) -> dict[str, Any]:
    return {
        "type": sensor.sensor_type.value,
        "jobs": sorted(target.job_name for target in sensor.targets),
        "seconds": sensor.minimum_interval_seconds,
        "default": sensor.default_status.value,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    from iracing_pipeline.definitions import build_definitions

    print(json.dumps(snapshot(build_definitions()), indent=2))
