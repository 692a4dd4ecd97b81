"""`iracing-pipeline db maintain`: the asset `housekeeping` as a Dagster run in this process.

In: settings; no credentials are needed. Out: what was removed, in one line. The work is the asset's.
"""

from __future__ import annotations

import click
from dagster import DagsterInstance
from rich.console import Console
from rich.markup import escape

from iracing_pipeline.assets.housekeeping import MaintenanceOptions, in_words, maintain
from iracing_pipeline.commands.door import open_door
from iracing_pipeline.commands.run_assets import AssetRunner, asset_runner, failures_in
from iracing_pipeline.core.errors import DONE, INTERRUPTED, SOME_FAILED, exit_status
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.instance.home import provide_dagster_home
from iracing_pipeline.instance.storage import kept_instance
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.services import Silence
from iracing_pipeline.warehouse.door import Door

_ASSET = "housekeeping"


class _Lines(Silence):
    """A line for everything that is said."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        self._console.print(f"{asset}: {escape(text)}", highlight=False, soft_wrap=True)


def run_maintain(console: Console, *, dry_run: bool) -> int:
    """Run it and say what it removed. A dry run only counts, and is no run of Dagster either."""
    # Refuses a directory without a database, before anything is created in it.
    open_door(Door)
    settings = Settings.from_environment()
    provide_dagster_home(settings)
    lines = _Lines(console)
    with asset_runner(settings, "db maintain", lines) as runner, kept_instance() as instance:
        if dry_run:
            runner.services.database.ensure_current()
            run = SyncRun.of(
                runner.services,
                runner.session,
                RunInfo("db maintain", _ASSET),
                SyncOptions(dry_run=True),
                Silence(),
            )
            done = maintain(instance, run, MaintenanceOptions(dry_run=True))
            lines.say(_ASSET, in_words(done, is_dry=True))
            return DONE
        status = _run(runner, instance)
        return INTERRUPTED if status != DONE and runner.services.was_interrupted() else status


def _run(runner: AssetRunner, instance: DagsterInstance) -> int:
    result = runner.run(instance, [_ASSET])
    if result.success:
        return DONE
    failed = next(iter(failures_in([result])), None)
    click.echo(failed.text if failed else f"{_ASSET} failed; see the run in Dagster.", err=True)
    return exit_status([failed.kind] if failed and failed.kind else []) or SOME_FAILED
