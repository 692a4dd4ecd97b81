"""The report as a file: facts read, the page rendered, the file replaced as a whole.

In: a database, the target, the moment. Out: the file, and the facts it was made of.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.report.facts import Facts
from iracing_pipeline.outputs.report.news import News, tell
from iracing_pipeline.outputs.report.page import render
from iracing_pipeline.outputs.report.queries import read_facts
from iracing_pipeline.warehouse.database import Database


@dataclass(frozen=True)
class Published:
    facts: Facts
    news: News
    target: Path
    size: int
    """Bytes."""


def publish_report(
    database: Database, target: Path, now: datetime, *, apart_from: int | None = None
) -> Published:
    """Write the page. `apart_from`: the sync_run_id of whoever writes it, which it does not tell of.

    Raises ConfigurationError where the file cannot be written.
    """
    facts = read_facts(database, now, apart_from=apart_from)
    page = render(facts).encode()
    replace_file(target, page)
    return Published(facts, tell(facts.changes), target, len(page))


def replace_file(target: Path, content: bytes) -> None:
    """Write a file so that whoever opens it sees the old one or the new one, whole.

    Raises ConfigurationError where it cannot be written.
    """
    # A link stays one: what it leads to is replaced.
    target = Path(os.path.realpath(target))
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The report cannot be written to {target} ({error.strerror}). Set IRACING_REPORT_FILE, or "
            "path in the run config, to a file that can."
        ) from None
