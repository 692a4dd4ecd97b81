"""Commands that are interrupted or killed: what they say, what they leave, how the next one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Union

import pytest

from iracing_pipeline.simulator import Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.forked_commands import Forked
from iracing_pipeline_tests.support.shell import BIN, fork, run

Begin = Callable[..., Union[Forked, "subprocess.Popen[str]"]]


def executed(
    *arguments: str, environment: dict[str, str], **options: bool
) -> subprocess.Popen[str]:
    """The command as a shell starts it."""
    return subprocess.Popen(
        [BIN / "iracing-pipeline", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def _start_slow_sync(
    environment: dict[str, str],
    simulator: Simulator,
    begin: Begin = fork,
) -> Forked | subprocess.Popen[str]:
    """A sync that hangs in series/seasons, after series and reference data have landed."""
    simulator.faults.add("slow", "series/seasons", seconds=30, times=1)
    process = begin("sync", "--sync-seasons", environment=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if "series/seasons: asking" in line:
            return process
    raise AssertionError("the sync ended before it asked for seasons")


@pytest.mark.parametrize(("number", "begin"), [(signal.SIGINT, executed), (signal.SIGTERM, fork)])
def test_an_interrupted_sync_ends_at_once_and_says_how_to_go_on(
    environment: dict[str, str],
    simulator: Simulator,
    database: Database,
    number: signal.Signals,
    begin: Begin,
) -> None:
    process = _start_slow_sync(environment, simulator, begin)
    process.send_signal(number)
    output, _ = process.communicate(timeout=25)
    assert process.returncode == 130
    assert "Interrupted. What had landed before stays" in output
    assert "Traceback" not in output
    assert query(
        database, "SELECT status FROM iracing.sync_runs WHERE asset = 'current_seasons'"
    ) == [("failure",)]


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_any_moment_is_an_interrupt_and_no_riddle(
    environment: dict[str, str], number: signal.Signals
) -> None:
    # From before Dagster is there to between, inside and after the steps.
    for begin, moment in ((executed, 0.6), (executed, 1.4), (fork, 0.3), (fork, 0.8)):
        process = begin(
            *("sync", "--sync-seasons", "--refresh"),
            environment=environment,
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
    process = fork("sync", environment=environment)
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


@pytest.mark.promise(5)
def test_killed_at_any_point_a_rerun_ends_in_the_same_tables(
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


@pytest.mark.chaos
@pytest.mark.promise(5)
def test_a_sync_works_however_often_it_was_killed_before(
    environment: dict[str, str], simulator: Simulator
) -> None:
    for _ in range(3):
        process = _start_slow_sync(environment, simulator)
        process.kill()
        process.communicate(timeout=25)
        simulator.faults.clear()
    assert run("sync", "--sync-seasons", environment=environment).returncode == 0
