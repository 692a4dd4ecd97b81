"""`iracing-pipeline sync`: the assets as Dagster runs in this process, and what became of them.

In: flags, settings. Out: tables filled, a report on the console, an exit status. The work is the assets'.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import click
from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)
from rich.console import Console

from iracing_pipeline.assets.metadata import (
    CHANGES_KEY,
    COUNTS_KEY,
    NEW_DRIFT_KEY,
    PLAN_KEY,
    REJECTED_KEY,
    WARNINGS_KEY,
)
from iracing_pipeline.assets.series import SERIES_PARTITIONS
from iracing_pipeline.commands.console_progress import ConsoleProgress
from iracing_pipeline.commands.one_heap import share_one_heap
from iracing_pipeline.commands.run_assets import (
    AssetRunner,
    asset_runner,
    failure_in,
    unless_interrupted,
)
from iracing_pipeline.commands.run_outputs import OUTPUTS
from iracing_pipeline.commands.sync_report import SyncReport, json_report, print_report
from iracing_pipeline.core.errors import (
    DONE,
    SOME_FAILED,
    Interrupted,
    exit_status,
    failure_kind,
)
from iracing_pipeline.core.options import SyncOptions, options_of
from iracing_pipeline.core.wording import from_markdown
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.run import prepare
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.queries.series import series_called

REFERENCE_ASSETS = ("tracks", "cars", "car_classes")
SERIES_ASSETS = ("series",)
PAST_ASSETS = ("past_seasons",)
SEASON_ASSETS = ("current_seasons", "season_schedules", "weather_forecasts")


@dataclass(frozen=True)
class SyncRequest:
    """The flags of `sync`, already checked."""

    sync_seasons: bool = False
    sync_past_seasons: bool = False
    options: SyncOptions = field(default_factory=SyncOptions)
    command: str = "sync"
    as_json: bool = False
    """The report is one JSON document on stdout, and the console has the messages alone."""

    series_called: tuple[str, ...] = ()
    """Names of series, beside the ids in the options."""
    outputs: tuple[str, ...] = ()
    """Assets that are made of the rows, after the sync."""

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """The assets, run by run.

        past_seasons has partitions, which `series` makes known, and one that fails must not keep the
        current seasons from being synced: so it has a run of its own.
        """
        seasons = (*(SEASON_ASSETS if self.sync_seasons else ()), *REFERENCE_ASSETS)
        outputs = (self.outputs,) if self.outputs else ()
        if self.sync_past_seasons:
            return SERIES_ASSETS, PAST_ASSETS, seasons, *outputs
        return (*SERIES_ASSETS, *seasons), *outputs

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(asset for assets in self.runs for asset in assets)

    def ops(self, assets: Sequence[str]) -> dict[str, Any]:
        """Run config, as the launchpad would give it: to each asset what means something to it."""
        options = {
            **asdict(self.options),
            "series_ids": list(self.options.series_ids),
            "sync_past_seasons": self.sync_past_seasons,
        }
        given = {name: value for name, value in options.items() if value is not None}
        return {
            asset: {"config": {name: given[name] for name in options_of(asset) if name in given}}
            for asset in assets
        }


def outputs_of(settings: Settings) -> tuple[str, ...]:
    """The assets that are made of what is stored, as far as these settings give them a place."""
    return tuple(one for one in OUTPUTS if one != "calendar_export" or settings.export_dir)


def run_sync(
    settings: Settings,
    request: SyncRequest,
    console: Console,
    *,
    instance: DagsterInstance | None = None,
) -> int:
    """Run it and return the exit status. `instance`: another than the environment's, for embedding.

    Raises ConfigurationError or DatabaseError before anything has run.
    """
    settings.require_credentials()
    share_one_heap()
    # A connection that ^C cut off is reported once, as the interrupt it was.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    return unless_interrupted(console, lambda: _run(settings, request, console, instance))


def _run(
    settings: Settings, request: SyncRequest, console: Console, instance: DagsterInstance | None
) -> int:
    progress = ConsoleProgress(console, verbose=request.options.verbose)
    with asset_runner(settings, request.command, progress) as runner:
        with progress:
            progress.say("database", "opening")
            prepare(runner.services, runner.session)
            progress.say("database", "ready", ended=True)
            request = _with_named(request, runner.services.database)
            provide_dagster_home(settings)
            with instance or _instance(request) as opened:
                results = _execute(runner, request, opened)
        report = _report(results, request, runner.services.calls.total)
        if runner.services.was_interrupted() and (report.failures or report.skipped):
            raise Interrupted
        status = _status(report)
        database, now = runner.services.database, runner.services.now()
        if request.as_json:
            click.echo(json_report(report, database, now=now, status=status))
        else:
            print_report(console, report, database, now=now)
        return status


def _with_named(request: SyncRequest, database: Database) -> SyncRequest:
    """With the series that are named, as far as they are stored, among those of the options."""
    if not request.series_called:
        return request
    with database.begin() as connection:
        called = series_called(connection, request.series_called)
    ids = tuple(dict.fromkeys((*request.options.series_ids, *called)))
    return replace(request, options=replace(request.options, series_ids=ids))


def _status(report: SyncReport) -> int:
    if report.failures or report.skipped:
        return exit_status(failure.kind for failure in report.failures) or SOME_FAILED
    return SOME_FAILED if report.set_aside else DONE


def _execute(
    runner: AssetRunner, request: SyncRequest, instance: DagsterInstance
) -> list[ExecuteInProcessResult]:
    """One Dagster run after the other. Without its series, nothing can be said of seasons."""
    results: list[ExecuteInProcessResult] = []
    for assets in request.runs:
        has_series = not results or results[0].success
        if assets == request.outputs and not _are_stored(results):
            continue
        wanted = [asset for asset in assets if has_series or asset in REFERENCE_ASSETS]
        if not wanted or runner.is_interrupted:
            continue
        if set(wanted) == set(PAST_ASSETS):
            results += _execute_partitions(runner, request, instance)
        else:
            results.append(_execute_run(runner, request, instance, wanted))
            if request.sync_past_seasons and _lacks_only_the_list(results[-1]):
                # Dagster skipped it with the list; history does not need the list.
                schedules = (SEASON_ASSETS[1],)
                results.append(_execute_run(runner, request, instance, schedules))
    return results


def _are_stored(results: Sequence[ExecuteInProcessResult]) -> bool:
    """Whether schedules were synced. Where they were not, what is made of them would tell nothing new."""
    told = [_told(event) for result in results for event in result.all_events]
    return any(one is not None and one[0] == SEASON_ASSETS[1] for one in told)


def _lacks_only_the_list(result: ExecuteInProcessResult) -> bool:
    """Whether the list of current seasons is not available although the API answers otherwise."""
    return any(
        failed.asset == SEASON_ASSETS[0] and failure_kind(failed.kind).concerns_one_response
        for failed in map(failure_in, result.all_events)
        if failed is not None
    )


def _execute_partitions(
    runner: AssetRunner, request: SyncRequest, instance: DagsterInstance
) -> list[ExecuteInProcessResult]:
    """past_seasons of every series that is selected: a run per stretch of neighbouring keys."""
    keys = instance.get_dynamic_partitions(SERIES_PARTITIONS)
    selected = runner.session.selected
    chosen = None if selected is None else {str(series_id) for series_id in selected}
    results = []
    for first, last in stretches(keys, chosen):
        tags = {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}
        results.append(_execute_run(runner, request, instance, PAST_ASSETS, tags))
    return results


def stretches(keys: Sequence[str], chosen: Collection[str] | None) -> list[tuple[str, str]]:
    """(first, last) of each run of neighbouring chosen keys; all keys are one where none is chosen."""
    if chosen is None:
        return [(keys[0], keys[-1])] if keys else []
    found: list[tuple[str, str]] = []
    for is_chosen, stretch in itertools.groupby(keys, key=lambda key: key in chosen):
        if is_chosen:
            members = list(stretch)
            found.append((members[0], members[-1]))
    return found


def _execute_run(
    runner: AssetRunner,
    request: SyncRequest,
    instance: DagsterInstance,
    assets: Sequence[str],
    tags: Mapping[str, str] | None = None,
) -> ExecuteInProcessResult:
    return runner.run(
        instance,
        assets,
        ops=request.ops(assets),
        tags=tags,
        # The report says it in fewer words; the UI and --verbose have the whole log.
        log_level="INFO" if request.options.verbose else "CRITICAL",
        # What the command line prints says what failed; whether the calendar is as expected is the UI's.
        calendar_checks=False,
    )


def _instance(request: SyncRequest) -> AbstractContextManager[DagsterInstance]:
    # A dry run leaves no trace: not in the tables, and not in Dagster's storage either.
    return DagsterInstance.ephemeral() if request.options.dry_run else kept_instance()


def _report(
    results: Sequence[ExecuteInProcessResult], request: SyncRequest, api_calls: int
) -> SyncReport:
    report = SyncReport(
        run_ids=[result.run_id for result in results],
        dry_run=request.options.dry_run,
        api_calls=api_calls,
    )
    ended: set[str] = set()
    for event in [event for result in results for event in result.all_events]:
        failed = failure_in(event)
        if failed is not None:
            # Without the list of current seasons, there may have been nothing to read.
            if failed.kind == "misuse" and SEASON_ASSETS[0] in (f.asset for f in report.failures):
                continue
            report.failures.append(failed)
            ended.add(failed.asset)
            continue
        told = _told(event)
        if told is None:
            continue
        asset, metadata = told
        ended.add(asset)
        if asset in OUTPUTS:
            report.outputs[asset] = OUTPUTS[asset].place(metadata)
            continue
        if COUNTS_KEY not in metadata:
            continue
        report.add_counts(metadata[COUNTS_KEY].value)
        report.api_calls_saved += int(metadata["api_calls_saved"].value)
        for name, texts in (
            (REJECTED_KEY, report.set_aside),
            (PLAN_KEY, report.plans),
            (WARNINGS_KEY, report.warnings),
            (NEW_DRIFT_KEY, report.new_drift),
            (CHANGES_KEY, report.first_changes),
        ):
            if name in metadata:
                texts[asset] = from_markdown(str(metadata[name].value))
    report.skipped = [asset for asset in request.assets if asset not in ended]
    return report


def _told(event: DagsterEvent) -> tuple[str, Mapping[str, Any]] | None:
    """(asset, metadata) of an event that ends an asset's work.

    That of an asset with partitions is told by its check: its materializations are the partitions'.
    """
    if event.is_step_materialization and event.asset_key and event.partition is None:
        metadata = event.step_materialization_data.materialization.metadata
        return str(event.asset_key.path[-1]), metadata
    if event.event_type_value == "ASSET_CHECK_EVALUATION":
        evaluation = event.asset_check_evaluation_data
        return str(evaluation.asset_key.path[-1]), evaluation.metadata
    return None
