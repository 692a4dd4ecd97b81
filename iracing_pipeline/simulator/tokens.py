"""Tokens: issued, verified, rotated, revoked.

In: what a token is good for and how long. Out: how one is asked for (oauth.py).
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

REFRESH_SECONDS = 604800
DATA_SCOPE = "iracing.auth"
KNOWN_SCOPES = (DATA_SCOPE, "iracing.profile")


@dataclass(frozen=True)
class _Grant:
    expires: datetime
    scope: str


class Tokens:
    """Every live token of one simulator. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime], seconds: float):
        self._clock = clock
        self._seconds = seconds
        self._access: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}
        self._issued: list[str] = []
        self._lock = threading.Lock()

    def everything_issued(self) -> list[str]:
        """Every access and refresh token ever given out, for whoever searches for leaked ones."""
        with self._lock:
            return list(self._issued)

    def issue(self, scope: str = DATA_SCOPE) -> dict[str, Any]:
        """A token response: access token of `seconds`, refresh token of seven days."""
        now = self._clock()
        access, refresh = _opaque(), _opaque()
        with self._lock:
            self._issued += [access, refresh]
            self._access[access] = _Grant(now + timedelta(seconds=self._seconds), scope)
            self._refresh[refresh] = _Grant(now + timedelta(seconds=REFRESH_SECONDS), scope)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(self._seconds),
            "refresh_token": refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "scope": scope,
        }

    def rotate(self, refresh_token: str) -> dict[str, Any] | None:
        """A new pair for a refresh token, which is dead afterwards; None if it is no good."""
        with self._lock:
            grant = self._refresh.pop(refresh_token, None)
        if grant is None or self._clock() >= grant.expires:
            return None
        return self.issue(grant.scope)

    def refusal(self, access_token: str) -> str | None:
        """Why this access token opens nothing, None if it does."""
        with self._lock:
            grant = self._access.get(access_token)
        if grant is None:
            return "The access token is not known"
        if self._clock() >= grant.expires:
            return "The access token has expired"
        return None

    def scope_of(self, access_token: str) -> str:
        """The scopes of a token, "" if it is not known."""
        with self._lock:
            grant = self._access.get(access_token)
        return grant.scope if grant else ""

    def revoke(self, *, refresh_too: bool = False) -> None:
        """Every access token issued so far is dead; refresh tokens only on request."""
        with self._lock:
            self._access.clear()
            if refresh_too:
                self._refresh.clear()


def _opaque() -> str:
    # It looks like a JWT because iRacing's do; nobody may read it, so there is nothing in it.
    header = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "typ": "JWT"}).encode())
    return ".".join(
        [header.decode().rstrip("="), secrets.token_urlsafe(48), secrets.token_urlsafe(64)]
    )
