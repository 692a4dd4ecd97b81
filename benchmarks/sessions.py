"""How fast race_sessions() is: 24 hours and a whole quarter, with one quarter or 14 years stored.

In: a generated world's quarter, its seasons repeated into the past. Out: a table, beside the bounds that
were set. `python benchmarks/run.py sessions` runs it.
"""

from __future__ import annotations

import os
import statistics
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iracing_pipeline.warehouse.database import Database

ROUNDS = 20
YEARS = 14
_SERIES = 350
"""Of which some 165 have a season on the list five weeks into a quarter."""
ONE = "one quarter"
DAY, QUARTER = "24 hours", "91 days"
ALLOWED = {"24 hours": 50, "91 days": 2000, "91 days,": 2000}
_ALL = "SELECT * FROM iracing.race_sessions(%s, %s)"
# Every column is made, one row comes back.
_COUNT = """SELECT count(*), max(start_time), max(end_time), max(registration_opens)
            FROM iracing.race_sessions(%s, %s)"""


def sessions(folder: Path) -> None:
    """On one connection that is already open; twice, without and with the rows being fetched."""
    from iracing_pipeline.simulator.world.calendar import midnight, quarter_at, start_of
    from iracing_pipeline.warehouse.database import Database

    first_day = midnight(start_of(quarter_at(datetime.now(timezone.utc).date())))
    database = Database(None, folder / "data")
    database.ensure_current()
    _fill_quarter(database, first_day + timedelta(weeks=5, hours=2))
    _measure(database, ONE, first_day)
    _fill_past(database, quarters=4 * YEARS)
    _measure(database, f"{YEARS} years", first_day)
    database.dispose()


def _fill_quarter(database: Database, moment: datetime) -> None:
    """The list of current seasons of a generated world, as the assets would store it."""
    from iracing_pipeline.model.rows.schedules import current_schedule_rows
    from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
    from iracing_pipeline.simulator import WorldSource
    from iracing_pipeline.warehouse.merge.merging import merge

    source = WorldSource(series=_SERIES, past_quarters=1, now=lambda: moment)
    parsed = parse_seasons(source.answer("series/seasons"))
    with database.begin() as connection:
        merge(
            connection,
            [season_rows(parsed, is_current=True), current_schedule_rows(parsed)],
            run_id="bench",
        )


def _fill_past(database: Database, quarters: int) -> None:
    """Two of three of the same seasons once more for every quarter of the past."""
    from iracing_pipeline.warehouse.schema.tables import table

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


def _measure(database: Database, name: str, first_day: datetime) -> None:
    weeks_in = timedelta(weeks=5, days=4, hours=7)
    past = timedelta(weeks=13 * 2 * YEARS)
    spans = [
        (DAY, first_day + weeks_in, timedelta(hours=24)),
        (QUARTER, first_day, timedelta(days=91)),
    ]
    if name != ONE:
        spans += [
            (f"{DAY}, {YEARS // 2} years ago", first_day - past + weeks_in, timedelta(hours=24)),
            (f"{QUARTER}, {YEARS // 2} years ago", first_day - past, timedelta(days=91)),
        ]
    with database.autocommit() as connection:
        connection.exec_driver_sql("ANALYZE")
        seasons, weeks = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM iracing.seasons), count(*) FROM iracing.season_schedules"
        ).one()
        racing = connection.exec_driver_sql(
            "SELECT count(DISTINCT season_id) FROM iracing.race_sessions(%s, %s)",
            (first_day, first_day + timedelta(days=91)),
        ).scalar_one()
        print(
            f"sessions: {name}, {seasons:,} seasons with {weeks:,} weeks stored, {racing} race in the "
            f"quarter; median and maximum of {ROUNDS}; load {os.getloadavg()[0]:.1f}"
        )
        print(
            f"  {'ms':<34} {'sessions':>9} {'in Postgres':>18} {'rows fetched':>18} {'allowed':>9}"
        )
        for span, start, length in spans:
            count = connection.exec_driver_sql(_COUNT, (start, start + length)).scalar_one()
            print(
                f"  {span:<34} {count:>9,} {_timed(connection, _COUNT, start, start + length):>18} "
                f"{_timed(connection, _ALL, start, start + length):>18} {ALLOWED[span[:8]]:>9,}"
            )


def _timed(connection: Any, statement: str, start: datetime, end: datetime) -> str:
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        connection.exec_driver_sql(statement, (start, end)).all()
        seconds.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(seconds):,.1f} / {max(seconds):,.1f}"
