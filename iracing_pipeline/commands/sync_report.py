"""What became of a sync, on the console: rows per table, calls, the next races, what failed and why.

In: SyncReport. Out: text, or JSON. Asks the database for the next races only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.commands.run_assets import Failed
from iracing_pipeline.commands.run_outputs import OUTPUTS
from iracing_pipeline.core.errors import failure_kind
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.queries.series import next_sessions

NEXT_RACES = 10


@dataclass
class SyncReport:
    run_ids: list[str]
    dry_run: bool = False
    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    api_calls: int = 0
    api_calls_saved: int = 0
    failures: list[Failed] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    set_aside: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    new_drift: dict[str, str] = field(default_factory=dict)
    first_changes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    """Where what was made of the rows is."""

    def add_counts(self, tables: Mapping[str, Mapping[str, int]]) -> None:
        """Add what one asset did. The rows that are there now are the latest word.

        After a dry run those that would be there: each asset has found the tables as they were before.
        """
        for name, counts in tables.items():
            before = self.tables.get(name, {})
            added = {column: before.get(column, 0) + number for column, number in counts.items()}
            if self.dry_run and before:
                added["rows"] = before["rows"] + counts["inserted"] - counts["retired"]
            else:
                added["rows"] = counts["rows"]
            self.tables[name] = added


def print_report(
    console: Console, report: SyncReport, database: Database, *, now: datetime
) -> None:
    """The whole report; failures last, where the eye ends."""
    if report.tables:
        console.print(_rows_table(report))
        console.print(
            f"API calls: {report.api_calls} made, {report.api_calls_saved} saved by landed responses"
            f" · Dagster run{'s' if len(report.run_ids) > 1 else ''} {' '.join(report.run_ids)}"
            + (" (dry run, not kept)" if report.dry_run else ""),
            highlight=False,
        )
    for asset, text in report.first_changes.items():
        verb = "would change" if report.dry_run else "changed"
        console.print(f"{asset} {verb}, among others:", highlight=False)
        console.print(escape(text), highlight=False, soft_wrap=True)
    for plan in report.plans.values():
        console.print(escape(plan), highlight=False, soft_wrap=True)
    for asset, text in report.warnings.items():
        console.print(f"[yellow]{asset}:[/] {escape(text)}", highlight=False, soft_wrap=True)
    for asset, text in report.new_drift.items():
        console.print(
            f"[yellow]{asset}: the API's responses changed; nothing is lost, see table drift[/]"
        )
        console.print(escape(text), highlight=False, soft_wrap=True)
    if "season_schedules" in report.tables and not report.dry_run:
        _print_next_races(console, database, now)
    for asset, place in report.outputs.items():
        text = OUTPUTS[asset].words.format(place)
        console.print(escape(text), highlight=False, soft_wrap=True)
    for asset, items in report.set_aside.items():
        console.print(f"[red]{asset}: items that could not be read, set aside in quarantine[/]")
        console.print(escape(items), highlight=False)
    for text, assets in _by_reason(report.failures).items():
        console.print(
            f"[red]{', '.join(assets)}:[/] {escape(text)}", highlight=False, soft_wrap=True
        )
    if report.skipped:
        console.print(
            f"[yellow]Not run, because they depend on those: {', '.join(report.skipped)}[/]"
        )


def json_report(report: SyncReport, database: Database, *, now: datetime, status: int) -> str:
    """The same for programs, as one JSON document. Texts of several lines are lists of lines."""
    with_races = "season_schedules" in report.tables and not report.dry_run
    document = {
        "exit_status": status,
        "dry_run": report.dry_run,
        "run_ids": report.run_ids,
        "api_calls": report.api_calls,
        "api_calls_saved": report.api_calls_saved,
        "tables": report.tables,
        "failures": [asdict(failure) for failure in report.failures],
        "not_run": report.skipped,
        **{
            name: {
                asset: [line.removeprefix("- ") for line in text.splitlines()]
                for asset, text in texts.items()
            }
            for name, texts in (
                ("set_aside", report.set_aside),
                ("plans", report.plans),
                ("warnings", report.warnings),
                ("drift", report.new_drift),
                ("changes", report.first_changes),
            )
        },
        "outputs": report.outputs,
        "next_races": [
            {
                "start_time": start.isoformat(),
                "series_name": name,
                "track": track,
                "minutes": minutes,
            }
            for start, name, track, minutes in (_next_races(database, now) if with_races else ())
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _by_reason(failures: list[Failed]) -> dict[str, list[str]]:
    """Assets by message. What concerns all of them alike is said once, in the first one's words."""
    first: dict[str, str] = {}
    grouped: dict[str, list[str]] = {}
    for failure in failures:
        text = failure.text
        if failure.kind and failure_kind(failure.kind).stops_everything:
            text = first.setdefault(failure.kind, text)
        grouped.setdefault(text, []).append(failure.asset)
    return grouped


def _rows_table(report: SyncReport) -> Table:
    title = "Dry run: what would change" if report.dry_run else "Rows"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("table")
    for name in ("inserted", "updated", "unchanged", "retired", "rows"):
        table.add_column(name, justify="right")
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{counts[column]:,}" for column in _COLUMNS))
    return table


_COLUMNS = ("inserted", "updated", "unchanged", "retired", "rows")


def _next_races(database: Database, now: datetime) -> Sequence[Any]:
    with database.autocommit() as connection:
        return next_sessions(connection, now, NEXT_RACES)


def _print_next_races(console: Console, database: Database, now: datetime) -> None:
    sessions = _next_races(database, now)
    if not sessions:
        console.print("No race starts within the next two weeks, by the schedules stored here.")
        return
    table = Table(title="Next races (UTC)", title_justify="left", title_style="bold")
    table.add_column("start")
    table.add_column("series", overflow="fold")
    table.add_column("track", overflow="fold")
    table.add_column("minutes", justify="right")
    for start, series_name, track, minutes in sessions:
        table.add_row(
            f"{start:%a %Y-%m-%d %H:%M}",
            escape(series_name),
            escape(track or ""),
            "" if minutes is None else str(minutes),
        )
    console.print(table)
