"""`sync`: its flags, checked. The work is commands/sync.py's.

In: flags, the environment. Out: an exit status.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from iracing_pipeline.cli.flags import console, series_options
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings


def _sync_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of `sync` that are options of the assets too, from their one list."""
    for option in reversed(fields(SyncOptions)):
        text = option.metadata["flag"]
        flag = "--" + option.name.replace("_", "-")
        if text is None:
            continue
        if option.name == "series_ids":
            add = series_options(text)
        elif isinstance(option.default, bool):
            add = click.option(flag, is_flag=True, help=text)
        else:
            add = click.option(flag, type=int, help=text)
        command = add(command)
    return command


@click.command()
@click.option(
    "--sync-seasons", is_flag=True, help="Also current and announced seasons and schedules."
)
@click.option(
    "--sync-past-seasons",
    is_flag=True,
    help="Also past seasons since 2008 and the schedules of theirs that are missing "
    "(with --sync-seasons).",
)
@click.option(
    "--with-outputs",
    is_flag=True,
    help="Also make what is made of the rows: calendar feeds, the report, and the export where "
    "IRACING_EXPORT_DIR is set (with --sync-seasons).",
)
@click.option(
    "--json", "as_json", is_flag=True, help="The summary for programs; messages go to stderr."
)
@_sync_options
def sync(as_json: bool, with_outputs: bool, series_called: tuple[str, ...], **flags: Any) -> None:
    """Sync series and reference data, and with --sync-seasons the seasons too."""
    sync_seasons, sync_past_seasons = flags.pop("sync_seasons"), flags.pop("sync_past_seasons")
    options = SyncOptions.of(flags)
    problems = options.problems()
    if sync_past_seasons and not sync_seasons:
        problems = problems or ["--sync-past-seasons needs --sync-seasons."]
    if options.season_year is not None and not sync_seasons:
        problems = problems or ["season_year and season_quarter need --sync-seasons."]
    if with_outputs and (options.dry_run or not sync_seasons):
        problems = problems or ["--with-outputs needs --sync-seasons, and no --dry-run."]
    if problems:
        raise click.UsageError(_as_flags(" ".join(problems)))
    settings = Settings.from_environment()
    settings.require_credentials()
    # Dagster comes with it, a second of imports: after all that can be refused without.
    from iracing_pipeline.commands.sync import SyncRequest, outputs_of, run_sync

    command = " ".join(["sync", *sys.argv[2:]])
    outputs = outputs_of(settings) if with_outputs else ()
    request = SyncRequest(
        sync_seasons, sync_past_seasons, options, command, as_json, series_called, outputs
    )
    sys.exit(run_sync(settings, request, console(stderr=as_json)))


def _as_flags(text: str) -> str:
    """The launchpad's names of options as the command line has them."""
    for name in ("season_year", "season_quarter", "limit", "concurrency"):
        text = text.replace(name, "--" + name.replace("_", "-"))
    return text
