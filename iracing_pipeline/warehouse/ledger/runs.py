"""Sync runs: one row per asset and attempt, with the calls it made and the responses it landed.

In: what happened. Out: rows of sync_runs, api_calls, responses, installation, in one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.response import ApiCall, Response
from iracing_pipeline.core.rows import Counts
from iracing_pipeline.warehouse.ledger.drift import KNOWN_FIELDS, KnownFields
from iracing_pipeline.warehouse.ledger.state import SET_STATE
from iracing_pipeline.warehouse.responses.landing import LAND, records


@dataclass(frozen=True)
class Outcome:
    """How one asset's attempt ended."""

    status: str
    counts: Counts = field(default_factory=Counts)
    quarantined: int = 0
    api_calls: int = 0
    message: str | None = None


@dataclass(frozen=True)
class Started:
    """An attempt that was entered, and what the ledger held of its asset then."""

    sync_run_id: int
    open_items: int
    """Items in quarantine."""
    fields: KnownFields
    facts: frozenset[str]
    """Names of the facts that are known of the installation."""


def start_run(connection: Connection, *, run_id: str, asset: str, partition: str | None) -> Started:
    """Enter an attempt as running; a killed one stays so."""
    row = connection.exec_driver_sql(
        f"""
        INSERT INTO iracing.sync_runs (run_id, asset, partition, started_at, status)
        VALUES (%(run_id)s, %(asset)s, %(partition)s, clock_timestamp(), 'running')
        RETURNING sync_run_id, (
            SELECT count(*) FROM iracing.quarantine
            WHERE asset = %(asset)s AND resolved_at IS NULL), ({KNOWN_FIELDS}),
            ARRAY(SELECT name FROM iracing.installation)
        """,  # noqa: S608 - composed of constants
        {"run_id": run_id, "asset": asset, "partition": partition},
    ).one()
    return Started(int(row[0]), int(row[1]), KnownFields.of(row[2]), frozenset(row[3]))


_ENTER_CALLS = """
    INSERT INTO iracing.api_calls
        (at, endpoint, params, status, milliseconds, bytes, from_cache, ratelimit_remaining, error, run_id)
    SELECT at, endpoint, params, status, milliseconds, bytes, from_cache, ratelimit_remaining, error,
           %(run_id)s
    FROM jsonb_to_recordset(%(calls)s) AS x (
        at timestamptz, endpoint text, params jsonb, status int, milliseconds int,
        bytes int, from_cache boolean, ratelimit_remaining int, error text)
"""


def enter_calls(connection: Connection, calls: Sequence[ApiCall], *, run_id: str) -> None:
    """Enter requests that no sync run has made."""
    connection.exec_driver_sql(_ENTER_CALLS, {"calls": _records(calls), "run_id": run_id})


def _records(calls: Sequence[ApiCall]) -> Jsonb:
    return Jsonb([{**asdict(call), "at": call.at.isoformat()} for call in calls])


class Superseded(Exception):
    """A newer response landed while an older one was being merged: the newer one has to be merged."""


def finish_run(
    connection: Connection,
    sync_run_id: int,
    outcome: Outcome | None,
    calls: Sequence[ApiCall],
    *,
    fetched: Sequence[Response] = (),
    read: Sequence[Response] = (),
    state: Mapping[str, Any] | None = None,
    run_id: str,
    asset: str | None = None,
    series_ids: Collection[int] | None = None,
) -> None:
    """Enter what a transaction of a sync run did: land its responses, enter calls, state and outcome.

    `series_ids`: the series it was about, None for all.
    Without an outcome the run stays open: more of its transactions follow. One statement, inside the
    transaction that merges the rows, so that both stand or fall together. `read` are all responses the
    rows came from, fetched or landed before. Raises Superseded when one of them is no longer the
    newest of its kind; the caller's transaction has to be rolled back then.
    """
    counts = outcome.counts if outcome else Counts()
    newer = connection.exec_driver_sql(
        f"""
        WITH landed AS ({LAND}), calls AS ({_ENTER_CALLS}), noted AS ({SET_STATE})
        UPDATE iracing.sync_runs SET
            finished_at = CASE WHEN %(status)s <> 'running' THEN clock_timestamp() END,
            status = %(status)s, inserted = %(inserted)s,
            updated = %(updated)s, unchanged = %(unchanged)s, retired = %(retired)s,
            quarantined = %(quarantined)s, api_calls = %(api_calls)s, message = %(message)s,
            series_ids = %(series_ids)s
        WHERE sync_run_id = %(sync_run_id)s
        RETURNING (
            SELECT count(*) FROM iracing.responses r
            JOIN jsonb_to_recordset(%(read)s) AS x (
                endpoint text, params jsonb, fetched_at timestamptz) USING (endpoint, params)
            WHERE r.fetched_at > x.fetched_at
              AND r.fetched_at <= now() + interval '5 minutes')
        """,  # noqa: S608 - composed of constants
        {
            "run_id": run_id,
            "asset": asset,
            "answers": records(fetched),
            "facts": Jsonb(dict(state or {})),
            "calls": _records(calls),
            "status": outcome.status if outcome else "running",
            "inserted": counts.inserted,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "retired": counts.retired,
            "quarantined": outcome.quarantined if outcome else None,
            "api_calls": outcome.api_calls if outcome else None,
            "message": outcome.message if outcome else None,
            "sync_run_id": sync_run_id,
            "series_ids": None if series_ids is None else sorted(series_ids),
            "read": Jsonb(
                [
                    {
                        "endpoint": answer.endpoint,
                        "params": dict(answer.params),
                        "fetched_at": answer.fetched_at.isoformat(),
                    }
                    for answer in read
                ]
            ),
        },
    ).scalar_one()
    if newer:
        raise Superseded


def enter_failed_partitions(
    connection: Connection, *, run_id: str, asset: str, reasons: Mapping[str, str], since: datetime
) -> None:
    """One row of sync_runs per partition that failed, beside the row of the attempt as a whole."""
    connection.exec_driver_sql(
        """
        INSERT INTO iracing.sync_runs
            (run_id, asset, partition, started_at, finished_at, status, message)
        SELECT %s, %s, key, %s, clock_timestamp(), 'failure', value FROM jsonb_each_text(%s)
        """,
        (run_id, asset, since, Jsonb(dict(reasons))),
    )
