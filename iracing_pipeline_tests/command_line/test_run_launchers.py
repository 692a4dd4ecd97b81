"""A run as a container and as a Kubernetes Job: what Docker and Kubernetes are asked for, as deploy/ has it.

Their APIs are stood in for by a server that answers what the clients want to hear and keeps what they sent.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster import DagsterInstance
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from iracing_pipeline.definitions import defs
from iracing_pipeline_tests.deploy.test_compose import context, environment_of
from iracing_pipeline_tests.deploy.test_helm import VALUES, deployment
from iracing_pipeline_tests.support.places import ROOT

ANSWERS = [
    (r"GET .*/version", {"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "28"}),
    (r"POST .*/containers/create.*", {"Id": "c0ffee", "Warnings": []}),
    (r"GET .*/containers/c0ffee/json", {"Id": "c0ffee", "Name": "/run", "State": {}}),
    (r"POST .*/containers/c0ffee/start", {}),
    (r"POST /apis/batch/v1/namespaces/racing/jobs", None),  # the Job itself
]


class Engine(ThreadingHTTPServer):
    """Keeps what was sent, by method and path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: dict[str, Any] = {}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def body(self, path: str) -> dict[str, Any]:
        (found,) = (body for where, body in self.sent.items() if path in where)
        assert isinstance(found, dict)
        return found


class _Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        assert isinstance(self.server, Engine)
        asked = f"{self.command} {self.path}"
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text or b"null")
        self.server.sent[asked] = body
        (found,) = (told for pattern, told in ANSWERS if re.fullmatch(pattern, asked))
        data = json.dumps(body if found is None else found).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer  # noqa: N815 - as the base class calls them

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


def launch(home: Path, image: str, container: dict[str, Any]) -> str:
    """Launch `maintenance` as the code location would describe it; returns the id of the run."""
    instance = DagsterInstance.from_config(str(home))
    try:
        repository = RepositoryPythonOrigin(
            executable_path="python3",
            code_pointer=ModuleCodePointer("iracing_pipeline.definitions", "defs"),
            container_image=image,
            entry_point=["dagster"],
            container_context=container,
        )
        run = instance.create_run_for_job(
            defs.resolve_job_def("maintenance"),
            job_code_origin=JobPythonOrigin("maintenance", repository),
        )
        instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
        return run.run_id
    finally:
        instance.dispose()


def test_a_run_is_a_container_like_the_code_location(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("DOCKER_HOST", f"tcp://{engine.address}")
    # As the Dockerfile puts the two together.
    parts = (ROOT / "dagster.yaml", ROOT / "deploy/docker-runs.yaml")
    (tmp_path / "dagster.yaml").write_text("".join(part.read_text() for part in parts))
    image = environment_of("code")["DAGSTER_CURRENT_IMAGE"]
    run_id = launch(tmp_path, image, {"docker": context()})
    asked = engine.body("/containers/create")
    assert asked["Image"] == image
    assert asked["Cmd"][:3] == ["dagster", "api", "execute_run"]
    assert run_id in asked["Cmd"][3]
    assert set(context()["env_vars"]) <= set(asked["Env"])
    assert asked["Labels"]["dagster/run_id"] == run_id
    host = asked["HostConfig"]
    assert host["Binds"] == context()["container_kwargs"]["volumes"]
    assert host["NetworkMode"] == "deploy_default"
    assert host["ReadonlyRootfs"]
    assert host["AutoRemove"]
    assert host["CapDrop"] == ["ALL"]
    assert host["Tmpfs"] == {"/tmp": ""}
    assert asked["Healthcheck"]["Test"] == ["NONE"]
    assert any(path.endswith("/c0ffee/start") for path in engine.sent)


def test_a_run_is_a_job_with_the_image_the_secret_and_the_user_of_the_values(
    engine: Engine, tmp_path: Path
) -> None:
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "clusters": [{"name": "x", "cluster": {"server": f"http://{engine.address}"}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "users": [{"name": "x", "user": {}}],
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    values, one = VALUES["runLauncher"]["config"]["k8sRunLauncher"], deployment()
    # As the chart writes them.
    instance = {
        "run_launcher": {
            "module": "dagster_k8s",
            "class": "K8sRunLauncher",
            "config": {
                "load_incluster_config": False,
                "kubeconfig_file": str(tmp_path / "kubeconfig"),
                "job_namespace": "racing",
                "service_account_name": "dagster",
                "dagster_home": "/opt/dagster/dagster_home",
                "instance_config_map": "dagster-instance",
                "postgres_password_secret": VALUES["global"]["postgresqlSecretName"],
                "image_pull_policy": values["imagePullPolicy"],
                "resources": values["resources"],
                "run_k8s_config": {"job_spec_config": values["runK8sConfig"]["jobSpecConfig"]},
            },
        },
        "telemetry": {"enabled": False},
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(instance))
    image = f"{one['image']['repository']}:{one['image']['tag']}"
    container = {
        "env_secrets": [secret["name"] for secret in one["envSecrets"]],
        "env": one["env"],
        "volumes": one["volumes"],
        "volume_mounts": one["volumeMounts"],
        "run_k8s_config": {
            "pod_spec_config": {"security_context": one["podSecurityContext"]},
            "container_config": {"security_context": one["securityContext"]},
        },
    }
    run_id = launch(tmp_path, image, {"k8s": container})
    job = engine.body("/apis/batch/v1/namespaces/racing/jobs")
    assert job["spec"]["ttlSecondsAfterFinished"] == 86400
    pod = job["spec"]["template"]["spec"]
    (ran,) = pod["containers"]
    assert ran["image"] == image
    assert ran["args"][:3] == ["dagster", "api", "execute_run"]
    assert run_id in ran["args"][3]
    assert {"secretRef": {"name": "iracing-pipeline"}} in ran["envFrom"]
    given = [{"name": e["name"], "value": e["value"]} for e in ran["env"] if "value" in e]
    assert given[-len(one["env"]) :] == one["env"]
    assert ran["resources"] == values["resources"]
    assert ran["securityContext"] == one["securityContext"]
    assert pod["securityContext"] == one["podSecurityContext"]
    assert {mount["mountPath"] for mount in one["volumeMounts"]} <= {
        mount["mountPath"] for mount in ran["volumeMounts"]
    }
