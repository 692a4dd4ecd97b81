"""The pipeline's own books: runs, calls, quarantine, facts about the installation.

In: what happened. Out: rows of sync_runs, api_calls, quarantine, installation. No iRacing data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.warehouse.ledger.drift import KNOWN_FIELDS, KnownFields
from iracing_pipeline.warehouse.merge.batches import Counts
from iracing_pipeline.warehouse.responses.landing import LAND, Landed, records


@dataclass(frozen=True)
class Call:
    """One request to the API, or one that a landed answer saved (`from_cache`)."""

    at: datetime
    endpoint: str
    params: Mapping[str, str]
    status: int | None = None
    milliseconds: int | None = None
    bytes: int | None = None
    from_cache: bool = False
    ratelimit_remaining: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class SetAside:
    """One item of an answer that could not be read."""

    endpoint: str
    params: Mapping[str, str]
    item_key: str
    reason: str
    payload: Any


@dataclass(frozen=True)
class AnswerRead:
    """An answer that was read: in full, or only what stands under `item_key` in it."""

    endpoint: str
    params: Mapping[str, str]
    item_key: str | None = None


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
    """An attempt that was entered, and what the books held of its asset then."""

    sync_run_id: int
    open_items: int
    """Items in quarantine."""
    fields: KnownFields


def start_run(connection: Connection, *, run_id: str, asset: str, partition: str | None) -> Started:
    """Enter an attempt as running; a killed one stays so."""
    row = connection.exec_driver_sql(
        f"""
        INSERT INTO iracing.sync_runs (run_id, asset, partition, started_at, status)
        VALUES (%(run_id)s, %(asset)s, %(partition)s, clock_timestamp(), 'running')
        RETURNING sync_run_id, (
            SELECT count(*) FROM iracing.quarantine
            WHERE asset = %(asset)s AND resolved_at IS NULL), ({KNOWN_FIELDS})
        """,  # noqa: S608 - composed of constants
        {"run_id": run_id, "asset": asset, "partition": partition},
    ).one()
    return Started(int(row[0]), int(row[1]), KnownFields.of(row[2]))


_NOTE = """
    INSERT INTO iracing.installation (name, value, updated_at)
    SELECT key, value, now() FROM jsonb_each(%(facts)s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""


class Superseded(Exception):
    """A newer answer landed while an older one was being merged: the newer one has to be merged."""


def finish_run(
    connection: Connection,
    sync_run_id: int,
    outcome: Outcome | None,
    calls: Sequence[Call],
    *,
    answers: Sequence[Landed] = (),
    read: Sequence[Landed] = (),
    facts: Mapping[str, Any] | None = None,
    run_id: str,
    asset: str | None = None,
    series_ids: Collection[int] | None = None,
) -> None:
    """Close an attempt: land its answers, enter calls, facts and outcome, in one statement.

    `series_ids`: the series it was about, None for all.
    Without an outcome the attempt stays open: more of its transactions follow. Inside the
    transaction that merges the rows, so that both stand or fall together. `read` are all answers the
    rows came from, fetched or landed before. Raises Superseded when one of them is no longer the
    newest of its kind; the caller's transaction has to be rolled back then.
    """
    counts = outcome.counts if outcome else Counts()
    newer = connection.exec_driver_sql(
        f"""
        WITH landed AS ({LAND}), calls AS (
            INSERT INTO iracing.api_calls
                (at, endpoint, params, status, milliseconds, bytes, from_cache,
                 ratelimit_remaining, error, run_id)
            SELECT at, endpoint, params, status, milliseconds, bytes, from_cache,
                   ratelimit_remaining, error, %(run_id)s
            FROM jsonb_to_recordset(%(calls)s) AS x (
                at timestamptz, endpoint text, params jsonb, status int, milliseconds int,
                bytes int, from_cache boolean, ratelimit_remaining int, error text)
        ), noted AS ({_NOTE})
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
            "answers": records(answers),
            "facts": Jsonb(dict(facts or {})),
            "calls": Jsonb([{**asdict(call), "at": call.at.isoformat()} for call in calls]),
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


def set_aside(
    connection: Connection,
    *,
    asset: str,
    answers: Iterable[AnswerRead],
    items: Sequence[SetAside],
    run_id: str,
) -> int:
    """Enter the items that could not be read; those of the same answers that now could are resolved.

    Returns how many items there were. `answers` are those just read, in full or in part.
    """
    bad = [{**asdict(item), "params": dict(item.params)} for item in items]
    read = [{**asdict(answer), "params": dict(answer.params)} for answer in answers]
    connection.exec_driver_sql(
        """
        WITH bad AS (
            SELECT DISTINCT ON (endpoint, params, item_key) * FROM jsonb_to_recordset(%s) AS x (
                endpoint text, params jsonb, item_key text, reason text, payload jsonb)
        ), entered AS (
            INSERT INTO iracing.quarantine AS q
                (asset, endpoint, params, item_key, reason, payload,
                 first_seen_at, last_seen_at, run_id)
            SELECT %s, endpoint, params, item_key, reason, payload, now(), now(), %s FROM bad
            ON CONFLICT (asset, endpoint, params, item_key) DO UPDATE SET
                reason = excluded.reason, payload = excluded.payload,
                first_seen_at = CASE WHEN q.resolved_at IS NULL THEN q.first_seen_at
                                     ELSE excluded.first_seen_at END,
                last_seen_at = excluded.last_seen_at, resolved_at = NULL, run_id = excluded.run_id
        )
        UPDATE iracing.quarantine q SET resolved_at = now()
        FROM jsonb_to_recordset(%s) AS a (endpoint text, params jsonb, item_key text)
        WHERE q.asset = %s AND q.endpoint = a.endpoint AND q.params = a.params
          AND (a.item_key IS NULL OR a.item_key = q.item_key
               OR starts_with(q.item_key, a.item_key || ' '))
          AND q.resolved_at IS NULL
          AND NOT EXISTS (
              SELECT FROM bad b
              WHERE (b.endpoint, b.params, b.item_key) = (q.endpoint, q.params, q.item_key))
        """,
        (Jsonb(bad), asset, run_id, Jsonb(read), asset),
    )
    return len(bad)


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


def note(connection: Connection, facts: Mapping[str, Any]) -> None:
    """Set facts about the installation, whatever they were before."""
    connection.exec_driver_sql(_NOTE, {"facts": Jsonb(dict(facts))})


def recall(connection: Connection, name: str) -> Any:
    """A fact about the installation, or None where it is not known."""
    return connection.exec_driver_sql(
        "SELECT value FROM iracing.installation WHERE name = %s", (name,)
    ).scalar_one_or_none()


def remember(connection: Connection, name: str, value: Any) -> Any:
    """Set a fact about the installation unless it is already set; returns the value that stands."""
    return connection.exec_driver_sql(
        """
        INSERT INTO iracing.installation (name, value, updated_at) VALUES (%s, %s, now())
        ON CONFLICT (name) DO UPDATE SET name = excluded.name
        RETURNING value
        """,
        (name, Jsonb(value)),
    ).scalar_one()
