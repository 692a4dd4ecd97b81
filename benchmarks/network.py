"""What a history costs where the wire is slow and the budget small: many single calls, both hops delayed.

In: sizes of a world, a delay, a budget. Out: two sections.
"""

from __future__ import annotations

from datetime import datetime

from benchmarks.document import Section, median, ratio, seconds, whole
from benchmarks.side_by_side import SYNC, Tell, dlt_environment, module
from benchmarks.simulated import Databases, Measured, World, simulated

HOP_SECONDS = 0.1


def latency(
    databases: Databases, size: tuple[int, int], rounds: int, tell: Tell, *, singles: bool
) -> Section:
    """A cold history at 100 ms a hop, ours and dlt's: by quarter; `singles`: and with a call per season."""
    section = Section(
        "100 ms a hop",
        f"A cold history of {size[0]} x {size[1]} where login, API and the host of the links each take "
        f"{HOP_SECONDS * 1000:.0f} ms longer; start included, four requests at a time.",
        ("past quarters answer", "calls, ours", "calls, dlt", "ours, s", "dlt, s", "dlt ÷ ours"),
    )
    ways = [("full", "quarters", "with schedules")]
    if singles:
        ways.append(("list", "seasons", "without: a call per season"))
    for mode, by, says in ways:
        with simulated(World(*size, mode)) as simulator:
            simulator.delay(HOP_SECONDS)
            commands = {"ours": SYNC, "dlt": module("dlt_pipeline", by)}
            took: dict[str, list[Measured]] = {name: [] for name in commands}
            for number in range(rounds):
                for name in commands if number % 2 == 0 else reversed(commands):
                    target = databases.fresh(simulator)
                    try:
                        done = target.run(*commands[name], **dlt_environment(target))
                    except RuntimeError as error:
                        section.failures.append(f"{name}, {says}: {error}")
                    else:
                        took[name].append(done)
        ours, dlt = (median([one.seconds for one in each]) for each in took.values())
        calls = [whole(len(each[-1].calls)) if each else "" for each in took.values()]
        section.rows.append((says, *calls, seconds(ours), seconds(dlt), ratio(dlt, ours)))
        tell(" ".join(section.rows[-1]))
    return section


def budget(databases: Databases, size: tuple[int, int], window: float, tell: Tell) -> Section:
    """A history of single calls where the API refuses what goes over 240 calls in a window."""
    limit = 240
    section = Section(
        "Within the budget",
        f"A cold history of {size[0]} x {size[1]} in single calls at {HOP_SECONDS * 1000:.0f} ms a hop, "
        f"where the API refuses what goes over {limit} calls in {window:g} s.",
        ("calls", "calls ÷ budget, s", "calling, s", "ratio", "whole command, s", "429s"),
    )
    with simulated(World(*size), rate_limit=limit, window_seconds=window) as simulator:
        simulator.delay(HOP_SECONDS)
        measured = databases.fresh(simulator).run(*SYNC)
    calls = measured.calls
    at = [datetime.fromisoformat(row["at"]) for row in calls.rows]
    calling = (max(at) - min(at)).total_seconds()
    ideal = len(calls) / limit * window
    section.rows.append(
        (
            *(whole(len(calls)), seconds(ideal), seconds(calling), ratio(calling, ideal)),
            *(seconds(measured.seconds), f"{100 * calls.refused / len(calls):.2f} %"),
        )
    )
    section.notes.append(
        "The first window is used up at once and the others are waited for, so that few windows can be "
        "faster than calls ÷ budget."
    )
    tell(" ".join(section.rows[-1]))
    return section
