"""Transactions that other sessions got in the way of: done again, a bounded number of times.

In: a piece of work that is one transaction. Out: what it returns, or Contended. Stays out: waiting for locks.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import errors
from sqlalchemy import exc

T = TypeVar("T")

ATTEMPTS = 6
# Of two that deadlock one has to let the other go first: each pause is a random part of this, and doubles.
_PAUSE_SECONDS = 0.1


class Contended(Exception):
    """Other sessions got in the way at every attempt."""

    kind = "contention"


def again(work: Callable[[], T]) -> T:
    """Do the work, from its beginning, until no deadlock (40P01) or serialization failure (40001) ends it.

    The work is one transaction, which is rolled back by then. Raises Contended after ATTEMPTS.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2**attempt * random.random())  # noqa: S311
        try:
            return work()
        except (psycopg.Error, exc.DBAPIError) as error:
            reason = getattr(error, "orig", None) or error
            if not isinstance(reason, (errors.DeadlockDetected, errors.SerializationFailure)):
                raise
            found = str(reason).strip().splitlines()[0]
    raise Contended(
        f"Other sessions of the database got in the way {ATTEMPTS} times over ({found}). Nothing was "
        "written; run it again."
    )
