"""Whole numbers as an integer column holds them, and which values of a response are one.

In: a value of JSON, or a text. Out: an int, or None. What the response types (api/types) have not read, ids
of items that they reject above all, goes through here before it reaches SQL, Dagster or arithmetic.
"""

from __future__ import annotations

import re
from typing import Any

LEAST, MOST = -(2**31), 2**31 - 1
"""The bounds of Postgres' integer."""
_DIGITS = re.compile(r"-?[0-9]{1,10}")


def whole(value: Any) -> int | None:
    """The number, where the value is a whole one within the bounds, be it written as 5.0 or as "5"."""
    is_text = isinstance(value, str) and _DIGITS.fullmatch(value)
    if is_text or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    return value if type(value) is int and LEAST <= value <= MOST else None


def id_of_key(key: str) -> int | None:
    """The id whose text the key is; None where it is not exactly the text of one ("007", say)."""
    found = whole(key)
    return found if str(found) == key else None
