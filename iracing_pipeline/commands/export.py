"""`iracing-pipeline export`: the calendar as files of one schema.

In: flags, what is stored; no credentials are needed. Out: files. Nothing asks the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import click

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE
from iracing_pipeline.outputs.calendars.events import refuse_empty
from iracing_pipeline.outputs.export.publish import Wanted, publish_export
from iracing_pipeline.outputs.files import Output
from iracing_pipeline.warehouse.database import Database


def run_export(
    directory: str,
    *,
    formats: Sequence[str],
    days: int,
    history: bool,
    now: datetime | None = None,
) -> int:
    """Write the files. Raises NoSessions where no schedule is stored, and as `publish_export` does."""
    database = open_door(Database)
    with database.begin() as connection:
        refuse_empty(connection)
    done = publish_export(
        database,
        directory,
        Wanted(formats, days, history),
        now or datetime.now(timezone.utc),
        output=Output("The export", "--to"),
    )
    database.dispose()
    click.echo(f"{done.in_words()}.")
    return DONE
