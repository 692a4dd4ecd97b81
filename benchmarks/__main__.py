"""Runs the measurements and writes docs/performance.md: `python -m benchmarks [--full] [PART …]`.

In: nothing; simulators and an embedded Postgres of their own. Out: the page and its plot; progress on the
console. A part that fails is said on the page, and by exit status 1.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.backfill import backfill
from benchmarks.document import IMAGE, Page, Section, rendered
from benchmarks.feeds import feeds
from benchmarks.merging import merging
from benchmarks.network import budget, latency
from benchmarks.sessions import sessions
from benchmarks.side_by_side import Tell, history
from benchmarks.simulated import ROOT, Databases, Simulated
from benchmarks.startup import startup

_PACKAGES = ("dagster", "psycopg", "httpx", "orjson", "pydantic", "sqlalchemy", "dlt")
Part = Callable[[Databases, Tell], list[Section]]

# Series and past quarters: once and ten times as much; and for a whole picture three times, too.
SMALL, LARGE = ((4, 4), (40, 4)), ((45, 14), (135, 14), (450, 14))


def parts(full: bool) -> dict[str, Part]:
    """What is measured, by name, in the order of the page."""
    found: dict[str, Part] = {
        "history": lambda databases, tell: history(
            databases, LARGE if full else SMALL, 3 if full else 1, tell
        ),
        "latency": lambda databases, tell: [
            latency(databases, (60, 12) if full else (6, 4), 3 if full else 1, tell, singles=full)
        ],
        "budget": lambda databases, tell: [
            budget(databases, (60, 12) if full else (20, 12), 60.0 if full else 20.0, tell)
        ],
        "backfill": lambda databases, tell: [
            backfill(databases, (450, 14) if full else (30, 4), tell)
        ],
        "merge": lambda databases, tell: [
            merging(databases, (100_000, 1_000_000) if full else (100_000,), tell)
        ],
        "sessions": lambda databases, tell: [
            sessions(databases, 350 if full else 120, 5 if full else 3, tell, longest=full)
        ],
        "startup": lambda databases, tell: [
            startup(databases, 5 if full else 1, tell, executors=full)
        ],
    }
    if full:
        found["feeds"] = lambda databases, tell: [feeds(databases, tell)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split(":")[0])
    parser.add_argument("--full", action="store_true", help="everything, as `make bench-full`")
    parser.add_argument("part", nargs="*", help=f"{', '.join(parts(True))}; default: all")
    parser.add_argument(
        "-o", "--output", type=Path, default=ROOT / "docs/performance.md", help="the page"
    )
    chosen = parser.parse_args()
    available = parts(chosen.full)
    if unknown := set(chosen.part) - available.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(available)}")
    began = time.perf_counter()
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="iracing-bench-") as folder:
        # The account that a root session's Postgres runs as has to get in.
        Path(folder).chmod(0o755)
        databases = Databases(Path(folder))
        for name in chosen.part or available:
            sections += measured(name, available[name], databases)
        postgres = databases.fresh(Simulated({})).query("SHOW server_version")[0][0]
    command = "make bench-full" if chosen.full else "make bench"
    page = Page(
        command=command,
        parts=chosen.part,
        machine=machine(),
        versions=f"Python {platform.python_version()}, PostgreSQL {postgres.split()[0]}, {packages()}",
        measured_on=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        minutes=(time.perf_counter() - began) / 60,
        sections=sections,
    )
    for section in sections:
        if section.image:
            image = chosen.output.parent / IMAGE
            image.parent.mkdir(parents=True, exist_ok=True)
            image.write_text(section.image)
    chosen.output.write_text(rendered(page))
    print(f"{chosen.output} written")
    return 1 if page.failures else 0


def measured(name: str, part: Part, databases: Databases) -> list[Section]:
    """A part's sections; one that says so if it broke."""
    began = time.perf_counter()

    def tell(line: str) -> None:
        print(f"{time.perf_counter() - began:7.1f} s  {name}: {line}", flush=True)

    try:
        sections = part(databases, tell)
    except Exception as error:  # noqa: BLE001 one part's failure is a line of the page
        traceback.print_exc()
        sections = [Section(name.capitalize(), "", failures=[f"{type(error).__name__}: {error}"])]
    for section in sections:
        section.part = name
        section.seconds = time.perf_counter() - began
    tell("done")
    return sections


def machine() -> str:
    """Cores, memory and system; no name of a host."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[2]
    return (
        f"{cores} cores ({_processor()}), {memory:.0f} GB of memory, {platform.system()} "
        f"{platform.machine()}; load at the end {load:.1f} over a quarter of an hour"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def packages() -> str:
    """Installed versions of what the figures depend on."""
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


if __name__ == "__main__":
    sys.exit(main())
