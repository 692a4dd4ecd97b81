"""Commands that serve, and what comes with them: simulate, demo, a plain shell, the UI."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

from iracing_pipeline.commands.dagster_dev import NOT_FOR_US
from iracing_pipeline.commands.demo_settings import DEMO_SETTINGS, Use
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.places import RECORDED, ROOT
from iracing_pipeline_tests.support.shell import BIN, free_port, run, start


def test_simulate_serves_until_told_to_stop_and_replays_captures(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [BIN / "iracing-pipeline", "simulate", "--port", str(port), "--captures", RECORDED],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        assert f"export IRACING_API_URL=http://127.0.0.1:{port}\n" in lines
        answer = httpx.get(f"http://127.0.0.1:{port}/data/series/get")
        assert answer.status_code == 401
        busy = start("simulate", "--port", str(port), environment=dict(os.environ))
        assert busy.returncode != 0
        assert str(port) in busy.stderr
        assert "Traceback" not in busy.stderr
    finally:
        process.terminate()
        process.communicate(timeout=25)
    assert process.returncode == 0


def test_simulate_names_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = run("simulate", "--captures", str(tmp_path / "nowhere"), environment=dict(os.environ))
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's real calendars, page, Dagster and account, which no demo may touch."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "calendars").mkdir()
    (folder / "home").mkdir()
    (folder / "calendars" / "series-1.ics").write_text("real")
    # Dagster reads it over everything that is set.
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in _real(folder)))
    return folder


def _real(folder: Path) -> Iterator[tuple[str, str]]:
    """A value for every setting but the demo's own."""
    places = {"IRACING_CALENDAR_DIR": "calendars", "IRACING_REPORT_FILE": "real.html"}
    for name, use in DEMO_SETTINGS.items():
        if use is Use.KEPT:
            continue
        if name in {"IRACING_DATABASE_URL", "DAGSTER_POSTGRES_URL"}:
            yield name, "postgresql://real:s3cret-pw@127.0.0.1:9/production"
        elif name.endswith("_URL"):
            yield name, "http://127.0.0.1:9/s3cret-pw"
        elif name in places or name == "DAGSTER_HOME":
            yield name, str(folder / places.get(name, "home"))
        else:
            yield name, "s3cret-pw"


@pytest.fixture(scope="module")
def demo_environment(open_folder: Callable[[], Path], elsewhere: Path) -> dict[str, str]:
    """What a shell has that runs the demo: one data directory for the tests below."""
    folder = open_folder()
    return {
        **os.environ,
        **dict(_real(elsewhere)),
        "IRACING_DATA_DIR": str(folder / "a folder with spaces" / "data"),
        "PGHOSTADDR": "127.0.0.9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }


@pytest.fixture(scope="module")
def first_demo(
    demo_environment: dict[str, str], elsewhere: Path
) -> subprocess.CompletedProcess[str]:
    return start("demo", environment=demo_environment, cwd=elsewhere)


def test_demo_needs_nothing_and_a_second_one_inserts_and_updates_nothing(
    demo_environment: dict[str, str],
    elsewhere: Path,
    first_demo: subprocess.CompletedProcess[str],
) -> None:
    first, environment = first_demo, demo_environment
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Next races (UTC)" in first.stdout
    assert "every series, season and race is made up" in first.stdout.replace("\n", " ")
    report = Path(environment["IRACING_DATA_DIR"]) / "season_report.html"
    assert first.stdout.splitlines()[-1] == f"Open {report} in a browser."
    assert "SIMULATED" in report.read_text(encoding="utf-8")
    assert {path.name for path in elsewhere.rglob("*")} == _ELSEWHERE
    second = run("demo", environment=environment)
    assert second.returncode == 0, second.stdout + second.stderr
    rows = [line.split("│") for line in second.stdout.splitlines() if line.count("│") == 7]
    assert len(rows) == 11
    assert {(row[2].strip(), row[3].strip(), row[5].strip()) for row in rows} == {("0", "0", "0")}
    assert "API calls: 0 made" in second.stdout
    assert "s3cret-pw" not in first.stdout + first.stderr + second.stdout + second.stderr


# As the Helm chart writes it, or a person. The host is a parameter, because it is a socket.
HAND_WRITTEN = """
storage:
  postgres:
    postgres_db:
      scheme: postgresql+psycopg2
      username: postgres
      password: {{env: DAGSTER_PG_PASSWORD}}
      hostname: ""
      port: 5432
      db_name: {database}
      params: {{host: {host}}}
run_launcher: {{module: dagster, class: DefaultRunLauncher}}
telemetry: {{enabled: false}}
"""


@pytest.mark.parametrize("home", ["ours", "hand-written", None])
def test_dagster_asset_materialize_works_in_a_plain_shell(
    environment: dict[str, str],
    without_books: None,
    database: Database,
    tmp_path: Path,
    home: str | None,
) -> None:
    shell = tmp_path / "shell"
    shell.mkdir()
    if home:
        environment["DAGSTER_HOME"] = str(shell)
        text = (ROOT / "dagster.yaml").read_text(encoding="utf-8")
        if home == "hand-written":
            environment["DAGSTER_PG_PASSWORD"] = "not asked for"
            parts = urlsplit(database.url)
            text = HAND_WRITTEN.format(
                database=parts.path[1:], host=parse_qs(parts.query)["host"][0]
            )
        (shell / "dagster.yaml").write_text(text, encoding="utf-8")
    # The first as a shell begins it: what is said while Dagster is imported is said there.
    done = (start if home == "ours" else run)(
        *("asset", "materialize", "-m", "iracing_pipeline.definitions", "--select", "series"),
        program="dagster",
        environment=environment,
        cwd=shell,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BetaWarning" not in done.stderr
    assert query(database, "SELECT count(*) FROM iracing.series") == [(2,)]
    if home:
        schema = "dagster" if home == "ours" else "public"
        assert query(database, f"SELECT status FROM {schema}.runs") == [("SUCCESS",)]
    else:
        assert query(database, "SELECT to_regnamespace('dagster')::text") == [(None,)]


def test_ui_serves_the_same_data_runs_assets_and_stops_when_told(
    demo_environment: dict[str, str],
    elsewhere: Path,
    first_demo: subprocess.CompletedProcess[str],
    tmp_path: Path,
) -> None:
    environment = demo_environment
    assert first_demo.returncode == 0
    port = free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    with (tmp_path / "ui.log").open("w") as log:
        # As a background job of a script: with SIGINT ignored.
        process = subprocess.Popen(
            [
                *("sh", "-c", 'trap "" INT; exec "$@"', "sh"),
                *(BIN / "iracing-pipeline", "ui", "--demo", "--port", str(port)),
            ],
            env=environment,
            cwd=elsewhere,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            assert _ask(url, "{ version }", seconds=120)
            runs = "{ runsOrError { ... on Runs { results { status tags { key value } } } } }"
            # The sync, and what is made of its rows; sensors may have begun runs of their own.
            by_demo = [
                found["status"]
                for found in _ask(url, runs)["runsOrError"]["results"]
                if {"key": "iracing/command", "value": "demo"} in found["tags"]
            ]
            assert set(by_demo) == {"SUCCESS"}
            assert len(by_demo) in {2, 4}  # a second demo may have been run
            launched = _ask(url, _LAUNCH)["launchPipelineExecution"]
            assert launched["__typename"] == "LaunchRunSuccess", launched
            status = f'{{ runOrError(runId: "{launched["run"]["runId"]}") {{ ... on Run {{ status }} }} }}'
            for _ in range(240):
                if _ask(url, status)["runOrError"]["status"] in {"SUCCESS", "FAILURE"}:
                    break
                time.sleep(0.25)
            assert _ask(url, status)["runOrError"]["status"] == "SUCCESS"
            started = [
                one
                for one in psutil.Process(process.pid).children(recursive=True)
                if "postgres" not in _name(one)
            ]
            # UI, simulated API and storage; the embedded Postgres, which is nobody's child, on none at all.
            servers = [psutil.Process(process.pid), *started, *_postgres_of(environment)]
            assert len(servers) > len(started) + 1
            ports = {address for one in servers for address in _listens_on(one)}
            assert len(ports) >= 3
            assert {ip for ip, _ in ports if not ip_address(ip).is_loopback} == set()
        finally:
            # As ^C in a terminal does. Dagster's processes are not among those that it reaches.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
    assert process.returncode == 0, (tmp_path / "ui.log").read_text()[-2000:]
    assert len(started) >= 3  # dagster dev and its servers
    _, left = psutil.wait_procs(started, timeout=20)
    assert left == []
    with pytest.raises(httpx.TransportError):
        httpx.get(url)
    assert {path.name for path in elsewhere.rglob("*")} == _ELSEWHERE
    printed = (tmp_path / "ui.log").read_text()
    assert "every series, season and race is made up" in printed.replace("\n", " ")
    assert "s3cret-pw" not in printed
    assert " - DEBUG - " not in printed
    assert "Restarting the code server process" not in printed


def test_the_advice_that_is_left_out_is_still_what_dagster_gives(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").touch()
    home = tmp_path / "home"
    home.mkdir()
    # Refused after the advice, before anything is started.
    (tmp_path / "workspace.yaml").write_text("load_from: none")
    arguments = ["dev", "-w", "workspace.yaml"]
    said = {}
    for program in ("dagster", "iracing_pipeline.commands.dagster_dev"):
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            env={**os.environ, "DAGSTER_HOME": str(home)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        said[program] = (done.stdout + done.stderr).count(NOT_FOR_US)
    assert said == {"dagster": 1, "iracing_pipeline.commands.dagster_dev": 0}


def _listens_on(process: psutil.Process) -> set[tuple[str, int]]:
    """Addresses and ports on which it takes connections over TCP."""
    try:
        found = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return set()
    return {tuple(one.laddr) for one in found if one.status == psutil.CONN_LISTEN}


def _postgres_of(environment: dict[str, str]) -> list[psutil.Process]:
    """The embedded Postgres of the data directory, wherever root has put it."""
    data = Path(environment["IRACING_DATA_DIR"])
    pointer = data / "relocated-to.txt"
    home = Path(pointer.read_text().strip()) if pointer.is_file() else data
    return [
        one
        for one in psutil.process_iter()
        if _name(one) == "postgres" and str(home) in " ".join(one.cmdline())
    ]


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


_ELSEWHERE = {".env", "calendars", "home", "series-1.ics"}
_LAUNCH = """
mutation { launchPipelineExecution(executionParams: {mode: "default",
  runConfigData: "ops: {series: {config: {refresh: true}}}",
  selector: {repositoryLocationName: "iracing_pipeline.definitions", repositoryName: "__repository__",
             pipelineName: "__ASSET_JOB", assetSelection: [{path: ["series"]}]}})
  { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""


def _ask(url: str, graphql: str, seconds: float = 30) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.post(url, json={"query": graphql}, timeout=30)
            return dict(answer.raise_for_status().json()["data"])
        except (httpx.HTTPError, KeyError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
