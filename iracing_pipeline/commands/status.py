"""`iracing-pipeline db status`: whether the pipeline is well, then what is stored and what was set aside.

In: settings; no credentials are needed. Out: console or JSON, exit status 1 when an asset is stale. Nothing
asks the API. What is stale is warehouse/queries/health.py's to say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.commands.prometheus import in_text_format
from iracing_pipeline.core.cadence import CORE, MAX_AGES
from iracing_pipeline.core.errors import DONE, SOME_FAILED
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import describe
from iracing_pipeline.warehouse.queries.health import AssetHealth, EndpointHealth, Health
from iracing_pipeline.warehouse.queries.seasons import HistoryState
from iracing_pipeline.warehouse.queries.status import Status, read_status

_NONE = "-"
_STATES = {
    "ok": "[green]✓[/]",
    "partial": "[yellow]✓ partial[/]",
    "running": "[green]✓ running[/]",
    "failed": "[yellow]failed[/]",
    "killed": "[yellow]killed[/]",
    "skipped": "[yellow]skipped[/]",
    "stale": "[red]stale[/]",
    "never": "never",
}


def run_status(console: Console, *, as_json: bool, for_prometheus: bool = False) -> int:
    """Print the status. DONE, or SOME_FAILED when something is stale; for Prometheus, the figures say so."""
    database = open_door(Database)
    with database.begin() as connection:
        status = read_status(connection, max_ages=MAX_AGES, required=CORE)
    if for_prometheus:
        click.echo(in_text_format(status), nl=False)
        return DONE
    if as_json:
        document = {
            "database": describe(database.url),
            "remedy": remedy(status.health.stale),
            **status.as_json(),
        }
        click.echo(json.dumps(document, indent=2, default=_as_text))
    else:
        place = f"in {database.data_dir}" if database.is_embedded else describe(database.url)
        _print_status(console, place, status)
    return DONE if status.health.is_healthy else SOME_FAILED


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def remedy(stale: Sequence[str]) -> str | None:
    """The commands that make these assets fresh again; None where none is stale."""
    left = set(stale)
    commands = []
    if "past_seasons" in left:
        commands.append("iracing-pipeline sync --sync-seasons --sync-past-seasons")
    elif left.intersection(("current_seasons", "season_schedules")):
        commands.append("iracing-pipeline sync --sync-seasons")
    elif left.intersection(("series", "tracks", "cars", "car_classes")):
        commands.append("iracing-pipeline sync")
    verbs = {"calendar_feeds": "feeds", "season_report": "report", "housekeeping": "db maintain"}
    commands += [f"iracing-pipeline {verb}" for asset, verb in verbs.items() if asset in left]
    left -= {*CORE, "past_seasons", "tracks", "cars", "car_classes", *verbs}
    if left:
        commands.append(
            "dagster asset materialize -m iracing_pipeline.definitions --select "
            + ",".join(sorted(left))
        )
    return "; ".join(commands) or None


def _print_status(console: Console, place: str, status: Status) -> None:
    health = status.health
    console.print(
        f"Database {place}, schema iracing at migration {status.migration}, "
        f"{status.data_origin or 'no'} data",
        highlight=False,
    )
    _print_health(console, health)
    tables = Table("table", title="Stored", title_justify="left")
    for name in ("rows", "retired", "last change"):
        tables.add_column(name, justify="right")
    for table in status.tables:
        tables.add_row(
            table.name,
            f"{table.rows:,}",
            f"{table.retired:,}",
            _age(health.checked_at, table.changed_at),
        )
    console.print(tables)
    answers = Table(
        *("endpoint", "parameters", "fetched", "serves until"),
        title="Landed responses (newest 15)",
        title_justify="left",
    )
    for answer in status.answers:
        until = (
            "for ever" if answer.expires_at is None else f"{answer.expires_at:%Y-%m-%d %H:%M} UTC"
        )
        fetched = _age(health.checked_at, answer.fetched_at)
        answers.add_row(answer.endpoint, answer.params, fetched, until)
    console.print(answers if status.answers else "No response has landed yet.")
    console.print(_history_in_words(status.history), highlight=False)
    console.print(
        f"API calls of the last 24 hours: {status.calls_made} made, {status.calls_saved} saved, "
        f"{status.calls_failed} failed",
        highlight=False,
    )
    for endpoint, what, name, since in status.drift:
        console.print(
            f"[yellow]drift[/] {endpoint}: {what} {escape(name)}, since {since:%Y-%m-%d}",
            highlight=False,
        )
    for asset_name, item, reason in status.quarantined:
        console.print(
            f"[red]set aside[/] {asset_name}: {escape(item)}: {escape(reason)}", highlight=False
        )
    _print_verdict(console, health)


def _print_health(console: Console, health: Health) -> None:
    assets = Table(
        *("asset", "state", "last success", "may be", "last attempt", "30 days"),
        title="Health",
        title_justify="left",
    )
    for name in ("p95", "calls", "set aside"):
        assets.add_column(name, justify="right")
    for asset in health.assets:
        assets.add_row(*_asset_cells(health.checked_at, asset))
    console.print(assets)
    if not health.has_run:
        console.print("No sync has run yet.")
    if health.endpoints:
        endpoints = Table("endpoint", title="API calls of 30 days", title_justify="left")
        for name in ("made", "saved", "failed", "429s", "p50", "p95", "budget left"):
            endpoints.add_column(name, justify="right")
        for endpoint in health.endpoints:
            endpoints.add_row(*_endpoint_cells(endpoint))
        console.print(endpoints)
    index = health.index_fetched_at
    console.print(
        f"Fewest requests left of the budget: {_number(health.budget.low_24h)} in 24 hours, "
        f"{_number(health.budget.low_30d)} in 30 days. "
        f"Set aside: {health.quarantine_open:,}. Drift: {health.drift_open:,}. "
        f"Index of all series: {_age(health.checked_at, index) if index else 'not landed'}.",
        highlight=False,
        soft_wrap=True,
    )
    for asset in health.assets:
        if asset.message and asset.status == "failure":
            console.print(
                f"[red]failed[/] {asset.name}: {escape(asset.message.splitlines()[0])}",
                highlight=False,
                soft_wrap=True,
            )


def _asset_cells(now: datetime, asset: AssetHealth) -> list[str]:
    rate = _NONE if asset.success_rate is None else f"{asset.successes} of {asset.attempts}"
    killed = f", {asset.killed} killed" if asset.killed else ""
    last = _age(now, asset.started_at)
    return [
        asset.name,
        _STATES[asset.state],
        _age(now, asset.succeeded_at),
        _NONE if asset.max_age_seconds is None else _span(asset.max_age_seconds),
        f"{asset.status}, {last}" if asset.status else last,
        rate + killed,
        _NONE if asset.p95_seconds is None else f"{asset.p95_seconds:,.1f} s",
        str(asset.api_calls or 0),
        str(asset.quarantined or 0),
    ]


def _endpoint_cells(found: EndpointHealth) -> list[str]:
    counts = (found.made, found.saved, found.failed, found.throttled)
    times = (found.p50_ms, found.p95_ms)
    return [
        found.endpoint,
        *(f"{count:,}" for count in counts),
        *(_NONE if time is None else f"{time:,} ms" for time in times),
        _number(found.budget_low),
    ]


def _print_verdict(console: Console, health: Health) -> None:
    """The last line: what a person, or cron's mail, should see first."""
    if health.is_healthy:
        console.print("[green]Healthy.[/]", highlight=False)
        return
    named = ", ".join(
        f"{asset.name} ({_age(health.checked_at, asset.succeeded_at)})"
        for asset in health.assets
        if asset.is_stale
    )
    console.print(
        f"[red]Stale:[/] {named}. Run: {remedy(health.stale)}", highlight=False, soft_wrap=True
    )


def _number(value: int | None) -> str:
    return _NONE if value is None else f"{value:,}"


def _span(seconds: int) -> str:
    """Days, with half days; hours below two days."""
    if seconds < 2 * 86400:
        return f"{seconds / 3600:g} h old"
    return f"{seconds / 86400:g} d old"


_CARRY = {
    "schedules": "carry their schedules: one call a quarter",
    "list": "come without schedules: one call a season",
    "other seasons": "are answered with other seasons: one call a season",
    "nothing": "are answered with nothing: one call a season",
    "refused": "are refused: one call a season",
}


def _history_in_words(history: HistoryState) -> str:
    """How much of the past is stored, and what its schedules cost here."""
    if not history.past_seasons:
        return "History: no past season is stored (`sync --sync-seasons --sync-past-seasons`)."
    text = (
        f"History: {history.past_seasons:,} past seasons, {history.with_schedule:,} with their final "
        "schedule."
    )
    found = history.past_quarters
    if not found:
        return text
    how = _CARRY.get(found["carries"], found["carries"])
    return f"{text} Past quarters {how} (tried {found['tried']} on {str(found['at'])[:10]})."


def _age(now: datetime, moment: datetime | None) -> str:
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
