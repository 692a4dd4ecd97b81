"""One heap for all threads of a process: what one of them frees serves the others.

In: nothing. Out: a setting of the C library, where it has one.
"""

from __future__ import annotations

import ctypes
import sys

# malloc.h of the GNU C library.
_M_ARENA_MAX = -8


def share_one_heap() -> None:
    """Let no thread have a heap of its own, as Linux gives it.

    Responses are fetched and read on short-lived threads, megabytes of objects each: with a heap per thread
    the whole history takes some 20 MB more, and none of it is faster, as Python runs one thread at a time.
    """
    if sys.platform == "linux":
        # Other C libraries have no such function.
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
