"""The record of every request a simulator has answered.

In: one row per request, without any secret. Out: counting budgets (limits.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class RecordedRequest:
    """`origin` is api, oauth or storage; `params` are the query's (of a token request: the
    grant type only; of a storage request: none, for signatures are secrets)."""

    origin: str
    method: str
    path: str
    params: dict[str, str]
    had_authorization: bool
    status: int
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """For `GET /_simulator/requests`."""
        return {**asdict(self), "at": self.at.isoformat()}


class RequestLog:
    """Append and read from any thread; iterates over a copy."""

    def __init__(self) -> None:
        self._rows: list[RecordedRequest] = []
        self._lock = threading.Lock()

    def add(self, row: RecordedRequest) -> None:
        with self._lock:
            self._rows.append(row)

    def rows(self) -> list[RecordedRequest]:
        """All so far, oldest first."""
        with self._lock:
            return list(self._rows)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self.rows())

    def __len__(self) -> int:
        return len(self.rows())


class Recorder:
    """Writes every request but the remote control's into the log."""

    def __init__(self, app: ASGIApp, log: RequestLog, clock: Callable[[], datetime], origin: str):
        self.app = app
        self.log = log
        self.clock = clock
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_simulator"):
            await self.app(scope, receive, send)
            return
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Recorded before the answer leaves: whoever has the answer finds the record.
                self._record(scope, status)
            await send(message)

        await self.app(scope, receive, watched)

    def _record(self, scope: Scope, status: int) -> None:
        request = Request(scope)
        origin = "oauth" if request.url.path.startswith("/oauth2") else self.origin
        if origin == "oauth":
            grant = scope.get("state", {}).get("grant_type")
            params = {"grant_type": grant} if grant else {}
        else:
            params = {} if origin == "storage" else dict(request.query_params)
        self.log.add(
            RecordedRequest(
                origin=origin,
                method=request.method,
                path=request.url.path,
                params=params,
                had_authorization="authorization" in request.headers,
                status=status,
                at=self.clock(),
            )
        )
