"""What commands print for programs: rows of a query, races, the summary of a sync."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.commands.sql import run_sql
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import BIN, run

VALUES = {
    "smallint": "(-3)::smallint",
    "bigint": "9007199254740993",
    "numeric": "12345678901234567890.1200",
    "not a number": "'NaN'::numeric",
    "double": "0.1::float8 + 0.2",
    "large": "1e300::float8",
    "endless": "'-Infinity'::float8",
    "yes": "true",
    "nothing": "NULL::text",
    "empty": "''",
    "text": r"E'a \"quoted\", \\ and a\nline — ü ☃ \u0001'",
    "moment": "timestamptz '2026-03-17 06:00:00.25+02'",
    "old": "timestamptz '2026-03-17 06:00:00' - interval '2500 years'",
    "never": "timestamptz 'infinity'",
    "local": "timestamp '2026-03-17 06:00:00'",
    "day": "date '2026-03-17'",
    "doomsday": "date 'infinity'",
    "time": "time '06:30'",
    "span": "interval '1 month 3 days'",
    "range": "int4range(1, 5)",
    "span of moments": "tstzrange('2026-03-17', '2026-03-18')",
    "numbers": "ARRAY[1, NULL, 3]",
    "texts": "ARRAY['a,b', '', NULL, 'NULL']",
    "moments": "ARRAY[timestamptz '2026-03-17 06:00:00']",
    "nested": """jsonb '{"b": [1, {"c": null}], "a": 0.10000000000000000001}'""",
    "json": """json '{"price": 11.950}'""",
    "uuid": "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    "bytes": r"'\xdeadbeef'::bytea",
    "address": "inet '10.0.0.1'",
}
ROW = "SELECT " + ", ".join(f'{sql} AS "{name}"' for name, sql in VALUES.items())


@pytest.fixture
def asked(database_url: str, tmp_path: Path, monkeypatch, capfdbinary):  # type: ignore[no-untyped-def]
    """`db sql` in this process: what it prints."""
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))

    def ask(query: str, form: str) -> str:
        assert run_sql(None, query, form=form) == 0  # type: ignore[arg-type]
        sys.stdout.flush()
        return str(capfdbinary.readouterr().out.decode())

    return ask


def test_values_of_every_type_are_what_postgres_itself_makes_of_them(
    asked, database_url: str
) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        (expected,) = connection.execute(f"SELECT row_to_json(x)::text FROM ({ROW}) x").fetchone()  # type: ignore[misc]
    told = json.loads(expected, parse_float=Decimal)
    (row,) = json.loads(asked(ROW, "json"), parse_float=Decimal)
    assert list(row.items()) == list(told.items())
    line = asked(ROW, "jsonl")
    assert line.count("\n") == 1
    assert json.loads(line, parse_float=Decimal) == told
    assert '"numeric": 12345678901234567890.1200,' in line
    # The same, as text: read by Python's own reader.
    names, values = csv.reader(io.StringIO(asked(ROW, "csv"), newline=""))
    as_text = dict(zip(names, values, strict=True))
    for name, value in told.items():
        if isinstance(value, (list, dict)):
            assert json.loads(as_text[name], parse_float=Decimal) == value, name
        elif name not in {"nothing", "yes", "large", "not a number"}:
            assert as_text[name] == str(value), name
    assert (as_text["yes"], as_text["not a number"]) == ("true", "NaN")


def test_null_is_not_the_empty_text(asked, environment: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    query = "SELECT NULL::text AS a, '' AS b, 'NULL' AS c, NULL::int AS d"
    assert asked(query, "csv") == 'a,b,c,d\n,"",NULL,\n'
    assert json.loads(asked(query, "json")) == [{"a": None, "b": "", "c": "NULL", "d": None}]
    cells = [one.strip() for one in _table(query, environment).splitlines()[3].split("│")[1:-1]]
    assert cells == ["NULL", "", "NULL", "NULL"]


def _table(query: str, environment: dict[str, str]) -> str:
    done = run("db", "sql", query, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("form", "none", "two"),
    [
        ("csv", "n\n", "n\n1\n2\n"),
        ("json", "[]\n", '[\n  {"n": 1},\n  {"n": 2}\n]\n'),
        ("jsonl", "", '{"n": 1}\n{"n": 2}\n'),
    ],
)
def test_no_row_and_several(asked, form: str, none: str, two: str) -> None:  # type: ignore[no-untyped-def]
    assert asked("SELECT n FROM generate_series(1, 0) n", form) == none
    assert asked("SELECT n FROM generate_series(1, 2) n", form) == two


def test_a_query_from_stdin_and_what_cannot_be_asked(environment: dict[str, str]) -> None:
    # Each from a file, as a shell gives it: the program reads its stdin.
    for text, arguments, status, said in (
        (b"SELECT 1 AS one;\n", ("--format", "csv"), 0, "one\n1\n"),
        (b"SELECT 'caf\xe9'", ("-",), 2, "not UTF-8"),
        (b" \n", (), 2, "empty"),
        (b"SELECT 1 AS a, 2 AS a", ("--format", "json"), 2, "Several columns are called a"),
        (b"COPY (SELECT 1) TO STDOUT", ("--format", "json"), 2, "leave --format out"),
        (b"SELECT 1; SELECT 2", ("--format", "jsonl"), 2, "One statement at a time"),
    ):
        done = run("db", "sql", *arguments, environment=environment, stdin=text)
        assert done.returncode == status, (text, done)
        assert said in (done.stderr or done.stdout), (text, done)
        assert "Traceback" not in done.stderr
        assert not (status and done.stdout)


@pytest.mark.parametrize("verb", [("db", "dictionary"), ("--version",)])
def test_a_reader_that_has_seen_enough_is_no_traceback(verb: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [BIN / "iracing-pipeline", *verb], stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_summary_of_a_sync_stands_alone_on_stdout(
    environment: dict[str, str], answers: RecordedResponses
) -> None:
    del answers.season(1002)["season_name"]
    done = run("sync", "--sync-seasons", "--json", environment=environment)
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_status"]) == (1, 1)
    assert told["tables"]["series"]["inserted"] == 2
    assert told["tables"]["tracks"]["rows"] == 2
    assert told["api_calls"] == 7
    assert len(told["run_ids"]) == 1
    assert told["set_aside"]["current_seasons"] == ["season_id=1002: season_name: Field required"]
    assert (told["failures"], told["not_run"]) == ([], [])
    assert "current_seasons" in done.stderr
    # What went wrong before a run began is a message, and no document.
    done = run("sync", "--json", "--limit", "0", environment=environment)
    assert (done.returncode, done.stdout) == (2, "")


def test_what_fails_is_in_the_document(environment: dict[str, str], simulator) -> None:  # type: ignore[no-untyped-def]
    simulator.faults.add("maintenance")
    done = run("sync", "--json", environment=environment)
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_status"]) == (3, 3)
    assert {one["kind"] for one in told["failures"]} == {"maintenance"}
    assert {one["asset"] for one in told["failures"]} >= {"series", "tracks"}
