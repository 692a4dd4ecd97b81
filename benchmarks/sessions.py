"""How fast race_sessions() is: a day, a quarter and ten years, with fourteen years stored.

In: a generated world's quarter, its seasons repeated into the past. Out: a section.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

from benchmarks.document import Section, median, times, whole
from benchmarks.side_by_side import Tell
from benchmarks.simulated import BIN, Databases, World, simulated
from iracing_pipeline.simulator.world.calendar import midnight, quarter_at, start_of
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.schema.tables import table

YEARS = 14
_ALL = "SELECT * FROM iracing.race_sessions(%s, %s)"
# Every column is made, one row comes back.
_COUNT = """SELECT count(*), max(start_time), max(end_time), max(registration_opens)
            FROM iracing.race_sessions(%s, %s)"""


def sessions(
    databases: Databases, series: int, rounds: int, tell: Tell, *, longest: bool
) -> Section:
    """On one connection that is already open; without and with the rows being fetched.

    `series`: of which half have a season on the list five weeks into a quarter.
    """
    first_day = midnight(start_of(quarter_at(datetime.now(timezone.utc).date())))
    with simulated(World(series, 0)) as simulator:
        target = databases.fresh(simulator)
        target.run(BIN / "iracing-pipeline", "sync", "--sync-seasons")
    database = Database(target.url, target.folder)
    try:
        _fill_past(database, quarters=4 * YEARS)
        return _measured(database, first_day, rounds, tell, longest=longest)
    finally:
        database.dispose()


def _fill_past(database: Database, quarters: int) -> None:
    """Two of three of the same seasons once more for every quarter of the past."""
    moved = {
        "seasons": {
            "season_id": "season_id - n * 1000000",
            "start_date": "start_date - n * interval '91 days'",
            "active": "false",
            "complete": "true",
        },
        "season_schedules": {
            "season_id": "season_id - n * 1000000",
            "start_date": "start_date - n * 91",
            "week_end_time": "week_end_time - n * interval '91 days'",
        },
        "race_time_descriptors": {
            "season_id": "season_id - n * 1000000",
            "start_date": "start_date - n * 91",
            "session_times": "ARRAY(SELECT t - n * interval '91 days' FROM unnest(session_times) t)",
        },
    }
    with database.begin() as connection:
        for name, changes in moved.items():
            columns = [column.name for column in table(name).columns]
            values = [changes.get(column, column) for column in columns]
            connection.exec_driver_sql(
                f"INSERT INTO iracing.{name} ({', '.join(columns)}) "
                f"SELECT {', '.join(values)} FROM iracing.{name}, generate_series(1, {quarters}) AS n "
                "WHERE mod(season_id, 3) > 0"
            )


def _measured(
    database: Database, first_day: datetime, rounds: int, tell: Tell, *, longest: bool
) -> Section:
    weeks_in = timedelta(weeks=5, days=4, hours=7)
    past = timedelta(weeks=13 * 2 * YEARS)
    day, quarter = timedelta(hours=24), timedelta(days=91)
    spans = [
        ("a day", first_day + weeks_in, day, rounds),
        ("a quarter", first_day, quarter, rounds),
        (f"a day, {YEARS // 2} years ago", first_day - past + weeks_in, day, rounds),
        (f"a quarter, {YEARS // 2} years ago", first_day - past, quarter, rounds),
    ]
    if longest:
        spans.append(("ten years", first_day + quarter - 40 * quarter, 40 * quarter, 1))
    # In a transaction: rows are streamed by a cursor of the server.
    with database.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        seasons, weeks = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM iracing.seasons), count(*) FROM iracing.season_schedules"
        ).one()
        section = Section(
            "Race sessions",
            f"`race_sessions(from, to)` on an open connection, {seasons:,} seasons with {weeks:,} weeks "
            f"stored; {times(rounds)}, ten years once.",
            ("span", "sessions", "made in Postgres, ms", "and fetched, ms", "sessions a second"),
        )
        for name, start, length, often in spans:
            span = (start, start + length)
            count = connection.exec_driver_sql(_COUNT, span).scalar_one()
            made, fetched = (_timed(connection, text, span, often) for text in (_COUNT, _ALL))
            section.rows.append(
                (name, whole(count), whole(made), whole(fetched), whole(count / fetched * 1000))
            )
            tell(" ".join(section.rows[-1]))
    return section


def _timed(connection: Any, statement: str, span: tuple[datetime, datetime], rounds: int) -> float:
    """Milliseconds; the rows are read as they come and not kept."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        options = {"stream_results": statement is _ALL}
        for _ in connection.exec_driver_sql(statement, span, execution_options=options):
            pass
        took.append((time.perf_counter() - began) * 1000)
    return median(took) or 0.0
