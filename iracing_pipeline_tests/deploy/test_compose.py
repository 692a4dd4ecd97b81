"""deploy/compose.yaml: it names what exists, and the containers that Dagster starts are like its own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from iracing_pipeline.cli import cli
from iracing_pipeline.commands.demo_settings import DEMO_SETTINGS
from iracing_pipeline.definitions import defs
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import SimCredentials
from iracing_pipeline_tests.support.places import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if "build" in one}
# Postgres's image, Dagster's, Docker's client and the socket proxy each have a reference of their own.
OTHERS_VARIABLES = {
    "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE",
    "DAGSTER_CURRENT_IMAGE", "DAGSTER_CONTAINER_CONTEXT",
    "DOCKER_HOST", "CONTAINERS", "POST",
}  # fmt: skip


def filled_in(text: str, environment: dict[str, str] | None = None) -> str:
    """As compose fills in `${NAME:-default}`."""
    given = environment or {}
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: given.get(m[1]) or m[2], text)


def environment_of(service: str) -> dict[str, str]:
    return {
        name: filled_in(str(value))
        for name, value in SERVICES[service].get("environment", {}).items()
    }


def context() -> dict[str, Any]:
    """What the code location says of the containers of runs."""
    found: dict[str, Any] = json.loads(environment_of("code")["DAGSTER_CONTAINER_CONTEXT"])[
        "docker"
    ]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_in_a_reference(service: str) -> None:
    known = set(DEMO_SETTINGS) | {f"{name}_FILE" for name in DEMO_SETTINGS}
    assert set(environment_of(service)) <= known | OTHERS_VARIABLES


@pytest.mark.parametrize("service", SERVICES)
def test_every_secret_that_is_read_is_given_and_is_there_for_the_demo(service: str) -> None:
    one = SERVICES[service]
    read = {
        value.removeprefix("/run/secrets/")
        for value in environment_of(service).values()
        if value.startswith("/run/secrets/")
    }
    assert read <= set(one.get("secrets", []))
    for name in one.get("secrets", []):
        file = DEPLOY / filled_in(COMPOSE["secrets"][name]["file"])
        assert file.read_text().strip()


def test_the_demo_has_the_simulators_account_and_the_servers_password() -> None:
    def said(name: str) -> str:
        return (DEPLOY / "demo" / name).read_text().strip()

    names = ("client_id", "client_secret", "username", "password")
    assert SimCredentials() == SimCredentials(*map(said, names))
    postgres = SERVICES["postgres"]["environment"]
    assert said("database_url") == (
        f"postgresql://{postgres['POSTGRES_USER']}:{said('postgres_password')}@postgres:5432/"
        + postgres["POSTGRES_DB"]
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_what_it_needs(service: str) -> None:
    for needed, how in SERVICES[service].get("depends_on", {}).items():
        healthy = how["condition"] == "service_healthy"
        assert healthy == bool(SERVICES[needed].get("healthcheck", {}).get("test"))
        finishes = how["condition"] == "service_completed_successfully"
        assert finishes == (needed == "migrate")
    # A daemon that ends is started again; a migration that fails is not tried for ever.
    assert SERVICES[service]["restart"] == (
        "on-failure:3" if service == "migrate" else "unless-stopped"
    )


@pytest.mark.parametrize("service", OURS)
def test_our_containers_write_nowhere_but_in_their_volumes(service: str) -> None:
    one = OURS[service]
    assert one["read_only"]
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in one
    assert "privileged" not in one


def test_only_the_proxy_reaches_docker_and_only_this_machine_the_page() -> None:
    with_socket = [n for n, one in SERVICES.items() if "docker.sock" in str(one.get("volumes"))]
    assert with_socket == ["docker"]
    with_network = {n for n, one in SERVICES.items() if "docker" in one.get("networks", [])}
    assert with_network == {"docker", "webserver", "daemon"}
    assert COMPOSE["networks"]["docker"]["internal"]
    published = [port for one in SERVICES.values() for port in one.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_images_of_others_are_pinned() -> None:
    others = [one["image"] for one in SERVICES.values() if "build" not in one]
    assert others
    assert all(re.search(r":\d[\w.-]*$", image) for image in others)


def test_a_run_is_in_a_container_like_the_code_location() -> None:
    docker, code = context(), environment_of("code")
    given = dict(one.split("=", 1) for one in docker["env_vars"])
    ours = {name for name in code if name.startswith("IRACING_") or name == "DAGSTER_HOME"}
    assert given == {name: code[name] for name in ours}
    kwargs = docker["container_kwargs"]
    for key in ("read_only", "cap_drop", "security_opt", "init"):
        assert kwargs[key] == SERVICES["code"][key]
    mounted = {one.split(":")[0].removeprefix("deploy_") for one in kwargs["volumes"]}
    assert mounted <= set(COMPOSE["volumes"])
    assert docker["networks"] == ["deploy_default"]


def test_the_settings_of_the_code_location_are_accepted() -> None:
    given = {
        name: value.replace("/run/secrets", str(DEPLOY / "demo"))
        for name, value in environment_of("code").items()
        if name.startswith("IRACING_")
    }
    settings = Settings.from_environment(given)
    settings.require_credentials()
    assert not settings.is_real_api


def test_without_the_demo_everything_leads_to_iracing() -> None:
    lines = (DEPLOY / "real.env").read_text().splitlines()
    real = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    raw = SERVICES["code"]["environment"]
    for name in ("IRACING_API_URL", "IRACING_OAUTH_URL"):
        assert "iracing.com" in filled_in(raw[name], real)
        assert f"{name}={filled_in(raw[name], real)}" in filled_in(
            raw["DAGSTER_CONTAINER_CONTEXT"], real
        )
    # Data of its own: volumes are named after the project.
    assert real["COMPOSE_PROJECT_NAME"] != "deploy"
    for secret in COMPOSE["secrets"].values():
        assert filled_in(secret["file"], real).startswith("./secrets/")


def test_the_simulators_ports_are_those_that_the_pipeline_asks() -> None:
    command = SERVICES["simulator"]["command"]
    assert CliRunner().invoke(cli, [*command[1:], "--help"]).exit_code == 0
    port = command[command.index("--port") + 1]
    assert environment_of("code")["IRACING_API_URL"] == f"http://simulator:{port}"


def test_webserver_and_daemon_look_for_the_code_location_where_it_is() -> None:
    workspace = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())
    (server,) = (one["grpc_server"] for one in workspace["load_from"])
    assert server["host"] in SERVICES
    assert f'"--port", "{server["port"]}"' in (DEPLOY / "Dockerfile").read_text()
    named = re.search(r'code_location_name = "(.*)"', (ROOT / "pyproject.toml").read_text())
    assert named
    assert server["location_name"] == named[1]


def test_the_job_that_the_page_launches_is_there() -> None:
    page = (DEPLOY / "README.md").read_text()
    named = set(re.findall(r"--job (\w+)", page))
    assert named
    assert named <= {job.name for job in defs.resolve_all_job_defs()}
