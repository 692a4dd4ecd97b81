"""Who we are to iRacing, and which of the ways of logging in that allows.

In: the values of the IRACING_* variables, and the key of a login that a browser has made. Out:
Credentials, and masked secrets as the service wants them. No HTTP and no reading of the environment here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Literal

Grant = Literal["password_limited", "refresh_token", "access_token", "authorization_code"]


def mask(secret: str, identifier: str) -> str:
    """Base64 of SHA-256 of the secret followed by the trimmed, lower-cased identifier.

    The identifier is the client id for a client secret and the user name for a password; the
    secret is taken as it is. Source: iRacing's OAuth book, password_limited flow.
    """
    digest = hashlib.sha256((secret + identifier.strip().lower()).encode()).digest()
    return base64.b64encode(digest).decode("ascii")


@dataclass(frozen=True)
class Credentials:
    """Everything known about the account; None for what is not set. `repr` shows no secret."""

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    login_key: str | None = field(default=None, repr=False)
    """What opens the tokens of `iracing-pipeline login`, see login_file.py. No secret of iRacing's."""

    @property
    def grant(self) -> Grant | None:
        """The way that applies; None if none is complete.

        What the environment says comes first, password over refresh token over access token; then the
        login that a browser has made.
        """
        if self.client_id and self.client_secret and self.username and self.password:
            return "password_limited"
        if self.refresh_token and self.client_id:
            return "refresh_token"
        if self.access_token:
            return "access_token"
        if self.client_id and self.login_key:
            return "authorization_code"
        return None

    @property
    def masked_client_secret(self) -> str | None:
        """The client secret as the token endpoint wants it; None for a client without one."""
        if self.client_secret and self.client_id:
            return mask(self.client_secret, self.client_id)
        return None

    @property
    def masked_password(self) -> str | None:
        """The password as the token endpoint wants it."""
        if self.password and self.username:
            return mask(self.password, self.username)
        return None

    def missing(self) -> list[str]:
        """The environment variables still to be set; empty when a way of logging in is complete."""
        if self.grant is not None:
            return []
        if self.refresh_token:
            return ["IRACING_CLIENT_ID"]
        wanted = {
            "IRACING_CLIENT_ID": self.client_id,
            "IRACING_CLIENT_SECRET": self.client_secret,
            "IRACING_USERNAME": self.username,
            "IRACING_PASSWORD": self.password,
        }
        return [name for name, value in wanted.items() if not value]

    def secrets(self) -> tuple[str, ...]:
        """Every string that must never be shown, masked forms included: what `redact` wants."""
        candidates = (
            self.client_secret,
            self.password,
            self.access_token,
            self.refresh_token,
            self.login_key,
            self.masked_client_secret,
            self.masked_password,
        )
        shown = {form for value in candidates if value for form in (value, value.strip())}
        return tuple(sorted(shown - {""}))
