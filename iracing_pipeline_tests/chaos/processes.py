"""Faults of processes: killed, told to stop, several at once.

In: nothing. Out: a list of Fault, most of which play their commands themselves.
"""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Callable, Iterator

from iracing_pipeline_tests.chaos.bench import FORGETFUL, Bench, Ended, command
from iracing_pipeline_tests.chaos.promises import HISTORY, SEASONS, Ends, Fault
from iracing_pipeline_tests.support.forked_commands import Forked
from iracing_pipeline_tests.support.shell import fork, run

# Ends itself, as kill -9 does, at a commit of the driver: before it, or once the server has answered.
_KILLED_AT_A_COMMIT = """
import os, signal, sys
import psycopg
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services
from iracing_pipeline_tests.support.engine_sync import run_assets
left, is_before = int(sys.argv.pop(1)), sys.argv.pop(1) == "before"
commit = psycopg.Connection.commit

def bomb(connection):
    global left
    left -= 1
    if left == 0 and is_before:
        os.kill(os.getpid(), signal.SIGKILL)
    commit(connection)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

psycopg.Connection.commit = bomb
services = Services(Settings.from_environment())
said = run_assets(services)
failed = [one for one in said.values() if isinstance(one, str)]
print(failed)
services.close()
sys.exit(1 if failed else 0)
"""


def started(bench: Bench, *arguments: str) -> Forked:
    """The command, running, in a session of its own as under a terminal."""
    return fork(
        FORGETFUL, *arguments, environment=bench.variables, program="python", start_new_session=True
    )


def ended(process: Forked, began: float) -> Ended:
    text, _ = process.communicate()
    return Ended(process.wait(), text, time.monotonic() - began)


def _struck(bench: Bench, number: int, *, times: int, command: tuple[str, ...]) -> Ended:
    """The command is sent the signal at a moment that the seed chooses, `times` one after the other."""
    for _ in range(times):
        began = time.monotonic()
        moment = len(bench.api.seen) + bench.dice.randrange(12)
        process = started(bench, *command, "--refresh")
        while process.poll() is None and len(bench.api.seen) < moment:
            time.sleep(0.005)
        time.sleep(bench.dice.random() * 0.3)
        process.send_signal(number)
        last = ended(process, began)
        if number == signal.SIGKILL:
            assert last.status in (0, -signal.SIGKILL), last.text
        else:
            assert last.status in (0, 130), last.text
            assert "Traceback" not in last.text
    return Ended(1, last.text, last.seconds)


def _killed(times: int, command: tuple[str, ...]) -> Callable[[Bench], Ended]:
    return lambda bench: _struck(bench, signal.SIGKILL, times=times, command=command)


def _told(number: int) -> Callable[[Bench], Ended]:
    return lambda bench: _struck(bench, number, times=3, command=SEASONS)


def _at_every_commit(bench: Bench) -> Ended:
    """Each process gets as far as one commit further than the one before it."""
    for number in itertools.count(1):
        statuses = []
        for when in ("before", "after"):
            done = run(
                _KILLED_AT_A_COMMIT,
                str(number),
                when,
                environment=bench.variables,
                program="python",
            )
            statuses.append(done.returncode)
        assert set(statuses) <= {0, -signal.SIGKILL}, done.stdout + done.stderr
        if -signal.SIGKILL not in statuses:
            return Ended(1, f"{number} commits", 0)
    raise AssertionError


def _at_once(*commands: tuple[str, ...]) -> Callable[[Bench], Ended]:
    """All of these started together; how the first that failed ended, else the last."""

    def play(bench: Bench) -> Ended:
        began = time.monotonic()
        running = [started(bench, *one) for one in commands]
        done = [ended(one, began) for one in running]
        return next((one for one in done if one.status), done[-1])

    return play


def _at_once_after_a_sync(*commands: tuple[str, ...]) -> Callable[[Bench], Ended]:
    def play(bench: Bench) -> Ended:
        assert command(bench, *SEASONS).status == 0
        return _at_once(*commands)(bench)

    return play


def _migrated_twice(bench: Bench) -> Ended:
    """Two migrations of an empty database at once, both by the command; then the sync of the fault."""
    for statement in ("DROP SCHEMA iracing CASCADE", "DROP SCHEMA iracing_private CASCADE"):
        bench.execute(statement)
    both = _at_once(("db", "upgrade"), ("db", "upgrade"))(bench)
    return command(bench, *SEASONS) if both.status == 0 else both


def _faults() -> Iterator[Fault]:
    killed = Ends(1, says="what had been committed stays", shown="-")
    told = Ends(1, says="“Interrupted. What had landed before stays”", shown="130")
    for part in range(4):
        yield Fault(
            *("kills", f"kill -9 at twenty random moments ({part * 5 + 1} to {part * 5 + 5})"),
            ends=killed,
            seconds=600,
            command=HISTORY if part % 2 else SEASONS,
            play=_killed(5, HISTORY if part % 2 else SEASONS),
        )
    yield Fault(
        "kills",
        "kill -9 before and after every commit",
        ends=killed,
        seconds=600,
        play=_at_every_commit,
        command=HISTORY,
    )
    yield Fault(
        "kills",
        "SIGTERM at three random moments",
        ends=told,
        seconds=120,
        play=_told(signal.SIGTERM),
    )
    yield Fault(
        "kills", "^C at three random moments", ends=told, seconds=120, play=_told(signal.SIGINT)
    )
    yield Fault(
        "at once",
        "two syncs",
        play=_at_once(SEASONS, (*SEASONS, "--refresh")),
        seconds=120,
    )
    yield Fault(
        "at once",
        "two syncs, a rebuild and the filling in of history",
        seconds=120,
        command=HISTORY,
        play=_at_once_after_a_sync((*SEASONS, "--refresh"), SEASONS, ("db", "rebuild"), HISTORY),
    )
    yield Fault(
        "at once",
        "ten processes with history",
        seconds=600,
        command=HISTORY,
        play=_at_once(*[HISTORY] * 10),
    )
    yield Fault("at once", "two migrations of an empty database", seconds=120, play=_migrated_twice)


PROCESSES: list[Fault] = list(_faults())
