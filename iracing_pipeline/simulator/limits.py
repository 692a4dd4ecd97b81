"""Request budgets: 240 a minute on /data, a dozen full logins an hour.

In: fixed windows that count. Out: what an overrun looks like on the wire (protocol.py, oauth.py).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Verdict:
    """`allowed`, and what the headers say: limit, remaining, reset (unix s), retry_after (s)."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


class FixedWindow:
    """`limit` takes per `seconds`; the window opens with the first take after the last closed."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], datetime]):
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._opened: float | None = None
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> Verdict:
        """Count one request, or refuse it; a refused one does not count. `take(0)` only looks."""
        with self._lock:
            now = self._clock().timestamp()
            if self._opened is None or not 0 <= now - self._opened < self.seconds:
                self._opened, self._taken = now, 0
            allowed = self._taken + count <= self.limit
            if allowed:
                self._taken += count
            closes = self._opened + self.seconds
            return Verdict(
                allowed=allowed,
                limit=self.limit,
                remaining=max(self.limit - self._taken, 0),
                # Rounded up: a client that waits until `reset` must not arrive a moment early.
                reset=math.ceil(closes),
                retry_after=max(math.ceil(closes - now), 1),
            )

    def spend(self, count: int) -> Verdict:
        """Another user of the account spends `count` requests (at most what is left)."""
        return self.take(min(count, self.take(0).remaining))
