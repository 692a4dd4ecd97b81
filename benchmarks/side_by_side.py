"""A whole history into an empty database, by everybody, in alternating order: the floor, ours, dlt, a loop.

In: sizes of a world, rounds. Out: two sections, the largest world in numbers and all of them as growth.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.document import Section, median, ratio, seconds, times, whole
from benchmarks.plot import plot
from benchmarks.simulated import (
    BIN,
    Databases,
    Measured,
    Simulated,
    Target,
    World,
    simulated,
)
from benchmarks.tables import NAMES, copied_out, equal_tables, rows_in

SYNC = (BIN / "iracing-pipeline", "sync", "--sync-seasons", "--sync-past-seasons")
REBUILD = (BIN / "iracing-pipeline", "db", "rebuild")
THREADS = 4

FLOOR, OURS, AGAIN, REBUILT = "floor", "ours, cold", "ours, the same again", "ours, `db rebuild`"
DLT, LOOP = "dlt", "loop of upserts"
EVERYBODY = (FLOOR, OURS, AGAIN, REBUILT, DLT, LOOP)
Tell = Callable[[str], None]


@dataclass
class Compared:
    """One world, measured by everybody."""

    world: World
    calls: int
    files: int
    results: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    stored: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Seasons, weeks, rows."""
    floor: list[dict[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def seconds(self, name: str) -> float | None:
        return median([one.seconds for one in self.results[name]])

    def cpu(self, name: str) -> float | None:
        return median([one.cpu_seconds for one in self.results[name]])

    def peak(self, name: str) -> float | None:
        return median([one.peak_mb for one in self.results[name]])

    @property
    def rows(self) -> int:
        return self.stored.get(OURS, (0, 0, 0))[2]


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this package."""
    return (sys.executable, "-m", f"benchmarks.{name}", *arguments)


def dlt_environment(target: Target) -> dict[str, str]:
    """Its files go into the target's folder, nothing goes to its makers, and it has everybody's threads."""
    return {
        "DLT_DATA_DIR": str(target.folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "EXTRACT__WORKERS": str(THREADS),
    }


def plan_of(target: Target, measured: Measured, **more: object) -> str:
    """A file that says what the floor and the loop have to ask."""
    path = target.folder / "plan.json"
    asked = {"calls": measured.calls.wanted, "files": measured.calls.files, "threads": THREADS}
    path.write_text(json.dumps({**asked, **more}))
    return str(path)


class _Race:
    def __init__(self, databases: Databases, simulator: Simulated, world: World) -> None:
        self._databases, self._simulator = databases, simulator
        # Not counted: makes the simulator's bodies, and leaves the rows that floor and loop write.
        self._source = databases.fresh(simulator)
        first = self._source.run(*SYNC)
        self._copies = copied_out(self._source.url, self._source.folder)
        self._first = first
        self.compared = Compared(world, len(first.calls), len(first.calls.files))

    def floor(self) -> None:
        done = self._into_equal_tables("floor", copies=self._copies)
        self.compared.results[FLOOR].append(done)
        self.compared.floor.append(json.loads(done.output.splitlines()[-1]))
        self.compared.stored[FLOOR] = rows_in(self._source.url, "bench_floor")

    def loop(self) -> None:
        done = self._into_equal_tables("upsert_loop", tables=NAMES)
        self.compared.results[LOOP].append(done)
        self.compared.stored[LOOP] = rows_in(self._source.url, "bench_upsert_loop")

    def _into_equal_tables(self, name: str, **more: object) -> Measured:
        schema = f"bench_{name}"
        equal_tables(self._source.url, schema)
        plan = plan_of(self._source, self._first, schema=schema, **more)
        return self._source.run(*module(name, plan))

    def ours(self) -> None:
        target = self._databases.fresh(self._simulator)
        self.compared.results[OURS].append(target.run(*SYNC))
        self.compared.stored[OURS] = rows_in(target.url, "iracing")
        self.compared.results[AGAIN].append(target.run(*SYNC))
        self.compared.results[REBUILT].append(target.run(*REBUILD))

    def dlt(self) -> None:
        target = self._databases.fresh(self._simulator)
        done = target.run(*module("dlt_pipeline", "quarters"), **dlt_environment(target))
        self.compared.results[DLT].append(done)
        self.compared.stored[DLT] = rows_in(target.url, "racing")


def compare(databases: Databases, world: World, rounds: int, tell: Tell) -> Compared:
    """Everybody in this world, so many times; whoever fails is left out and said."""
    with simulated(world) as simulator:
        race = _Race(databases, simulator, world)
        turns = [race.ours, race.floor, race.dlt, race.loop]
        for number in range(rounds):
            # Each round begins with another.
            start = number % len(turns)
            order = turns[start:] + turns[:start]
            for turn in order:
                try:
                    turn()
                except Exception as error:  # noqa: BLE001 the page says which, and the others go on
                    failure = f"{turn.__name__}, world of {world}: {error}"
                    if failure not in race.compared.failures:
                        race.compared.failures.append(failure)
                    tell(failure)
            tell(f"world of {world}, round {number + 1}: {_line(race.compared)}")
    return race.compared


def _line(compared: Compared) -> str:
    return ", ".join(
        f"{name} {measured[-1].seconds:.1f} s" for name, measured in compared.results.items()
    )


def history(
    databases: Databases, sizes: Sequence[tuple[int, int]], rounds: int, tell: Tell
) -> list[Section]:
    """The largest of the sizes in numbers, then how time grows from the first to the last."""
    done = [compare(databases, World(*size, "full"), rounds, tell) for size in sizes]
    return [_whole_history(done[-1], rounds), _growth(done)]


def _whole_history(compared: Compared, rounds: int) -> Section:
    floor, dlt = compared.seconds(FLOOR), compared.seconds(DLT)
    section = Section(
        "The whole history",
        f"A history of {compared.world} (series x past quarters) out of {compared.calls} calls and "
        f"{compared.files:,} forecasts into an empty database: the clock of the whole process, start "
        f"included; {times(rounds)}.",
        (
            "",
            "seconds",
            "CPU s",
            "peak MB",
            "seasons",
            "weeks",
            "rows",
            "times the floor",
            "dlt ÷ it",
        ),
        failures=[*compared.failures],
    )
    for name in EVERYBODY:
        if not compared.results[name]:
            continue
        took = compared.seconds(name)
        stored = compared.stored.get(name)
        counts = [whole(count) for count in stored] if stored else ["", "", ""]
        section.rows.append(
            (
                *(name, seconds(took), seconds(compared.cpu(name)), whole(compared.peak(name))),
                *(*counts, ratio(took, floor), ratio(dlt, took)),
            )
        )
    if compared.floor:
        halves = {half: median([one[half] for one in compared.floor]) for half in compared.floor[0]}
        section.notes.append(
            f"**floor**: the same answers fetched with httpx by {THREADS} threads and parsed with orjson, "
            f"both hops and login included ({seconds(halves.get('fetch'))} s), then binary COPY of the very "
            f"same rows into equal empty tables with their indexes ({seconds(halves.get('copy'))} s)."
        )
    section.notes += [
        "**ours**: `iracing-pipeline sync --sync-seasons --sync-past-seasons`; the same command again, by "
        f"which {_written(compared, AGAIN)} rows of data were written; `iracing-pipeline db rebuild`, by "
        f"which {_written(compared, REBUILT)} were. The CPU of the rebuild is "
        f"{ratio(compared.cpu(REBUILT), compared.cpu(OURS))} times that of the cold run.",
        "**dlt**: `benchmarks/dlt_pipeline.py`, one call per quarter, weeks and what they hold as child "
        "tables, merged, items cut down to what ours keeps. It records no change, lands no answer, and keeps "
        "neither a budget nor quarantine.",
        "**loop of upserts**: the same answers one after another, then `INSERT … ON CONFLICT` per row into "
        "equal tables, one transaction per table; the rows come ready made.",
    ]
    return section


def _written(compared: Compared, name: str) -> str:
    return whole(max((one.rows_written for one in compared.results[name]), default=None))


def _growth(done: Sequence[Compared]) -> Section:
    largest = max(done[0].rows, 1)
    section = Section(
        "Growth",
        "The same for smaller worlds: seconds against rows.",
        ("world", "rows", "times", *(f"{name}, s" for name in EVERYBODY), "peak MB, ours"),
        failures=[failure for one in done[:-1] for failure in one.failures],
    )
    for one in done:
        section.rows.append(
            (
                *(str(one.world), whole(one.rows), f"{one.rows / largest:.1f}"),
                *(seconds(one.seconds(name)) for name in EVERYBODY),
                whole(one.peak(OURS)),
            )
        )
    section.notes.append(
        "From the smallest to the largest world, ours takes "
        f"{ratio(done[-1].seconds(OURS), done[0].seconds(OURS))} times the time and "
        f" {ratio(done[-1].peak(OURS), done[0].peak(OURS))} times the memory."
    )
    lines = {
        name.replace("`", ""): [
            (float(one.rows), value) for one in done if (value := one.seconds(name)) and one.rows
        ]
        for name in EVERYBODY
    }
    try:
        image = plot(lines, "rows", "seconds")
    except ValueError as error:
        section.failures.append(f"plot: {error}")
    else:
        section.image = image
    return section
