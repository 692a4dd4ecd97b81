"""What the whole history costs: calls, seconds, memory; under a budget; as a backfill of partitions.

In: a world's size, the mode of its past quarters, a budget. Out: tables, beside the bounds that were set.
`python benchmarks/run.py history` measures everything, this file alone what its options say:

    python benchmarks/history.py cold --series 60 --past-quarters 12 --mode list
    python benchmarks/history.py budget --limit 240 --window 10
    python benchmarks/history.py backfill --concurrency 4
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from simulated import BIN, ROOT, Calls, Databases, Measured, Target, World, plain_loop, simulated

SMALL, LARGE = (60, 12), (450, 14)
BACKFILL = "iracing_pipeline_tests.support.backfill_definitions"
MODES = ("full", "list", "active")
SYNC = (BIN / "iracing-pipeline", "sync", "--sync-seasons", "--sync-past-seasons")


def _load() -> str:
    return "load " + " ".join(f"{load:.1f}" for load in os.getloadavg())


def _row(*cells: object) -> None:
    print("  " + "".join(f"{cell!s:>11}" for cell in cells), flush=True)


def _endpoints(calls: Calls) -> str:
    return ", ".join(f"{count} {name}" for name, count in calls.by_endpoint.most_common())


# -- cold, then again ----------------------------------------------------------------------------------


def cold(databases: Databases, worlds: list[World]) -> None:
    """A whole history into an empty database, again at once, again with --refresh, and rebuilt from it."""
    print(f"cold history, no budget, process included; {_load()}")
    _row("world", "mode", "seasons", "quarters", "calls", "allowed", "seconds", "peak MB", "rows")
    details = []
    for world in worlds:
        with simulated(world) as simulator:
            target = databases.fresh(simulator)
            first = target.run(*SYNC)
            seasons, quarters = target.query(
                """SELECT count(*), count(DISTINCT (season_year, season_quarter))
                   FROM iracing.seasons WHERE complete"""
            )[0]
            allowed = 1.05 * (quarters + 10) if world.mode == "full" else 1.02 * (seasons + 12)
            _row(
                *(world, world.mode, seasons, quarters, len(first.calls), int(allowed)),
                *(f"{first.seconds:.1f}", f"{first.peak_mb:.0f}", first.rows_written),
            )
            again = [
                ("again", target.run(*SYNC)),
                ("--refresh", target.run(*SYNC, "--refresh")),
                ("db rebuild", target.run(BIN / "iracing-pipeline", "db", "rebuild")),
            ]
            details.append((world, first, again))
    for world, first, again in details:
        print(f"  {world}, {world.mode}: {_endpoints(first.calls)}")
        for name, measured in again:
            print(
                f"    {name:<10} {len(measured.calls):3} calls, {measured.rows_written} rows written, "
                f"{measured.seconds:.1f} s, {measured.peak_mb:.0f} MB  {_endpoints(measured.calls)}"
            )


# -- under a budget ------------------------------------------------------------------------------------


def budget(databases: Databases, world: World, limit: int, window: float) -> None:
    """The whole history where the API refuses what goes over the budget."""
    with simulated(world, rate_limit=limit, window_seconds=window) as simulator:
        print(f"budget of {limit} calls in {window:g} s, world of {world}, {world.mode}; {_load()}")
        measured = databases.fresh(simulator).run(*SYNC)
    calls = measured.calls
    at = [datetime.fromisoformat(row["at"]) for row in calls.rows]
    calling = (max(at) - min(at)).total_seconds()
    starting = (min(at) - measured.began_at).total_seconds()
    ideal = len(calls) / limit * window
    _row("calls", "ideal s", "starts s", "calls s", "ratio", "ends s", "all s", "ratio", "429s %")
    _row(
        *(len(calls), f"{ideal:.1f}", f"{starting:.1f}", f"{calling:.1f}"),
        *(f"{calling / ideal:.2f}", f"{measured.seconds - starting - calling:.1f}"),
        *(f"{measured.seconds:.1f}", f"{measured.seconds / ideal:.2f}"),
        f"{100 * calls.refused / len(calls):.2f}",
    )
    print("  allowed: a ratio of 1.10 and 0.50 % of 429s")


# -- partitions, through the daemon --------------------------------------------------------------------


def backfill(databases: Databases, world: World, concurrency: int) -> None:
    """All partitions of past_seasons and then season_schedules, beside the same calls in a loop."""
    with simulated(world) as simulator:
        print(
            f"backfill of past_seasons through the daemon, world of {world}, {world.mode}, "
            f"{concurrency} at a time; {_load()}"
        )
        _row("", "partitions", "runs", "calls", "seconds", "loop s", "ratio", "peak MB")
        target = databases.fresh(simulator)
        home = _home(target)
        _materialize(target, home, "series")
        _backfilled(target, home, "", concurrency)
        done = _materialize(target, home, "current_seasons", "season_schedules")
        loop = plain_loop(target.environment, done.calls.wanted, concurrency)
        _row(
            *("schedules", 1, 1, len(done.calls), f"{done.seconds:.1f}", f"{loop:.1f}"),
            *(f"{done.seconds / loop:.2f}", f"{done.peak_mb:.0f}"),
        )
        # Where the index is not to be had, every partition is a call.
        target = databases.fresh(simulator)
        home = _home(target)
        _materialize(target, home, "series")
        simulator.break_index()
        _backfilled(target, home, "one by one", concurrency, refresh=True)
    print(
        "  allowed: 10 runs, a ratio of 2.00, 400 MB. The daemon looks every second, not every 30."
    )


def _home(target: Target) -> Path:
    home = target.folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    return home


def _materialize(target: Target, home: Path, *assets: str) -> Measured:
    selection = ("--select", ",".join(assets))
    command = (BIN / "dagster", "asset", "materialize", "-m", "iracing_pipeline.definitions")
    return target.run(*command, *selection, DAGSTER_HOME=str(home))


def _backfilled(
    target: Target, home: Path, name: str, concurrency: int, *, refresh: bool = False
) -> None:
    sys.path.insert(0, str(ROOT))
    from iracing_pipeline_tests.support.daemon import Daemon

    options = {"refresh": refresh, "concurrency": concurrency}
    with Daemon(home, target.environment, module=BACKFILL) as daemon:
        keys = daemon.instance.get_dynamic_partitions("series_id")
        target.simulator.forget()
        done = daemon.backfill(
            "past_seasons",
            keys,
            run_config={"ops": {"past_seasons": {"config": options}}},
            timeout=900,
        )
    if len(done.materialized) != len(keys):
        raise RuntimeError(f"{done.status}: {len(done.materialized)} of {len(keys)} partitions")
    calls = Calls(target.simulator.calls())
    loop = plain_loop(target.environment, calls.wanted, concurrency) if len(calls) else 0.0
    _row(
        *(name or "index", len(keys), len(done.runs), len(calls), f"{done.seconds:.1f}"),
        *(f"{loop:.1f}", f"{done.seconds / loop:.2f}" if loop else "", f"{done.peak_run_mb:.0f}"),
    )


# -- the simulator itself ------------------------------------------------------------------------------


def simulator(world: World, clients: int) -> None:
    """How fast the simulator answers: nothing here can be measured to be faster."""
    from iracing_pipeline.simulator import WorldSource

    source = WorldSource(series=world.series, past_quarters=world.past_quarters)
    seasons = source.seasons(datetime.now(timezone.utc))
    with simulated(world) as running:
        print(
            f"simulator, world of {world}, {len(seasons)} seasons: starts in "
            f"{running.seconds_to_start:.1f} s; {_load()}"
        )
        index = plain_loop(running.environment, [("series/stats_series", {})], 1)
        print(
            f"  series/stats_series, the first time: {index:.2f} s, process of the client excluded"
        )
        for number in range(3):
            chosen = seasons[number::3][:1000]
            calls = [("series/season_schedule", {"season_id": str(s.season_id)}) for s in chosen]
            seconds = plain_loop(running.environment, calls, clients)
            print(
                f"  {len(calls)} season_schedule, {clients} at a time: {len(calls) / seconds:.0f} a second"
            )


def history(folder: Path) -> None:
    """All of it."""
    simulator(World(*LARGE), 4)
    databases = Databases(folder)
    cold(databases, [World(*size, mode) for size in (SMALL, LARGE) for mode in MODES])
    budget(databases, World(*SMALL), 240, 10.0)
    backfill(databases, World(*LARGE), 4)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", choices=("cold", "budget", "backfill", "simulator"))
    parser.add_argument("--series", type=int)
    parser.add_argument("--past-quarters", type=int)
    parser.add_argument("--mode", choices=(*MODES, "empty"))
    parser.add_argument("--limit", type=int, default=240, help="calls per window")
    parser.add_argument("--window", type=float, default=10.0, help="seconds")
    parser.add_argument("--concurrency", type=int, default=4)
    chosen = parser.parse_args()
    size = SMALL if chosen.part in ("cold", "budget") else LARGE
    size = (chosen.series or size[0], chosen.past_quarters or size[1])
    parts: dict[str, Callable[[Databases], None]] = {
        "cold": lambda databases: cold(
            databases, [World(*size, mode) for mode in ([chosen.mode] if chosen.mode else MODES)]
        ),
        "budget": lambda databases: budget(
            databases, World(*size, chosen.mode or "list"), chosen.limit, chosen.window
        ),
        "backfill": lambda databases: backfill(
            databases, World(*size, chosen.mode or "list"), chosen.concurrency
        ),
        "simulator": lambda _: simulator(World(*size), chosen.concurrency),
    }
    with tempfile.TemporaryDirectory(prefix="iracing-bench-") as folder:
        # The account that a root session's Postgres runs as has to get in.
        Path(folder).chmod(0o755)
        parts[chosen.part](Databases(Path(folder)))


if __name__ == "__main__":
    main()
