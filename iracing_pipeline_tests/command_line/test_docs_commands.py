"""Commands and programs that the documentation shows run in the demo's world, or a table says why not."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.shell import BIN, run

PAGES = ("README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))
SERVES = "serves until it is stopped: test_served"
INSTALLS = "builds the environment that the tests run in"
DEVELOPS = "for developers; a test says what it would change"
HISTORY = "thousands of requests: test_backfill_processes has a small world for it"
NAMED = "names the program; what it is given stands beside it"
SETS = "sets a variable to what only the reader knows"
OTHERS = "another program's"
EXAMPLE = "test_examples runs it"

NOT_RUN = {
    "make demo": INSTALLS,
    "make install": INSTALLS,
    "make test": INSTALLS,
    "make ui": SERVES,
    "make ui-demo": SERVES,
    "make lint": DEVELOPS,
    "make lock": DEVELOPS,
    "make bench": DEVELOPS,
    "make bench-full": DEVELOPS,
    "python -m benchmarks --full startup": DEVELOPS,
    "make dictionary": DEVELOPS,
    "make promises": DEVELOPS,
    "make chaos": DEVELOPS,
    "make chaos SEED=7": DEVELOPS,
    "make reliability": DEVELOPS,
    "make audit": DEVELOPS,
    "make check": DEVELOPS,
    "make test-postgres PG=14": DEVELOPS,
    "make test-clients": DEVELOPS,
    "make test-data TEST_POSTGRES_URL=…": DEVELOPS,
    "pip install 'iracing-pipeline[cloud]'": INSTALLS,
    "pip install 'iracing-pipeline[parquet]'": INSTALLS,
    "pip install 'iracing-pipeline[login]'": INSTALLS,
    "iracing-pipeline login": "waits for somebody in a browser: test_login",
    "export IRACING_CLIENT_ID=… IRACING_CLIENT_SECRET=… IRACING_USERNAME=… IRACING_PASSWORD=…": SETS,
    "export IRACING_DATABASE_URL=postgresql://user:password@host/database": SETS,
    "export IRACING_WEBHOOK_URL=https://discord.com/api/webhooks/…": SETS,
    "python3 -m http.server 8080 --directory .iracing/calendars": OTHERS,
    "python3 -m http.server 8000 --directory site": OTHERS,
    "python3 examples/bot/bot.py --data site/data --hours 3": EXAMPLE,
    'out=$(.venv/bin/iracing-pipeline db status) || echo "$out" | tail -n 1': OTHERS,
    "iracing-pipeline simulate --port 8700": SERVES,
    "iracing-pipeline simulate --port 8700 --captures DIR": SERVES,
    "iracing-pipeline simulate --series 150 --seed 7": SERVES,
    "iracing-pipeline simulate --port 8700 --logins-per-hour 0 --rate-limit 0": SERVES,
    "iracing-pipeline simulate --host 0.0.0.0 --port 8700 --storage-port 8701 --rate-limit 60 "
    "--logins-per-hour 3": SERVES,
    "iracing-pipeline db status --prometheus > /var/lib/node_exporter/iracing.tmp && "
    "mv /var/lib/node_exporter/iracing.tmp /var/lib/node_exporter/iracing.prom": OTHERS,
    "dagster-webserver -m iracing_pipeline.definitions": SERVES,
    "dagster-daemon run -m iracing_pipeline.definitions": SERVES,
    "dagster dev": SERVES,
    "dg dev": SERVES,
    "iracing-pipeline db serve": SERVES,
    "make definitions": DEVELOPS,
    "dagster asset materialize": NAMED,
    "iracing-pipeline db sql": NAMED,
    "iracing-pipeline db sql QUERY": NAMED,
    "iracing-pipeline sync --sync-seasons --sync-past-seasons": HISTORY,
    "iracing-pipeline sync --sync-seasons --sync-past-seasons --refresh": HISTORY,
    "dagster job execute -m iracing_pipeline.definitions -j sync_past_seasons -c options.yaml": HISTORY,
}

OF_A_SYNC = "iracing-pipeline sync --sync-seasons --dry-run --limit 5"

_PROGRAM = re.compile(
    r"(?:make|pip|psql|python3?|iracing-pipeline|dagster(?:-\w+)?|dg|export|out=\S+) "
)
_OURS = re.compile(r"(?:sync|calendar|export(?= --)|db) ")
_CRON = re.compile(r"^[\d*/,]+(?: +[\d*/,]+){4} +cd \S+ && ")


def commands(page: str) -> list[str]:
    """Those of a page: its blocks of shell and of cron's lines, and those in its sentences and tables."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    lines = [
        line.strip() for kind, block in blocks if kind in {"", "sh"} for line in block.splitlines()
    ]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    found = [_CRON.sub("", re.split(r" {2,}#|^#", line)[0].strip()) for line in [*lines, *spans]]
    return list(dict.fromkeys(one for one in map(_whole, found) if _PROGRAM.match(one)))


def _whole(command: str) -> str:
    """As it is typed, without the place of the program; `…` stands for what the page said before."""
    command = command.removeprefix(".venv/bin/")
    if command.startswith("… --"):
        return f"{OF_A_SYNC} {command[2:]}"
    if command.startswith("--partition-range "):
        asset = "dagster asset materialize -m iracing_pipeline.definitions --select past_seasons"
        return f"{asset} {command}"
    return f"iracing-pipeline {command}" if _OURS.match(command) else command


@pytest.fixture(scope="module")
def world(
    new_database_url: Callable[[str | None], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of who has synced the first series of the demo's world into a database of their own."""
    folder = tmp_path_factory.mktemp("docs")
    with Simulator(WorldSource(series=12, past_quarters=2), rate_limit=100_000) as simulator:
        environment = {
            **os.environ,
            **simulator.environment,
            "IRACING_DATABASE_URL": new_database_url(None),
            "IRACING_DATA_DIR": str(folder),
            "IRACING_CACHE_TTL": "86400",
        }
        done = run("sync", "--sync-seasons", environment=environment, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        # What the page shows for a file of the data directory.
        (feeds,) = re.findall(
            r"```toml\n(.*?)```", (ROOT / "docs/calendars.md").read_text(), re.DOTALL
        )
        (folder / "feeds.toml").write_text(feeds)
        yield {**environment, "DAGSTER_HOME": str(folder / "dagster")}


def test_every_command_that_can_be_run_runs(world: dict[str, str]) -> None:
    folder = Path(world["IRACING_DATA_DIR"])
    failed = {}
    shown = (command for page in PAGES for command in commands(page))
    to_run = [_of_the_world(command, world) for command in shown if command not in NOT_RUN]
    # In the order of the pages, each once; options that a page shows by themselves, all in one command.
    for command in dict.fromkeys(_options_together(to_run)):
        done = _run(command, world, folder)
        if done.returncode:
            failed[command] = (done.stdout + done.stderr)[-1000:]
    assert failed == {}
    assert {path.name for path in folder.glob("calendars/own-*")} == {
        "own-evenings.ics",
        "own-weekend-ovals.ics",
    }


def _options_together(to_run: list[str]) -> Iterator[str]:
    options = {
        command.removeprefix(OF_A_SYNC)
        for command in to_run
        # A quarter of a year, which leaves no series to some of the others.
        if command.startswith(f"{OF_A_SYNC} ") and "--season-year" not in command
    }
    yield from (command for command in to_run if command.removeprefix(OF_A_SYNC) not in options)
    assert len(options) > 5
    yield OF_A_SYNC + "".join(sorted(options))


def _of_the_world(command: str, world: dict[str, str]) -> str:
    """With a quarter that this world has, in place of the page's: which it has depends on the day."""
    if "--season-year" not in command:
        return command
    with psycopg.connect(world["IRACING_DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT season_year, season_quarter FROM iracing.seasons WHERE active LIMIT 1"
        ).fetchone()
    assert row
    year, quarter = row
    return re.sub(
        r"--season-year \d+ --season-quarter \d",
        f"--season-year {year} --season-quarter {quarter}",
        command,
    )


def _run(command: str, world: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    if program == "dg":
        # It finds the project by the pyproject.toml of where it is called.
        return run(*arguments, environment=world, program=program, cwd=ROOT)
    if program in {"iracing-pipeline", "dagster"}:
        return run(*arguments, environment=world, program=program, cwd=folder)
    assert program == "psql", f"{command} is neither ours nor in the table of what is not run"
    if shutil.which("psql") is None:
        with psycopg.connect(world["IRACING_DATABASE_URL"]) as connection:
            connection.execute(arguments[-1].encode())
        return subprocess.CompletedProcess(arguments, 0, "", "")
    line = command.replace(".venv/bin/", f"{shlex.quote(str(BIN))}/")
    return subprocess.run(
        ["/bin/sh", "-c", line], env=world, cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_program_in_python_runs(world: dict[str, str], tmp_path: Path) -> None:
    failed = {}
    for page in PAGES:
        if page == "docs/resources.md":
            continue  # assets, which test_resources runs
        for block in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL):
            # A database that only the reader knows is this world's.
            program = re.sub(r'"postgresql://[^"]*"', repr(world["IRACING_DATABASE_URL"]), block)
            done = subprocess.run(
                [sys.executable, "-c", program],
                env=world | {"PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode or ("print(" in block and not done.stdout):
                failed[page] = (done.stdout + done.stderr)[-1000:]
    assert failed == {}


def test_nothing_is_excused_that_no_page_shows() -> None:
    shown = {command for page in PAGES for command in commands(page)}
    assert set(NOT_RUN) - shown == set()


def test_the_ids_of_examples_are_those_of_the_demo(world: dict[str, str]) -> None:
    with psycopg.connect(world["IRACING_DATABASE_URL"]) as connection:
        known = {row[0] for row in connection.execute("SELECT series_id FROM iracing.series")}
        running = {row[0] for row in connection.execute("SELECT series_id FROM iracing.seasons")}
    example = re.compile(r"series[_-]id\"?[ =:]+(\d+)|--partition(?:-range)? (\d+)(?:\.\.\.(\d+))?")
    named = {
        int(number)
        for page in PAGES
        for found in example.findall((ROOT / page).read_text())
        for number in found
        if number
    }
    assert named
    assert named <= known
    assert 47 in running
