"""The season report's word on the sync: runs and calls by day, what was set aside, what drifted.

In: a connection, and the judgement of warehouse/queries/health.py. Out: facts; nothing is judged here.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from iracing_pipeline.outputs.report.facts import (
    CallsOfDay,
    DriftItem,
    Health,
    RunsOfDay,
    SetAsideItem,
)
from iracing_pipeline.warehouse.queries.health import Health as Judgement

_LISTED = 20

# What an asset came to in a run: its last attempt there. (A run of past_seasons has a row per partition
# that failed beside its own, and a step that was tried again several.)
_RUNS = """
    SELECT started_at::date, count(*) FILTER (WHERE status = 'success'),
           count(*) FILTER (WHERE status = 'partial'), count(*) FILTER (WHERE status = 'failure'),
           count(*) FILTER (WHERE status = 'running')
    FROM (
        SELECT DISTINCT ON (run_id, asset) status, started_at FROM iracing.sync_runs
        WHERE sync_run_id IS DISTINCT FROM %(apart_from)s
        ORDER BY run_id, asset, sync_run_id DESC
    ) AS runs
    WHERE started_at >= %(since)s
    GROUP BY 1 ORDER BY 1
"""

_CALLS = """
    SELECT minute::date, sum(made)::int, sum(saved)::int, sum(failed)::int, sum(refused)::int,
           max(made)::int, min(least_left)
    FROM (
        SELECT date_trunc('minute', at) AS minute, count(*) FILTER (WHERE NOT from_cache) AS made,
               count(*) FILTER (WHERE from_cache) AS saved, count(error) AS failed,
               count(*) FILTER (WHERE status = 429) AS refused,
               min(ratelimit_remaining) AS least_left
        FROM iracing.api_calls WHERE at >= %(since)s GROUP BY 1
    ) AS minutes
    GROUP BY 1 ORDER BY 1
"""

_SET_ASIDE = """
    SELECT asset, item_key, reason, first_seen_at
    FROM iracing.quarantine WHERE resolved_at IS NULL
    ORDER BY last_seen_at DESC, quarantine_id LIMIT %(most)s
"""

_DRIFT = """
    SELECT endpoint, kind, field, found, first_seen_at
    FROM iracing.drift WHERE resolved_at IS NULL
    ORDER BY first_seen_at DESC, endpoint, field, drift_id LIMIT %(most)s
"""


def read_sync_health(
    connection: Connection, judged: Judgement, *, days: int, apart_from: int | None
) -> Health:
    """The judgement, and the last `days` before it: whole days in UTC, today's included."""
    midnight = judged.checked_at.replace(hour=0, minute=0, second=0, microsecond=0)
    values = {
        "since": midnight - timedelta(days=days - 1),
        "apart_from": apart_from,
        "most": _LISTED,
    }
    execute = connection.exec_driver_sql
    return Health(
        assets=tuple(judged.assets),
        runs=tuple(RunsOfDay(*row) for row in execute(_RUNS, values)),
        calls=tuple(CallsOfDay(*row) for row in execute(_CALLS, values)),
        set_aside=tuple(SetAsideItem(*row) for row in execute(_SET_ASIDE, values)),
        set_aside_total=judged.quarantine_open,
        drift=tuple(DriftItem(*row) for row in execute(_DRIFT, values)),
        drift_total=judged.drift_open,
    )
