"""The merge beside COPY: a table's first rows, the same rows again, and one row in a hundred changed.

In: how many rows. Out: a section. Rows are made before the clock starts; each 100,000 are a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.document import Section, ratio, seconds, whole
from benchmarks.side_by_side import Tell
from benchmarks.simulated import Databases, Simulated
from benchmarks.tables import equal_tables
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table

Row = dict[str, Any]
WEEKS = 10
_SEASONS_AT_A_TIME = 10_000
_TABLE = "season_schedules"


def merging(databases: Databases, sizes: Sequence[int], tell: Tell) -> Section:
    """Each size in a database of its own."""
    section = Section(
        "The merge",
        "Rows of `season_schedules` merged, 100,000 in a transaction, beside binary COPY of the same rows "
        "into an equal empty table with its indexes.",
        (
            "rows",
            "COPY, s",
            "first load, s",
            "times COPY",
            "unchanged, s",
            "times COPY",
            "1 % changed, s",
            "times COPY",
        ),
    )
    for size in sizes:
        target = databases.fresh(Simulated({}))
        database = Database(target.url, target.folder)
        try:
            section.rows.append(_measured(database, target.url, target.folder, size))
        finally:
            database.dispose()
        tell(" ".join(section.rows[-1]))
    section.notes.append(
        "A merge stages the rows by COPY, compares them with what is stored, writes those that differ, and "
        "records each difference. The first load is one of history, as a backfill's: no change is recorded."
    )
    return section


def _measured(database: Database, url: str, folder: Path, size: int) -> Sequence[str]:
    database.ensure_current()
    with database.begin() as connection:
        merge_tables(connection, [TableBatch(table("seasons"), _seasons(size))], run_id="bench")
    took = [_merged(database, size, changed=changed, is_load=load) for changed, load in _STEPS]
    copied = _copied(url, folder / "rows.copy")
    cells = [cell for one in took for cell in (seconds(one), ratio(one, copied))]
    return (whole(size), seconds(copied), *cells)


# Whether one row in a hundred is another, and whether it is a load.
_STEPS = ((False, True), (False, False), (True, False))


def _seasons(size: int) -> list[Row]:
    return [
        {"season_id": n, "series_id": n % 600, "season_name": f"Season {n}"}
        for n in range(size // WEEKS)
    ]


def _weeks(size: int, changed: bool) -> Iterator[list[Row]]:
    for first in range(0, size // WEEKS, _SEASONS_AT_A_TIME):
        yield [
            {
                "season_id": season,
                "race_week_num": week,
                "series_id": season % 600,
                "track_id": 999
                if changed and (season * WEEKS + week) % 100 == 0
                else (season * 7 + week) % 461,
                "track_name": f"Track {week}",
                "temp_c": 20.5,
                "simulated_time_offsets_minutes": [15, 35],
            }
            for season in range(first, min(first + _SEASONS_AT_A_TIME, size // WEEKS))
            for week in range(WEEKS)
        ]


def _merged(database: Database, size: int, *, changed: bool, is_load: bool) -> float:
    took = 0.0
    for rows in _weeks(size, changed):
        batch = TableBatch(table(_TABLE), rows, is_load=is_load)
        took += _timed(partial(_merge, database, batch))
    return took


def _merge(database: Database, batch: TableBatch) -> None:
    with database.begin() as connection:
        merge_tables(connection, [batch], run_id="bench")


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _copied(url: str, path: Path) -> float:
    equal_tables(url, "bench_copy")
    with psycopg.connect(url) as connection:
        out, into = (
            sql.SQL("COPY {} {} (FORMAT binary)").format(
                sql.Identifier(schema, _TABLE), sql.SQL(way)
            )
            for schema, way in (("iracing", "TO STDOUT"), ("bench_copy", "FROM STDIN"))
        )
        with path.open("wb") as file, connection.cursor().copy(out) as stream:
            for block in stream:
                file.write(block)

        def copy() -> None:
            with path.open("rb") as file, connection.cursor().copy(into) as stream:
                while block := file.read(1 << 20):
                    stream.write(block)
            connection.commit()

        return _timed(copy)
