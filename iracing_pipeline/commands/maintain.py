"""`iracing-pipeline db maintain`: the asset `housekeeping` as a Dagster run in this process.

In: settings; no credentials are needed. Out: what was removed, in one line. The work is the asset's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from iracing_pipeline.assets.maintenance import MaintenanceOptions, in_words, maintain
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.commands.database import open_database
from iracing_pipeline.commands.exits import DONE, INTERRUPTED, SOME_FAILED, exit_status
from iracing_pipeline.commands.interrupts import InterruptWatch
from iracing_pipeline.instance.home import kept_instance, provide_dagster_home
from iracing_pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

_ASSET = "housekeeping"


def run_maintain(console: Console, *, dry_run: bool) -> int:
    """Run it and say what it removed. A dry run only counts, and is no run of Dagster either."""
    # Refuses a directory without a database, before anything is created in it.
    open_database().dispose()
    settings = Settings.from_environment()
    provide_dagster_home(settings)

    def say(asset: str, text: str, ended: bool | None = None) -> None:
        console.print(f"{asset}: {escape(text)}", highlight=False, soft_wrap=True)

    with InterruptWatch() as interrupts:
        pipeline = Pipeline(
            lambda: settings, progress=say, retries_steps=False, was_interrupted=interrupts.heard
        )
        try:
            with kept_instance() as instance:
                if not dry_run:
                    status = _run(pipeline, instance)
                    return INTERRUPTED if status != DONE and interrupts.heard() else status
                pipeline.prepare(asks_api=False)
                done = maintain(
                    instance, pipeline, MaintenanceOptions(dry_run=True), lambda text: None
                )
                say(_ASSET, in_words(done, is_rehearsal=True))
                return DONE
        finally:
            pipeline.close()


def _run(pipeline: Pipeline, instance: DagsterInstance) -> int:
    from dagster import AssetKey

    from iracing_pipeline.definitions import build_definitions

    job = build_definitions(pipeline=pipeline).resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        asset_selection=[AssetKey(_ASSET)],
        tags={"iracing/command": "db maintain"},
        raise_on_error=False,
    )
    if result.success:
        return DONE
    failed = next((event for event in result.all_events if event.is_step_failure), None)
    user = failed.step_failure_data.user_failure_data if failed else None
    click.echo(user.description if user else f"{_ASSET} failed; see the run in Dagster.", err=True)
    kind = user.metadata["kind"].value if user and "kind" in user.metadata else None
    return exit_status([str(kind)] if kind else []) or SOME_FAILED
