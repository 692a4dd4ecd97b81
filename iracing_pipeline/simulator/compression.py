"""gzip for clients that accept it.

In: the one decision and the one coding. Out: which answers are compressed (the callers).
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping

MIN_BYTES = 512


def encoded(body: bytes, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The body, compressed where `Accept-Encoding` has gzip, and the headers that say so."""
    if len(body) < MIN_BYTES or "gzip" not in headers.get("accept-encoding", ""):
        return body, {"vary": "Accept-Encoding"}
    # Level 1: a 7 MB seasons body takes 30 ms instead of 150, and still shrinks tenfold.
    return gzip.compress(body, 1, mtime=0), {"vary": "Accept-Encoding", "content-encoding": "gzip"}
