"""`iracing-pipeline sync`: the assets as Dagster runs in this process, and what became of them.

In: flags, settings. Out: tables filled, a report on the console, an exit status. The work is the assets'.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console

from iracing_pipeline.assets.failures import INTERRUPTS, Interrupted
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.commands.console_progress import Watcher
from iracing_pipeline.commands.exits import DONE, INTERRUPTED, SOME_FAILED, exit_status
from iracing_pipeline.commands.interrupts import InterruptWatch
from iracing_pipeline.commands.sync_report import Failed, SyncReport, print_report
from iracing_pipeline.instance.home import kept_instance, provide_dagster_home
from iracing_pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult

REFERENCE_ASSETS = ("tracks", "cars", "car_classes")
SERIES_ASSETS = ("series",)
PAST_ASSETS = ("past_seasons",)
SEASON_ASSETS = ("current_seasons", "season_schedules", "weather_forecasts")


@dataclass(frozen=True)
class SyncRequest:
    """The flags of `sync`, already checked."""

    sync_seasons: bool = False
    sync_past_seasons: bool = False
    refresh: bool = False
    dry_run: bool = False
    verbose: bool = False
    limit: int | None = None
    series_ids: tuple[int, ...] = ()
    season_year: int | None = None
    season_quarter: int | None = None
    concurrency: int | None = None
    allow_shrink: bool = False
    command: str = field(default="sync")

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """The assets, run by run.

        past_seasons has partitions, which `series` makes known, and one that fails must not keep the
        current seasons from being synced: so it has a run of its own.
        """
        seasons = (*(SEASON_ASSETS if self.sync_seasons else ()), *REFERENCE_ASSETS)
        if self.sync_past_seasons:
            return SERIES_ASSETS, PAST_ASSETS, seasons
        return ((*SERIES_ASSETS, *seasons),)

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(asset for assets in self.runs for asset in assets)

    def run_config(self, assets: Sequence[str]) -> dict[str, Any]:
        """The same for every asset, as the launchpad would give it."""
        options = {
            "refresh": self.refresh,
            "dry_run": self.dry_run,
            "verbose": self.verbose,
            "sync_past_seasons": self.sync_past_seasons,
            "allow_shrink": self.allow_shrink,
            "series_ids": list(self.series_ids),
            **{
                name: value
                for name, value in (
                    ("limit", self.limit),
                    ("season_year", self.season_year),
                    ("season_quarter", self.season_quarter),
                    ("concurrency", self.concurrency),
                )
                if value is not None
            },
        }
        return {
            "ops": {asset: {"config": options} for asset in assets},
            # The report says it in fewer words; the UI and --verbose have the whole log.
            "loggers": {
                "console": {"config": {"log_level": "INFO" if self.verbose else "CRITICAL"}}
            },
        }


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
    # A connection that ^C cut off is reported once, as the interrupt it was.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    with InterruptWatch() as interrupts:
        pipeline: Pipeline | None = None
        try:
            with Watcher(console, verbose=request.verbose) as watcher:
                pipeline = Pipeline(
                    lambda: settings,
                    progress=watcher,
                    retries_steps=False,
                    was_interrupted=interrupts.heard,
                )
                watcher("database", "opening")
                pipeline.prepare()
                watcher("database", "ready", ended=True)
                provide_dagster_home(settings)
                with instance or _instance(request) as opened:
                    results = _execute(pipeline, request, opened)
            report = _report(results, request, pipeline)
            if interrupts.heard() and (report.failures or report.skipped):
                raise Interrupted
            print_report(console, report, pipeline.database, now=pipeline.now())
            return _status(report)
        except (*INTERRUPTS, Interrupted):
            console.print(f"[yellow]{Interrupted()}[/]", highlight=False)
            return INTERRUPTED
        finally:
            if pipeline is not None:
                pipeline.close()


def _status(report: SyncReport) -> int:
    if report.failures or report.skipped:
        return exit_status(failure.kind for failure in report.failures) or SOME_FAILED
    return SOME_FAILED if report.set_aside else DONE


def _execute(
    pipeline: Pipeline, request: SyncRequest, instance: DagsterInstance
) -> list[ExecuteInProcessResult]:
    """One Dagster run after the other. Without its series, nothing can be said of seasons."""
    results: list[ExecuteInProcessResult] = []
    # Later runs find the answers and the selection of the earlier ones.
    pipeline.session = f"sync {id(request)}"
    for assets in request.runs:
        has_series = not results or results[0].success
        wanted = [asset for asset in assets if has_series or asset in REFERENCE_ASSETS]
        if not wanted or pipeline.is_interrupted:
            continue
        if set(wanted) == set(PAST_ASSETS):
            results += _execute_partitions(pipeline, request, instance)
        else:
            results.append(_execute_run(pipeline, request, instance, wanted))
            if request.sync_past_seasons and _lacks_only_the_list(results[-1]):
                # Dagster skipped it with the list; history does not need the list.
                results.append(
                    _execute_run(pipeline, request, instance, (SEASON_ASSETS[1],)),
                )
    return results


def _lacks_only_the_list(result: ExecuteInProcessResult) -> bool:
    """Whether the list of current seasons is not to be had although the API answers otherwise."""
    return any(
        failed.asset == SEASON_ASSETS[0] and failed.kind in {"answer", "permanent", "transient"}
        for failed in map(failure_in, result.all_events)
        if failed is not None
    )


def _execute_partitions(
    pipeline: Pipeline, request: SyncRequest, instance: DagsterInstance
) -> list[ExecuteInProcessResult]:
    """past_seasons of every series that is meant: a run per stretch of neighbouring keys."""
    from dagster._core.storage.tags import (
        ASSET_PARTITION_RANGE_END_TAG,
        ASSET_PARTITION_RANGE_START_TAG,
    )

    from iracing_pipeline.assets.series import SERIES

    keys = instance.get_dynamic_partitions(str(SERIES.name))
    chosen = pipeline.chosen(pipeline.session or "")
    results = []
    for first, last in stretches(keys, None if chosen is None else {str(key) for key in chosen}):
        tags = {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}
        results.append(_execute_run(pipeline, request, instance, PAST_ASSETS, tags))
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
    pipeline: Pipeline,
    request: SyncRequest,
    instance: DagsterInstance,
    assets: Sequence[str],
    tags: Mapping[str, str] | None = None,
) -> ExecuteInProcessResult:
    from dagster import AssetKey

    from iracing_pipeline.definitions import build_definitions

    # What the command line prints says what failed; whether the calendar is as expected is the UI's.
    definitions = build_definitions(pipeline=pipeline, calendar_checks=False)
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        run_config=request.run_config(assets),
        instance=instance,
        asset_selection=[AssetKey(name) for name in assets],
        tags={"iracing/command": request.command, **(tags or {})},
        raise_on_error=False,
    )


def _instance(request: SyncRequest) -> DagsterInstance:
    from dagster import DagsterInstance

    # A dry run leaves no trace: not in the tables, and not in Dagster's books either.
    return DagsterInstance.ephemeral() if request.dry_run else kept_instance()


def _report(
    results: Sequence[ExecuteInProcessResult], request: SyncRequest, pipeline: Pipeline
) -> SyncReport:
    from iracing_pipeline.assets.drift import NEWS_KEY
    from iracing_pipeline.assets.metadata import CHANGES_KEY, COUNTS_KEY, WARNINGS_KEY

    report = SyncReport(
        run_ids=[result.run_id for result in results],
        dry_run=request.dry_run,
        api_calls=pipeline.calls_made,
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
        if COUNTS_KEY not in metadata:
            continue
        report.add_counts(metadata[COUNTS_KEY].value)
        report.api_calls_saved += int(metadata["api_calls_saved"].value)
        for name, texts in (
            ("set_aside_items", report.set_aside),
            ("plan", report.plans),
            (WARNINGS_KEY, report.warnings),
            (NEWS_KEY, report.new_drift),
            (CHANGES_KEY, report.first_changes),
        ):
            if name in metadata:
                texts[asset] = str(metadata[name].value)
    report.skipped = [asset for asset in request.assets if asset not in ended]
    return report


def failure_in(event: DagsterEvent) -> Failed | None:
    """The asset's failure that the event tells of, if it does."""
    if not event.is_step_failure:
        return None
    data = event.step_failure_data
    user = data.user_failure_data
    kind = user.metadata["kind"].value if user and "kind" in user.metadata else None
    text = user.description if user and user.description else _bug(data.error)
    return Failed(event.step_key or "?", str(kind) if kind else None, text)


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


def _bug(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return (
        f"unexpected {error.cls_name}: {error.message.strip()}" if error else "unexpected failure"
    )
