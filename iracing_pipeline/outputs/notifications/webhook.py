"""The webhook: one post, bounded in time, and what its answer means.

In: IRACING_WEBHOOK_URL and a message. Out: Posted. Who knows the URL may post there, so nothing here
says more of it than scheme and host. Nothing is retried here: see delivery.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from iracing_pipeline.api.errors import TransientError
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.api.transport import Deadline, Transport
from iracing_pipeline.outputs.notifications.discord import discord_message

POST_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 3600.0
"""Longer than that no webhook is left alone, whatever it asks."""
_DISCORD = ("discord.com", "discordapp.com")


@dataclass(frozen=True)
class Posted:
    """What became of a post."""

    problem: str | None = None
    """Why it is not acknowledged and what to do, for the reader; None where it is."""
    wait_seconds: float | None = None
    """For how long the webhook asked to be left alone."""


class Webhook:
    """Where messages go. Use as a context manager; nothing is opened before the first post."""

    def __init__(self, url: str, *, seconds: float = POST_SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._transport: Transport | None = None

    def __enter__(self) -> Webhook:
        return self

    def __exit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def where(self) -> str:
        """Scheme and host, which are no secret."""
        parts = urlsplit(self._url)
        host = parts.hostname or "?"
        host = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")

    @property
    def is_discord(self) -> bool:
        """Whether it wants messages in Discord's shape."""
        parts = urlsplit(self._url)
        host = (parts.hostname or "").lower()
        return parts.path.startswith("/api/") and (
            "/webhooks/" in parts.path
            and any(host == name or host.endswith(f".{name}") for name in _DISCORD)
        )

    def post(self, body: Mapping[str, Any], idempotency_key: str) -> Posted:
        """Post once. Never raises for what the other side does, or does not do."""

        if self._transport is None:
            self._transport = Transport(limits=Limits(connect_timeout=self._seconds, pool_size=1))
        shaped = discord_message(body) if self.is_discord else body
        now = time.monotonic()
        try:
            reply = self._transport.exchange(
                "POST",
                self._url,
                what=f"the webhook at {self.where}",
                deadline=Deadline(now, now + self._seconds, self._seconds),
                headers={
                    "content-type": "application/json",
                    "idempotency-key": idempotency_key,
                },
                content=json.dumps(shaped, ensure_ascii=False).encode("utf-8", "replace"),
            )
        except TransientError as error:
            text = str(error)
            return Posted(f"{text[:1].upper()}{text[1:]} It is tried again.")
        if 200 <= reply.status < 300:
            return Posted()
        wait = reply.retry_after
        return Posted(
            f"The webhook at {self.where} answered {reply.status}: {_what_to_do(reply.status)}",
            None if wait is None else min(wait, LONGEST_WAIT_SECONDS),
        )


def _what_to_do(status: int) -> str:
    if status == 429:
        return "it wants fewer messages. It is tried again."
    if status >= 500 or status in {408, 425}:
        return "it is in trouble. It is tried again."
    if 300 <= status < 400:
        return (
            "it has moved. Set IRACING_WEBHOOK_URL to where it is now; redirects are not followed."
        )
    if status in {401, 403, 404, 410}:
        return "check IRACING_WEBHOOK_URL. The messages are kept, and posted once it is right."
    return (
        "it does not take this message. Check IRACING_WEBHOOK_URL and what the receiver expects; "
        "the message is kept and tried again."
    )
