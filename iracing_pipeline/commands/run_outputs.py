"""What is made of stored rows alone, after a sync: one Dagster run, and what a person does with the result.

In: settings of a database that is filled. Out: files, a line for each, an exit status. Asks the API nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult
from rich.console import Console
from rich.markup import escape

from iracing_pipeline.assets.season_report import FILE_KEY
from iracing_pipeline.commands.console_progress import ConsoleProgress
from iracing_pipeline.commands.run_assets import asset_runner, failures_in, unless_interrupted
from iracing_pipeline.core.errors import DONE, Interrupted, exit_status
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.settings import Settings

# The assets, each with what to tell a person, given the metadata of its materialization.
OUTPUTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "calendar_feeds": lambda metadata: f"Calendars to subscribe to: {metadata['directory'].value}",
    "season_report": lambda metadata: f"Open {metadata[FILE_KEY].value} in a browser.",
}


def run_outputs(
    settings: Settings,
    console: Console,
    *,
    command: str,
    hints: list[str],
    assets: Sequence[str] = tuple(OUTPUTS),
) -> int:
    """Run the assets as one Dagster run in the environment's instance; failures are printed.

    Returns the exit status, and adds a line to `hints` for each asset that was made.
    """

    def run() -> int:
        progress = ConsoleProgress(console, verbose=False)
        with asset_runner(settings, command, progress) as runner:
            provide_dagster_home(settings)
            with progress, DagsterInstance.get() as instance:
                result = runner.run(instance, assets)
            if runner.services.was_interrupted() and not result.success:
                raise Interrupted
        hints.extend(_hints(result))
        return _status(result, console)

    return unless_interrupted(console, run)


def _status(result: ExecuteInProcessResult, console: Console) -> int:
    failures = failures_in([result])
    for failure in failures:
        console.print(
            f"[red]{failure.asset}:[/] {escape(failure.text)}", highlight=False, soft_wrap=True
        )
    return DONE if result.success else exit_status(failure.kind for failure in failures)


def _hints(result: ExecuteInProcessResult) -> list[str]:
    hints = []
    for event in result.all_events:
        if event.is_step_materialization and event.asset_key is not None:
            metadata = event.step_materialization_data.materialization.metadata
            hints.append(OUTPUTS[event.asset_key.path[-1]](metadata))
    return hints
