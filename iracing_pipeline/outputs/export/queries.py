"""The rows of the export, as the tables hold them.

In: a connection, a span of days, whether with history. Out: rows in the order of each table's key, values in
the order of its columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.outputs.export.schema import TABLES, Table

# Those of which something lies ahead, or has raced since midnight; with history all.
_SEASONS = """
    SELECT s.*, x.status,
           (SELECT array_agg(c.car_class_id ORDER BY c.car_class_id) FROM iracing.season_car_classes c
            WHERE c.season_id = s.season_id AND c.retired_at IS NULL) AS car_class_ids
    FROM iracing.season_status x JOIN iracing.seasons s USING (season_id)
    WHERE %(history)s OR x.status IN ('active', 'future') OR x.last_week_end >= %(since)s
"""
_WEEKS = f"""
    SELECT c.*, k.car_ids
    FROM iracing.season_calendar c
    JOIN (SELECT season_id FROM ({_SEASONS}) x) AS wanted USING (season_id)
    LEFT JOIN (
        SELECT season_id, race_week_num, array_agg(car_id ORDER BY car_id) AS car_ids
        FROM iracing.week_cars GROUP BY 1, 2
    ) AS k USING (season_id, race_week_num)
"""  # noqa: S608 - a constant
_ROWS = {
    "series": f"""
        SELECT s.*,
               (SELECT array_agg(l.license_group ORDER BY l.license_group)
                FROM iracing.series_licenses l
                WHERE l.series_id = s.series_id AND l.retired_at IS NULL) AS license_groups
        FROM iracing.series s
        WHERE s.retired_at IS NULL AND s.series_id IN (SELECT series_id FROM ({_SEASONS}) x)
    """,  # noqa: S608 - a constant
    "seasons": _SEASONS,
    "weeks": _WEEKS,
    "sessions": """
        SELECT DISTINCT ON (season_id, race_week_num, start_time) *
        FROM iracing.race_sessions(%(since)s, %(until)s)
        ORDER BY season_id, race_week_num, start_time, super_session DESC NULLS LAST
    """,
    "tracks": "SELECT * FROM iracing.tracks WHERE retired_at IS NULL",
    "cars": "SELECT * FROM iracing.cars WHERE retired_at IS NULL",
    "car_classes": """
        SELECT c.*,
               (SELECT array_agg(m.car_id ORDER BY m.car_id) FROM iracing.car_class_cars m
                WHERE m.car_class_id = c.car_class_id AND m.retired_at IS NULL) AS car_ids
        FROM iracing.car_classes c WHERE c.retired_at IS NULL
    """,
}


def read_tables(
    connection: Connection, *, since: datetime, until: datetime, history: bool
) -> Mapping[str, Sequence[Sequence[Any]]]:
    """The rows of every table of the schema. Sessions start from `since` (inclusive) to `until`."""
    parameters = {"since": since, "until": until, "history": history}
    return {
        table.name: connection.exec_driver_sql(_statement(table), parameters).all()
        for table in TABLES
    }


def _statement(table: Table) -> str:
    columns = ", ".join(column.name for column in table.columns)
    key = ", ".join(table.key)
    return f"SELECT {columns} FROM ({_ROWS[table.name]}) AS found ORDER BY {key}"  # noqa: S608 - constants
