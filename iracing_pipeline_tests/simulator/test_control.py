"""Other processes can steer a simulator over HTTP, and the command serves until told to stop.

In: /_simulator and `serve`, as a subprocess. Out: what the faults do (test_simulator_protocol).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from iracing_pipeline.simulator import Simulator, SimulatorError, serve
from iracing_pipeline.simulator.credentials import SimCredentials, masked
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.simulator_client import HTTP, TinySource, Wire

SERVE = "from iracing_pipeline.simulator import serve; serve({port}, {captures!r})"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(
        TinySource(), clock=lambda: datetime(2025, 9, 9, tzinfo=timezone.utc)
    ) as running:
        yield running


def test_faults_can_be_switched_over_http(sim: Simulator) -> None:
    url = f"{sim.api_url}/_simulator/faults"
    posted = {"kind": "status", "endpoint": "/data/series/get", "status": 500, "times": 1}
    assert HTTP.post(url, json=posted).json()[0]["endpoint"] == "series/get"
    assert Wire(sim).data("series/get").status_code == 500
    assert HTTP.get(url).json() == []
    HTTP.post(url, json={"kind": "empty"})
    assert HTTP.delete(url).json() == []
    refused = HTTP.post(url, json={"kind": "meteor"})
    assert refused.status_code == 400
    assert "meteor" in refused.json()["error"]


def test_the_request_log_can_be_read_over_http_and_leaves_itself_out(sim: Simulator) -> None:
    Wire(sim).body("series/get")
    rows = HTTP.get(f"{sim.api_url}/_simulator/requests").json()
    assert [(row["origin"], row["status"]) for row in rows] == [("api", 200), ("storage", 200)]
    HTTP.delete(f"{sim.api_url}/_simulator/requests")
    assert HTTP.get(f"{sim.api_url}/_simulator").json()["requests"] == 0


def test_the_clocks_can_be_moved_over_http(sim: Simulator) -> None:
    url = f"{sim.api_url}/_simulator/clock"
    moved = HTTP.post(url, json={"now": "2025-12-16T00:00:00Z"}).json()
    assert moved["now"].startswith("2025-12-16T00:00:00")
    moved = HTTP.post(url, json={"advance_seconds": 604800}).json()
    assert moved["now"].startswith("2025-12-23T00:00:00")
    wire = Wire(sim)
    assert wire.data("series/get").status_code == 200
    HTTP.post(url, json={"wire_advance_seconds": 700})
    assert wire.data("series/get").status_code == 401
    assert HTTP.post(url, json={"now": "soon"}).status_code == 400


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_how_to_enter_and_stops_cleanly(number: int) -> None:
    env = {**os.environ, "IRACING_USERNAME": "me@example.org"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(port=0, captures=None)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(9)]
        exports = dict(
            line.removeprefix("export ").split("=", 1) for line in lines if line[:1] == "e"
        )
        assert exports["IRACING_USERNAME"] == "me@example.org"
        assert exports["IRACING_OAUTH_URL"] == exports["IRACING_API_URL"] + "/oauth2"
        assert HTTP.get(exports["IRACING_API_URL"] + "/data/series/get").status_code == 401
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()


def test_the_command_serves_other_machines_within_limits_of_the_callers_choice(
    tmp_path: Path,
) -> None:
    password = tmp_path / "password"
    password.write_text("s3cret of somebody's own\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        storage_port = free.getsockname()[1]
    every = "0.0.0.0"  # noqa: S104 - other machines are meant
    flags = ["--host", every, "--port", "0", "--storage-port", str(storage_port)]
    flags += ["--rate-limit", "2", "--logins-per-hour", "1", "--captures", str(RECORDED)]
    process = subprocess.Popen(
        [sys.executable, "-m", "iracing_pipeline.cli", "simulate", *flags],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "IRACING_PASSWORD_FILE": str(password)},
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(9)]
        assert "s3cret" not in "".join(lines)
        url = lines[0].split()[-1]
        client, user = SimCredentials(password="s3cret of somebody's own"), SimCredentials.username
        login = {
            "grant_type": "password_limited",
            "client_id": client.client_id,
            "client_secret": masked(client.client_secret, client.client_id),
            "username": user,
            "password": masked(client.password, user),
            "scope": "iracing.auth",
        }
        told = HTTP.post(f"{url}/oauth2/token", data=login)
        assert told.status_code == 200, told.text
        assert HTTP.post(f"{url}/oauth2/token", data=login).status_code == 400
        bearer = {"Authorization": f"Bearer {told.json()['access_token']}"}
        # Under whatever name a client knows it.
        named = url.replace("127.0.0.1", "localhost")
        link = HTTP.get(f"{named}/data/series/get", headers=bearer).json()["link"]
        assert link.startswith(f"http://localhost:{storage_port}/")
        assert HTTP.get(link).status_code == 200
        statuses = [
            HTTP.get(f"{url}/data/series/get", headers=bearer).status_code for _ in range(2)
        ]
        assert statuses == [200, 429]
    finally:
        process.kill()
        process.communicate()


def test_links_lead_to_where_the_storage_is_said_to_be() -> None:
    with Simulator(TinySource(), storage_url="https://storage.example") as sim:
        link = Wire(sim).data("series/get").json()["link"]
    assert link.startswith("https://storage.example/storage/")


@pytest.mark.parametrize("url", ["storage.example", "https://u:p@h", "https://h/path", "ftp://h"])
def test_a_storage_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SimulatorError, match="the storage's URL must be like"):
        serve(0, source=TinySource(), storage_url=url)


def test_serve_says_clearly_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="no folder with captures at"):
        serve(0, tmp_path / "nothing")
    with pytest.raises(SimulatorError, match="no captures"):
        serve(0, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(SimulatorError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve(port, source=TinySource())
    with pytest.raises(SimulatorError, match="not between"):
        serve(70000)


def test_importing_the_package_starts_no_web_framework() -> None:
    code = (
        "import sys, iracing_pipeline.simulator as s; "
        "assert 'starlette' not in sys.modules and 'uvicorn' not in sys.modules; "
        "assert s.WorldSource; assert 'starlette' not in sys.modules; assert s.Simulator; "
        "bad = [m for m in sys.modules if m.split('.')[0] in ('dagster', 'sqlalchemy') or "
        "m.startswith(('iracing_pipeline.api', 'iracing_pipeline.warehouse'))]; assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
