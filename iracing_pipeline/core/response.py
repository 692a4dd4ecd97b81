"""What the API said, and what asking it cost: the response, its key, the calls.

In: nothing. Out: Response, ResponseKey, ResponsePart, ApiCall. No behaviour beyond their own keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ResponseKey:
    """Endpoint and query parameters: `series/past_seasons`, `{"series_id": "139"}`. Hashable."""

    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.endpoint, tuple(sorted(self.params.items()))))


@dataclass(frozen=True)
class Response:
    """One response of the API, as fetched or as landed.

    `body`: parsed JSON; fetched, it may hold signed links, which are cut off before it lands.
    `bytes`: size as received, decompressed. `fetched_at`: aware UTC, when the body was complete.
    """

    endpoint: str
    params: Mapping[str, str]
    body: Any = field(repr=False)
    bytes: int
    fetched_at: datetime
    expires_at: datetime | None = None
    """Until when a landed response serves instead of the API; None is for ever."""
    milliseconds: int | None = None
    """Of the attempt that succeeded, without waiting for budget or token; None for a landed one."""

    @property
    def key(self) -> ResponseKey:
        return ResponseKey(self.endpoint, self.params)


@dataclass(frozen=True)
class ResponsePart:
    """A response that was read: in full, or only what stands under `item_key` in it."""

    endpoint: str
    params: Mapping[str, str]
    item_key: str | None = None


@dataclass(frozen=True)
class ApiCall:
    """One request to /data, whatever became of it; or one that a landed response saved (`from_cache`).

    `at`: aware UTC, when it was sent. `status`: None when nothing answered. `milliseconds`: until
    /data had answered. `bytes`: the body if this request brought it, else what /data itself sent.
    `error`: None if the request brought the body, else why not, without secrets. Fetches of signed
    links are not listed.
    """

    at: datetime
    endpoint: str
    params: Mapping[str, str]
    status: int | None = None
    milliseconds: int | None = None
    bytes: int | None = None
    from_cache: bool = False
    ratelimit_remaining: int | None = None
    error: str | None = None
