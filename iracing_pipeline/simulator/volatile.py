"""What moves at every rebuild of a body although nothing has changed.

In: signatures of links inside bodies, `reg_user_count`, the order of keys. Out: real changes,
which come from the source's clock (world/).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from .source import STORAGE_SCHEME

_LINK = re.compile(re.escape(STORAGE_SCHEME.encode()) + rb'([^"\\]+)')
_REGISTERED = re.compile(rb'"reg_user_count": ?\d+')


def stirred(body: bytes, sign: Callable[[str], str]) -> bytes:
    """The body with every storage path signed anew and the registration counters moved."""
    if STORAGE_SCHEME.encode() in body:
        body = _LINK.sub(lambda found: sign(found[1].decode()).encode(), body)
    return _REGISTERED.sub(lambda _: b'"reg_user_count":%d' % random.randint(0, 400), body)


def shuffled(body: Any) -> Any:
    """The same body, every object's keys in another order."""
    if isinstance(body, dict):
        keys = list(body)
        random.shuffle(keys)
        return {key: shuffled(body[key]) for key in keys}
    if isinstance(body, list):
        return [shuffled(item) for item in body]
    return body
