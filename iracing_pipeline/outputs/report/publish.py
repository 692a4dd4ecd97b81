"""The report as a file: facts read, the page rendered, the file replaced as a whole.

In: a database, the target, the moment. Out: the file, local or in a store, and the facts it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from iracing_pipeline.outputs.files import REPORT, put_file
from iracing_pipeline.outputs.report.facts import Facts
from iracing_pipeline.outputs.report.news import News, tell
from iracing_pipeline.outputs.report.page import render
from iracing_pipeline.outputs.report.queries import read_facts
from iracing_pipeline.warehouse.database import Database


@dataclass(frozen=True)
class Published:
    facts: Facts
    news: News
    place: str
    """Where the page is, for people."""
    size: int
    """Bytes."""


def publish_report(
    database: Database, target: str, now: datetime, *, apart_from: int | None = None
) -> Published:
    """Write the page. `apart_from`: the sync_run_id of whoever writes it, which it does not tell of.

    `target`: a local path or a URL that fsspec knows. Raises as `put_file` does.
    """
    facts = read_facts(database, now, apart_from=apart_from)
    page = render(facts).encode()
    place = put_file(target, page, REPORT)
    return Published(facts, tell(facts.changes), place, len(page))
