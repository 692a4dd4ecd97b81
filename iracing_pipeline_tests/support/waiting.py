"""Waiting for what comes true in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Return when it is true; after so many seconds, an error that names what never came true."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"never came true: {what}"
        time.sleep(0.02)
