"""The account's request budget: when the next /data request may go out, also after a 429.

In: x-ratelimit-* and Date headers of every /data answer. Out: a blocking `acquire`.
No HTTP and no retries. A 429 is something to be told about, not the normal way to find the limit.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from iracing_pipeline.api.transport import http_date

_DEFAULT_LIMIT = 240
_DEFAULT_WINDOW_SECONDS = 60.0
_LONGEST_WINDOW_SECONDS = 90.0
# In a shorter window the second by which a reset may be rounded up is worth a request.
_SHORT_WINDOW_SECONDS = 20.0
_MOST_LEFT_TO_OTHERS = 10.0
_RESERVE_SHARE = 0.02
_POLL_SECONDS = 0.02
_NAP_SECONDS = 0.25
# A cold answer can take 30 s; the other threads need not wait that long to learn a window's state.
_PATIENCE_SECONDS = 1.0
# After a 429, whatever reset it names: that may lie a second in the past, by either clock.
_REFUSED_PAUSE_SECONDS = 1.0
_MILLISECONDS_FROM = 1e11
_ABSURD = 2**31


@dataclass
class _Window:
    """One window of the server; times in monotonic seconds."""

    reset: float | None
    """The server's own word, unix seconds; None where nothing usable was said."""
    ends_at: float
    """From then on one request alone goes to see whether the next window has begun."""
    remaining: int
    sent: int
    early_look_at: float | None = None
    """When to try, out of the reserve, whether a reset was rounded up."""


class Budget:
    """Lets requests through at full speed while plenty is left, and stops before the limit.

    One `observe` per `acquire`, with empty headers if no answer came. What is left is the lower of
    the server's word and our own count, minus what is in flight. A reserve of 2 % stays unused: the
    next window is looked for with single requests out of it, since a reset rounded down to a whole
    second may be announced up to a second early, and looking early must not cost a 429. Near the
    end fewer requests fly at once, the fewer the more of the window others have used.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._limit = _DEFAULT_LIMIT
        self._in_flight = 0
        self._window: _Window | None = None
        self._asked_at: float | None = None
        self._paused_until = -math.inf
        self._refusals = 0
        self._resets_kept = 0
        self._has_late_resets = False
        self._own_skew = wall() - monotonic()
        self._skews: list[float] = []
        self.low_water: int | None = None
        """The lowest x-ratelimit-remaining seen; None before the first."""

    def acquire(self, max_wait: float | None = None) -> bool:
        """Block until a request may go out. False, at once, if that would take over `max_wait` seconds."""
        give_up_at = math.inf if max_wait is None else self._monotonic() + max_wait
        while True:
            with self._lock:
                now = self._monotonic()
                delay = self._delay(now)
                if delay <= 0:
                    self._in_flight += 1
                    if self._window is not None:
                        self._window.sent += 1
                    return True
            if now + delay > give_up_at:
                return False
            self._sleep(min(delay, _NAP_SECONDS))

    def observe(
        self,
        headers: Mapping[str, str],
        *,
        is_exhausted: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Learn from an answer (any status) and count its request as landed.

        `is_exhausted`: the answer was a 429, so nothing is left whatever the headers say;
        `retry_after`: its seconds, never shortened. The pause is the longest of what it names and
        one that doubles from refusal to refusal.
        """
        said = {name.lower(): value for name, value in headers.items()}
        limit = _number(said.get("x-ratelimit-limit"))
        remaining = _number(said.get("x-ratelimit-remaining"))
        with self._lock:
            now = self._monotonic()
            self._in_flight = max(0, self._in_flight - 1)
            self._asked_at = None
            if limit is not None and 1 <= limit < _ABSURD:
                self._limit = int(limit)
            if remaining is not None and remaining >= _ABSURD:
                remaining = None
            if remaining is not None:
                left = max(0, int(remaining))
                self.low_water = left if self.low_water is None else min(self.low_water, left)
            self._pause(
                now, is_exhausted=is_exhausted, retry_after=retry_after, is_answer=bool(said)
            )
            reset = self._reset(said, now)
            if remaining is None and not is_exhausted:
                if self._window is None or now >= self._window.ends_at:
                    self._open(None, now + _DEFAULT_WINDOW_SECONDS, self._limit)
                return
            left = 0 if is_exhausted or remaining is None else max(0, int(remaining))
            if reset is None:
                self._learn_without_reset(left, now, is_exhausted, retry_after)
            else:
                self._learn(left, reset, now)

    def release(self) -> None:
        """Give a permission back unused: nothing was sent."""
        with self._lock:
            self._in_flight = max(0, self._in_flight - 1)
            self._asked_at = None
            if self._window is not None:
                self._window.sent = max(0, self._window.sent - 1)

    def seconds_to_reset(self) -> float:
        """Seconds until the known window and any pause end; 0 when none is known."""
        with self._lock:
            ends_at = self._window.ends_at if self._window else -math.inf
            return max(0.0, max(ends_at, self._paused_until) - self._monotonic())

    def _pause(
        self, now: float, *, is_exhausted: bool, retry_after: float | None, is_answer: bool
    ) -> None:
        # Responses to requests that flew when the pause began say nothing about its success.
        is_over = now >= self._paused_until
        if is_exhausted:
            pause = 0.0
            if is_over:
                pause = min(_REFUSED_PAUSE_SECONDS * 2**self._refusals, _DEFAULT_WINDOW_SECONDS)
                self._refusals = min(self._refusals + 1, 10)
            self._paused_until = max(self._paused_until, now + max(pause, retry_after or 0.0))
        elif is_answer and is_over:
            self._refusals = 0

    def _delay(self, now: float) -> float:
        window = self._window
        if now < self._paused_until:
            is_used_up = window is not None and window.remaining < 1
            ends_at = window.ends_at if window is not None and is_used_up else now
            return max(self._paused_until, ends_at) - now
        if window is None or now >= window.ends_at:
            if self._asked_at is None:
                self._asked_at = now
                return 0.0
            if now - self._asked_at < _PATIENCE_SECONDS:
                return _POLL_SECONDS
            window = self._open(None, now + _DEFAULT_WINDOW_SECONDS, self._limit)
        landed = window.sent - self._in_flight
        spare = min(window.remaining, self._limit - landed) - self._reserve()
        # Others fly as many requests unseen as their share of what was used so far suggests.
        used = self._limit - window.remaining
        crowd = max(2.0, used / max(1, landed))
        alone = min(crowd - 1, _MOST_LEFT_TO_OTHERS, self._limit * 0.05)
        if spare >= (crowd * (self._in_flight + 1) if self._in_flight else max(1.0, alone)):
            return 0.0
        if self._in_flight:
            return _POLL_SECONDS
        if window.early_look_at is None or window.remaining < 1:
            return window.ends_at - now
        if now < window.early_look_at:
            return window.early_look_at - now
        window.early_look_at = None
        return 0.0

    def _reserve(self) -> int:
        # Two processes may look early at the same time; a tiny limit cannot afford that much.
        two = min(2, int(self._limit * 0.05))
        return min(max(math.ceil(self._limit * _RESERVE_SHARE), two), self._limit - 1)

    def _learn(self, left: int, reset: float, now: float) -> None:
        window = self._window
        ends = reset - self._skew()
        is_over = window is None or now >= window.ends_at
        # Half of what a reset rounded down is early by, unless this server does not round down.
        is_punctual = self._resets_kept >= 3 and not self._has_late_resets
        pause = 0.0 if is_punctual else min(0.5, 0.05 * max(0.0, ends - now))
        ends_at = _plausible(max(ends + pause, now), now)
        if (
            window is not None
            and window.reset is not None
            and not is_over
            and reset > window.reset
            and left <= window.remaining
        ):
            # Still the same count: a reset that wanders by rounding, or that slides.
            window.reset, window.ends_at, window.remaining = reset, ends_at, left
            return
        if window is None or window.reset is None or reset > window.reset or is_over:
            if window is not None and window.reset == reset:
                # Looked for the next window too early: by the rounding, or the wait was capped.
                self._has_late_resets = True
                rounded = ends + 1.05
                window.remaining = min(window.remaining, left)
                window.ends_at = _plausible(max(rounded, now + 0.5), now)
                return
            if self._skews:
                self._skews = [self._skews[-1], -math.inf]
            if window is not None and is_over and now - window.ends_at < 0.5:
                self._resets_kept += 1
            opened = self._open(reset, ends_at, left)
            if is_punctual and ends - now < _SHORT_WINDOW_SECONDS:
                opened.early_look_at = ends_at - 0.5
        elif reset == window.reset:
            window.remaining = min(window.remaining, left)
        # An answer with an older reset is a late one of a window that is over.

    def _learn_without_reset(
        self, left: int, now: float, is_exhausted: bool, retry_after: float | None
    ) -> None:
        window = self._window
        if window is None or now >= window.ends_at:
            window = self._open(None, now + _DEFAULT_WINDOW_SECONDS, left)
        if window.reset is None:
            window.remaining = min(window.remaining, left)
        if is_exhausted:
            window.remaining = 0
            if window.reset is None:
                pause = 1.0 if retry_after is None else retry_after
                window.ends_at = now + min(max(pause, 0.05), _LONGEST_WINDOW_SECONDS)

    def _open(self, reset: float | None, ends_at: float, remaining: int) -> _Window:
        # What is still in flight, and the answer that told of this window, count against it.
        self._window = _Window(reset, ends_at, remaining, self._in_flight + 1)
        return self._window

    def _reset(self, said: Mapping[str, str], now: float) -> float | None:
        date = http_date(said["date"]) if "date" in said else None
        if date is not None:
            # A Date is rounded down, so each answer gives a lower bound of the server's lead over
            # our clock, and the highest one seen is the closest.
            bound = date - now
            if self._skews:
                self._skews[-1] = max(self._skews[-1], bound)
            else:
                self._skews = [bound]
        reset = _number(said.get("x-ratelimit-reset"))
        if reset is not None and reset > _MILLISECONDS_FROM:
            reset /= 1000
        if reset is None or reset - self._skew() < now - 2.0:
            return None
        return reset

    def _skew(self) -> float:
        return max(self._skews) if self._skews else self._own_skew


def _plausible(ends_at: float, now: float) -> float:
    # A reset further away than any window is nonsense (milliseconds, a clock gone astray).
    is_nonsense = ends_at - now > _LONGEST_WINDOW_SECONDS
    return now + _DEFAULT_WINDOW_SECONDS if is_nonsense else ends_at


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
