"""Whether ^C or SIGTERM came, however whoever was running at that moment took it.

In: signals. Out: a yes or no. Stops nothing itself: that is left to the handlers in force.
"""

from __future__ import annotations

import signal
import socket
from types import TracebackType


class InterruptWatch:
    """Hears every SIGINT and SIGTERM from `with` on.

    Dagster and database drivers install handlers of their own, or turn the exception into one of
    theirs; the interpreter's wake-up descriptor is told all the same. Main thread only.
    """

    def __init__(self) -> None:
        self._heard = False
        self._ear, self._mouth = socket.socketpair()
        self._before = -1

    def __enter__(self) -> InterruptWatch:
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.heard()
        signal.set_wakeup_fd(self._before)
        self._ear.close()
        self._mouth.close()

    def heard(self) -> bool:
        """Whether one has come so far."""
        while self._ear.fileno() >= 0:
            try:
                numbers = self._ear.recv(64)
            except BlockingIOError:
                break
            if {signal.SIGINT, signal.SIGTERM} & set(numbers):
                self._heard = True
        return self._heard
