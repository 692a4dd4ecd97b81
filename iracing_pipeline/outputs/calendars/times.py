"""At which hours and on which weekdays somebody races, in that person's time zone.

In: what people write, such as `18-23`, `mon-fri,sun`, `Europe/Berlin`. Out: which starts are theirs. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnknownTimes(ValueError):
    """Hours, weekdays or a time zone that mean nothing. The text says what would."""

    kind = "misuse"


@dataclass(frozen=True)
class Times:
    """Hours and weekdays of a zone; all of them where none are named."""

    zone: ZoneInfo
    hours: frozenset[int] = frozenset(range(24))
    weekdays: frozenset[int] = frozenset(range(7))

    def admit(self, start: datetime) -> bool:
        """Whether a race that starts then is wanted."""
        local = start.astimezone(self.zone)
        return local.hour in self.hours and local.weekday() in self.weekdays


def times_of(hours: str | None, weekdays: str | None, timezone: str | None) -> Times:
    """The times meant. Raises UnknownTimes."""
    return Times(
        _zone(timezone or "UTC"),
        frozenset(_hours(hours) if hours else range(24)),
        frozenset(_weekdays(weekdays) if weekdays else range(7)),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found, a directory, no name
        raise UnknownTimes(
            f"There is no time zone {name!r}. Name one such as Europe/Berlin or UTC."
        ) from None


def _hours(text: str) -> Iterable[int]:
    def hour(word: str) -> int | None:
        return int(word) if re.fullmatch(r"\d\d?", word) and int(word) <= 24 else None

    wanted = "Give hours as 18-23 (starts from 18:00 to before 23:00), several as 6-8,18-23."
    for first, last in _spans(text, hour, f"{text!r} are no hours. {wanted}"):
        if last is None or last == first:
            raise UnknownTimes(f"{text!r} are no hours. {wanted}")
        # 22-2 goes over midnight.
        yield from (one % 24 for one in range(first, last if last > first else last + 24))


def _weekdays(text: str) -> Iterable[int]:
    def day(word: str) -> int | None:
        return next(
            (n for n, name in enumerate(_DAYS) if len(word) >= 3 and word[:3] == name), None
        )

    for first, last in _spans(
        text, day, f"{text!r} are no weekdays. Give them as sat,sun or mon-fri."
    ):
        end = first if last is None else last
        yield from (one % 7 for one in range(first, (end if end >= first else end + 7) + 1))


def _spans(
    text: str, read: Callable[[str], int | None], problem: str
) -> Iterable[tuple[int, int | None]]:
    for span in text.lower().replace(" ", "").split(","):
        first, dash, last = span.partition("-")
        found = (read(first), read(last) if dash else None)
        if found[0] is None or (dash and found[1] is None):
            raise UnknownTimes(problem)
        yield found[0], found[1]
