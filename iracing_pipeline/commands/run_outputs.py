"""What is made of stored rows alone, after a sync: one Dagster run, and what a person does with the result.

In: settings of a database that is filled. Out: files, a line for each, an exit status. Asks the API nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from iracing_pipeline.assets.failures import INTERRUPTS, Interrupted
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.season_report import FILE_KEY
from iracing_pipeline.commands.console_progress import Watcher
from iracing_pipeline.commands.exits import DONE, INTERRUPTED, exit_status
from iracing_pipeline.commands.interrupts import InterruptWatch
from iracing_pipeline.commands.sync import failure_in
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

# The assets, each with what to tell a person, given the metadata of its materialization.
DERIVED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "calendar_feeds": lambda metadata: f"Calendars to subscribe to: {metadata['directory'].value}",
    "season_report": lambda metadata: f"Open {metadata[FILE_KEY].value} in a browser.",
}


@dataclass(frozen=True)
class Derived:
    """What it came to: an exit status, and a line for each asset that was made."""

    status: int
    hints: tuple[str, ...] = ()


def run_derived(
    settings: Settings, console: Console, *, command: str, assets: Sequence[str] = tuple(DERIVED)
) -> Derived:
    """Run the assets as one Dagster run in the environment's instance; failures are printed."""
    with InterruptWatch() as interrupts:
        pipeline: Pipeline | None = None
        try:
            with Watcher(console, verbose=False) as watcher:
                pipeline = Pipeline(
                    lambda: settings,
                    progress=watcher,
                    retries_steps=False,
                    was_interrupted=interrupts.heard,
                )
                provide_dagster_home(settings)
                result = _execute(pipeline, command, assets)
            if interrupts.heard() and not result.success:
                raise Interrupted
            return _told(result, console)
        except (*INTERRUPTS, Interrupted):
            console.print(f"[yellow]{Interrupted()}[/]", highlight=False)
            return Derived(INTERRUPTED)
        finally:
            if pipeline is not None:
                pipeline.close()


def _execute(pipeline: Pipeline, command: str, assets: Sequence[str]) -> ExecuteInProcessResult:
    from dagster import AssetKey, DagsterInstance

    from iracing_pipeline.definitions import build_definitions

    job = build_definitions(pipeline=pipeline).resolve_implicit_global_asset_job_def()
    with DagsterInstance.get() as instance:
        return job.execute_in_process(
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            instance=instance,
            asset_selection=[AssetKey(name) for name in assets],
            tags={"iracing/command": command},
            raise_on_error=False,
        )


def _told(result: ExecuteInProcessResult, console: Console) -> Derived:
    failures = [
        failure for event in result.all_events if (failure := failure_in(event)) is not None
    ]
    for failure in failures:
        console.print(
            f"[red]{failure.asset}:[/] {escape(failure.text)}", highlight=False, soft_wrap=True
        )
    hints = []
    for event in result.all_events:
        if event.is_step_materialization and event.asset_key is not None:
            metadata = event.step_materialization_data.materialization.metadata
            hints.append(DERIVED[event.asset_key.path[-1]](metadata))
    status = DONE if result.success else exit_status(failure.kind for failure in failures)
    return Derived(status, tuple(hints))
