"""Reading the season report's facts: all of them as of one moment of the database.

In: a database and the moment the report is about. Out: Facts. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from iracing_pipeline.core.cadence import CORE, MAX_AGES
from iracing_pipeline.outputs.report.calendar_queries import (
    read_cars,
    read_changes,
    read_seasons,
)
from iracing_pipeline.outputs.report.facts import Facts
from iracing_pipeline.outputs.report.health_queries import read_sync_health
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import get_state
from iracing_pipeline.warehouse.queries.health import read_health

DAYS = 30
CHANGE_DAYS = 7
SESSION_DAYS = 7


def read_facts(
    database: Database,
    now: datetime,
    *,
    max_ages: Mapping[str, timedelta] = MAX_AGES,
    required: Collection[str] = CORE,
    apart_from: int | None = None,
) -> Facts:
    """What there is to tell at `now`. `apart_from`: the sync_run_id of whoever asks, not told of.

    `max_ages`, `required`: see `read_health`.
    """
    with database.begin() as connection:
        # One snapshot, so that what the sections say agrees.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        judged = read_health(connection, max_ages=max_ages, required=required, now=now)
        seasons = read_seasons(connection, now, session_days=SESSION_DAYS)
        return Facts(
            made_at=now,
            data_origin=get_state(connection, "data_origin"),
            days=DAYS,
            change_days=CHANGE_DAYS,
            session_days=SESSION_DAYS,
            seasons=seasons,
            cars=read_cars(connection, seasons),
            changes=read_changes(connection, now, days=CHANGE_DAYS),
            health=read_sync_health(connection, judged, days=DAYS, apart_from=apart_from),
        )
