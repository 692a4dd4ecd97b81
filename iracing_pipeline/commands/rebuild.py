"""`iracing-pipeline db rebuild`: every data table once more from the landed responses, in one transaction.

In: settings; no credentials are needed. Out: the differences, on the console. Nothing asks the API.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE
from iracing_pipeline.core.rows import Counts
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.rebuild import rebuild
from iracing_pipeline.sync.services import Services, Silence
from iracing_pipeline.warehouse.door import Door, describe


class _OncePerAsset(Silence):
    """A line for what each asset is derived from."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[str] = set()

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        if asset not in self._said:
            self._said.add(asset)
            self._console.print(f"{asset}: from {text}", highlight=False)


def run_rebuild(console: Console, *, dry_run: bool) -> int:
    """Derive, commit (or roll back, in a dry run) and report; always DONE when it could be done."""
    # Refuses a directory without a database, before anything is created in it.
    open_door(Door)
    services = Services(Settings.from_environment(), listener=_OncePerAsset(console))
    database = services.database
    done = rebuild(services, dry_run=dry_run)
    total = done.total
    place = f"in {database.data_dir}" if database.is_embedded else describe(database.url)
    would = "would be" if dry_run else "were"
    console.print(
        f"{total.written:,} difference{'' if total.written == 1 else 's'} between the tables {place} and "
        f"the landed responses; {total.unchanged:,} rows {would} left as they are. No request was made.",
        highlight=False,
        soft_wrap=True,
    )
    if total.written:
        console.print(_table(done.counts))
    for text in done.first_changes:
        console.print(f"- {escape(text)}", highlight=False, soft_wrap=True)
    if done.rejected:
        console.print(
            f"[red]{len(done.rejected):,} items cannot be read and are in quarantine, see "
            "`iracing-pipeline db status`.[/]",
            highlight=False,
        )
    for text in done.left_out:
        console.print(f"[yellow]Left out:[/] {text}.", highlight=False, soft_wrap=True)
    return DONE


def _table(counts: Mapping[str, Counts]) -> Table:
    table = Table("table", title="Differences", title_justify="left", title_style="bold")
    for name in ("inserted", "updated", "retired"):
        table.add_column(name, justify="right")
    for name, found in counts.items():
        if found.written:
            table.add_row(name, f"{found.inserted:,}", f"{found.updated:,}", f"{found.retired:,}")
    return table
