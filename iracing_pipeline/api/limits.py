"""How long and how often the client tries: every bound of `api` in one place.

In: nothing. Out: Limits. Waiting and retrying themselves live in retrying.py and budget.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one `IracingClient`; seconds unless named otherwise.

    An API that refuses connections ends a call in about 2 s, one that swallows packets in about
    21 s (two connection attempts), one that accepts and then says nothing in about 30 s (one
    read timeout; `slow_read_timeout` for the slow endpoints), and one that has answered before and then
    says nothing in twice as long.
    """

    attempts: int = 5
    """Requests to /data per call, whatever made them fail."""
    login_attempts: int = 2
    """Attempts of a call after which a login service that gives no token, or breaks off, is left alone."""
    link_attempts: int = 2
    """Fetches of one signed link before a new link is asked for."""
    file_attempts: int = 3
    """Fetches of one file whose link nobody renews (a forecast)."""
    file_seconds: float = 30.0
    """The same from first to last; there are hundreds of such files, and none is indispensable."""
    total_seconds: float = 90.0
    """One call from its first request to its body; waiting for budget beforehand is not counted."""
    slow_total_seconds: float = 240.0
    """The same for the slow endpoints."""
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    slow_read_timeout: float = 120.0
    """A cold series/seasons takes the server about 30 s to build."""
    unreachable_attempts: int = 3
    unreachable_seconds: float = 20.0
    """No further attempt starts after this long without any answer."""
    pause_seconds: float = 90.0
    """How long a call, once begun, waits out pauses that a service asks for, and requests or logins that are
    used up; a window has 60 s. A call after one that has waited in vain waits for none."""
    long_pause: float = 10.0
    """From so many seconds on, a pause is long enough not to be waited out by one call after the other."""
    budget_seconds: float = 300.0
    """Longest wait for the request budget; longer means that others use the account up."""
    backoff_seconds: float = 0.5
    """First pause between attempts; doubles, with jitter."""
    backoff_max_seconds: float = 10.0
    pool_size: int = 10
    breaker_seconds: float = 30.0
    """How long calls fail at once after the API was unreachable or in maintenance; 0 turns it off."""
    limited_breaker_seconds: float = 600.0
    """The longest that calls fail at once after requests or logins were used up, if a pause was named."""
    sent_bytes: int = 256 * 2**20
    """The largest body as it is sent, compressed or not.

    The largest known one has 11 MB; an index of ten times as many seasons has to fit.
    """
    body_bytes: int = 256 * 2**20
    """The largest body once it is decompressed."""
