"""All partitions of past_seasons and then season_schedules through Dagster, beside the same calls in a loop.

In: the size of a world. Out: a section. The daemon is a real one, whose looks are a second apart.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.document import Section, ratio, seconds, whole
from benchmarks.side_by_side import THREADS, Tell, module
from benchmarks.simulated import (
    BIN,
    ROOT,
    Databases,
    Measured,
    Target,
    World,
    calls_of,
    simulated,
)
from iracing_pipeline_tests.support.daemon import Daemon

DEFINITIONS = "iracing_pipeline_tests.support.backfill_definitions"


def backfill(databases: Databases, size: tuple[int, int], tell: Tell) -> Section:
    """From the index, from the API partition by partition, and the schedules as one run."""
    section = Section(
        "Backfill",
        f"All partitions of a world of {size[0]} x {size[1]} backfilled through Dagster's daemon, "
        f"{THREADS} requests at a time, and beside it the same calls in a loop of as many threads "
        "that keeps nothing.",
        ("", "partitions", "runs", "calls", "seconds", "loop, s", "ratio", "peak MB"),
    )

    def through_the_daemon(target: Target, name: str, *, refresh: bool = False) -> None:
        options = {"refresh": refresh, "concurrency": THREADS}
        with Daemon(_home(target), target.environment, module=DEFINITIONS) as daemon:
            keys = daemon.instance.get_dynamic_partitions("series_id")
            target.simulator.forget()
            done = daemon.backfill(
                "past_seasons",
                keys,
                run_config={"ops": {"past_seasons": {"config": options}}},
                timeout=900,
            )
            calls = calls_of(target.simulator.requests())
        if len(done.materialized) != len(keys):
            section.failures.append(
                f"{name}: {done.status}, {len(done.materialized)} of {len(keys)} partitions"
            )
        loop = _loop(target, calls.wanted) if calls.wanted else None
        section.rows.append(
            (
                *(name, whole(len(keys)), whole(len(done.runs)), whole(len(calls))),
                *(seconds(done.seconds), seconds(loop), ratio(done.seconds, loop)),
                whole(done.peak_run_mb),
            )
        )
        tell(" ".join(section.rows[-1]))

    with simulated(World(*size)) as simulator:
        target = databases.fresh(simulator)
        _materialize(target, "series")
        through_the_daemon(target, "past_seasons from the landed index")
        done = _materialize(target, "current_seasons", "season_schedules")
        loop = _loop(target, done.calls.wanted)
        section.rows.append(
            (
                *("season_schedules, one run", "", "1", whole(len(done.calls))),
                *(seconds(done.seconds), seconds(loop), ratio(done.seconds, loop)),
                whole(done.peak_mb),
            )
        )
        tell(" ".join(section.rows[-1]))
        target = databases.fresh(simulator)
        _materialize(target, "series")
        simulator.break_index()
        through_the_daemon(target, "past_seasons, a call per partition", refresh=True)
    section.notes.append(
        "The daemon looks for backfills every second here, and every 30 in a deployment."
    )
    return section


def _home(target: Target) -> Path:
    home = target.folder / "home"
    if not home.exists():
        home.mkdir()
        (home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    return home


def _materialize(target: Target, *assets: str) -> Measured:
    selection = ("--select", ",".join(assets))
    command = (BIN / "dagster", "asset", "materialize", "-m", "iracing_pipeline.definitions")
    return target.run(*command, *selection, DAGSTER_HOME=str(_home(target)))


def _loop(target: Target, calls: list[tuple[str, dict[str, str]]]) -> float:
    """Seconds that calls take with nothing but httpx, in another process, its start left out."""
    path = target.folder / "loop.json"
    path.write_text(json.dumps({"calls": calls, "files": [], "threads": THREADS}))
    done = target.run(*module("floor", str(path)))
    took: float = json.loads(done.output.splitlines()[-1])["fetch"]
    return took
