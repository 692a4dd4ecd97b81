"""What one call brought, and what each request of it cost: the two records the client hands out.

In: nothing. Out: Answer, ApiCall. No behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What one call brought.

    `body`: parsed JSON as it came, signed URLs included (`redact.strip_signatures` before it is
    kept). A `data_url` answer is its envelope with the fetched `rows`; a chunked one has `rows`
    beside `chunk_info`, all chunks concatenated. `fetched_at`: aware UTC, when the body was
    complete. `milliseconds`: of the attempt that succeeded, link and body, without any waiting for
    budget or token; `bytes`: the body, decompressed.
    """

    endpoint: str
    params: dict[str, str]
    body: Any = field(repr=False)
    fetched_at: datetime
    milliseconds: int
    bytes: int


@dataclass(frozen=True)
class ApiCall:
    """One HTTP request to /data, whatever became of it; fetches of signed links are not listed.

    `at`: aware UTC, when it was sent. `status`: None when nothing answered. `milliseconds`: until
    /data had answered. `bytes`: the body if this request brought it (behind the link, too), else
    what /data itself sent. `error`: None if this request brought the body, else why not, without
    secrets.
    """

    at: datetime
    endpoint: str
    params: dict[str, str]
    status: int | None
    milliseconds: int
    bytes: int
    ratelimit_remaining: int | None
    error: str | None
