"""`iracing-pipeline calendar`: the races of some series, seasons or licence classes in one file.

In: flags, what is stored; no credentials are needed. Out: a file. Nothing asks the API.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

import click
from sqlalchemy import Connection

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE
from iracing_pipeline.core.naming import in_words, known_in_words
from iracing_pipeline.core.wording import printable
from iracing_pipeline.model.selection import select_series
from iracing_pipeline.outputs.calendars import events as calendar_events
from iracing_pipeline.outputs.calendars.events import StoredEvent, known_seasons
from iracing_pipeline.outputs.calendars.feeds import (
    DEFAULT_KILOBYTES,
    Window,
    calendar_title,
    license_title,
    series_title,
    window,
)
from iracing_pipeline.outputs.calendars.ical import Writer
from iracing_pipeline.outputs.calendars.times import times_of
from iracing_pipeline.outputs.files import write_file
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import NotAllowedError
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, get_state
from iracing_pipeline.warehouse.queries.series import series_called, series_ids, series_names


class CalendarError(Exception):
    """What keeps a calendar from being made. The text says what to do."""

    kind = "misuse"


@dataclass(frozen=True)
class CalendarRequest:
    """The flags of `calendar`, already checked."""

    days: int
    output: Path
    series_ids: tuple[int, ...] = ()
    series_called: tuple[str, ...] = ()
    season_ids: tuple[int, ...] = ()
    license_groups: tuple[int, ...] = ()
    is_all: bool = False
    hours: str | None = None
    weekdays: str | None = None
    timezone: str | None = None
    as_json: bool = False


def run_calendar(request: CalendarRequest, *, now: datetime | None = None) -> int:
    """Bring calendar_events up to date, so that a change is told as one, and write the file.

    Whatever matches any of what is named is in it, at the hours and on the weekdays that are. Raises
    CalendarError, NoSessions, UnknownTimes, UnknownSeries, UnknownName.
    """
    times = times_of(request.hours, request.weekdays, request.timezone)
    now = now or datetime.now(timezone.utc)
    span = window(now, request.days)
    database = open_door(Database)
    with database.begin() as connection:
        calendar_events.refuse_empty(connection)
        names = series_names(connection)
        called = series_called(connection, request.series_called)
        request = replace(request, series_ids=tuple(dict.fromkeys((*request.series_ids, *called))))
        _refuse_unknown(connection, request, names)
    _refresh(database, now, span)
    with database.begin() as connection:
        events = calendar_events.events(
            connection,
            since=span.since,
            until=span.until,
            series_ids=request.series_ids,
            season_ids=request.season_ids,
            license_groups=request.license_groups,
        )
        origin = get_state(connection, DATA_ORIGIN)
    database.dispose()
    events = [event for event in events if times.admit(event.start_time)]
    title = calendar_title(_title(request, names), origin)
    if request.as_json:
        content = _as_json(title, span, events)
    else:
        content = Writer().calendar(title, events)
    _write(request.output, content)
    click.echo(printable(_in_words(request, events)), err=True)
    if len(content) > DEFAULT_KILOBYTES * 1000 and not request.as_json:
        click.echo(
            f"{len(content) / 1e6:.1f} MB: Google Calendar takes about {DEFAULT_KILOBYTES / 1000:.0f} MB. "
            "Fewer --days, or --hours and --weekdays, make it smaller.",
            err=True,
        )
    return DONE


def _as_json(title: str, span: Window, events: Sequence[StoredEvent]) -> bytes:
    """The events by the names of the columns of calendar_events, moments in ISO 8601."""
    document = {
        "calendar": title,
        "since": span.since,
        "until": span.until,
        "events": [event._asdict() for event in events],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, default=datetime.isoformat)
    return f"{text}\n".encode()


def _refresh(database: Database, now: datetime, span: Window) -> None:
    try:
        with database.begin() as connection:
            user = connection.exec_driver_sql("SELECT quote_ident(current_user)").scalar_one()
            calendar_events.refresh(connection, now=now, since=span.since, until=span.until)
    except NotAllowedError as error:
        raise CalendarError(
            f"`calendar` remembers what it has told subscribers, and may not: {error.reason}. Its user "
            f"needs this: GRANT INSERT, UPDATE, DELETE ON iracing.calendar_events TO {user};"
        ) from None


def _refuse_unknown(
    connection: Connection, request: CalendarRequest, names: Mapping[int, str]
) -> None:
    select_series(
        names,
        series_ids=request.series_ids,
        known_elsewhere=series_ids(connection),
        names=names,
    )
    if not request.season_ids:
        return
    known = known_seasons(connection)
    unknown = sorted(set(request.season_ids) - known.keys())
    if unknown:
        raise CalendarError(
            f"Unknown season: {in_words(unknown, {})}. "
            + known_in_words(
                unknown,
                [one for one, is_over in known.items() if not is_over],
                calendar_events.season_names(connection),
                which="Not over",
            )
        )


def _title(request: CalendarRequest, names: Mapping[int, str]) -> str:
    named = [
        *(series_title(one, names) for one in request.series_ids),
        *(f"Season {one}" for one in request.season_ids),
        *(license_title(one) for one in request.license_groups),
    ]
    return ", ".join(named) if named else "All races"


def _write(output: Path, content: bytes) -> None:
    if str(output) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        write_file(output, content)
    except OSError as error:
        raise CalendarError(
            f"{output} cannot be written: {error.strerror or type(error).__name__}."
        ) from None


def _in_words(request: CalendarRequest, events: Sequence[StoredEvent]) -> str:
    cancelled = sum(event.is_cancelled for event in events)
    text = f"{len(events):,} race session{'' if len(events) == 1 else 's'}"
    text += f", {cancelled:,} of them cancelled" if cancelled else ""
    place = "" if str(request.output) == "-" else f" in {request.output}"
    if not events:
        return f"No race session within {request.days} days, by the schedules stored here{place}."
    return f"{text}{place}."
