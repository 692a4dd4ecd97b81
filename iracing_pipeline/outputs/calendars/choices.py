"""Feeds of somebody's own choice, as feeds.toml names them.

In: the text of that file, the names of what is stored. Out: which events go into which feed, and in words
what of it cannot be meant.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from iracing_pipeline.core.naming import UnknownName, in_words, known_in_words, series_named
from iracing_pipeline.outputs.calendars.feeds import (
    LICENSES_IN_WORDS,
    MOST_DAYS,
    license_group_of,
    own_file,
)
from iracing_pipeline.outputs.calendars.ical import Event
from iracing_pipeline.outputs.calendars.times import Times, UnknownTimes, times_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_LARGEST_ID = 2**31 - 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class ChoicesRefused(ValueError):
    """Something in feeds.toml cannot be meant. The text says what, of every feed that it is about."""

    kind = "misuse"


@dataclass(frozen=True)
class Choice:
    """One own feed: what is named are its conditions, and an event has to meet them all."""

    name: str
    title: str
    times: Times
    series: tuple[int | str, ...] = ()
    """As they are written: ids, names or parts of names."""
    series_ids: frozenset[int] = frozenset()
    licenses: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()
    """As calendar_events has them: `sports car`."""
    days: int | None = None

    @property
    def file(self) -> str:
        return own_file(self.name)

    def admits(self, event: Event) -> bool:
        return (
            (not self.series_ids or event.series_id in self.series_ids)
            and (not self.licenses or event.license_group in self.licenses)
            and (not self.categories or not self.categories.isdisjoint(event.categories))
            and self.times.admit(event.start_time)
        )

    def with_known(self, names: Mapping[int, str], ids: Collection[int]) -> Choice:
        """The same with its series found, by ids and names of what is stored. Raises ChoicesRefused."""
        given = [one for one in self.series if isinstance(one, int)]
        unknown = sorted(set(given) - set(ids))
        if unknown:
            text = f"Unknown series: {in_words(unknown, {})}. {known_in_words(unknown, ids, names)}"
            raise ChoicesRefused(self._said(text))
        try:
            found = [series_named(one, names) for one in self.series if isinstance(one, str)]
        except UnknownName as error:
            raise ChoicesRefused(self._said(str(error))) from None
        return replace(self, series_ids=frozenset((*given, *found)))

    def with_known_categories(self, known: Collection[str]) -> Choice:
        """The same, if each of its categories is one of those that are stored. Raises ChoicesRefused."""
        unknown = sorted(self.categories - set(known))
        if unknown:
            there = ", ".join(sorted(one.replace(" ", "_") for one in known)) or "none"
            raise ChoicesRefused(
                self._said(f"Unknown category: {', '.join(unknown)}. Known here: {there}.")
            )
        return self

    def _said(self, text: str) -> str:
        return f"Feed “{self.name}”: {text}"


@dataclass(frozen=True)
class Choices:
    """What feeds.toml names, and what is wrong with it: while anything is, no own feed is removed."""

    place: str = ""
    feeds: tuple[Choice, ...] = ()
    refused: tuple[str, ...] = ()

    def days(self, otherwise: int) -> int:
        """How far the farthest of them looks ahead."""
        return max([otherwise, *(one.days or 0 for one in self.feeds)])

    def require(self) -> None:
        """Raise ChoicesRefused where something of it was refused."""
        if self.refused:
            raise ChoicesRefused(
                f"{self.place}: {' '.join(self.refused)} All other feeds were written; the files of "
                "these were left as they are."
            )


def read_choices(file: Path, *, may_lack: bool) -> Choices:
    """What the file names. `may_lack`: without the file there are no own feeds; else that is refused."""
    place = str(file)
    try:
        return choices_of(file.read_text(encoding="utf-8-sig"), place)
    except FileNotFoundError:
        if may_lack:
            return Choices()
        reason = "No such file. Create it, or unset IRACING_FEEDS_FILE."
    except OSError as error:
        reason = f"It cannot be read: {error.strerror or type(error).__name__}."
    except UnicodeDecodeError:
        reason = "It cannot be read: it is not UTF-8 text."
    return Choices(place, refused=(reason,))


def choices_of(text: str, place: str) -> Choices:
    """The feeds that can be meant, and in words what cannot."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # no TOML, or a number with too many digits for Python
        return Choices(place, refused=(f"It is not TOML: {str(error).rstrip('.')}.",))
    except RecursionError:
        return Choices(
            place, refused=("It is not TOML that can be read: it is nested too deeply.",)
        )
    refused = [_unknown(key, ("feed", "timezone")) for key in document if key not in _TOP]
    zone = document.get("timezone", "UTC")
    tables = document.get("feed", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        refused.append("`feed` has to be tables: begin each feed with a line [[feed]].")
        tables = []
    feeds: list[Choice] = []
    taken: set[str] = set()
    for number, table in enumerate(tables, 1):
        who = f"Feed “{table['name']}”" if _is_name(table.get("name")) else f"Feed {number}"
        try:
            choice = _choice({"timezone": zone, **table})
            if choice.name.casefold() in taken:
                raise _Wrong("another feed has this name already.")
        except _Wrong as error:
            refused.append(f"{who}: {error}")
        else:
            taken.add(choice.name.casefold())
            feeds.append(choice)
    return Choices(place, tuple(feeds), tuple(refused))


class _Wrong(ValueError):
    """What is wrong with a table, as the end of a sentence that names its feed."""


def _choice(table: Mapping[str, Any]) -> Choice:
    unknown = [_unknown(key, _KEYS) for key in table if key not in _KEYS]
    if unknown:
        raise _Wrong(" ".join(unknown))
    if "name" not in table:
        raise _Wrong('it has no name. Give it one, such as name = "evenings".')
    found = {key: read(table[key], key) for key, read in _KEYS.items() if key in table}
    hours = None
    if "from" in found or "to" in found:
        hours = f"{found.get('from', 0)}-{found.get('to', 24)}"
    try:
        times = times_of(hours, found.get("weekdays"), found["timezone"])
    except UnknownTimes as error:
        raise _Wrong(str(error)) from None
    return Choice(
        name=found["name"],
        title=found.get("title", found["name"]),
        times=times,
        series=found.get("series", ()),
        licenses=found.get("licence", frozenset()),
        categories=found.get("category", frozenset()),
        days=found.get("days"),
    )


def _unknown(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, known, n=1)
    meant = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
    return f"Unknown key {key!r}.{meant}"


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _name(value: Any, key: str) -> Any:
    if not _is_name(value):
        raise _Wrong(
            "its name becomes that of a file: up to 64 letters from A to Z, digits, - and _, of which the "
            f"first is a letter or digit, not {_shown(value)}."
        )
    return value


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f"{key} has to be a text, not {_shown(value)}.")
    return value.strip()


def _weekdays(value: Any, key: str) -> str:
    return ",".join(_text(one, key) for one in _several(value, key))


def _hour(value: Any, key: str) -> int:
    if type(value) is not int or not 0 <= value <= 24:
        raise _Wrong(f"{key} has to be a whole hour from 0 to 24, not {_shown(value)}.")
    return value


def _days(value: Any, key: str) -> int:
    if type(value) is not int or not 1 <= value <= MOST_DAYS:
        raise _Wrong(f"{key} has to be a whole number from 1 to {MOST_DAYS}, not {_shown(value)}.")
    return value


def _series(value: Any, key: str) -> tuple[int | str, ...]:
    several = _several(value, key)
    for one in several:
        if type(one) is int and not 1 <= one <= _LARGEST_ID:
            raise _Wrong(f"{key} has to be ids or names, and {_shown(one)} is no id.")
    return tuple(
        one if type(one) is int else _text(one, f"{key}, where it is no id,") for one in several
    )


def _licenses(value: Any, key: str) -> frozenset[int]:
    found = {_bare(one): license_group_of(_bare(one)) for one in _several(value, key)}
    unknown = [text for text, number in found.items() if number is None]
    if unknown:
        raise _Wrong(
            f"no licence class is called {', '.join(unknown)}. There are: {LICENSES_IN_WORDS}."
        )
    return frozenset(number for number in found.values() if number is not None)


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else _shown(value)


def _categories(value: Any, key: str) -> frozenset[str]:
    return frozenset(
        re.sub(r"[\s_-]+", " ", _text(one, key).lower()) for one in _several(value, key)
    )


def _several(value: Any, key: str) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise _Wrong(f"{key} names nothing. Leave it out, where it is to be no condition.")
    return values


def _shown(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number with too many digits"  # Python itself may refuse to write it
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


_TOP = ("feed", "timezone")
_KEYS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": _name,
    "title": _text,
    "series": _series,
    "licence": _licenses,
    "category": _categories,
    "weekdays": _weekdays,
    "from": _hour,
    "to": _hour,
    "days": _days,
    "timezone": _text,
}
