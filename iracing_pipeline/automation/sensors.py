"""Sensors that notice what a schedule would leave lying: an empty database, new series, ended seasons,
missing schedules, the turn of a quarter, an API that was in maintenance.

In: the tables, Dagster's instance. Out: run requests. Each is idempotent: evaluated again, with nothing
new, it asks for nothing. They ask the API nothing themselves.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dagster import (
    AssetKey,
    DagsterEventType,
    DefaultSensorStatus,
    RunRequest,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from iracing_pipeline.assets.series import SERIES_PARTITIONS
from iracing_pipeline.automation import jobs
from iracing_pipeline.automation.described import described
from iracing_pipeline.automation.guards import not_now
from iracing_pipeline.automation.schedules import run_config
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.wording import counted, listed
from iracing_pipeline.model.quarters import rollover
from iracing_pipeline.resources import IRacingResource, WarehouseResource

_RUNNING = DefaultSensorStatus.RUNNING
_PAST = "past_seasons"
_NAMED = 5
_FILLS_PAST = [jobs.fill_past_seasons.name, jobs.sync_past_seasons.name]
_READS_LIST = [
    jobs.fill_empty_database.name,
    jobs.sync_current_seasons.name,
    jobs.sync_past_seasons.name,
]
# Beside the turn once a day, like a schedule; from its first day on, when a build may be late, often.
_DAILY, _OFTEN = timedelta(hours=20), timedelta(hours=4)
# A first sync that fails: a wrong password is no better for being tried often, and logins are rationed.
_FIRST_SYNCS, _BETWEEN_FIRST_SYNCS = 3, timedelta(hours=1)
_TOMORROW = "What is missing then is asked for again tomorrow."


@described(
    sensor,
    job=jobs.fill_empty_database,
    minimum_interval_seconds=60,
    default_status=_RUNNING,
)
def first_sync(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """An empty database is filled at once. Where that fails it is tried three times, an hour apart."""
    from iracing_pipeline.warehouse.queries.sensors import has_read_seasons

    services = warehouse.services(iracing)
    with services.database.autocommit() as connection:
        if has_read_seasons(connection):
            return SkipReason("The seasons have been read: the schedules keep them fresh.")
    wait = not_now(services, context.instance, _READS_LIST, "current_seasons")
    if wait:
        return wait
    now, asked = services.now(), _read(context.cursor).get("asked", [])
    if len(asked) >= _FIRST_SYNCS:
        return SkipReason(
            f"{_FIRST_SYNCS} runs of {jobs.fill_empty_database.name} have read no season; look at the "
            "last of them. The next sync is the schedule's, or yours."
        )
    again = datetime.fromisoformat(asked[-1]) + _BETWEEN_FIRST_SYNCS if asked else now
    if now < again:
        return SkipReason(
            "The first sync has read no season; look at its run. It is started again at "
            f"{again:%H:%M} UTC."
        )
    return SensorResult(
        [RunRequest(run_key=f"first {now.isoformat()}")],
        cursor=json.dumps({"asked": [*asked, now.isoformat()]}),
    )


@described(sensor, job=jobs.fill_past_seasons, minimum_interval_seconds=60, default_status=_RUNNING)
def new_series(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """A series that is seen for the first time gets its past seasons. One that fails is tried daily.

    A partition key that can be no series' id is left alone, and named.
    """
    services = warehouse.services(iracing)
    wait = not_now(services, context.instance, _FILLS_PAST, _PAST)
    if wait:
        return wait
    instance = context.instance
    known = instance.get_dynamic_partitions(SERIES_PARTITIONS)
    done = instance.get_materialized_partitions(AssetKey(_PAST))
    day = f"{services.now():%Y-%m-%d}"
    asked = _read(context.cursor)
    before = set(asked.get("series", ())) if asked.get("day") == day else set()
    ids = {key: whole(key) for key in known}
    missing = sorted(one for key, one in ids.items() if one is not None and key not in done)
    wanted = [series_id for series_id in missing if series_id not in before]
    if not known:
        return SkipReason("No series is known yet. The first sync brings them.")
    odd = listed([repr(key) for key, one in ids.items() if one is None], _NAMED)
    no_ids = (
        f" No series can have these partition keys: {', '.join(odd)}. Delete them." if odd else ""
    )
    if not missing:
        return SkipReason(f"The past seasons of every series have been read.{no_ids}")
    if not wanted:
        return SkipReason(
            f"The past seasons of {counted(len(missing), 'series', 'series')} have not been read yet. "
            f"They were asked for today. {_TOMORROW}{no_ids}"
        )
    cursor = {"day": day, "series": sorted({*before, *wanted})}
    return SensorResult([_past_of(wanted, day)], cursor=json.dumps(cursor))


@described(sensor, job=jobs.fill_past_seasons, minimum_interval_seconds=60, default_status=_RUNNING)
def completed_seasons(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """A season that became complete: the past seasons of its series are read anew, daily until they were.

    Its final schedule is missing from then on, which `missing_schedules` notices.
    """
    from iracing_pipeline.warehouse.queries.sensors import completed_of, unfinished_seasons

    services = warehouse.services(iracing)
    wait = not_now(services, context.instance, _FILLS_PAST, _PAST)
    if wait:
        return wait
    memory, day = _read(context.cursor), f"{services.now():%Y-%m-%d}"
    watched = memory.get("unfinished", [])
    with services.database.autocommit() as connection:
        unfinished = unfinished_seasons(connection)
        completed = completed_of(connection, watched) if watched else {}
    # By series, the materialization of its past seasons after which another has to come.
    read = context.instance.get_latest_storage_id_by_partition(
        AssetKey(_PAST), DagsterEventType.ASSET_MATERIALIZATION
    )
    owed = {key: last for key, last in memory.get("owed", {}).items() if read.get(key, 0) == last}
    owed |= {str(series_id): read.get(str(series_id), 0) for series_id in completed.values()}
    asks = bool(completed) or (bool(owed) and memory.get("day") != day)
    # One whose run request is lost with the tick is still watched at the next: the cursor goes with it.
    cursor = json.dumps(
        {"unfinished": unfinished, "owed": owed, "day": day if asks else memory.get("day")}
    )
    if not asks:
        text = "No season has ended since the last look."
        if owed:
            text += (
                f" The past seasons of {counted(len(owed), 'series', 'series')} were asked for today. "
                f"{_TOMORROW}"
            )
        return SensorResult(skip_reason=SkipReason(text), cursor=cursor)
    key = f"completed {_digest(completed)} {day}"
    return SensorResult([_past_of(sorted(map(int, owed)), key)], cursor=cursor)


def _past_of(series_ids: list[int], key: str) -> RunRequest:
    """One run for all of them: it costs seconds to start, a partition milliseconds."""
    return RunRequest(
        run_key=f"{key} {_digest(series_ids)}",
        run_config={"ops": {_PAST: {"config": {"series_ids": series_ids}}}},
    )


@described(sensor, job=jobs.fill_schedules, minimum_interval_seconds=60, default_status=_RUNNING)
def missing_schedules(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """Past seasons without their final schedule: asked for in one run, at most once a day the same ones."""
    from iracing_pipeline.warehouse.queries import seasons, sensors

    # While past seasons are being filled in, what is missing still grows.
    services = warehouse.services(iracing)
    wait = not_now(services, context.instance, [jobs.fill_schedules.name, *_FILLS_PAST], _PAST)
    if wait:
        return wait
    with services.database.autocommit() as connection:
        missing = seasons.missing_schedules(connection)
        has_past = sensors.has_past_seasons(connection)
    day = f"{services.now():%Y-%m-%d}"
    key = f"{day} {_digest(season.season_id for season in missing)}"
    if not missing:
        return SkipReason(
            "Every past season has its schedule." if has_past else "No past season is stored yet."
        )
    if context.cursor == key:
        return SkipReason(
            f"The schedules of {counted(len(missing), 'past season')} are missing. They were asked for "
            f"today. {_TOMORROW}"
        )
    return SensorResult([RunRequest(run_key=key)], cursor=key)


@described(
    sensor, job=jobs.sync_current_seasons, minimum_interval_seconds=300, default_status=_RUNNING
)
def season_turn(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """Around the turn of a quarter the list is asked for daily until the next quarter's seasons are there.

    From the day on which it should begin every four hours: the build of that Tuesday may be late.
    """
    from iracing_pipeline.warehouse.queries import quarters, sensors

    services = warehouse.services(iracing)
    wait = not_now(services, context.instance, _READS_LIST, "current_seasons")
    if wait:
        return wait
    with services.database.autocommit() as connection:
        found = rollover(quarters.stored_quarters(connection), services.now().date())
        last = sensors.last_whole_list(connection)
    if found is None or last is None:
        return SkipReason("No quarter is stored yet.")
    name = "{} quarter {}".format(*found.next)
    if found.has_appeared:
        return SkipReason(
            f"The seasons of {name} have appeared: {counted(found.next_seasons, 'season')}."
        )
    if not found.is_near:
        return SkipReason(
            f"{name} is expected to begin on {found.expected_start:%d %b %Y}. That is not near yet."
        )
    tick = services.now()
    patience = _OFTEN if tick.date() >= found.expected_start else _DAILY
    asked = _read(context.cursor).get("asked")
    if tick - max(last, datetime.fromisoformat(asked) if asked else last) < patience:
        return SkipReason(
            f"{name} (from {found.expected_start:%d %b %Y}) has not appeared in the list of "
            f"{last:%d %b %H:%M} UTC."
        )
    config = run_config(tick, jobs.CURRENT, {"season_schedules": {"sync_past_seasons": False}})
    return SensorResult(
        [RunRequest(run_key=f"turn {name} {tick:%Y-%m-%d %H}", run_config=config)],
        cursor=json.dumps({"asked": tick.isoformat()}),
    )


@described(sensor, jobs=jobs.JOBS, minimum_interval_seconds=120, default_status=_RUNNING)
def after_maintenance(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SensorResult | SkipReason:
    """Runs that the API's maintenance turned away are started again, half an hour later, until one gets
    through."""
    from iracing_pipeline.warehouse.queries.sensors import skips

    services = warehouse.services(iracing)
    wait = not_now(services, context.instance, [job.name for job in jobs.JOBS])
    if wait:
        return wait
    with services.database.autocommit() as connection:
        turned_away = skips(connection)
    requests: dict[str, RunRequest] = {}
    for run_id in dict.fromkeys(skipped.run_id for skipped in turned_away):
        run = context.instance.get_run_by_id(run_id)
        if run is None:
            continue
        # The newest of those that ask for the same, but for the moment of their tick.
        same = f"{run.job_name} {_without_moments(run.run_config)}"
        requests.setdefault(
            same,
            RunRequest(job_name=run.job_name, run_key=f"after {run_id}", run_config=run.run_config),
        )
    if not requests:
        return SkipReason("No run was turned away by maintenance of the API.")
    return SensorResult(list(requests.values()))


def _read(cursor: str | None) -> dict[str, Any]:
    """What an earlier tick noted; nothing where that cannot be read."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _without_moments(run_config: Mapping[str, Any]) -> str:
    ops = {
        name: {key: value for key, value in op.get("config", {}).items() if key != "as_of"}
        for name, op in run_config.get("ops", {}).items()
    }
    return json.dumps(ops, sort_keys=True)


def _digest(ids: Iterable[int]) -> str:
    text = " ".join(str(one) for one in sorted(ids))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


SENSORS = [
    first_sync,
    new_series,
    completed_seasons,
    missing_schedules,
    season_turn,
    after_maintenance,
]
