"""Feeds brought up to date: sessions compared with what subscribers know, files written where they differ.

In: a database, a directory, the moment. Out: Published. No request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from iracing_pipeline.core.rows import Counts
from iracing_pipeline.outputs.calendars.events import (
    Refreshed,
    events,
    refresh,
    refuse_empty,
    running,
    series_names,
    write_alone,
)
from iracing_pipeline.outputs.calendars.feeds import (
    OWN_FILE,
    Feed,
    Window,
    calendar_title,
    feeds_of,
    window,
)
from iracing_pipeline.outputs.calendars.ical import Event, Writer
from iracing_pipeline.outputs.calendars.times import Times
from iracing_pipeline.outputs.files import FEEDS, Files, open_directory
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, get_state


@dataclass(frozen=True)
class Wanted:
    """What the feeds are to hold."""

    days: int
    """So many days ahead, at most."""
    most_bytes: int
    """A feed that would be larger ends earlier."""
    times: Times

    def cut(self, feed: Feed, title: str, span: Window, writer: Writer) -> Feed:
        """The feed with as many of its events as its file may hold."""
        fitting = writer.fitting(title, feed.events, span.today, self.most_bytes)
        return replace(feed, events=fitting)


@dataclass
class Published:
    """What became of the events and of the files."""

    place: str
    refreshed: Refreshed
    feeds: Sequence[Feed] = ()
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        """Rows of calendar_events."""
        found = self.refreshed
        return Counts(
            inserted=found.inserted,
            updated=found.changed + found.revived,
            unchanged=found.unchanged,
            retired=found.cancelled,
            living=found.inserted + found.changed + found.revived + found.unchanged,
        )

    def events(self) -> list[Event]:
        """Every event of the feeds, once."""
        by_uid: dict[str, Event] = {}
        for feed in self.feeds:
            by_uid.update((event.uid, event) for event in feed.events)
        return list(by_uid.values())

    def in_words(self) -> str:
        return (
            f"{len(self.written):,} feeds written, {len(self.unchanged):,} unchanged, "
            f"{len(self.removed):,} removed"
        )


def publish_calendars(
    database: Database,
    directory: str,
    wanted: Wanted,
    now: datetime,
    say: Callable[[str], None],
) -> Published:
    """An .ics file per running series and per licence class. Raises NoSessions."""
    span = window(now, wanted.days)
    say("comparing sessions")

    def compare(connection: Connection) -> Refreshed:
        refuse_empty(connection)
        return refresh(connection, now=now, since=span.since, until=span.until)

    refreshed = database.transact(compare)
    files = open_directory(directory, FEEDS)
    return _write(database, files, wanted, now, Published(files.place, refreshed), say)


def _write(
    database: Database,
    files: Files,
    wanted: Wanted,
    now: datetime,
    done: Published,
    say: Callable[[str], None],
) -> Published:
    writer = Writer()
    span = window(now, wanted.days)
    with database.begin() as connection:
        write_alone(connection)
        found = events(connection, since=span.since, until=span.until)
        origin = get_state(connection, DATA_ORIGIN)
        done.feeds = [
            wanted.cut(feed, calendar_title(feed.title, origin), span, writer)
            for feed in feeds_of(
                [event for event in found if wanted.times.admit(event.start_time)],
                series_names(connection),
                running(connection, now=now, until=span.until),
            )
        ]
        there = files.sizes()
        say(f"writing {len(done.feeds):,} feeds to {files.place}")
        for feed in done.feeds:
            content = writer.calendar(calendar_title(feed.title, origin), feed.events)
            if there.get(feed.file) == len(content) and files.read(feed.file) == content:
                done.unchanged.append(feed.file)
            else:
                files.write(feed.file, content)
                done.written.append(feed.file)
        for name in sorted(set(there) - {feed.file for feed in done.feeds}):
            if OWN_FILE.fullmatch(name):
                files.remove(name)
                done.removed.append(name)
    return done
