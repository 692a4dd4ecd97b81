"""`iracing-pipeline db rebuild`: every data table once more from the landed answers, in one transaction.

In: settings; no credentials are needed. Out: the differences, on the console. Nothing asks the API.
"""

from __future__ import annotations

import uuid

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.commands.database import open_database
from iracing_pipeline.commands.exits import DONE
from iracing_pipeline.commands.rederiving import Rederiving
from iracing_pipeline.warehouse.database import describe
from iracing_pipeline.warehouse.ledger.runs import Outcome, finish_run, start_run
from iracing_pipeline.warehouse.merge.batches import Counts
from iracing_pipeline.warehouse.queries.changes import first_changes

ASSET = "rebuild"
"""The name under which sync_runs knows it."""
_SHOWN = 20


def run_rebuild(console: Console, *, dry_run: bool) -> int:
    """Derive, commit (or roll back, in a dry run) and report; always DONE when it could be done."""
    database = open_database()
    # Views of changes for people tell these from what iRacing changed by the first word.
    run_id = f"rebuild {uuid.uuid4()}"
    said: set[str] = set()

    def say(asset: str, text: str) -> None:
        if asset not in said:
            said.add(asset)
            console.print(f"{asset}: from {text}", highlight=False)

    with database.rehearse() if dry_run else database.begin() as connection:
        started = start_run(connection, run_id=run_id, asset=ASSET, partition=None)
        work = Rederiving(connection, run_id, say)
        work.do()
        words = first_changes(connection, run_id, _SHOWN)
        total = sum(work.counts.values(), Counts())
        finish_run(
            connection,
            started.sync_run_id,
            Outcome("partial" if work.rejects else "success", total, len(work.rejects)),
            [],
            run_id=run_id,
        )
    place = f"in {database.data_dir}" if database.is_embedded else describe(database.url)
    would = "would be" if dry_run else "were"
    console.print(
        f"{total.written:,} difference{'' if total.written == 1 else 's'} between the tables {place} and "
        f"the landed answers; {total.unchanged:,} rows {would} left as they are. No request was made.",
        highlight=False,
        soft_wrap=True,
    )
    if total.written:
        console.print(_table(work.counts))
    for text in words:
        console.print(f"- {escape(text)}", highlight=False, soft_wrap=True)
    if work.rejects:
        console.print(
            f"[red]{len(work.rejects):,} items cannot be read and are in quarantine, see "
            "`iracing-pipeline db status`.[/]",
            highlight=False,
        )
    for text in work.left_out:
        console.print(f"[yellow]Left out:[/] {text}.", highlight=False, soft_wrap=True)
    return DONE


def _table(counts: dict[str, Counts]) -> Table:
    table = Table("table", title="Differences", title_justify="left", title_style="bold")
    for name in ("inserted", "updated", "retired"):
        table.add_column(name, justify="right")
    for name, found in counts.items():
        if found.written:
            table.add_row(name, f"{found.inserted:,}", f"{found.updated:,}", f"{found.retired:,}")
    return table
