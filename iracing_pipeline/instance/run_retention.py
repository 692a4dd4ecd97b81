"""Old runs of Dagster, removed with their events, as far as nothing that Dagster goes by is among these.

In: a Dagster instance. Out: how many runs went and how many stayed. Through the instance's own API only:
works on every storage. Ticks are dagster.yaml's (`retention`).

Removing a run removes its events (`delete_run` → `delete_events`): with the last materialization of an asset
or a partition, that would become missing, and be run again by whatever keeps it fresh; with the last failed
attempt of a partition, it would no longer be failed. So a run stays as long as one of these is its:

* the last materialization, and the last observation, of an asset or of a partition of one;
* the last attempt of an asset or of a partition;
* the last evaluation of a check.

Rows of single check evaluations (`asset_check_executions`) stay whatever happens to the run: there is no API
that removes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dagster import AssetKey, AssetRecordsFilter, DagsterEventType, RunsFilter
from dagster._core.storage.dagster_run import FINISHED_STATUSES

if TYPE_CHECKING:
    from dagster import DagsterInstance

_CHECK_EVENTS = {
    DagsterEventType.ASSET_CHECK_EVALUATION,
    DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
}
# Records are read whole to learn of which run they are.
_PER_PAGE = 500


@dataclass(frozen=True)
class RunsRemoved:
    """What became of the runs that are old enough to go."""

    removed: int = 0
    needed: int = 0
    """Kept, because something that Dagster goes by is theirs."""


def remove_old_runs(
    instance: DagsterInstance,
    before: datetime,
    *,
    dry_run: bool = False,
    between: Callable[[], None] = lambda: None,
) -> RunsRemoved:
    """Remove the runs that ended and were created before that, unless they are needed.

    `between` is called after each, and may raise. Doing it twice removes nothing the second time.
    """
    ended = RunsFilter(statuses=FINISHED_STATUSES, created_before=before)
    old = [run.run_id for run in instance.get_runs(filters=ended)]
    if not old:
        return RunsRemoved()
    needed = set(_needed_runs(instance))
    needed |= {
        run_id for run_id in old if run_id not in needed and _has_last_check(instance, run_id)
    }
    going = [run_id for run_id in old if run_id not in needed]
    if not dry_run:
        # Oldest first: what is cut short has left no hole.
        for run_id in reversed(going):
            instance.delete_run(run_id)
            between()
    return RunsRemoved(len(going), len(old) - len(going))


def _needed_runs(instance: DagsterInstance) -> Iterator[str]:
    """Runs of the last materializations, observations and attempts of everything."""
    events = instance.event_log_storage
    for key in instance.all_asset_keys():
        for fetch in (instance.fetch_materializations, instance.fetch_observations):
            yield from (record.run_id for record in fetch(key, limit=1).records)
        for fetch, kind in (
            (instance.fetch_materializations, DagsterEventType.ASSET_MATERIALIZATION),
            (instance.fetch_observations, DagsterEventType.ASSET_OBSERVATION),
        ):
            ids = sorted(events.get_latest_storage_id_by_partition(key, kind).values())
            for start in range(0, len(ids), _PER_PAGE):
                page = ids[start : start + _PER_PAGE]
                found = fetch(AssetRecordsFilter(key, storage_ids=page), limit=len(page))
                yield from (record.run_id for record in found.records)
        yield from _last_attempts(instance, key)


def _last_attempts(instance: DagsterInstance, key: AssetKey) -> Iterator[str]:
    events = instance.event_log_storage
    planned = events.get_latest_planned_materialization_info(key)
    if planned is not None:
        yield planned.run_id
    attempts = events.get_latest_asset_partition_materialization_attempts_without_materializations
    yield from (run_id for run_id, _ in attempts(key).values())


def _has_last_check(instance: DagsterInstance, run_id: str) -> bool:
    """Whether a check was last evaluated, or meant to be, in this run."""
    events = instance.event_log_storage
    keys = set()
    for record in instance.get_records_for_run(run_id, of_type=_CHECK_EVENTS).records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            keys.add(event.asset_check_evaluation_data.asset_check_key)
        else:
            keys.add(event.asset_check_planned_data.asset_check_key)
    last = events.get_latest_asset_check_execution_by_key(sorted(keys)) if keys else {}
    return any(record.run_id == run_id for record in last.values())
