"""Whether the pipeline is well: how old each asset's last success is, how its runs and calls have gone.

In: a connection, and how old each asset may be. Out: Health. This is the only judgement: `db status` and the
season report's page show it and add none. What is stored is status.py's; the cadence itself is the model's.

What counts for freshness is a success about everything. An attempt of some series (`--series-id`, `--limit`)
or of one quarter says in `sync_runs.series_ids` what it was about, and refreshes nothing else. Partial is a
success: everything that could be read has landed, and what was set aside is counted beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.cadence import LONGEST_RUN

WINDOW = timedelta(days=30)
"""What rates and percentiles are about."""
BY_SERIES = ("past_seasons",)
"""Assets whose every attempt is about named series: as fresh as the least fresh series they ever had."""
_INDEX_ENDPOINT = "series/stats_series"


@dataclass(frozen=True)
class AssetHealth:
    """One asset: its last attempt, its last success about everything, its last 30 days."""

    name: str
    state: str
    """ok, partial, running, failed, killed, skipped, stale or never (no success, and none required)."""
    is_stale: bool
    status: str | None
    """Of the last attempt, as in sync_runs; None where there was none."""
    started_at: datetime | None
    finished_at: datetime | None
    succeeded_at: datetime | None
    """Start of the last success about everything: nothing it landed was stored before."""
    age_seconds: int | None
    max_age_seconds: int | None
    """None where nobody says how old it may be."""
    attempts: int
    """Of 30 days, those that ended or were killed."""
    successes: int
    success_rate: float | None
    killed: int
    """Of the attempts, those that still say `running` after 4 hours."""
    p50_seconds: float | None
    p95_seconds: float | None
    api_calls: int | None
    """Of the last attempt, like what follows."""
    quarantined: int | None
    message: str | None


@dataclass(frozen=True)
class EndpointHealth:
    """The calls of 30 days to one endpoint."""

    endpoint: str
    made: int
    saved: int
    """Answered by a landed response."""
    failed: int
    throttled: int
    """Answered with 429."""
    p50_ms: int | None
    p95_ms: int | None
    budget_low: int | None
    """The fewest requests that were left of the account's window."""


@dataclass(frozen=True)
class Budget:
    """The fewest requests the API said were left of the account's window; None where it never said."""

    low_24h: int | None
    low_30d: int | None


@dataclass(frozen=True)
class Health:
    """Everything that decides whether somebody should look."""

    checked_at: datetime
    assets: list[AssetHealth]
    endpoints: list[EndpointHealth]
    budget: Budget
    quarantine_open: int
    drift_open: int
    index_fetched_at: datetime | None
    """When the landed index of all series was fetched."""
    has_run: bool
    """Some asset was attempted at some time."""

    @property
    def stale(self) -> list[str]:
        return [asset.name for asset in self.assets if asset.is_stale]

    @property
    def is_healthy(self) -> bool:
        return not self.stale


_ASSETS = """
    WITH RECURSIVE names AS (
        (SELECT asset FROM iracing.sync_runs ORDER BY asset LIMIT 1)
        UNION ALL
        SELECT (SELECT r.asset FROM iracing.sync_runs r
                WHERE r.asset > n.asset ORDER BY r.asset LIMIT 1)
        FROM names n WHERE n.asset IS NOT NULL
    )
    SELECT n.asset, last.*, coalesce(whole.started_at, by_series.at), month.*
    FROM names n
    CROSS JOIN LATERAL (
        SELECT status, started_at, finished_at, api_calls, quarantined, message
        FROM iracing.sync_runs r WHERE r.asset = n.asset AND {is_attempt}
        ORDER BY started_at DESC, sync_run_id DESC LIMIT 1
    ) AS last
    LEFT JOIN LATERAL (
        SELECT started_at FROM iracing.sync_runs r
        WHERE r.asset = n.asset AND n.asset <> ALL (%(by_series)s)
          AND series_ids IS NULL AND status IN ('success', 'partial')
        ORDER BY started_at DESC LIMIT 1
    ) AS whole ON true
    LEFT JOIN LATERAL (
        -- Most attempts are about the same series: each list is taken apart once.
        SELECT min(at) AS at FROM (
            SELECT max(lists.at) AS at
            FROM (
                SELECT coalesce(series_ids, everything.ids) AS ids, max(started_at) AS at
                FROM iracing.sync_runs r,
                     (SELECT array_agg(series_id) AS ids FROM iracing.series
                      WHERE retired_at IS NULL) AS everything
                WHERE r.asset = n.asset AND n.asset = ANY (%(by_series)s)
                  AND status IN ('success', 'partial')
                GROUP BY 1
            ) AS lists
            CROSS JOIN LATERAL unnest(lists.ids) AS one (series_id)
            JOIN iracing.series x USING (series_id)
            WHERE x.retired_at IS NULL
            GROUP BY series_id
        ) AS each_series
    ) AS by_series ON true
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE status NOT IN ('running', 'skipped')
                                OR status = 'running' AND started_at < %(killed_before)s),
               count(*) FILTER (WHERE status IN ('success', 'partial')),
               count(*) FILTER (WHERE status = 'running' AND started_at < %(killed_before)s),
               percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (
                   ORDER BY extract(epoch FROM finished_at - started_at)::float)
        FROM iracing.sync_runs r
        WHERE r.asset = n.asset AND started_at > %(since)s AND {is_attempt}
    ) AS month
    WHERE n.asset IS NOT NULL
"""

# A partition that failed has a row beside that of its attempt: a reason, no counts.
_IS_ATTEMPT = "NOT (partition IS NOT NULL AND status = 'failure' AND inserted IS NULL)"

_ENDPOINTS = """
    SELECT endpoint, count(*) FILTER (WHERE NOT from_cache), count(*) FILTER (WHERE from_cache),
           count(error), count(*) FILTER (WHERE status = 429),
           percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY milliseconds),
           min(ratelimit_remaining)
    FROM iracing.api_calls WHERE at > %(since)s
    GROUP BY endpoint ORDER BY 2 DESC, 3 DESC, 1
"""

_REST = """
    SELECT (SELECT min(ratelimit_remaining) FROM iracing.api_calls WHERE at > %(yesterday)s),
           (SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL),
           (SELECT count(*) FROM iracing.drift WHERE resolved_at IS NULL),
           (SELECT max(fetched_at) FROM iracing.responses WHERE endpoint = %(index)s)
"""


def read_health(
    connection: Connection,
    *,
    max_ages: Mapping[str, timedelta],
    required: Collection[str],
    now: datetime | None = None,
) -> Health:
    """Judge every asset that was ever attempted, and the `required` ones whether they were or not.

    `max_ages`: how old the last success may be, by asset. `now`: the database's clock if not given. An
    asset is stale if it has succeeded once, or is required, and its last success is older than that.
    """
    execute = connection.exec_driver_sql
    now = now or execute("SELECT now()").scalar_one()
    since = now - WINDOW
    rows = execute(
        _ASSETS.format(is_attempt=_IS_ATTEMPT),
        {"by_series": list(BY_SERIES), "killed_before": now - LONGEST_RUN, "since": since},
    ).all()
    entered = {row[0]: row for row in rows}
    order = {name: place for place, name in enumerate(max_ages)}
    names = sorted({*entered, *required}, key=lambda name: (order.get(name, len(order)), name))
    endpoints = [
        EndpointHealth(row[0], row[1], row[2], row[3], row[4], *_pair(row[5]), row[6])
        for row in execute(_ENDPOINTS, {"since": since})
    ]
    low_24h, quarantine_open, drift_open, index_fetched_at = execute(
        _REST, {"yesterday": now - timedelta(days=1), "index": _INDEX_ENDPOINT}
    ).one()
    lows = [found.budget_low for found in endpoints if found.budget_low is not None]
    return Health(
        checked_at=now,
        assets=[
            _judged(name, entered.get(name), max_ages.get(name), name in required, now)
            for name in names
        ],
        endpoints=endpoints,
        budget=Budget(low_24h, min(lows, default=None)),
        quarantine_open=quarantine_open,
        drift_open=drift_open,
        index_fetched_at=index_fetched_at,
        has_run=bool(rows),
    )


def _pair(percentiles: Sequence[Any] | None) -> tuple[Any, Any]:
    p50, p95 = percentiles or (None, None)
    return p50, p95


def _judged(
    name: str,
    row: Sequence[Any] | None,
    max_age: timedelta | None,
    is_required: bool,
    now: datetime,
) -> AssetHealth:
    never: Sequence[Any] = (name, *[None] * 7, 0, 0, 0, None)
    found = never if row is None else row
    _, status, started_at, finished_at, api_calls, quarantined, message, succeeded_at = found[:8]
    attempts, successes, killed, percentiles = found[8:]
    p50, p95 = _pair(percentiles)
    age = None if succeeded_at is None else max(timedelta(0), now - succeeded_at)
    is_stale = max_age is not None and (is_required if age is None else age > max_age)
    return AssetHealth(
        name=name,
        state="stale" if is_stale else _state(status, started_at, succeeded_at, now),
        is_stale=is_stale,
        status=status,
        started_at=started_at,
        finished_at=finished_at,
        succeeded_at=succeeded_at,
        age_seconds=None if age is None else int(age.total_seconds()),
        max_age_seconds=None if max_age is None else int(max_age.total_seconds()),
        attempts=attempts,
        successes=successes,
        success_rate=round(successes / attempts, 4) if attempts else None,
        killed=killed,
        p50_seconds=None if p50 is None else round(p50, 3),
        p95_seconds=None if p95 is None else round(p95, 3),
        api_calls=api_calls,
        quarantined=quarantined,
        message=message,
    )


def _state(
    status: str | None, started_at: datetime | None, succeeded_at: datetime | None, now: datetime
) -> str:
    """What the last attempt came to, of an asset that is not stale."""
    if status is None or started_at is None:
        return "never"
    if status == "running":
        return "killed" if started_at < now - LONGEST_RUN else "running"
    if status == "failure":
        return "failed"
    if status == "skipped":
        return "skipped"
    if succeeded_at is None:
        return "never"
    return "partial" if status == "partial" else "ok"
