"""`db serve` and `db shell`: the embedded Postgres without the UI, and psql."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from iracing_pipeline.warehouse.embedded import binaries
from iracing_pipeline_tests.support.shell import BIN, run


@pytest.fixture
def alone(open_folder: Callable[[], Path]) -> dict[str, str]:
    """An environment with nothing stored yet, and no psql on its PATH."""
    folder = open_folder()
    return {**os.environ, "IRACING_DATA_DIR": str(folder / "data"), "PATH": str(folder)}


def serve(environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """The server, and the URL that it has printed."""
    process = subprocess.Popen(
        [BIN / "iracing-pipeline", "db", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_the_embedded_postgres_serves_until_told_to_stop_and_others_ask_it_meanwhile(
    alone: dict[str, str],
) -> None:
    process, url = serve(alone)
    try:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM iracing.series").fetchone() == (0,)
        # Without one of the system's, its own psql.
        asked = run("db", "shell", "-At", "-c", "SELECT 40 + 2", environment=alone)
        assert (asked.returncode, asked.stdout) == (0, "42\n"), asked.stderr
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "It answers until ^C.\nStopped.\n")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

    # It does not wait for ever for a server that has gone.
    process, url = serve(alone)
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
            (pid,) = row.fetchone() or ("",)
        os.kill(int(pid), signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 2
    assert "The embedded Postgres has ended. See the log under" in said
    assert "Traceback" not in said


def test_a_server_of_ones_own_is_not_ours_to_serve(environment: dict[str, str]) -> None:
    done = run("db", "serve", environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "IRACING_DATABASE_URL is set: the server at" in done.stderr


def test_a_shell_over_a_server_of_ones_own_tells_nobody_the_password(
    environment: dict[str, str], tmp_path: Path
) -> None:
    # In place of psql, a program that says what it was started with.
    program = tmp_path / "psql"
    program.write_text('#!/bin/sh\necho "$@"\nenv | grep ^PG | sort\nexit 3\n')
    program.chmod(0o755)
    place = conninfo_to_dict(environment["IRACING_DATABASE_URL"])
    url = (
        f"postgresql://{place['user']}:s3%20cret@/{place['dbname']}"
        f"?host={place['host']}&port={place.get('port') or 5432}&application_name=me"
    )
    asking = {**environment, "IRACING_DATABASE_URL": url, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = run("db", "shell", "-c", "SELECT 1", "--csv", environment=asking)
    assert done.returncode == 3, done.stderr
    first, *variables = done.stdout.splitlines()
    assert first == "-c SELECT 1 --csv"
    told = dict(line.split("=", 1) for line in variables)
    assert told["PGPASSWORD"] == "s3 cret"
    assert told["PGHOST"] == place["host"]
    assert told["PGDATABASE"] == place["dbname"]
    assert told["PGAPPNAME"] == "me"


def test_without_psql_it_says_what_else_there_is(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iracing_pipeline.commands.server import run_shell
    from iracing_pipeline.core.errors import ConfigurationError

    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("IRACING_DATABASE_URL", "IRACING_DATA_DIR"):
        monkeypatch.setenv(name, environment[name])
    with pytest.raises(ConfigurationError, match="psql is not installed"):
        run_shell([])
    # Nothing is made in a place that has no database yet.
    monkeypatch.delenv("IRACING_DATABASE_URL")
    with pytest.raises(ConfigurationError, match="No database in"):
        run_shell([])
