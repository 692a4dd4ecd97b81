"""Reading the season report's facts: all of them as of one moment of the database.

In: a database and the moment the report is about. Out: Facts. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.health import read_health
from iracing_pipeline.warehouse.ledger import recall
from iracing_pipeline.warehouse.report_calendar import read_changes, read_seasons
from iracing_pipeline.warehouse.report_facts import Facts
from iracing_pipeline.warehouse.report_health import read_sync_health

DAYS = 30
CHANGE_DAYS = 7
SESSION_DAYS = 7


def read_facts(
    database: Database,
    now: datetime,
    *,
    max_ages: Mapping[str, timedelta],
    required: Collection[str],
    apart_from: int | None = None,
) -> Facts:
    """What there is to tell at `now`. `apart_from`: the sync_run_id of whoever asks, not told of.

    `max_ages`, `required`: see `read_health`.
    """
    with database.begin() as connection:
        # One snapshot, so that what the sections say agrees; days and moments in UTC.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
        judged = read_health(connection, max_ages=max_ages, required=required, now=now)
        return Facts(
            made_at=now,
            data_origin=recall(connection, "data_origin"),
            days=DAYS,
            change_days=CHANGE_DAYS,
            session_days=SESSION_DAYS,
            seasons=read_seasons(connection, now, session_days=SESSION_DAYS),
            changes=read_changes(connection, now, days=CHANGE_DAYS),
            health=read_sync_health(connection, judged, days=DAYS, apart_from=apart_from),
        )
