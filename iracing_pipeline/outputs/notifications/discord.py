"""Messages in the shape that Discord's webhooks take, within Discord's limits.

In: a message as any other webhook gets it. Out: content and embeds. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from iracing_pipeline.core.wording import change_in_words

MOST_CONTENT = 2000
MOST_DESCRIPTION = 4096
MOST_IN_EMBEDS = 6000
MOST_EMBEDS = 10

# Room is left for titles, and for a last line that says how many are missing.
_ROOM = MOST_IN_EMBEDS - 600
_ROOM_OF_ONE = MOST_DESCRIPTION - 100
_LONGEST_LINE = 300
_RED, _GREEN, _BLUE = 0xC0392B, 0x27AE60, 0x2D6CDF
_COLOURS = {"run_failure": _RED, "run_recovered": _GREEN}

_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<\-])")


def discord_message(body: Mapping[str, Any]) -> dict[str, Any]:
    """`content` and `embeds`; nobody is mentioned by it."""
    kind = body["type"]
    if kind == "schedule_changes":
        content = clip(escape(body["headline"]), MOST_CONTENT)
        chunks = _chunks(change_lines(body["changes"]))
    else:
        content = clip(escape(body["headline"]), MOST_CONTENT)
        chunks = _chunks([_clipped(line) for line in body["text"].splitlines()[1:]])
    return {
        "content": content,
        "embeds": [
            {"description": chunk, "color": _COLOURS.get(kind, _BLUE)}
            for chunk in chunks[:MOST_EMBEDS]
        ],
        "allowed_mentions": {"parse": []},
    }


def fits(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one message can tell of all of them."""
    return sum(length(line) + 1 for line in change_lines(changes)) <= _ROOM


def change_lines(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line per change, under the name of its series."""

    def heading(change: Mapping[str, Any]) -> str:
        series = change["series_name"] or change["season_name"]
        return str(series or f"series {change['series_id']}")

    lines = []
    for name, of_series in groupby(changes, heading):
        lines.append(f"**{escape(clip(name, 100))}**")
        for change in of_series:
            where = (change["season_id"], change["race_week_num"])
            # Seasons are called by their series' name and more, and that name stands above.
            old, new = (
                value and value.removeprefix(f"{name} - ")
                for value in (change["old"], change["new"])
            )
            words = change_in_words(None, *where, change["kind"], change["what"], old, new)
            lines.append("• " + _clipped(words))
    return lines


def escape(text: str) -> str:
    """Text that Discord shows as it is: no Markdown, no link, no mention, one line."""
    plain = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    # A zero-width space: what looks like a mention or an address is none any more.
    return plain.replace("@", "@\u200b").replace("://", ":\u200b//")


def clip(text: str, most: int) -> str:
    """Text of at most so many characters, as Discord counts them."""
    if length(text) <= most:
        return text
    while length(text) > most - 1:
        text = text[: len(text) - max(1, (length(text) - most) // 2)]
    # Half of an escape would escape what follows.
    return text.rstrip("\\") + "…"


def length(text: str) -> int:
    """Characters, the way Discord may count them: those beyond the first 65,536 are two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _clipped(text: str) -> str:
    return escape(clip(text, _LONGEST_LINE))


def _chunks(lines: Sequence[str]) -> list[str]:
    """The lines as descriptions of embeds; where they do not fit, the last says how many are missing."""
    shown: list[str] = []
    used = 0
    for number, line in enumerate(lines):
        used += length(line) + 1
        if used > _ROOM:
            missing = len(lines) - number
            shown.append(f"… and {missing} more: see iracing.schedule\\_changes")
            break
        shown.append(line)
    return list(_descriptions(shown))


def _descriptions(lines: Sequence[str]) -> Iterator[str]:
    held: list[str] = []
    used = 0
    for line in lines:
        if held and used + length(line) + 1 > _ROOM_OF_ONE:
            yield "\n".join(held)
            held, used = [], 0
        held.append(line)
        used += length(line) + 1
    if held:
        yield "\n".join(held)
