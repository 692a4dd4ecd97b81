"""What of a response may be kept: without signatures of links and personal data, and storable as jsonb.

In: parsed JSON that nobody else holds. Out: the same, cleaned. Everything that lands goes through here once.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from iracing_pipeline.core.personal import PERSONAL_FIELDS, is_member
from iracing_pipeline.core.redact import strip_signature

_DEEPEST = 100
_LARGEST = 10**100
_EXACT = 2**53
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Names of fields that are clean and not personal, as they are met: an answer repeats a few hundred.
_plain_names: set[str] = set()
_MOST_NAMES = 10_000


def landable(body: Any) -> Any:
    """Parsed JSON without what must not be kept: changed where it stands, for a copy of megabytes costs.

    Signatures are cut off URLs. A personal field that says something becomes None, and so does an object
    of members by their ids; the field itself stays, as it has not gone from the API's answers. What names
    nobody stays as it is: null, false, an empty text or list, and 0, which is iRacing's own `cust_id`.
    Postgres' jsonb refuses NUL characters (removed), lone surrogates (become U+FFFD), infinite numbers and
    huge integers (become text: null would say that there is no value); what is nested more than 100 deep is
    left out. Whole numbers written as 5.0 become 5, so that an id is the same id wherever SQL compares it.
    Names of fields are cleaned like values.
    """
    return _value(body, 0)


def _value(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        # Nearly always: some 100,000 texts in a large answer.
        if value.isascii() and "?" not in value and "\x00" not in value:
            return value
        return _clean(value)
    if kind is dict:
        return _object(value, depth)
    if kind is list:
        if depth > _DEEPEST:
            return None
        for place, one in enumerate(value):
            if type(one) is int and -_EXACT < one < _EXACT:
                continue
            kept = _value(one, depth + 1)
            if kept is not one:
                value[place] = kept
        return value
    if kind is float:
        if not isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if kind is int:
        return value if -_LARGEST < value < _LARGEST else str(value)
    return value


def _object(found: dict[str, Any], depth: int) -> dict[str, Any] | None:
    if depth > _DEEPEST or (found and all(map(is_member, found.values()))):
        return None
    if not found.keys() <= _plain_names:
        found = _with_plain_names(found)
    for name, value in found.items():
        # Most values of an object are small numbers, true or false: they need no call.
        kind = type(value)
        if kind is not bool and (kind is not int or not -_EXACT < value < _EXACT):
            kept = _value(value, depth + 1)
            if kept is not value:
                found[name] = kept
    return found


def _with_plain_names(found: dict[str, Any]) -> dict[str, Any]:
    """An object with names that were not met before, or that are personal."""
    named = {_clean(name): value for name, value in found.items()}
    for name, value in named.items():
        if name in PERSONAL_FIELDS:
            named[name] = None if value else value
        elif len(_plain_names) < _MOST_NAMES:
            _plain_names.add(name)
    return named


def _clean(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return strip_signature(text) if "?" in text else text
