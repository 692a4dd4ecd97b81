"""One request to iRacing's token endpoint and what its answer means.

In: Credentials or a refresh token. Out: Token, or a typed error that names the variables to check.
No decision which grant to use or when, no storing, no retries: that is oauth.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.envelopes import Clean, maintenance_note, said_by
from iracing_pipeline.api.errors import (
    ApiError,
    CredentialsError,
    LimitedError,
    MaintenanceError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.api.tokens import AuthorizationCode, Token, is_header_safe
from iracing_pipeline.api.transport import Deadline, Reply, Transport

_CLIENT = "IRACING_CLIENT_ID and IRACING_CLIENT_SECRET"
_USER = "IRACING_USERNAME and IRACING_PASSWORD"
_DEFAULT_LIFE_SECONDS = 600.0
_LONGEST_LIFE_SECONDS = 366 * 86400.0


class NoTokenError(TransientError):
    """A 5xx, an answer that broke off, or one without a usable token.

    The login may well have been counted all the same, so it is tried less often than other requests.
    """


class TokenEndpoint:
    """`POST {oauth_url}/token`, form-encoded, secrets masked. Source: iRacing's OAuth book."""

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials,
        transport: Transport,
        clean: Clean,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._credentials = credentials
        self._transport = transport
        self._clean = clean
        self._wall = wall

    def login(self, deadline: Deadline) -> Token:
        """Full login by the password_limited grant; rationed to about 12 an hour."""
        form = {
            "username": self._credentials.username or "",
            "password": self._credentials.masked_password or "",
            "scope": "iracing.auth",
        }
        return self._ask("password_limited", form, deadline)

    def refresh(self, refresh_token: str, deadline: Deadline) -> Token:
        """Exchange a refresh token, which is dead afterwards; its successor is in the answer."""
        return self._ask("refresh_token", {"refresh_token": refresh_token}, deadline)

    def exchange(self, answer: AuthorizationCode, deadline: Deadline) -> Token:
        """Exchange the code that a browser has brought, which is dead afterwards."""
        form = {
            "code": answer.code,
            "redirect_uri": answer.redirect_uri,
            "code_verifier": answer.verifier,
        }
        return self._ask("authorization_code", form, deadline)

    def _ask(self, grant: str, form: dict[str, str], deadline: Deadline) -> Token:
        client = {"grant_type": grant, "client_id": self._credentials.client_id or ""}
        if self._credentials.masked_client_secret:
            client["client_secret"] = self._credentials.masked_client_secret
        asked_at = self._wall()
        try:
            reply = self._transport.exchange(
                "POST",
                self.url,
                what="the token endpoint",
                deadline=deadline,
                form={**client, **form},
                headers={"accept": "application/json"},
            )
        except UnreachableError:
            raise
        except TransientError as error:
            raise NoTokenError(str(error)) from None
        said = said_by(reply)
        if isinstance(said.get("access_token"), str):
            said["access_token"] = said["access_token"].strip()
        if reply.status == 200 and is_header_safe(said.get("access_token")):
            return _token(said, asked_at)
        raise self._failure(grant, reply, said)

    def _failure(self, grant: str, reply: Reply, said: dict[str, Any]) -> ApiError:
        status, code = reply.status, str(said.get("error") or "")
        if status == 503 and (
            code == "temporarily_unavailable"
            or reply.is_html
            or maintenance_note(reply) is not None
        ):
            note = maintenance_note(reply) or str(said.get("error_description") or "") or None
            return MaintenanceError(
                "iRacing's login service is temporarily unavailable, as during maintenance. "
                "Try again later.",
                note=self._clean(note)[:300] if note else None,
            )
        if status == 429 or (code == "unauthorized_client" and reply.retry_after is not None):
            return LimitedError(
                "iRacing's login service wants a pause: full logins are rationed.",
                retry_after=reply.retry_after,
            )
        if status == 200 or status >= 500 or status == 408 or (reply.is_html and status < 500):
            page = "an HTML page" if reply.is_html else "no token"
            return NoTokenError(
                f"iRacing's login service answered HTTP {status} with {page}.",
                retry_after=reply.retry_after,
            )
        if 300 <= status < 400 or status in {404, 405}:
            return PermanentError(
                f"There is no token endpoint here (HTTP {status}): check IRACING_OAUTH_URL.",
                status=status,
            )
        return self._refused(grant, status, code, said)

    def _refused(
        self, grant: str, status: int, code: str, said: dict[str, Any]
    ) -> CredentialsError:
        code = self._clean(code)[:60]
        words = self._clean(str(said.get("error_description") or ""))[:200]
        reason = f"{code or f'HTTP {status}'}{f': {words}' if words else ''}"
        if code == "invalid_client" or code.startswith("unsupported"):
            advice = f"check {_CLIENT}"
        elif code == "unauthorized_client":
            advice = f"this client may not log in this way; check {_CLIENT}"
        elif grant == "authorization_code":
            advice = "run `iracing-pipeline login` again, and check IRACING_CLIENT_ID"
        elif grant == "refresh_token":
            advice = "check IRACING_REFRESH_TOKEN and IRACING_CLIENT_ID"
        elif code in {"invalid_grant", "access_denied"}:
            advice = f"check {_USER} (and that iRacing has registered this user for the client)"
        else:
            advice = f"check {_USER}, and {_CLIENT}"
        return CredentialsError(
            f"iRacing refused the login ({reason}): {advice}. It was tried once and will not be "
            "repeated: failed logins count against the account.",
            status=status,
            code=code or None,
        )


def _token(said: dict[str, Any], asked_at: float) -> Token:
    # Counted from before the request, so that a slow answer never makes a token look younger.
    life = _seconds(said.get("expires_in"), _DEFAULT_LIFE_SECONDS)
    margin = 60.0 if life >= 120.0 else life / 2
    refresh = said.get("refresh_token")
    refresh_life = said.get("refresh_token_expires_in")
    return Token(
        access_token=said["access_token"],
        expires_at=asked_at + life,
        use_until=asked_at + life - margin,
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
        refresh_expires_at=(
            None if refresh_life is None else asked_at + _seconds(refresh_life, 0.0)
        ),
    )


def _seconds(value: Any, default: float) -> float:
    """Seconds of a life as the answer gives them; the default for what is none."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return default
    return seconds if 0.0 <= seconds <= _LONGEST_LIFE_SECONDS else default
