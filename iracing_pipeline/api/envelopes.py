"""Reading one answer of iRacing's /data service: which of the four kinds it is, or which error.

In: Reply of a /data request or of a signed link. Out: Link / DataUrl / Body, parsed JSON, or an ApiError.
Pure: nothing is fetched, waited for or retried here. Source: docs of the request envelope.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from iracing_pipeline.api.errors import (
    LimitedError,
    MaintenanceError,
    PermanentError,
    TransientError,
)
from iracing_pipeline.api.transport import Reply
from iracing_pipeline.core.json_text import read_json

Clean = Callable[[str], str]
"""Takes secrets out of a server's text before it enters a message."""

_RATE_LIMIT_TEXT = "rate limit exceeded"
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_PAGE_HEAD_BYTES = 4096


class RateLimitedError(LimitedError):
    """429, or that text under another status. The budget does the waiting, so no pause of its own."""


class UnauthorizedError(PermanentError):
    """401: the bearer token is not, or no longer, accepted."""


class LinkExpiredError(TransientError):
    """The storage host refuses a signed link; only a new one helps."""


@dataclass(frozen=True)
class Link:
    """Nearly everything: the body lies behind this signed URL, for 120 s."""

    url: str = field(repr=False)


@dataclass(frozen=True)
class DataUrl:
    """member/awards and the like: an object whose rows lie behind a signed URL."""

    url: str = field(repr=False)
    envelope: dict[str, Any]


@dataclass(frozen=True)
class Body:
    """constants/* and doc*: the answer itself."""

    value: Any


def host_of(url: str) -> str | None:
    """The host of an http(s) URL; None for what is none or cannot be sent (line breaks, lone surrogates)."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    has_port = parts.port is None or 0 < parts.port < 65536
    return (parts.host or None) if parts.scheme in {"http", "https"} and has_port else None


def parse_json(content: bytes, what: str) -> Any:
    """Parsed JSON; NaN, infinities and integers of thousands of digits stay text.

    Raises TransientError.
    """
    failure: TransientError
    if not content.strip():
        failure = TransientError(f"{what} answered with an empty body.")
    else:
        try:
            return read_json(content)
        except (ValueError, RecursionError):
            page = "an HTML page" if content.lstrip()[:1] == b"<" else "something that is not JSON"
            failure = TransientError(f"{what} answered with {page} ({len(content)} bytes).")
    raise failure


def is_rate_limit(reply: Reply) -> bool:
    """429, or the text `Rate limit exceeded` whatever the status, quoted or not."""
    if reply.status == 429:
        return True
    if len(reply.content) > 200:
        return False
    text = reply.content.decode("utf-8", "replace").strip(" \t\r\n\"'.")
    if text.lower() == _RATE_LIMIT_TEXT:
        return True
    said = said_by(reply)
    return any(
        str(said.get(name, "")).strip(" .").lower() == _RATE_LIMIT_TEXT
        for name in ("error", "message")
    )


def read_data(reply: Reply, clean: Clean) -> Link | DataUrl | Body:
    """What a /data answer holds. Raises the kind of ApiError that its status and body mean."""
    if is_rate_limit(reply):
        raise RateLimitedError("the API's rate limit is reached.", retry_after=0.0)
    if reply.status == 401:
        raise UnauthorizedError("the API does not accept the token (HTTP 401).", status=401)
    if reply.status != 200:
        raise _failure(reply, clean)
    value = parse_json(reply.content, "the API")
    if isinstance(value, dict):
        for name, make in (("link", Link), ("data_url", None)):
            url = value.get(name)
            if isinstance(url, str) and url:
                if host_of(url) is None:
                    raise TransientError(f"the API answered with a {name} that is no URL.")
                rest = {key: kept for key, kept in value.items() if key != name}
                return make(url) if make else DataUrl(url, rest)
        return Body(value)
    if isinstance(value, list):
        return Body(value)
    raise TransientError("the API answered with neither a link nor an object nor a list.")


def read_file(reply: Reply, what: str) -> Any:
    """Parsed JSON of a storage answer. Raises LinkExpiredError, TransientError."""
    if reply.status == 200:
        value = parse_json(reply.content, what)
        if isinstance(value, str) or value is None:
            raise TransientError(f"{what} answered with neither an object nor a list.")
        return value
    if reply.status >= 500 or reply.status in {408, 429}:
        raise TransientError(f"{what} answered HTTP {reply.status}.", retry_after=reply.retry_after)
    raise LinkExpiredError(
        f"{what} refuses the signed link (HTTP {reply.status}): expired or withdrawn.",
        retry_after=0.0,
    )


def maintenance_note(reply: Reply) -> str | None:
    """The words of a 503 that announces maintenance, as JSON or as a page; None if it does not."""
    if reply.status != 503:
        return None
    said = said_by(reply)
    if not said:
        head = reply.content[:_PAGE_HEAD_BYTES].decode("utf-8", "replace")
        if "maintenance" not in head.lower():
            return None
        title = _TITLE.search(head)
        return " ".join(title[1].split()) if title else ""
    words = [
        str(said[name])
        for name in ("note", "errorDesc", "message", "error", "errorCode")
        if any(letter.isalnum() for letter in str(said.get(name) or ""))
    ]
    return words[0] if any("maintenance" in word.lower() for word in words) else None


def _failure(reply: Reply, clean: Clean) -> TransientError | PermanentError | MaintenanceError:
    status = reply.status
    note = maintenance_note(reply)
    if note is not None:
        note = clean(note)[:300]
        words = note.strip(" .")
        return MaintenanceError(
            f"iRacing is in maintenance, which can take hours{f' ({words})' if words else ''}. "
            "Try again later.",
            note=note or None,
        )
    if status >= 500 or status < 300 or status in {408, 425}:
        page = ", an HTML page" if reply.is_html else ""
        return TransientError(
            f"the API answered HTTP {status}{page}.", retry_after=reply.retry_after
        )
    if 300 <= status < 400:
        host = host_of(reply.headers.get("location", "")) or "elsewhere"
        return PermanentError(
            f"the API redirects to {host} (HTTP {status}), where the token must not go: "
            "check IRACING_API_URL.",
            status=status,
        )
    said = said_by(reply)
    words = clean(str(said.get("message") or said.get("note") or said.get("error") or ""))[:200]
    advice = {
        400: "a parameter is missing or wrong",
        403: "this account may not read it",
        404: "iRacing has no such thing (or no such data)",
    }.get(status, "asking again will not help")
    return PermanentError(
        f"HTTP {status}{f' {words!r}' if words else ''}: {advice}.", status=status
    )


def said_by(reply: Reply) -> dict[str, Any]:
    """The object that the reply holds, whatever its status; an empty one where it holds none."""
    try:
        value = read_json(reply.content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
