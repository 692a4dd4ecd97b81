"""A clock that can be moved while the simulator runs.

In: where time comes from and how far it has been moved. Out: what happens at a moment (world/)
and how long tokens and links last (tokens.py, storage.py).

A simulator holds two: the calendar clock (which race week is it?) and the wire clock (has this
link expired?). They are apart so that jumping to the next quarter does not hand the client an
`x-ratelimit-reset` three months away.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

UTC = timezone.utc


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is taken to be UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """ISO 8601 with `Z` or an offset -> UTC. ValueError if it is neither."""
    # Python 3.10's fromisoformat does not know the Z; an unescaped + arrives from a query as blank.
    text = re.sub(r"(?<=T)(.*) (\d\d:\d\d)$", r"\1+\2", text.strip())
    return as_utc(datetime.fromisoformat(text.replace("Z", "+00:00")))


class MovableClock:
    """Calls `base` and adds an offset that can be changed at any time, from any thread."""

    def __init__(self, base: Callable[[], datetime] | None = None):
        self._base = base or utc_now
        self._offset = timedelta(0)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return as_utc(self._base()) + self._offset

    def advance(self, **amount: float) -> datetime:
        """Move by `timedelta(**amount)`, e.g. `advance(days=7)`; the new moment."""
        with self._lock:
            self._offset += timedelta(**amount)
        return self()

    def move_to(self, moment: datetime) -> datetime:
        """Make it `moment` now; time runs on from there if the base runs."""
        with self._lock:
            self._offset = as_utc(moment) - as_utc(self._base())
        return self()
