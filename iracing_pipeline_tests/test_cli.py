"""The command line as people start it: a process, its output, its exit status, what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import pytest

from iracing_pipeline.commands.home import kept_instance, provide_dagster_home
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.answers import FOLDER, Answers
from iracing_pipeline_tests.prepared import Prepared
from iracing_pipeline_tests.syncing import dump, query

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
TIMEOUT = 120


@pytest.fixture
def simulator(answers: Answers) -> Iterator[Simulator]:
    with Simulator(CaptureSource(FOLDER)) as running:
        running.faults.transform = answers.transform
        yield running


@pytest.fixture(scope="module")
def with_books(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Name of a database that Dagster's tables are in already: they take most of a second to make."""
    url = new_database_url(template)
    folder = tmp_path_factory.mktemp("with_books")
    environment = {"IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(folder)}
    with patch.dict(os.environ, environment):
        provide_dagster_home(Settings.from_environment())
        kept_instance().dispose()
    return urlsplit(url).path[1:]


@pytest.fixture
def database_url(new_database_url: Callable[[str | None], str], with_books: str) -> str:
    return new_database_url(with_books)


@pytest.fixture
def without_books(database: Database) -> None:
    """Dagster has never been here."""
    with database.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA dagster CASCADE")


@pytest.fixture
def environment(simulator: Simulator, database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        **simulator.environment,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(tmp_path / "data"),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "140",
    }


@pytest.fixture(scope="module", autouse=True)
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What run() forks its commands from."""
    with Prepared(tmp_path_factory.mktemp("prepared")) as _RUNNER["prepared"]:
        yield


_RUNNER: dict[str, Prepared] = {}


def run(
    *arguments: str, environment: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, without the second that its imports take."""
    return _RUNNER["prepared"].run(*arguments, environment=environment, cwd=cwd)


def start(
    *arguments: str,
    environment: dict[str, str],
    program: str = "iracing-pipeline",
    **options: object,
) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [BIN / program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        **options,
    )


def test_sync_seasons_prints_rows_and_the_next_races_and_exits_0(
    environment: dict[str, str], answers: Answers
) -> None:
    week = answers.season(1002)["schedules"][0]
    tomorrow = time.strftime("%Y-%m-%dT10:00:00Z", time.gmtime(time.time() + 86400))
    week["week_end_time"] = tomorrow
    week["race_time_descriptors"][0]["session_times"] = [tomorrow]
    done = start("sync", "--sync-seasons", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "season_schedules" in done.stdout
    assert "API calls: 7 made" in done.stdout
    assert "Next races (UTC)" in done.stdout
    assert "Oval Tour" in done.stdout
    assert done.stderr == ""


def test_sync_alone_leaves_seasons_out(environment: dict[str, str], database: Database) -> None:
    assert run("sync", environment=environment).returncode == 0
    assert query(database, "SELECT count(*) FROM iracing.series") == [(2,)]
    assert query(database, "SELECT count(*) FROM iracing.seasons") == [(0,)]


def test_a_sync_is_a_dagster_run_in_the_same_database(
    environment: dict[str, str], without_books: None, database: Database
) -> None:
    run("sync", environment=environment)
    assert query(database, "SELECT status FROM dagster.runs") == [("SUCCESS",)]
    ((run_id,),) = query(database, "SELECT DISTINCT run_id FROM iracing.sync_runs")
    assert query(database, "SELECT run_id FROM dagster.runs") == [(run_id,)]
    # Dagster's tables live in their own schema, none strays into public.
    assert query(database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_missing_credentials_are_one_message_exit_2_and_nothing_written(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bare = {name: value for name, value in environment.items() if not name.startswith("IRACING_")}
    done = start(
        "sync", "--sync-seasons", environment={**bare, "IRACING_DATA_DIR": str(tmp_path / "x")}
    )
    assert done.returncode == 2
    assert done.stdout == ""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"):
        assert f"IRACING_{name}" in done.stderr
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x").exists()


def test_wrong_password_is_one_message_one_login_attempt_and_exit_2(
    environment: dict[str, str], simulator: Simulator
) -> None:
    done = run(
        "sync", "--sync-seasons", environment={**environment, "IRACING_PASSWORD": "hunter2x"}
    )
    assert done.returncode == 2
    assert done.stdout.count("IRACING_PASSWORD") == 1
    assert "hunter2x" not in done.stdout + done.stderr
    assert [call.path for call in simulator.requests] == ["/oauth2/token"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_unreachable_api_is_exit_3_within_bounded_time(environment: dict[str, str]) -> None:
    nowhere = f"http://127.0.0.1:{_free_port()}"
    started = time.monotonic()
    done = run("sync", "--sync-seasons", environment={**environment, "IRACING_API_URL": nowhere})
    assert done.returncode == 3
    assert "does not answer" in done.stdout
    assert time.monotonic() - started < 60


def test_maintenance_is_exit_3(environment: dict[str, str], simulator: Simulator) -> None:
    simulator.faults.add("maintenance")
    done = run("sync", environment=environment)
    assert done.returncode == 3
    assert done.stdout.count("iRacing is in maintenance") == 1


def test_a_failing_endpoint_is_exit_1_and_named(
    environment: dict[str, str], simulator: Simulator, database: Database
) -> None:
    simulator.faults.add("status", "car/get", status=404)
    done = run("sync", environment=environment)
    assert done.returncode == 1
    assert "cars: car/get" in done.stdout
    assert query(database, "SELECT count(*) FROM iracing.tracks") == [(2,)]


def test_items_that_cannot_be_read_are_exit_1_and_named(
    environment: dict[str, str], answers: Answers
) -> None:
    del answers.season(1002)["season_name"]
    done = run("sync", "--sync-seasons", environment=environment)
    assert done.returncode == 1
    assert "season_id=1002: season_name: Field required" in done.stdout


def test_a_database_that_refuses_is_exit_2_without_the_password(
    environment: dict[str, str],
) -> None:
    url = f"postgresql://bob:s3cret-pw@127.0.0.1:{_free_port()}/x"
    done = run("sync", environment={**environment, "IRACING_DATABASE_URL": url})
    assert done.returncode == 2
    assert "bob@127.0.0.1" in done.stderr
    assert "IRACING_DATABASE_URL" in done.stderr
    assert "s3cret-pw" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "0"], "--limit must be at least 1"),
        (["--limit", "three"], "--limit"),
        (["--sync-seasons", "--season-year", "2024"], "go together"),
        (["--sync-seasons", "--season-year", "2024", "--season-quarter", "5"], "1, 2, 3 or 4"),
        (["--sync-seasons", "--season-year", "1999", "--season-quarter", "1"], "2008 or later"),
        (
            ["--season-year", "2024", "--season-quarter", "1"],
            "--season-quarter need --sync-seasons",
        ),
        (["--sync-past-seasons"], "--sync-past-seasons needs --sync-seasons"),
        (["--sync-seasons", "--sync-past-seasons", "--concurrency", "0"], "--concurrency must be"),
        (["--series-id", "abc"], "--series-id"),
        (["--no-such-flag"], "no-such-flag"),
    ],
)
def test_misuse_is_exit_2_with_the_reason(
    environment: dict[str, str], simulator: Simulator, arguments: list[str], words: str
) -> None:
    done = run("sync", *arguments, environment=environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("IRACING_CACHE_TTL", "soon", "IRACING_CACHE_TTL must be a whole number"),
        ("IRACING_CACHE_TTL", "9" * 14, "IRACING_CACHE_TTL must be a whole number"),
        ("IRACING_API_URL", "http://me:pw@h/", "without user or password"),
        ("IRACING_DATABASE_URL", "postgresql://u:a#pw@h/d", "Percent-encode"),
        ("IRACING_DATABASE_URL", "postgresql://u:a@pw@h/d", "Percent-encode"),
        ("IRACING_DATABASE_URL", "postgresql://u:pw@h1:1,h2:2/d", "with one host"),
        ("IRACING_API_URL", "members-ng.iracing.com", "IRACING_API_URL must be an http(s) URL"),
        ("IRACING_DATABASE_URL", "mysql://x:pw@h/d", "IRACING_DATABASE_URL must look like"),
    ],
)
def test_a_variable_that_cannot_be_meant_is_exit_2(
    environment: dict[str, str], name: str, value: str, words: str
) -> None:
    done = run("sync", environment={**environment, name: value})
    assert done.returncode == 2
    assert words in done.stderr
    assert "pw@h" not in done.stderr


def test_an_unknown_series_is_exit_2_with_those_that_exist(environment: dict[str, str]) -> None:
    done = run("sync", "--sync-seasons", "--series-id", "4711", environment=environment)
    assert done.returncode == 2
    assert "Unknown series: 4711. Known here: 10, 20." in done.stdout


def test_a_dry_run_writes_nothing_not_even_dagsters_books(
    environment: dict[str, str], without_books: None, database: Database
) -> None:
    done = run("sync", "--sync-seasons", "--dry-run", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Dry run: what would change" in done.stdout
    assert not any(rows for rows in dump(database).values())
    assert query(database, "SELECT count(*) FROM iracing.responses") == [(0,)]
    assert query(database, "SELECT to_regnamespace('dagster')::text") == [(None,)]


def _start_slow_sync(environment: dict[str, str], simulator: Simulator) -> subprocess.Popen[str]:
    """A sync that hangs in series/seasons, after series and reference data have landed."""
    simulator.faults.add("slow", "series/seasons", seconds=30, times=1)
    process = subprocess.Popen(
        [BIN / "iracing-pipeline", "sync", "--sync-seasons"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "series/seasons: asking" in line:
            return process
    raise AssertionError("the sync ended before it asked for seasons")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sync_ends_at_once_and_says_how_to_go_on(
    environment: dict[str, str], simulator: Simulator, database: Database, number: signal.Signals
) -> None:
    process = _start_slow_sync(environment, simulator)
    process.send_signal(number)
    output, _ = process.communicate(timeout=25)
    assert process.returncode == 130
    assert "Interrupted. What had landed before stays" in output
    assert "Traceback" not in output
    assert query(
        database, "SELECT status FROM iracing.sync_runs WHERE asset = 'current_seasons'"
    ) == [("failure",)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_any_moment_is_an_interrupt_and_no_riddle(
    environment: dict[str, str], number: signal.Signals
) -> None:
    # From before Dagster is there to between, inside and after the steps.
    for moment in (0.6, 1.4, 2.0, 2.6):
        process = subprocess.Popen(
            [BIN / "iracing-pipeline", "sync", "--sync-seasons", "--refresh"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        time.sleep(moment)
        # To the whole group, as a terminal does.
        os.killpg(process.pid, number)
        output, _ = process.communicate(timeout=60)
        assert "Traceback" not in output, (moment, output)
        assert "nexpected" not in output, (moment, output)
        if process.returncode != 0:
            assert process.returncode == 130, (moment, output)
            assert "Interrupted" in output, (moment, output)


def test_an_interrupt_inside_a_finalizer_is_neither_printed_nor_lost() -> None:
    program = """
import signal, time
from iracing_pipeline.commands.interrupts import lose_no_interrupt

class Struck:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

class Mistaken:
    def __del__(self):
        raise ValueError("a mistake in a finalizer")

# Whoever started the tests may have set it to be ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
lose_no_interrupt()
struck, mistaken = Struck(), Mistaken()
try:
    del mistaken
    del struck
    time.sleep(20)
    print("lost")
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "interrupted\n"
    assert "KeyboardInterrupt" not in done.stderr
    # Mistakes are shown as ever.
    assert "a mistake in a finalizer" in done.stderr


def test_dagsters_storage_whose_creation_was_cut_off_is_made_anew(
    environment: dict[str, str], without_books: None, database: Database
) -> None:
    process = subprocess.Popen([BIN / "iracing-pipeline", "sync"], env=environment)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'dagster'"
    while query(database, tables) == [(0,)]:
        assert process.poll() is None
        time.sleep(0.002)
    process.kill()
    process.wait(30)
    ((cut_off,),) = query(database, tables)
    done = run("sync", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    ((complete,),) = query(database, tables)
    assert cut_off < complete
    # What is ready is not touched again.
    assert run("sync", environment=environment).returncode == 0
    assert query(database, "SELECT status, count(*) FROM dagster.runs GROUP BY 1") == [
        ("SUCCESS", 2)
    ]


def test_looking_at_a_database_that_is_not_there_creates_none(tmp_path: Path) -> None:
    environment = {**os.environ, "IRACING_DATA_DIR": str(tmp_path / "nothing")}
    for look in (["status"], ["sql", "SELECT 1"], ["url"]):
        done = run("db", *look, environment=environment)
        assert done.returncode == 2
        assert "No database in" in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_ui_on_a_port_in_use_is_refused_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("ui", "--port", str(port), environment=dict(os.environ), cwd=tmp_path)
    assert done.returncode == 2
    assert f"Port {port} cannot be used" in done.stderr


def test_promise_5_atomicity_killed_at_any_point_a_rerun_ends_in_the_same_tables(
    environment: dict[str, str],
    simulator: Simulator,
    database: Database,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
) -> None:
    process = _start_slow_sync(environment, simulator)
    process.kill()
    process.communicate(timeout=25)
    simulator.faults.clear()
    calls = [call.path for call in simulator.calls()]
    assert run("sync", "--sync-seasons", environment=environment).returncode == 0
    # What had landed before the kill is not fetched again.
    again = [call.path for call in simulator.calls()][len(calls) :]
    assert "/data/track/get" not in again
    undisturbed = {**environment, "IRACING_DATABASE_URL": new_database_url(template)}
    assert run("sync", "--sync-seasons", environment=undisturbed).returncode == 0
    other = Database(undisturbed["IRACING_DATABASE_URL"], tmp_path)
    assert dump(database) == dump(other)
    other.dispose()


def test_promise_5_atomicity_a_sync_works_however_often_it_was_killed_before(
    environment: dict[str, str], simulator: Simulator
) -> None:
    for _ in range(3):
        process = _start_slow_sync(environment, simulator)
        process.kill()
        process.communicate(timeout=25)
        simulator.faults.clear()
    assert run("sync", "--sync-seasons", environment=environment).returncode == 0


def test_a_sync_that_never_reached_the_api_claims_the_database_for_nobody(
    environment: dict[str, str], simulator: Simulator
) -> None:
    nowhere = {
        **environment,
        "IRACING_API_URL": "https://no-such-host.iracing.com",
        "IRACING_OAUTH_URL": simulator.oauth_url,
    }
    assert run("sync", environment=nowhere).returncode == 3
    assert run("sync", environment=environment).returncode == 0
    mixed = run("sync", environment=nowhere)
    assert mixed.returncode == 2
    assert "holds simulated data" in mixed.stderr


def test_dagsters_storage_that_refuses_is_exit_2(environment: dict[str, str]) -> None:
    url = f"postgresql://bob:s3cret-pw@127.0.0.1:{_free_port()}/x"
    done = run("sync", environment={**environment, "DAGSTER_POSTGRES_URL": url})
    assert done.returncode == 2
    assert "DAGSTER_POSTGRES_URL" in done.stderr
    assert "s3cret-pw" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_url_with_options_serves_dagster_too(environment: dict[str, str]) -> None:
    joint = "&" if "?" in environment["IRACING_DATABASE_URL"] else "?"
    url = environment["IRACING_DATABASE_URL"] + f"{joint}options=-cstatement_timeout%3D60000"
    assert run("sync", environment={**environment, "IRACING_DATABASE_URL": url}).returncode == 0


def test_db_upgrade_status_and_sql(
    environment: dict[str, str], new_database_url: Callable[[str | None], str]
) -> None:
    # No credentials are needed to look at what is stored.
    bare = {
        name: value
        for name, value in environment.items()
        if name not in {"IRACING_CLIENT_ID", "IRACING_PASSWORD"}
    } | {"IRACING_DATABASE_URL": new_database_url(None)}
    first = run("db", "upgrade", environment=bare)
    assert (first.returncode, "new →" in first.stdout) == (0, True)
    assert "is up to date" in run("db", "upgrade", environment=bare).stdout
    assert "No sync has run yet" in run("db", "status", environment=bare).stdout
    run(
        "sync",
        "--sync-seasons",
        environment={**environment, "IRACING_DATABASE_URL": bare["IRACING_DATABASE_URL"]},
    )
    status = json.loads(run("db", "status", "--json", environment=bare).stdout)
    assert {table["name"]: table["rows"] for table in status["tables"]}["season_schedules"] == 3
    assert {asset["name"]: asset["status"] for asset in status["assets"]}["series"] == "success"
    assert status["calls_made"] == 7
    assert status["history"] == {"past_seasons": 0, "with_schedule": 0, "past_quarters": None}
    assert "History: no past season is stored" in run("db", "status", environment=bare).stdout
    shown = run("db", "sql", "SELECT series_name FROM iracing.series", environment=bare)
    assert "Rookie Cup" in shown.stdout
    refused = run("db", "sql", "DELETE FROM iracing.series", environment=bare)
    assert refused.returncode == 2
    assert "read-only" in refused.stderr
    two = run("db", "sql", "COMMIT; CREATE TABLE public.oops (x int)", environment=bare)
    assert two.returncode == 2
    assert "One statement at a time" in two.stderr


def test_simulate_serves_until_told_to_stop_and_replays_captures(tmp_path: Path) -> None:
    port = _free_port()
    process = subprocess.Popen(
        [BIN / "iracing-pipeline", "simulate", "--port", str(port), "--captures", FOLDER],
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
def demo_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a shell has that runs the demo: one data directory for the tests below."""
    folder = tmp_path_factory.mktemp("demo")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("IRACING_")},
        "IRACING_DATA_DIR": str(folder / "a folder with spaces" / "data"),
        # Somebody's real account and database: neither may be touched.
        "IRACING_DATABASE_URL": "postgresql://real:s3cret-pw@127.0.0.1:9/production",
        "IRACING_USERNAME": "real@example.com",
        "IRACING_PASSWORD": "s3cret-pw",
        "IRACING_REPORT_FILE": str(folder / "real.html"),
    }


@pytest.fixture(scope="module")
def first_demo(demo_environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return start("demo", environment=demo_environment)


def test_demo_needs_nothing_and_a_second_one_inserts_and_updates_nothing(
    demo_environment: dict[str, str], first_demo: subprocess.CompletedProcess[str]
) -> None:
    first, environment = first_demo, demo_environment
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Next races (UTC)" in first.stdout
    assert "every series, season and race below is made up" in first.stdout.replace("\n", " ")
    report = Path(environment["IRACING_DATA_DIR"]) / "season_report.html"
    assert first.stdout.splitlines()[-1] == f"Open {report} in a browser."
    assert "SIMULATED" in report.read_text(encoding="utf-8")
    assert not Path(environment["IRACING_REPORT_FILE"]).exists()
    second = start("demo", environment=environment)
    assert second.returncode == 0, second.stdout + second.stderr
    rows = [line.split("│") for line in second.stdout.splitlines() if line.count("│") == 7]
    assert len(rows) == 11
    assert {(row[2].strip(), row[3].strip(), row[5].strip()) for row in rows} == {("0", "0", "0")}
    assert "API calls: 0 made" in second.stdout
    assert "s3cret-pw" not in first.stdout + first.stderr + second.stdout + second.stderr


@pytest.mark.parametrize("home", [True, False], ids=["with DAGSTER_HOME", "without"])
def test_dagster_asset_materialize_works_in_a_plain_shell(
    environment: dict[str, str],
    without_books: None,
    database: Database,
    tmp_path: Path,
    home: bool,
) -> None:
    shell = tmp_path / "shell"
    shell.mkdir()
    if home:
        environment["DAGSTER_HOME"] = str(shell)
        (shell / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    done = start(
        *("asset", "materialize", "-m", "iracing_pipeline.definitions", "--select", "series"),
        program="dagster",
        environment=environment,
        cwd=shell,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert query(database, "SELECT count(*) FROM iracing.series") == [(2,)]
    if home:
        assert query(database, "SELECT status FROM dagster.runs") == [("SUCCESS",)]
    else:
        assert query(database, "SELECT to_regnamespace('dagster')::text") == [(None,)]


def test_ui_serves_the_same_data_runs_assets_and_stops_when_told(
    demo_environment: dict[str, str],
    first_demo: subprocess.CompletedProcess[str],
    tmp_path: Path,
) -> None:
    environment = demo_environment
    assert first_demo.returncode == 0
    port = _free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    with (tmp_path / "ui.log").open("w") as log:
        # As a shell's background job: with SIGINT ignored.
        process = subprocess.Popen(
            [
                *("sh", "-c", 'trap "" INT; exec "$@"', "sh"),
                *(BIN / "iracing-pipeline", "ui", "--demo", "--port", str(port)),
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            assert _ask(url, "{ version }", seconds=60)
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
        finally:
            process.terminate()
            process.wait(60)
    assert process.returncode == 0, (tmp_path / "ui.log").read_text()[-2000:]
    with pytest.raises(httpx.TransportError):
        httpx.get(url)


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
