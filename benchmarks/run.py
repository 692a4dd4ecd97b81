"""Measurements behind the claims in the documentation: `make bench`, or one by name.

In: nothing; a simulator and an embedded Postgres of their own. Out: a table. Never part of the tests.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from feeds import feeds
from history import history
from sessions import sessions

BIN = Path(sys.executable).parent
ROUNDS = 5


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def startup(folder: Path) -> None:
    """`dagster asset materialize` of `series` against an asset that returns None, side by side."""
    from iracing_pipeline.simulator import Simulator, WorldSource

    bodies = {
        "nothing_in_process": "from dagster import Definitions, asset, in_process_executor\n"
        "@asset\ndef nothing() -> None: ...\n"
        "defs = Definitions([nothing], executor=in_process_executor)\n",
        "nothing_default": "from dagster import Definitions, asset\n"
        "@asset\ndef nothing() -> None: ...\ndefs = Definitions([nothing])\n",
    }
    for name, body in bodies.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(body))
    with Simulator(WorldSource(series=60)) as simulator:
        environment = {
            **os.environ,
            **simulator.environment,
            "IRACING_DATA_DIR": str(folder / "data"),
            "IRACING_CACHE_TTL": "900",
            "PYTHONPATH": str(folder),
        }
        environment.pop("DAGSTER_HOME", None)
        commands = {
            "returns None, default (multiprocess) executor": ("nothing_default", "nothing"),
            "returns None, in-process executor": ("nothing_in_process", "nothing"),
            "series": ("iracing_pipeline.definitions", "series"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS + 1):
            for name, (module, selection) in commands.items():
                command = ["asset", "materialize", "-m", module, "--select", selection]
                seconds[name].append(
                    _timed(
                        lambda command=command: subprocess.run(
                            [BIN / "dagster", *command],
                            env=environment,
                            cwd=folder,
                            check=True,
                            capture_output=True,
                        )
                    )
                )
    print(f"startup: `dagster asset materialize`, median of {ROUNDS} after one warm-up")
    for name, values in seconds.items():
        print(f"  {name:<48} {statistics.median(values[1:]):6.2f} s")


def load(folder: Path) -> None:
    """Importing the definitions against importing Dagster, side by side."""
    commands = {"import dagster": "dagster", "definitions": "iracing_pipeline.definitions"}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(2 * ROUNDS + 1):
        for name, module in commands.items():
            command = [sys.executable, "-c", f"import {module}"]
            seconds[name].append(
                _timed(lambda command=command: subprocess.run(command, cwd=folder, check=True))
            )
    print(f"load: median of {2 * ROUNDS} after one warm-up")
    medians = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"  {name:<48} {value:6.2f} s")
    print(f"  {'ratio':<48} {medians['definitions'] / medians['import dagster']:6.2f}")


def merge(folder: Path) -> None:
    """Rows per second of the merge: first load, unchanged rerun, one row in a hundred changed."""
    from iracing_pipeline.warehouse.database import Database
    from iracing_pipeline.warehouse.merge.batches import TableBatch
    from iracing_pipeline.warehouse.merge.merging import merge_tables
    from iracing_pipeline.warehouse.schema.tables import table

    database = Database(None, folder / "data")
    weeks = 12
    seasons = [
        {"season_id": n, "series_id": n % 600, "season_name": f"Season {n}"} for n in range(6200)
    ]
    rows = [
        {
            "season_id": season["season_id"],
            "race_week_num": week,
            "series_id": season["series_id"],
            "track_id": (season["season_id"] * 7 + week) % 461,
            "track_name": f"Track {week}",
            "temp_c": 20.5,
            "simulated_time_offsets_minutes": [15, 35],
        }
        for season in seasons
        for week in range(weeks)
    ]
    changed = [
        {**row, "track_id": 999} if number % 100 == 0 else row for number, row in enumerate(rows)
    ]

    def load(weeks_to_load: list[dict[str, Any]]) -> None:
        with database.begin() as connection:
            merge_tables(
                connection,
                [
                    TableBatch(table("seasons"), seasons),
                    TableBatch(table("season_schedules"), weeks_to_load),
                ],
                run_id="bench",
            )

    database.ensure_current()
    print(f"merge: {len(rows):,} weeks and {len(seasons):,} seasons, one transaction")
    for name, weeks_to_load in (
        ("first load", rows),
        ("unchanged", rows),
        ("1 % changed", changed),
    ):
        seconds = _timed(lambda weeks_to_load=weeks_to_load: load(weeks_to_load))
        print(f"  {name:<48} {seconds:6.2f} s {(len(rows) + len(seasons)) / seconds:10,.0f} rows/s")
    database.dispose()


def sync(folder: Path) -> None:
    """A whole `sync --sync-seasons`, cold, refreshed and from landed answers, for a full quarter."""
    from iracing_pipeline.simulator import Simulator, WorldSource

    with Simulator(WorldSource(series=300, past_quarters=2)) as simulator:
        environment = {
            **os.environ,
            **simulator.environment,
            "IRACING_DATA_DIR": str(folder / "data"),
        }
        print("sync: `iracing-pipeline sync --sync-seasons`, world of 300 series, process included")
        for name, flags in (
            ("cold", []),
            ("--refresh", ["--refresh"]),
            ("from landed answers", []),
        ):
            command = [BIN / "iracing-pipeline", "sync", "--sync-seasons", *flags]
            seconds = _timed(
                lambda command=command: subprocess.run(
                    command, env=environment, check=True, capture_output=True
                )
            )
            print(f"  {name:<48} {seconds:6.2f} s")


BENCHMARKS = {
    "load": load,
    "startup": startup,
    "merge": merge,
    "sync": sync,
    "history": history,
    "sessions": sessions,
    "feeds": feeds,
}


def main() -> None:
    for name in sys.argv[1:] or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="iracing-bench-") as folder:
            # The account that a root session's Postgres runs as has to get in.
            Path(folder).chmod(0o755)
            BENCHMARKS[name](Path(folder))


if __name__ == "__main__":
    main()
