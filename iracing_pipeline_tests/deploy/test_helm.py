"""deploy/helm: the keys of Dagster's chart with the types it wants, and the instance of dagster.yaml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from kubernetes import client

from iracing_pipeline import __version__
from iracing_pipeline.commands.demo_settings import DEMO_SETTINGS
from iracing_pipeline_tests.support.places import ROOT

HELM = ROOT / "deploy/helm"
VALUES: dict[str, Any] = yaml.safe_load((HELM / "values.yaml").read_text())
LOCAL: dict[str, Any] = yaml.safe_load((ROOT / "dagster.yaml").read_text())

POD = {
    "image.repository": str, "image.tag": str, "image.pullPolicy": str, "podSecurityContext": dict,
    "securityContext": dict, "volumes": list, "volumeMounts": list, "resources": dict,
}  # fmt: skip
# Of the chart's schema, what is used here. Below a key that is whole (dict, list) Kubernetes itself decides.
KEYS: dict[str, type] = {
    "global.postgresqlSecretName": str,
    "generatePostgresqlPasswordSecret": bool,
    "postgresql.enabled": bool,
    "postgresql.postgresqlHost": str,
    "postgresql.postgresqlUsername": str,
    "postgresql.postgresqlDatabase": str,
    "postgresql.postgresqlScheme": str,
    "postgresql.service.port": int,
    "dagster-user-deployments.enabled": bool,
    "dagster-user-deployments.deployments": list,
    "dagsterWebserver.replicaCount": int,
    "dagsterWebserver.service.type": str,
    "dagsterWebserver.service.port": int,
    "dagsterWebserver.readinessProbe": dict,
    "dagsterDaemon.enabled": bool,
    "dagsterDaemon.runMonitoring": dict,
    "dagsterDaemon.runRetries": dict,
    "dagsterDaemon.runCoordinator.enabled": bool,
    "dagsterDaemon.runCoordinator.type": str,
    "dagsterDaemon.runCoordinator.config.queuedRunCoordinator.maxConcurrentRuns": int,
    "runLauncher.type": str,
    "runLauncher.config.k8sRunLauncher.imagePullPolicy": str,
    "runLauncher.config.k8sRunLauncher.loadInclusterConfig": bool,
    "runLauncher.config.k8sRunLauncher.resources": dict,
    "runLauncher.config.k8sRunLauncher.runK8sConfig": dict,
    "computeLogManager.type": str,
    "pythonLogs.pythonLogLevel": str,
    "retention.enabled": bool,
    "retention.schedule.purgeAfterDays": int,
    "retention.sensor.purgeAfterDays": dict,
    "telemetry.enabled": bool,
    "additionalInstanceConfig": dict,
    **{
        f"{part}.{key}": kind
        for part in ("dagsterWebserver", "dagsterDaemon")
        for key, kind in POD.items()
    },
}
DEPLOYMENT: dict[str, type] = {
    **POD, "name": str, "port": int, "dagsterApiGrpcArgs": list, "env": list, "envSecrets": list,
    "includeConfigInLaunchedRuns.enabled": bool,
}  # fmt: skip


def flat(values: dict[str, Any], known: dict[str, type], prefix: str = "") -> dict[str, Any]:
    """By path, as deep as the known keys go."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        path = prefix + key
        if isinstance(value, dict) and path not in known:
            found |= flat(value, known, f"{path}.")
        else:
            found[path] = value
    return found


def deployment() -> dict[str, Any]:
    (one,) = VALUES["dagster-user-deployments"]["deployments"]
    found: dict[str, Any] = one
    return found


@pytest.mark.parametrize(("values", "known"), [(VALUES, KEYS), (deployment(), DEPLOYMENT)])
def test_every_key_is_one_of_the_charts_and_has_its_type(
    values: dict[str, Any], known: dict[str, type]
) -> None:
    found = flat(values, known)
    assert {path: type(value) for path, value in found.items()} == known


def test_no_secret_is_in_the_values_and_every_variable_is_in_the_reference() -> None:
    named = {one["name"] for one in deployment()["env"]}
    assert named <= set(DEMO_SETTINGS)
    assert deployment()["envSecrets"] == [{"name": "iracing-pipeline"}]
    assert "password:" not in (HELM / "values.yaml").read_text().lower()


def test_the_instance_is_the_one_of_the_laptop() -> None:
    daemon = VALUES["dagsterDaemon"]
    queue = daemon["runCoordinator"]["config"]["queuedRunCoordinator"]
    assert queue["maxConcurrentRuns"] == LOCAL["concurrency"]["runs"]["max_concurrent_runs"]
    monitored = LOCAL["run_monitoring"]["max_runtime_seconds"]
    assert daemon["runMonitoring"]["maxRuntimeSeconds"] == monitored
    assert daemon["runRetries"]["maxRetries"] == LOCAL["run_retries"]["max_retries"]
    kept = VALUES["retention"]
    assert kept["schedule"]["purgeAfterDays"] == LOCAL["retention"]["schedule"]["purge_after_days"]
    assert kept["sensor"]["purgeAfterDays"] == LOCAL["retention"]["sensor"]["purge_after_days"]
    assert VALUES["additionalInstanceConfig"] == {key: LOCAL[key] for key in ("nux", "freshness")}
    assert VALUES["telemetry"] == LOCAL["telemetry"]
    assert VALUES["pythonLogs"]["pythonLogLevel"] == LOCAL["python_logs"]["python_log_level"]
    assert VALUES["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"


def test_one_image_and_one_user_for_every_pod() -> None:
    job = yaml.safe_load((HELM / "migrate.yaml").read_text())
    pod = job["spec"]["template"]["spec"]
    image = deployment()["image"]
    assert image["tag"] == __version__
    assert pod["containers"][0]["image"] == f"{image['repository']}:{image['tag']}"
    for part in (VALUES["dagsterWebserver"], VALUES["dagsterDaemon"]):
        for key in ("image", "podSecurityContext", "securityContext", "volumes", "volumeMounts"):
            assert part[key] == deployment()[key]
    assert pod["securityContext"] == deployment()["podSecurityContext"]
    assert pod["containers"][0]["securityContext"] == deployment()["securityContext"]
    probed = VALUES["dagsterWebserver"]["readinessProbe"]["httpGet"]["port"]
    assert probed == VALUES["dagsterWebserver"]["service"]["port"]


def test_what_kubernetes_decides_is_spelled_as_it_wants() -> None:
    api = client.ApiClient()

    def check(value: Any, kind: str) -> None:
        """Every key is a field of the type: the client drops what it does not know."""
        read = api._ApiClient__deserialize(value, kind)
        assert api.sanitize_for_serialization(read) == value

    check(yaml.safe_load((HELM / "migrate.yaml").read_text()), "V1Job")
    one = deployment()
    for key, kind in {
        "podSecurityContext": "V1PodSecurityContext",
        "securityContext": "V1SecurityContext",
        "resources": "V1ResourceRequirements",
        "volumes": "list[V1Volume]",
        "volumeMounts": "list[V1VolumeMount]",
        "env": "list[V1EnvVar]",
    }.items():
        check(one[key], kind)
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    check(launcher["resources"], "V1ResourceRequirements")
    check(VALUES["dagsterWebserver"]["readinessProbe"], "V1Probe")
