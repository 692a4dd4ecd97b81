"""What is made of stored rows alone, after a sync: one Dagster run, and what a person does with the result.

In: settings of a database that is filled. Out: files, a line for each, an exit status. Asks the API nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dagster import DagsterInstance, ExecuteInProcessResult
from rich.console import Console
from rich.markup import escape

from iracing_pipeline.assets.calendar_export import DIRECTORY_KEY
from iracing_pipeline.assets.calendar_feeds import NOTES_KEY
from iracing_pipeline.assets.season_report import FILE_KEY
from iracing_pipeline.commands.console_progress import ConsoleProgress
from iracing_pipeline.commands.door import open_door
from iracing_pipeline.commands.run_assets import asset_runner, failures_in, unless_interrupted
from iracing_pipeline.core.errors import DONE, Interrupted, exit_status
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.door import Door


class Made(NamedTuple):
    """What an asset has made: where its materialization says that it is, and what to tell a person."""

    key: str
    words: str

    def place(self, metadata: Mapping[str, Any]) -> str:
        return str(metadata[self.key].value)


OUTPUTS: Mapping[str, Made] = {
    "calendar_feeds": Made("directory", "Calendars to subscribe to: {}"),
    "calendar_export": Made(DIRECTORY_KEY, "Files for sites and notebooks: {}"),
    "season_report": Made(FILE_KEY, "Open {} in a browser."),
}
IN_THE_DEMO = ("calendar_feeds", "season_report")
"""Without what is off until a place is named for it."""


def run_outputs(
    settings: Settings,
    console: Console,
    *,
    command: str,
    hints: list[str],
    assets: Sequence[str] = IN_THE_DEMO,
    options: Mapping[str, Any] | None = None,
) -> int:
    """Run the assets as one Dagster run in the environment's instance; failures are printed.

    `options`: run config of all of them; what is None stays at its default. Returns the exit status,
    and adds a line to `hints` for each asset that was made.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    ops = {asset: {"config": given} for asset in assets}

    def run() -> int:
        progress = ConsoleProgress(console, verbose=False)
        with asset_runner(settings, command, progress) as runner:
            provide_dagster_home(settings)
            with progress, DagsterInstance.get() as instance:
                result = runner.run(instance, assets, ops=ops)
            if runner.services.was_interrupted() and not result.success:
                raise Interrupted
        hints.extend(_hints(result))
        return _status(result, console)

    return unless_interrupted(console, run)


def run_output(console: Console, asset: str, options: Mapping[str, Any]) -> int:
    """One of them, for a verb of its own: as a Dagster run, so that the UI shows it.

    Raises ConfigurationError where there is no database yet.
    """
    open_door(Door)
    hints: list[str] = []
    status = run_outputs(
        Settings.from_environment(),
        console,
        command=" ".join(sys.argv[1:]),
        hints=hints,
        assets=[asset],
        options=options,
    )
    for hint in hints:
        # Unbroken, so that it can be copied.
        console.print(hint, highlight=False, markup=False, soft_wrap=True)
    return status


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
            made = OUTPUTS[event.asset_key.path[-1]]
            if NOTES_KEY in metadata:
                hints += str(metadata[NOTES_KEY].value).splitlines()
            hints.append(made.words.format(made.place(metadata)))
    return hints
