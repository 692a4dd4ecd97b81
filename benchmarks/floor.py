"""The floor: the same answers fetched and parsed by threads, the same rows copied into equal empty tables.

In: `python -m benchmarks.floor PLAN`, a JSON file with `calls`, `files`, `threads`, and, for the second
half, `copies` (files of binary COPY by table) and `schema`. Out: the seconds of both, as JSON. Makes no row.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import psycopg
from psycopg import sql

from benchmarks.wire import Wire, weather_links

_BLOCK = 1 << 20


def fetch(plan: dict[str, Any]) -> None:
    """Every call of the plan, and those of the weather files of the current seasons that it names."""
    wire = Wire()
    files = frozenset(plan["files"])

    def one(call: tuple[str, dict[str, str]]) -> list[str]:
        body = orjson.loads(wire.get(*call))
        if call[0] != "series/seasons" or not files:
            return []
        return [link for link in weather_links(body) if urlsplit(link).path in files]

    def forecast(link: str) -> None:
        orjson.loads(wire.file(link))

    with ThreadPoolExecutor(plan["threads"]) as pool:
        links = {link for found in pool.map(one, plan["calls"]) for link in found}
        for _ in pool.map(forecast, links):
            pass


def copy(plan: dict[str, Any]) -> None:
    """All tables in one transaction."""
    with psycopg.connect(os.environ["IRACING_DATABASE_URL"]) as connection:
        for name, path in plan["copies"].items():
            target = sql.Identifier(plan["schema"], name)
            statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(target)
            with Path(path).open("rb") as rows, connection.cursor().copy(statement) as stream:
                while block := rows.read(_BLOCK):
                    stream.write(block)


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    seconds = {}
    for name, work in (("fetch", fetch), ("copy", copy)):
        if name == "fetch" or "copies" in plan:
            began = time.perf_counter()
            work(plan)
            seconds[name] = time.perf_counter() - began
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
