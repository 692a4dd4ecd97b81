"""The season report's word on the sync: attempts, durations, calls, what was set aside, what drifted.

In: a connection, a moment. Out: facts of the books, not judged.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from iracing_pipeline.outputs.report.facts import (
    AssetHealth,
    CallsOfDay,
    DriftItem,
    Health,
    RunsOfDay,
    SetAsideItem,
)

_LISTED = 20

# What an asset came to in a run: its last attempt there. (A run of past_seasons has a row per partition
# that failed beside its own, and a step that was tried again several.)
_LAST = """
    SELECT DISTINCT ON (run_id, asset)
           asset, sync_run_id, status, started_at, message,
           extract(epoch FROM finished_at - started_at)::float8 AS seconds
    FROM iracing.sync_runs
    WHERE sync_run_id IS DISTINCT FROM %(apart_from)s
    ORDER BY run_id, asset, sync_run_id DESC
"""

_ASSETS = f"""
    WITH runs AS ({_LAST}), successes AS (
        SELECT asset, max(finished_at) AS succeeded_at FROM iracing.sync_runs
        WHERE status IN ('success', 'partial') GROUP BY asset
    )
    SELECT asset, (array_agg(status ORDER BY started_at DESC, sync_run_id DESC))[1],
           max(started_at), max(succeeded_at),
           (array_agg(message ORDER BY started_at DESC, sync_run_id DESC))[1],
           count(*) FILTER (WHERE started_at >= %(since)s),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE started_at >= %(since)s),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE started_at >= %(since)s)
    FROM runs LEFT JOIN successes USING (asset) GROUP BY asset ORDER BY asset
"""  # noqa: S608 - composed of constants

_RUNS = f"""
    SELECT started_at::date, count(*) FILTER (WHERE status = 'success'),
           count(*) FILTER (WHERE status = 'partial'), count(*) FILTER (WHERE status = 'failure'),
           count(*) FILTER (WHERE status = 'running')
    FROM ({_LAST}) AS runs WHERE started_at >= %(since)s
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - composed of constants

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
    SELECT asset, item_key, reason, first_seen_at, count(*) OVER ()
    FROM iracing.quarantine WHERE resolved_at IS NULL
    ORDER BY last_seen_at DESC, quarantine_id LIMIT %(most)s
"""

_DRIFT = """
    SELECT endpoint, kind, field, found, first_seen_at, count(*) OVER ()
    FROM iracing.drift WHERE resolved_at IS NULL
    ORDER BY first_seen_at DESC, endpoint, field, drift_id LIMIT %(most)s
"""


def read_health(
    connection: Connection, now: datetime, *, days: int, apart_from: int | None
) -> Health:
    """The books of the last `days`, whole days in UTC, today's included."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    values = {
        "since": midnight - timedelta(days=days - 1),
        "apart_from": apart_from,
        "most": _LISTED,
    }
    execute = connection.exec_driver_sql
    set_aside = execute(_SET_ASIDE, values).all()
    drift = execute(_DRIFT, values).all()
    return Health(
        assets=tuple(AssetHealth(*row) for row in execute(_ASSETS, values)),
        runs=tuple(RunsOfDay(*row) for row in execute(_RUNS, values)),
        calls=tuple(CallsOfDay(*row) for row in execute(_CALLS, values)),
        set_aside=tuple(SetAsideItem(*row[:-1]) for row in set_aside),
        set_aside_total=set_aside[0][-1] if set_aside else 0,
        drift=tuple(DriftItem(*row[:-1]) for row in drift),
        drift_total=drift[0][-1] if drift else 0,
    )
