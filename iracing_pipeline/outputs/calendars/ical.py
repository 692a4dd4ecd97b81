"""A calendar as an .ics file (RFC 5545, with the names of RFC 7986): events → bytes.

In: events as plain values. Out: bytes; the same events give the same bytes, there is no clock. Which
events a file holds is feeds.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import accumulate, takewhile
from typing import Any, Protocol

from icalendar import Calendar, vDuration, vText
from icalendar import Event as Component

PRODID = "-//iracing_pipeline//race sessions//EN"
REFRESH = timedelta(hours=6)
"""How often clients are asked to look again."""


SERIES_PAGE = "https://members-ng.iracing.com/web/racing/official/series-list/{season_id}/go-racing"
"""Where a member registers. iRacing documents no address; this is the one that planners link to."""


class Event(Protocol):
    """A race session, or an event of whole days, as stored."""

    @property
    def uid(self) -> str: ...
    @property
    def series_id(self) -> int: ...
    @property
    def season_id(self) -> int: ...
    @property
    def license_group(self) -> int | None: ...
    @property
    def start_time(self) -> datetime: ...
    @property
    def session_minutes(self) -> int | None: ...
    @property
    def summary(self) -> str: ...
    @property
    def location(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def sequence(self) -> int: ...
    @property
    def last_modified(self) -> datetime: ...
    @property
    def is_cancelled(self) -> bool: ...
    @property
    def is_all_day(self) -> bool: ...


class Writer:
    """Writes calendars, each event once, however many calendars it is in.

    The sessions of a week differ in UID and start alone. icalendar takes most of a millisecond for an
    event, and a quarter has tens of thousands within two weeks: so it writes one of each kind, and
    the two lines are put into its text for the others.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[Any, ...], tuple[bytes, bytes, bytes]] = {}
        self._written: dict[tuple[str, int], bytes] = {}

    def fitting(
        self, title: str, events: Sequence[Event], today: datetime, most: int
    ) -> list[Event]:
        """Those of the events, ordered by start, that a file of at most so many bytes can hold.

        All, if they fit. Else those from `today` (midnight) to the last whole hour that fits; if not even
        the first does, as much of it as fits.
        """
        room = most - sum(map(len, _frame(title)))
        if _count(map(len, map(self._event, events)), room) == len(events):
            return list(events)
        ahead = [event for event in events if event.start_time >= today]
        fitting = _count(map(len, map(self._event, ahead)), room)
        if fitting == len(ahead):
            return ahead
        broken_off = ahead[fitting].start_time.replace(minute=0, second=0, microsecond=0)
        whole = [event for event in ahead[:fitting] if event.start_time < broken_off]
        return whole or ahead[:fitting]

    def calendar(self, title: str, events: Iterable[Event]) -> bytes:
        """The file. `title` is what clients call it."""
        head, end = _frame(title)
        return b"".join([head, *map(self._event, events), end])

    def _event(self, event: Event) -> bytes:
        key = (event.uid, event.sequence)
        written = self._written.get(key)
        if written is None:
            make = _whole if event.is_all_day else self._from_kind
            written = self._written[key] = make(event)
        return written

    def _from_kind(self, event: Event) -> bytes:
        kind = (
            *(event.summary, event.location, event.description, event.categories),
            *(
                event.season_id,
                event.session_minutes,
                event.sequence,
                event.last_modified,
                event.is_cancelled,
            ),
        )
        pieces = self._kinds.get(kind)
        if pieces is None:
            pieces = self._kinds[kind] = _cut(as_component(event).to_ical(), event)
        before, between, after = pieces
        return b"".join((before, _start(event), between, _uid(event), after))


def _whole(event: Event) -> bytes:
    text: bytes = as_component(event).to_ical()
    return text


def _count(sizes: Iterable[int], room: int) -> int:
    """How many of the first of them have room together."""
    return sum(1 for _ in takewhile(lambda used: used <= room, accumulate(sizes)))


def _start(event: Event) -> bytes:
    return f"DTSTART:{event.start_time.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}\r\n".encode()


def _uid(event: Event) -> bytes:
    return f"UID:{event.uid}\r\n".encode()


def _cut(text: bytes, event: Event) -> tuple[bytes, bytes, bytes]:
    """What icalendar wrote before, between and after the two lines. Lines of text cannot look so."""
    before, start, rest = text.partition(b"\r\n" + _start(event))
    between, uid, after = rest.partition(b"\r\n" + _uid(event))
    if not start or not uid:
        raise ValueError(f"icalendar wrote the event {event.uid} otherwise than expected.")
    return before + b"\r\n", between + b"\r\n", after


def as_component(event: Event) -> Any:
    """The event as an icalendar.Event. Its stamp is when it last changed, so that it stays the same."""
    made = Component()
    made.add("uid", event.uid)
    made.add("dtstamp", event.last_modified.astimezone(timezone.utc))
    start, length = event.start_time.astimezone(timezone.utc), event.session_minutes
    made.add("dtstart", start.date() if event.is_all_day else start)
    if length and event.is_all_day:
        made.add("dtend", (start + timedelta(minutes=length)).date())
    elif length:
        made.add("duration", timedelta(minutes=length))
    # Some clients do not look at STATUS.
    made.add("summary", _line(("Cancelled: " if event.is_cancelled else "") + event.summary))
    if event.location:
        made.add("location", _line(event.location))
    made.add("description", _text(event.description))
    if event.categories:
        made.add("categories", [_line(category) for category in event.categories])
    made.add("url", SERIES_PAGE.format(season_id=event.season_id))
    made.add("sequence", event.sequence)
    made.add("last-modified", event.last_modified.astimezone(timezone.utc))
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    # Races one may go to are no appointments: they block nobody's time.
    made.add("transp", "TRANSPARENT")
    return made


def _frame(title: str) -> tuple[bytes, bytes]:
    """What stands before and after the events."""
    made = Calendar()
    made.add("prodid", PRODID)
    made.add("version", "2.0")
    # The names of RFC 7986, and those that clients knew before there were any.
    made.add("name", vText(_line(title)))
    made.add("x-wr-calname", vText(_line(title)))
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    text: bytes = made.to_ical()
    head, end, _ = text.rpartition(b"END:VCALENDAR\r\n")
    return head, end


# Not allowed in text; and what Python's splitlines, which parsers use, takes for the end of a line.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_BREAKS = re.compile("[\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")


def _text(text: str) -> str:
    """Text with no other control characters than newlines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _BREAKS.sub(" ", text))


def _line(text: str) -> str:
    """The same in one line."""
    return " ".join(_text(text).split("\n"))
