"""JSON, read and written: by fast parsers where the text is ordinary, by Python's own where it is not.

In: text or values. Out: values or text. Pure.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from pydantic_core import from_json

# What orjson would write although JSON knows no such value stays an error.
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_MOST_DIGITS = 1000


class JsonText(bytes):
    """A value that is written out already, as `write_json` writes it."""


def read_json(content: bytes | str) -> Any:
    """The value; NaN, infinities and integers of thousands of digits stay text.

    Raises ValueError or RecursionError for what is no JSON.
    """
    try:
        # Twice as fast. It refuses NaN, lone surrogates, a byte order mark, and what is no JSON.
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        pass
    try:
        return json.loads(content, parse_constant=str)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python refuses to read integers of more than 4300 digits; nobody means one.
        return json.loads(
            content,
            parse_constant=str,
            parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else digits,
        )


def write_json(value: Any) -> bytes:
    """The value as compact UTF-8 with sorted keys, so that the same value is the same text.

    Raises TypeError for what JSON does not know.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        # Integers of more than 64 bits, lone surrogates, 254 levels; or what is no JSON at all.
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass")
