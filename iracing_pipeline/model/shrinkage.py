"""The guard against truncated responses: one that lacks more than half of what should be there is refused.

In: what should be there and what the response holds. Out: what is gone, or Shrunk. No I/O.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

KeyT = TypeVar("KeyT", int, tuple[int, ...])

FORCE = "--allow-shrink (allow_shrink in the launchpad)"
_SHOWN = 10


class Shrunk(ValueError):
    """A response lacks more than half of what should be in it: it is refused, and says how to force it."""

    kind = "answer"


def is_shrunk(expected: int, lacking: int) -> bool:
    """Whether more than half is missing."""
    return lacking * 2 > expected


def shrunk_in_words(response: str, what: str, expected: int, lacking: Sequence[object]) -> str:
    """Such as `series/seasons lacks 21 of 35 seasons that …`; the ids, and how to force it."""
    named = ", ".join(map(str, lacking[:_SHOWN])) + (", ..." if len(lacking) > _SHOWN else "")
    return _too_few(response, f"{len(lacking):,} of {expected:,} {what} ({named})")


def _too_few(response: str, lacking: str) -> str:
    return (
        f"{response} lacks {lacking}. More than half at once looks like a truncated response. If they are "
        f"gone for good, run it again with {FORCE}."
    )


def refuse_shrunk_table(table: str, *, expected: int, lacking: int) -> None:
    """Raises Shrunk where a response that lists all rows of a table lacks more than half of them."""
    if is_shrunk(expected, lacking):
        what = f"{lacking:,} of the {expected:,} {table.replace('_', ' ')} that are stored"
        raise Shrunk(f"{_too_few('The answer', what)} Nothing was written.")


def gone(
    response: str,
    what: str,
    expected: Collection[KeyT],
    held: Collection[KeyT],
    *,
    allow_shrink: bool = False,
) -> frozenset[KeyT]:
    """Those of the `expected` that a complete response lacks.

    Raises Shrunk where that is more than half of them, unless it is allowed.
    """
    lacking = frozenset(expected).difference(held)
    if is_shrunk(len(expected), len(lacking)) and not allow_shrink:
        raise Shrunk(
            f"{shrunk_in_words(response, what, len(expected), sorted(lacking))} Nothing was written."
        )
    return lacking
