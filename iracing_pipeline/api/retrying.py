"""When to try again, and when a service is left alone for a while.

In: Limits, a deadline, the error of the last attempt. Out: a tenacity Retrying; Breaker.
No HTTP: what counts as transient was decided where the answer was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import tenacity

from iracing_pipeline.api.errors import (
    ApiError,
    CredentialsError,
    LimitedError,
    MaintenanceError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.api.token_endpoint import NoTokenError
from iracing_pipeline.api.transport import Deadline


def retrying(
    limits: Limits,
    deadline: Deadline,
    *,
    attempts: int,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    is_hopeless: Callable[[], bool] = lambda: False,
    gives_up_on: type[TransientError] | None = None,
) -> tenacity.Retrying:
    """Retry TransientError, bounded in attempts and in total time; anything else ends it at once.

    Waits what the server asked for (`retry_after`), else exponentially with jitter; never begins
    a wait that would end past the deadline. A limit is bounded by that alone: whoever waits for it waits
    longer from time to time. A service that has answered before is asked once more after a silence of any
    length. `is_hopeless`: stop although attempts are left;
    `gives_up_on`: a kind of TransientError that another attempt cannot mend.
    """
    backoff = tenacity.wait_exponential(
        multiplier=limits.backoff_seconds, max=limits.backoff_max_seconds
    ) + tenacity.wait_random(0, limits.backoff_seconds)

    def error_of(state: tenacity.RetryCallState) -> TransientError | None:
        error = state.outcome.exception() if state.outcome else None
        return error if isinstance(error, TransientError) else None

    def wait(state: tenacity.RetryCallState) -> float:
        error = error_of(state)
        if error is not None and error.retry_after is not None:
            return error.retry_after
        return backoff(state)

    def stop(state: tenacity.RetryCallState) -> bool:
        tries = state.attempt_number
        next_at = monotonic() + state.upcoming_sleep
        if gives_up_on is not None and isinstance(error_of(state), gives_up_on):
            return True
        error = error_of(state)
        if error is not None and error.retry_after and next_at >= deadline.pauses_until:
            return True
        # A limit that is reached is waited for, however often it has to be looked whether it still is.
        is_used_up = tries >= attempts and not isinstance(error, LimitedError)
        if is_used_up or next_at >= deadline.until or is_hopeless():
            return True
        if isinstance(error, NoTokenError) and tries >= limits.login_attempts:
            return True
        if not isinstance(error, UnreachableError) or (error.has_answered and tries == 1):
            return False
        return (
            tries >= limits.unreachable_attempts
            or next_at - deadline.started >= limits.unreachable_seconds
        )

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        wait=wait,
        stop=stop,
        sleep=sleep,
        reraise=True,
    )


_LASTING = (UnreachableError, MaintenanceError, CredentialsError, LimitedError, NoTokenError)
"""What the next call would meet as well; and logins are rationed."""


class Breaker:
    """Remembers that a service is down, so that the next calls need not find out again.

    Trips on UnreachableError, MaintenanceError, CredentialsError, LimitedError and NoTokenError; any success
    closes it.
    Thread-safe.
    """

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._error: ApiError | None = None
        self._until = float("-inf")
        self._has_waited = False

    def open_error(self) -> ApiError | None:
        """A copy of the error that tripped it, or None when calls may go through."""
        with self._lock:
            if self._error is None or self._monotonic() >= self._until:
                return None
            if isinstance(self._error, CredentialsError):
                return self._error.about(None)
            return self._error.about(
                None, note=" (Found out by a call just before; not asked again.)"
            )

    @property
    def has_waited(self) -> bool:
        """Whether a call has waited out a long pause in vain, and none has succeeded since."""
        with self._lock:
            return self._has_waited

    def note(self, error: ApiError | None) -> None:
        """Record how a call ended; None for a success."""
        pause = error.retry_after if isinstance(error, TransientError) else None
        with self._lock:
            if error is None or (pause or 0.0) >= self._limits.long_pause:
                self._has_waited = error is not None
            if isinstance(error, _LASTING):
                self._error = error.about(None)
                self._until = self._monotonic() + self._pause(error)
            elif error is None:
                self._error = None

    def _pause(self, error: ApiError) -> float:
        seconds = self._limits.breaker_seconds
        if seconds and isinstance(error, LimitedError) and error.retry_after:
            return max(seconds, min(error.retry_after, self._limits.limited_breaker_seconds))
        return seconds
