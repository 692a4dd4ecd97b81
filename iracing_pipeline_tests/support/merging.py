"""Merges and landed responses as the tests of history make them: a few rows, named by what they are.

In: a migrated database. Out: rows and books in it. Stays out: assertions, Dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from iracing_pipeline.core.response import Response, ResponseKey, ResponsePart
from iracing_pipeline.core.rows import Counts, Rejected
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.quarantine import quarantine
from iracing_pipeline.warehouse.ledger.runs import finish_run, start_run
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query

NOW = datetime.now(timezone.utc).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX, ONE_SERIES, LIST = "series/stats_series", "series/past_seasons", "series/seasons"
CURRENT_LIST = {"include_series": "true"}


def merge(
    database: Database, run_id: str, *batches: TableBatch, **options: Any
) -> dict[str, Counts]:
    with database.begin() as connection:
        return merge_tables(connection, batches, run_id=run_id, **options)


def season(season_id: int, **more: Any) -> dict[str, Any]:
    return {"season_id": season_id, "series_id": 10, "season_name": f"Season {season_id}", **more}


def week(season_id: int, number: int, **more: Any) -> dict[str, Any]:
    return {"season_id": season_id, "race_week_num": number, **more}


def seasons(*rows: dict[str, Any], **options: Any) -> TableBatch:
    return TableBatch(table("seasons"), rows, **options)


def weeks(*rows: dict[str, Any], **options: Any) -> TableBatch:
    return TableBatch(table("season_schedules"), rows, **options)


def changes(database: Database) -> list[Any]:
    """(table, kind, before, after, run) of every change, in order."""
    return query(
        database,
        "SELECT table_name, kind, before, after, run_id FROM iracing.changes ORDER BY change_id",
    )


def one(database: Database, columns: str, season_id: int) -> Any:
    (row,) = query(database, f"SELECT {columns} FROM iracing.seasons WHERE season_id = {season_id}")
    return row


def retire(database: Database, name: str, condition: str) -> None:
    """Retire rows of a table by hand."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE iracing.{name} SET retired_at = now() WHERE {condition}"
        )


def land(
    database: Database,
    endpoint: str,
    params: dict[str, str],
    body: Any,
    fetched_at: datetime = NOW,
    expires_at: datetime | None = NOW + DAY,
) -> None:
    response = Response(endpoint, params, body, 1, fetched_at, expires_at)
    with database.begin() as connection:
        number = start_run(connection, run_id="land", asset="any", partition=None).sync_run_id
        finish_run(connection, number, None, [], fetched=[response], run_id="land")


def put_aside(
    database: Database,
    *keys: str,
    read: Sequence[ResponsePart] = (),
    asset: str = "past_seasons",
    endpoint: str = INDEX,
    params: dict[str, str] | None = None,
) -> None:
    source = ResponseKey(endpoint, params or {})
    rejected = [Rejected(key, "cannot be read", {"key": key}, source) for key in keys]
    with database.begin() as connection:
        quarantine(connection, asset=asset, read=read, rejected=rejected, run_id="r")
