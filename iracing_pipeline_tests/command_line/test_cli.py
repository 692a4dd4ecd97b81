"""The command line: what a command prints, its exit status, what it leaves behind."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iracing_pipeline.simulator import Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import free_port, run, start


def test_sync_seasons_prints_rows_and_the_next_races_and_exits_0(
    environment: dict[str, str], answers: RecordedResponses
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


def test_an_unreachable_api_is_exit_3_within_bounded_time(environment: dict[str, str]) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
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
    environment: dict[str, str], answers: RecordedResponses
) -> None:
    del answers.season(1002)["season_name"]
    done = run("sync", "--sync-seasons", environment=environment)
    assert done.returncode == 1
    assert "season_id=1002: season_name: Field required" in done.stdout


def test_a_database_that_refuses_is_exit_2_without_the_password(
    environment: dict[str, str],
) -> None:
    url = f"postgresql://bob:s3cret-pw@127.0.0.1:{free_port()}/x"
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


def test_series_are_found_by_name_once_they_are_stored(
    environment: dict[str, str], simulator: Simulator, database: Database
) -> None:
    named = ("sync", "--series", "ROOKIE  cup", "--series-id", "20", "--series-id", "10")
    done = run(*named, environment=environment)
    assert done.returncode == 2
    assert "No series is stored yet, so none can be named" in done.stderr
    assert simulator.requests == []
    row = {"series_id": 10, "series_name": "Rookie Cup"}
    with database.begin() as connection:
        merge_tables(connection, [TableBatch(table("series"), [row])], run_id="before")
    done = run(*named[:3], environment=environment)
    assert done.returncode == 0, done.stdout
    ((about,),) = query(database, "SELECT series_ids FROM iracing.sync_runs WHERE asset = 'series'")
    assert about == [10]
    done = run("sync", "--series", "Rooky", "--json", environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Nearest: 10 (Rookie Cup)" in done.stderr


def test_a_dry_run_writes_nothing_not_even_dagsters_books(
    environment: dict[str, str], without_books: None, database: Database
) -> None:
    done = run("sync", "--sync-seasons", "--dry-run", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Dry run: what would change" in done.stdout
    assert not any(rows for rows in dump(database).values())
    assert query(database, "SELECT count(*) FROM iracing.responses") == [(0,)]
    assert query(database, "SELECT to_regnamespace('dagster')::text") == [(None,)]


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
    url = f"postgresql://bob:s3cret-pw@127.0.0.1:{free_port()}/x"
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
    copied = run("db", "sql", "COPY (SELECT 1, 'a;b') TO STDOUT (FORMAT csv)", environment=bare)
    assert copied.stdout == "1,a;b\n", copied.stderr
    two = run(
        "db", "sql", "/* by hand */ copy (SELECT 1) TO STDOUT; COMMIT; SELECT 1", environment=bare
    )
    assert two.returncode == 2
    assert "One statement at a time" in two.stderr
