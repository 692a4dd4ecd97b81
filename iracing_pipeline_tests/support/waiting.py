"""Waiting for what comes true in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Return when it is true; after so many seconds, an error that names what never came true."""
    limit, pause = time.monotonic() + seconds, 0.02
    while not condition():
        assert time.monotonic() < limit, f"never came true: {what}"
        time.sleep(pause)
        # To look is work, too, such as going through all processes: the longer it takes, the rarer.
        pause = min(0.2, pause * 1.2)
