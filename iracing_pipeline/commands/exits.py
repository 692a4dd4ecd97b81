"""Exit statuses of the command line, and which failure earns which.

In: kinds of failures. Out: 0 all done, 1 some items failed, 2 misuse or configuration, 3 API not there.
"""

from __future__ import annotations

from collections.abc import Iterable

DONE, SOME_FAILED, MISUSE, API_UNAVAILABLE = 0, 1, 2, 3
INTERRUPTED = 130

_MISUSE_KINDS = {"configuration", "credentials", "database", "misuse"}
_UNAVAILABLE_KINDS = {"maintenance", "unreachable"}


def exit_status(kinds: Iterable[str | None]) -> int:
    """The status of a run with failures of these kinds; none at all is DONE.

    What the reader has to put right comes first: with a wrong password, nothing else matters.
    """
    found = set(kinds)
    if not found:
        return DONE
    if found & _MISUSE_KINDS:
        return MISUSE
    if found & _UNAVAILABLE_KINDS:
        return API_UNAVAILABLE
    return SOME_FAILED
