"""What starting costs: the commands that a shell or a monitor runs often, and what Dagster takes of it.

In: a database that is full of the current quarter. Out: a section.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.document import Section, median, ratio, seconds, times
from benchmarks.side_by_side import Tell
from benchmarks.simulated import BIN, Databases, Target, World, simulated

_OURS = BIN / "iracing-pipeline"
_ASSET = (BIN / "dagster", "asset", "materialize", "-m")
_BARE = """from dagster import Definitions, asset{more}
@asset
def nothing() -> None: ...
defs = Definitions([nothing]{executor})
"""
_IMPORT = "`import dagster`"


def startup(databases: Databases, rounds: int, tell: Tell, *, executors: bool) -> Section:
    """Every command in turn, so many times, after one that does not count.

    `executors`: an asset that does nothing by Dagster's default executor, too.
    """
    section = Section(
        "Start-up",
        f"Whole processes, warm, on an external Postgres with the current quarter in it; {times(rounds)}.",
        ("", "seconds", "CPU s", "times `import dagster`"),
    )
    with simulated(World(60, 0)) as simulator:
        target = databases.fresh(simulator)
        target.run(_OURS, "sync", "--sync-seasons")
        for name, (more, executor) in {
            "bare_asset": (", in_process_executor", ", executor=in_process_executor"),
            "bare_default": ("", ""),
        }.items():
            Path(target.folder, f"{name}.py").write_text(_BARE.format(more=more, executor=executor))
        commands: dict[str, Sequence[str | Path]] = {
            _IMPORT: (sys.executable, "-c", "import dagster"),
            "`iracing-pipeline --version`": (_OURS, "--version"),
            "`iracing-pipeline db sql 'SELECT 1'`": (_OURS, "db", "sql", "SELECT 1"),
            "`iracing-pipeline db status`": (_OURS, "db", "status"),
            "`iracing-pipeline sync --sync-seasons`, nothing changed": (
                _OURS,
                "sync",
                "--sync-seasons",
            ),
            "importing the definitions": (
                sys.executable,
                "-c",
                "import iracing_pipeline.definitions",
            ),
            "asset `series` by `dagster asset materialize`": (
                *(*_ASSET, "iracing_pipeline.definitions", "--select", "series"),
            ),
            "an asset that does nothing, in process": (
                *_ASSET,
                "bare_asset",
                "--select",
                "nothing",
            ),
        }
        if executors:
            commands["the same with Dagster's default executor"] = (
                *(*_ASSET, "bare_default", "--select", "nothing"),
            )
        took = _rounds(target, commands, rounds, section)
    base = median([clock for clock, _ in took[_IMPORT]])
    for name in commands:
        clock, cpu = (median([one[axis] for one in took[name]]) for axis in (0, 1))
        if clock is not None:
            section.rows.append((name, seconds(clock), seconds(cpu), ratio(clock, base)))
            tell(" ".join(section.rows[-1]))
    return section


def _rounds(
    target: Target, commands: dict[str, Sequence[str | Path]], rounds: int, section: Section
) -> dict[str, list[tuple[float, float]]]:
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    broken: set[str] = set()
    for number in range(rounds + 1):
        for name, command in commands.items():
            if name in broken:
                continue
            try:
                done = target.run(*command, PYTHONPATH=str(target.folder))
            except RuntimeError as error:
                broken.add(name)
                section.failures.append(f"{name}: {error}")
            else:
                if number:
                    took[name].append((done.seconds, done.cpu_seconds))
    return took
