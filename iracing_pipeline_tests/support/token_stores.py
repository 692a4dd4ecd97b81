"""A TokenStore in memory, for tests of one process: what the threads and clients of a test share.

In: keys and opaque text. Out: the same. Processes share tokens through the product's PostgresTokenStore.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class InMemoryTokenStore:
    """Texts by key, each under a lock of its own."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def read(self, key: str) -> str | None:
        return self.texts.get(key)

    @contextmanager
    def locked(self, key: str, timeout: float | None = None) -> Iterator[_Slot]:
        """Exclusive among threads; raises TimeoutError as the protocol says."""
        with self._guard:
            lock = self._locks[key]
        if not lock.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
            raise TimeoutError("another thread holds the token's lock")
        try:
            yield _Slot(self.texts, key)
        finally:
            lock.release()


class _Slot:
    def __init__(self, texts: dict[str, str], key: str) -> None:
        self._texts = texts
        self._key = key

    def read(self) -> str | None:
        return self._texts.get(self._key)

    def write(self, text: str) -> None:
        self._texts[self._key] = text
