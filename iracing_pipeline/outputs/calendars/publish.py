"""Feeds brought up to date: sessions compared with what subscribers know, files written where they differ.

In: a database, a directory, the moment. Out: Published. No request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from iracing_pipeline.core.rows import Counts
from iracing_pipeline.outputs.calendars.choices import Choice, Choices, ChoicesRefused
from iracing_pipeline.outputs.calendars.events import (
    Refreshed,
    StoredEvent,
    categories,
    events,
    refresh,
    refuse_empty,
    running,
    special_events,
    write_alone,
)
from iracing_pipeline.outputs.calendars.feeds import (
    OWN_FILE,
    SPECIALS_FILE,
    STANDARD_FILE,
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
from iracing_pipeline.warehouse.queries.series import series_ids, series_names


@dataclass(frozen=True)
class Wanted:
    """What the feeds are to hold."""

    days: int
    """So many days ahead, at most."""
    most_bytes: int
    """A feed that would be larger ends earlier."""
    times: Times
    own: Choices = field(default_factory=Choices)
    """Feeds besides those of series and licence classes; hours, weekdays and days are their own."""

    @property
    def farthest(self) -> int:
        """Days ahead of the feed that looks ahead farthest."""
        return self.own.days(self.days)

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
    cut_short: list[Feed] = field(default_factory=list)
    """Own feeds that end earlier than they were asked to, as they would have become too large."""
    refused: Choices = field(default_factory=Choices)
    """What of feeds.toml could not be meant."""

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

    def cut_in_words(self, kilobytes: int) -> list[str]:
        """Of each own feed that would have become larger than a feed may, until when it reaches."""
        return [
            f"{feed.file} would be larger than {kilobytes:,} kB, so it ends with the races of "
            f"{feed.events[-1].start_time:%Y-%m-%d %H:%M} UTC. Choose fewer series, hours or days for it, "
            "or allow more kilobytes."
            for feed in self.cut_short
        ]

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
    """An .ics file per running series, licence class and own feed, and one of special events.

    Raises NoSessions.

    What of the own feeds cannot be meant is left out, and told in `refused`.
    """
    span = window(now, wanted.farthest)
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
        found = events(connection, since=span.since, until=window(now, wanted.farthest).until)
        origin = get_state(connection, DATA_ORIGIN)
        names = series_names(connection)
        chosen, done.refused = _resolved(connection, wanted.own)
        whole = [*_own_feeds(chosen, found, wanted, now)]
        whole += feeds_of(
            [
                one
                for one in found
                if one.start_time < span.until and wanted.times.admit(one.start_time)
            ],
            names,
            running(connection, now=now, until=span.until),
        )
        specials = special_events(connection, since=span.since)
        whole.append(Feed(SPECIALS_FILE, "Special events", specials))
        done.feeds = [
            wanted.cut(feed, calendar_title(feed.title, origin), span, writer) for feed in whole
        ]
        done.cut_short = [
            feed
            for feed, before in zip(done.feeds[: len(chosen)], whole, strict=False)
            if feed.events and feed.events[-1] != before.events[-1]
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
            # Which feed was meant by what cannot be read, nobody knows.
            is_left = OWN_FILE.fullmatch(name) and not done.refused.refused
            if is_left or STANDARD_FILE.fullmatch(name):
                files.remove(name)
                done.removed.append(name)
    return done


def _resolved(connection: Connection, own: Choices) -> tuple[list[Choice], Choices]:
    """The own feeds with their series found; and what was refused, before or now."""
    if not own.feeds:
        return [], own
    chosen, refused = [], list(own.refused)
    names, ids, known = series_names(connection), series_ids(connection), categories(connection)
    for choice in own.feeds:
        try:
            chosen.append(choice.with_known(names, ids).with_known_categories(known))
        except ChoicesRefused as error:
            refused.append(str(error))
    return chosen, replace(own, refused=tuple(refused))


def _own_feeds(
    chosen: Sequence[Choice], found: Sequence[StoredEvent], wanted: Wanted, now: datetime
) -> Iterator[Feed]:
    for choice in chosen:
        until = window(now, choice.days or wanted.days).until
        mine = [event for event in found if event.start_time < until and choice.admits(event)]
        yield Feed(choice.file, choice.title, mine)
