"""Small questions about what is stored, each one statement.

In: a connection. Out: ids and rows for people. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.naming import UnknownName, series_named


def series_ids(connection: Connection) -> frozenset[int]:
    """Every series that is known, by a row of its own or by one of its seasons."""
    return frozenset(
        connection.exec_driver_sql(
            "SELECT series_id FROM iracing.series UNION SELECT series_id FROM iracing.seasons"
        ).scalars()
    )


def series_names(connection: Connection) -> dict[int, str]:
    """The name of every series that has one, by id."""
    rows = connection.exec_driver_sql(
        "SELECT series_id, series_name FROM iracing.series WHERE series_name IS NOT NULL"
    )
    return {row[0]: row[1] for row in rows}


def series_called(connection: Connection, names: Sequence[str]) -> tuple[int, ...]:
    """The ids of the series that have these names, or a name that one is part of, each once.

    Raises UnknownName where none has, or several have.
    """
    if not names:
        return ()
    known = series_names(connection)
    if not known:
        raise UnknownName(
            "No series is stored yet, so none can be named: run `iracing-pipeline sync` first, or give "
            "its id."
        )
    return tuple(dict.fromkeys(series_named(one, known) for one in names))


def next_sessions(connection: Connection, start: datetime, count: int) -> Sequence[Any]:
    """The next race sessions within two weeks of `start`: (start_time, series_name, track, minutes)."""
    return connection.exec_driver_sql(
        """
        SELECT r.start_time, coalesce(x.series_name, s.season_name) AS series_name,
               concat_ws(' - ', w.track_name, w.config_name) AS track,
               (extract(epoch FROM r.end_time - r.start_time) / 60)::int AS minutes
        FROM iracing.race_sessions(%s, %s::timestamptz + interval '14 days') r
        JOIN iracing.seasons s USING (season_id)
        JOIN iracing.season_schedules w USING (season_id, race_week_num)
        LEFT JOIN iracing.series x ON x.series_id = s.series_id
        ORDER BY r.start_time, series_name, r.season_id LIMIT %s
        """,
        (start, start, count),
    ).all()
