"""Whole numbers as an integer column holds them, and which values of a response are one.

In: a value of JSON, or a text. Out: an int, or None. What the response types (api/types) have not read, ids
of items that they reject above all, goes through here before it reaches SQL, Dagster or arithmetic.
"""

from __future__ import annotations

import re
from typing import Any

LEAST, MOST = -(2**31), 2**31 - 1
"""The bounds of Postgres' integer."""
_LONGEST = len(str(LEAST))
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


def is_whole_text(text: str) -> bool:
    """Whether it is a whole number as JSON and SQL write one: not " 5", "007", "+5" or "5.0".

    What has landed is looked up by that text, so nothing else may be read as an id.
    """
    return _WHOLE.fullmatch(text) is not None


def whole(value: Any) -> int | None:
    """The number, where the value is a whole one within the bounds, be it written as 5.0 or as "5"."""
    is_text = isinstance(value, str) and len(value) <= _LONGEST and is_whole_text(value)
    if is_text or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    return value if type(value) is int and LEAST <= value <= MOST else None
