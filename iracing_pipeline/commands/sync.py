"""`iracing-pipeline sync`: the assets as one Dagster run in this process, and what became of it.

In: flags, settings. Out: tables filled, a report on the console, an exit status. The work is the assets'.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console

from iracing_pipeline.assets.failures import INTERRUPTS, Interrupted
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.commands.exits import DONE, INTERRUPTED, SOME_FAILED, exit_status
from iracing_pipeline.commands.home import provide_dagster_home
from iracing_pipeline.commands.interrupts import InterruptWatch
from iracing_pipeline.commands.report import Failed, SyncReport, print_report
from iracing_pipeline.commands.watching import Watcher
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import DatabaseError

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

REFERENCE_ASSETS = ("tracks", "cars", "car_classes")
SERIES_ASSETS = ("series",)
SEASON_ASSETS = ("current_seasons", "season_schedules")


@dataclass(frozen=True)
class SyncRequest:
    """The flags of `sync`, already checked."""

    sync_seasons: bool = False
    refresh: bool = False
    dry_run: bool = False
    verbose: bool = False
    limit: int | None = None
    series_ids: tuple[int, ...] = ()
    season_year: int | None = None
    season_quarter: int | None = None
    command: str = field(default="sync")

    @property
    def assets(self) -> tuple[str, ...]:
        return (*SERIES_ASSETS, *(SEASON_ASSETS if self.sync_seasons else ()), *REFERENCE_ASSETS)

    def run_config(self) -> dict[str, Any]:
        """The same for every asset, as the launchpad would give it."""
        options = {
            "refresh": self.refresh,
            "dry_run": self.dry_run,
            "verbose": self.verbose,
            "series_ids": list(self.series_ids),
            **{
                name: value
                for name, value in (
                    ("limit", self.limit),
                    ("season_year", self.season_year),
                    ("season_quarter", self.season_quarter),
                )
                if value is not None
            },
        }
        return {
            "ops": {asset: {"config": options} for asset in self.assets},
            # The report says it in fewer words; the UI and --verbose have the whole log.
            "loggers": {
                "console": {"config": {"log_level": "INFO" if self.verbose else "CRITICAL"}}
            },
        }


def run_sync(settings: Settings, request: SyncRequest, console: Console) -> int:
    """Run it and return the exit status.

    Raises ConfigurationError or DatabaseError before anything has run.
    """
    settings.require_credentials()
    # A connection that ^C cut off is reported once, as the interrupt it was.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    with InterruptWatch() as interrupts:
        pipeline: Pipeline | None = None
        result: ExecuteInProcessResult | None = None
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
                result = _execute(pipeline, request)
            report = _report(result, request, pipeline)
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


def _execute(pipeline: Pipeline, request: SyncRequest) -> ExecuteInProcessResult:
    from dagster import AssetKey

    from iracing_pipeline.definitions import build_definitions

    definitions = build_definitions(pipeline=pipeline)
    job = definitions.resolve_implicit_global_asset_job_def()
    with _instance(request) as instance:
        return job.execute_in_process(
            run_config=request.run_config(),
            instance=instance,
            asset_selection=[AssetKey(name) for name in request.assets],
            tags={"iracing/command": request.command},
            raise_on_error=False,
        )


def _instance(request: SyncRequest) -> DagsterInstance:
    from dagster import DagsterInstance
    from dagster_postgres.utils import DagsterPostgresException
    from sqlalchemy import exc

    # A dry run leaves no trace: not in the tables, and not in Dagster's books either.
    if request.dry_run:
        return DagsterInstance.ephemeral()
    try:
        return DagsterInstance.get()
    except (DagsterPostgresException, exc.SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error.__cause__ or error).strip()
        raise DatabaseError(
            f"Dagster's own storage cannot be used: {reason.splitlines()[0] if reason else error}\n"
            "Check DAGSTER_POSTGRES_URL, or unset it: schema dagster of the data's database serves."
        ) from None


def _report(result: ExecuteInProcessResult, request: SyncRequest, pipeline: Pipeline) -> SyncReport:
    from iracing_pipeline.assets.metadata import COUNTS_KEY

    report = SyncReport(
        run_id=result.run_id, dry_run=request.dry_run, api_calls=pipeline.calls_made
    )
    materialized: set[str] = set()
    for event in result.all_events:
        if event.is_step_materialization:
            materialized.add(str(event.asset_key.path[-1]))
            metadata = event.step_materialization_data.materialization.metadata
            report.tables |= metadata[COUNTS_KEY].value
            report.api_calls_saved += int(metadata["api_calls_saved"].value)
            if "set_aside_items" in metadata:
                report.set_aside[str(event.asset_key.path[-1])] = metadata["set_aside_items"].value
        elif event.is_step_failure:
            data = event.step_failure_data
            user = data.user_failure_data
            kind = user.metadata["kind"].value if user and "kind" in user.metadata else None
            text = user.description if user and user.description else _bug(data.error)
            report.failures.append(Failed(event.step_key or "?", str(kind) if kind else None, text))
    ended = {failure.asset for failure in report.failures} | materialized
    report.skipped = [asset for asset in request.assets if asset not in ended]
    return report


def _bug(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return (
        f"unexpected {error.cls_name}: {error.message.strip()}" if error else "unexpected failure"
    )
