"""`calendar`, and what else is made of stored rows: its flags, checked.

In: flags. Out: an exit status.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from iracing_pipeline.cli.flags import (
    console,
    each_once,
    license_groups_of,
    series_options,
    times_options,
)
from iracing_pipeline.settings import Settings


@click.command()
@series_options("This series' races; may be given several times, as may the next three.")
@click.option(
    "--season-id",
    "season_ids",
    type=click.IntRange(min=1),
    multiple=True,
    callback=each_once,
    help="This season's races.",
)
@click.option(
    "--license",
    "license_groups",
    multiple=True,
    callback=license_groups_of,
    help="The races of this licence class: R, D, C, B, A, P, WC, its name or number.",
)
@click.option("--all", "is_all", is_flag=True, help="Every race.")
@click.option(
    "--days",
    type=click.IntRange(1, 120),
    default=14,
    show_default=True,
    help="How many days ahead.",
)
@times_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="-",
    help="The file to write; by default to the console.",
)
@click.option("--json", "as_json", is_flag=True, help="The same races as JSON, for programs.")
def calendar(**flags: Any) -> None:
    """Race sessions as an iCalendar file (.ics), of whatever is named; from what is stored, no request."""
    from iracing_pipeline.commands.calendar import CalendarRequest, run_calendar

    given = ("series_ids", "series_called", "season_ids", "license_groups")
    named = any(flags[name] for name in given)
    if not named and not flags["is_all"]:
        raise click.UsageError(
            "Say of what: --series, --series-id, --season-id, --license (each of them several times, if "
            "you like), or --all."
        )
    if named and flags["is_all"]:
        raise click.UsageError("--all leaves nothing to be named by the other options.")
    sys.exit(run_calendar(CalendarRequest(**flags)))


@click.command()
@click.option(
    "--to",
    "directory",
    metavar="DIR",
    help="The directory, or a URL that fsspec knows; by default IRACING_CALENDAR_DIR, or else "
    "calendars in the data directory.",
)
@click.option("--days", type=click.IntRange(1, 120), help="How many days ahead, at most: 14.")
@click.option(
    "--kilobytes",
    type=click.IntRange(min=50),
    help="How large a feed may become: 1000. One that would be larger ends earlier.",
)
@times_options
@click.option(
    "--feeds-file",
    metavar="FILE",
    help="The feeds.toml that names feeds of your own; by default IRACING_FEEDS_FILE, or else the one in "
    "the data directory, if there is one.",
)
def feeds(**options: Any) -> None:
    """Calendars to subscribe to, an .ics per series, licence class and own feed; the asset calendar_feeds."""
    _make("calendar_feeds", options)


@click.command()
@click.option(
    "--to",
    "path",
    metavar="FILE",
    help="The file, local or a URL that fsspec knows; by default IRACING_REPORT_FILE, or else "
    "season_report.html in the data directory.",
)
def report(**options: Any) -> None:
    """One page to look at: seasons, this week, what changed, how the sync is; the asset season_report."""
    _make("season_report", options)


def _make(asset: str, options: dict[str, Any]) -> NoReturn:
    from iracing_pipeline.commands.run_outputs import run_output

    sys.exit(run_output(console(), asset, options))


@click.command()
@click.option(
    "--to",
    "directory",
    metavar="DIR",
    help="The directory, or a URL that fsspec knows; by default IRACING_EXPORT_DIR.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["json", "parquet", "sqlite"]),
    multiple=True,
    default=["json"],
    show_default=True,
    help="May be given several times. Parquet needs the extra of that name.",
)
@click.option(
    "--days",
    type=click.IntRange(0, 120),
    default=14,
    show_default=True,
    help="Sessions of today and of so many days ahead.",
)
@click.option("--history", is_flag=True, help="Past seasons and their weeks too.")
def export(directory: str | None, formats: tuple[str, ...], days: int, history: bool) -> None:
    """The calendar as files of one schema, from what is stored: seasons, weeks, sessions, tracks, cars."""
    from iracing_pipeline.commands.export import run_export

    place = directory or Settings.from_environment().export_dir
    if not place:
        raise click.UsageError("Say where to: --to DIR, or set IRACING_EXPORT_DIR.")
    sys.exit(run_export(place, formats=formats, days=days, history=history))
