"""Which calendar feeds there are: their files, titles and events; the days they span; names of licences.

In: events, names, the moment. Out: feeds. How an event is written is ical.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iracing_pipeline.outputs.calendars.ical import Event

DAY = timedelta(days=1)
DEFAULT_DAYS = 14
MOST_DAYS = 120
DEFAULT_KILOBYTES = 1000
"""Google Calendar takes files of about 1 MB."""

_LICENSES = {
    1: ("R", "Rookie"),
    2: ("D", "Class D"),
    3: ("C", "Class C"),
    4: ("B", "Class B"),
    5: ("A", "Class A"),
    6: ("P", "Pro"),
    7: ("WC", "Pro/WC"),
}

LICENSE_NAMES: Mapping[int, str] = {number: name for number, (_, name) in _LICENSES.items()}

STANDARD_FILE = re.compile(r"(?:series-\d+|license-(?:[A-Z]{1,2}|\d+)|special-events)\.ics")
SPECIALS_FILE = "special-events.ics"
OWN_FILE = re.compile(r"own-[A-Za-z0-9][A-Za-z0-9_-]*\.ics")
"""The files that the pipeline writes, to be removed when they have nothing more to tell."""


@dataclass(frozen=True)
class Window:
    """What a feed spans. Bounded by days, so that the same day gives the same feed."""

    since: datetime
    """Midnight: yesterday's sessions are shown too, as today began elsewhere at another time."""
    today: datetime
    """Midnight: where a feed begins that would be too large with yesterday."""
    until: datetime


def window(now: datetime, days: int) -> Window:
    """From yesterday to the end of the day that many days ahead, UTC."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(today - DAY, today, today + (days + 1) * DAY)


@dataclass(frozen=True)
class Feed:
    """One file of events."""

    file: str
    title: str
    events: Sequence[Event]


def feeds_of(
    events: Iterable[Event],
    names: Mapping[int, str],
    running: Collection[tuple[int, int | None]],
) -> list[Feed]:
    """A feed per series and per licence class, of those that run or have events.

    `running`: (series, licence class) of the seasons that run, with or without a session in sight: an
    address that somebody subscribed to should not come and go with the sessions.
    """
    by_series: dict[int, list[Event]] = {series_id: [] for series_id, _ in running}
    by_license: dict[int, list[Event]] = {one: [] for _, one in running if one is not None}
    for event in events:
        by_series.setdefault(event.series_id, []).append(event)
        if event.license_group is not None:
            by_license.setdefault(event.license_group, []).append(event)
    return [
        *(
            Feed(f"series-{one}.ics", series_title(one, names), found)
            for one, found in sorted(by_series.items())
        ),
        *(
            Feed(f"license-{license_code(one)}.ics", license_title(one), found)
            for one, found in sorted(by_license.items())
        ),
    ]


def own_file(name: str) -> str:
    """The file of a feed of somebody's own choice: it takes the place of no other one."""
    return f"own-{name}.ics"


def calendar_title(title: str, origin: str | None) -> str:
    """What clients call a calendar; made-up data says that it is."""
    return f"iRacing{' (simulated)' if origin == 'simulated' else ''} · {title}"


def series_title(series_id: int, names: Mapping[int, str]) -> str:
    """What a series' feed is called."""
    return names.get(series_id) or f"Series {series_id}"


def license_code(license_group: int) -> str:
    """The letter of a licence class: R, D, C, B, A, P, WC; the number of one that is new."""
    return _LICENSES.get(license_group, (str(license_group), ""))[0]


def license_title(license_group: int) -> str:
    """What people call a licence class."""
    return _LICENSES.get(license_group, ("", f"Licence group {license_group}"))[1]


LICENSES_IN_WORDS = ", ".join(
    f"{code} ({number}, {name})" for number, (code, name) in _LICENSES.items()
)


def license_group_of(text: str) -> int | None:
    """The licence class meant: by number, letter or name, whatever the case; None for no class."""
    wanted = re.sub(r"^(class|licen[cs]e)[\s_-]*", "", text.strip().lower())
    for number, (code, name) in _LICENSES.items():
        if wanted in {str(number), code.lower(), name.lower()}:
            return number
    return None
