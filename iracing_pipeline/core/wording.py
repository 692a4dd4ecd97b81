"""Words that several layers use: items named with their reason, changes as sentences, lists cut short.

In: values. Out: short texts for people. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Every command imports this file, and most have nothing to do with rows.
    from iracing_pipeline.core.rows import Counts, Rejected

# Of C0 and C1 all but tab and line feed; and what turns the direction of the text that follows.
_STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~!#&])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~!#&])")


def printable(text: str) -> str:
    """Somebody else's text without what a terminal obeys in place of showing it."""
    return _STEERING.sub("", text)


def in_markdown(text: str) -> str:
    """Somebody else's text as Markdown that shows it as it is: no HTML, no link, no image, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(printable(text).split()))


def from_markdown(text: str) -> str:
    """The text that `in_markdown` was given, line by line."""
    return _ESCAPED.sub(r"\1", text)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 season`, `1,204 seasons`, `no season`: a number with its noun."""
    if number == 0:
        return f"no {one}"
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(lines: Sequence[str], most: int) -> list[str]:
    """The first of the lines, and how many more there are."""
    more = len(lines) - most
    return [*lines[:most], *([f"and {more:,} more"] if more > 0 else [])]


def rejected_in_words(rejected: Sequence[Rejected], most: int = 10) -> str:
    """Items that could not be read, named with their reason, one a line."""
    return "\n".join(listed([f"{item.item_key}: {item.reason}" for item in rejected], most))


def reasons_in_words(noun: str, reasons: Mapping[Any, str], most: int) -> str:
    """`series 139: …`, one a line, in the order of the ids; texts that are no ids come last."""
    keys = sorted(reasons, key=lambda key: (isinstance(key, str), key))
    return "\n".join(listed([f"{noun} {key}: {reasons[key]}" for key in keys], most))


def counts_in_words(counts: Mapping[str, Counts], rejected: int) -> str:
    """What became of the rows of each table, in one line.

    Such as `3 inserted, 0 updated, 524 unchanged`; with several tables, each is named.
    """
    said = [
        (f"{name}: " if len(counts) > 1 else "")
        + f"{found.inserted:,} inserted, {found.updated:,} updated, {found.unchanged:,} unchanged"
        + (f", {found.retired:,} retired" if found.retired else "")
        for name, found in counts.items()
    ] or ["0 inserted, 0 updated, 0 unchanged"]
    return "; ".join([*said, *([f"{rejected:,} set aside"] if rejected else [])])


_VERB = {"inserted": "new {what}: {new}", "retired": "{what} gone: {old}"}
_RESTORED = "{what} back: {new}"
_UPDATED = "{what}: {old} → {new}"
_LONGEST = 100


def change_in_words(
    series: str | None,
    season_id: int | None,
    week: int | None,
    kind: str,
    what: str,
    old: str | None,
    new: str | None,
) -> str:
    """One line of `changes_in_words`: `Rookie Cup, week 3: track: The Bowl → Limestone Park`."""
    where = [series] if series else []
    where += [f"season {season_id}"] if season_id is not None else []
    where += [f"week {week}"] if week is not None else []
    pattern = _UPDATED if kind == "updated" else _VERB.get(kind, _RESTORED)
    text = pattern.format(what=what, old=_short(old), new=_short(new))
    return f"{', '.join(where)}: {text}" if where else text


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."
