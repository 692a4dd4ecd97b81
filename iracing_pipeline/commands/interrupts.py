"""Whether ^C or SIGTERM came, however whoever was running at that moment took it.

In: signals. Out: a yes or no. Stops nothing itself: that is left to the handlers in force, and where
one struck at a moment that cannot be stopped, it strikes again a moment later.
"""

from __future__ import annotations

import _thread
import signal
import socket
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_AFTER_SECONDS = 0.05


def lose_no_interrupt() -> None:
    """From now on an interrupt that strikes inside a finalizer is not printed and dropped, but repeated.

    Python cannot raise out of `__del__` or the callback of a weak reference: it would print a
    traceback and go on as if nobody had asked it to stop.
    """
    sys.unraisablehook = _not_raised


def _not_raised(unraisable: UnraisableHookArgs) -> None:
    # KeyboardInterrupt, or Dagster's own, which need not be imported to be told from a mistake.
    if issubclass(unraisable.exc_type, (Exception, SystemExit, GeneratorExit)):
        sys.__unraisablehook__(unraisable)
        return
    # Not threading.Thread: it takes locks, which the finalizer's moment may already hold.
    _thread.start_new_thread(_interrupt_again, ())


def _interrupt_again() -> None:
    time.sleep(_AGAIN_AFTER_SECONDS)
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        # Unlike interrupt_main, this also ends a wait in the kernel.
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


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
