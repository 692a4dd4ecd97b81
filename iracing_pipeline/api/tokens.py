"""Tokens, and the places where processes share them: always encrypted, written under a lock.

In: token answers and opaque text. Out: Token, TokenCipher, the TokenStore protocol.
No HTTP: who asks for a token, and when, is oauth.py's. A store never sees a token in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from iracing_pipeline.api.credentials import Credentials


@dataclass(frozen=True)
class Token:
    """One answer of the token endpoint. Times are unix seconds; `repr` shows no secret."""

    access_token: str = field(repr=False)
    expires_at: float
    use_until: float
    """When to renew it: 60 s before it expires, or at half its life if that is shorter than 120 s."""
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_at: float | None = None


@dataclass(frozen=True)
class AuthorizationCode:
    """What a browser has brought back, and what proves that it was asked for here: works once."""

    code: str = field(repr=False)
    redirect_uri: str
    verifier: str = field(repr=False)


def is_header_safe(token: object) -> bool:
    """Whether this can be sent as a bearer token: visible ASCII only, no blank or line end."""
    return isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]+", token) is not None


@dataclass(frozen=True)
class Refusal:
    """That asking for a token failed just now, so that those who waited meanwhile need not ask too."""

    kind: str
    message: str
    at: float
    """Unix seconds."""
    until: float | None = None
    """Unix seconds before which the server wants to hear of no further try; None if it named none."""


@dataclass(frozen=True)
class Kept:
    """What a store's text says once decrypted."""

    token: Token | None = None
    refusal: Refusal | None = None


class TokenSlot(Protocol):
    """One key's text while its lock is held."""

    def read(self) -> str | None:
        """The text, or None if there is none."""
        ...

    def write(self, text: str) -> None:
        """Replace the text; durable at the latest when the lock is released."""
        ...


class TokenStore(Protocol):
    """Where processes of one installation share tokens as opaque text."""

    def read(self, key: str) -> str | None:
        """The text without locking: perhaps about to be replaced, never half written."""
        ...

    def locked(self, key: str, timeout: float | None = None) -> AbstractContextManager[TokenSlot]:
        """Exclusive across processes and threads until the context ends.

        Raises TimeoutError when it cannot be had within `timeout` seconds.
        """
        ...


def token_key(token_url: str, credentials: Credentials) -> str:
    """The key under which a token of exactly these credentials is kept.

    A hash of the token URL, client id and user name (for the refresh-token flow: of the original
    refresh token instead; for a login by browser: of its key), so that other credentials, or another
    server, never find it. A changed
    password or client secret has the same key but another encryption key: the old token is
    unreadable, hence absent, and the new secret has to prove itself by a login.
    """
    username, who = credentials.username, None
    if credentials.grant == "refresh_token":
        who = credentials.refresh_token
    elif credentials.grant == "authorization_code":
        username, who = None, credentials.login_key
    parts = (token_url, credentials.client_id or "", username or "", who or "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class TokenCipher:
    """Fernet with a key derived by HKDF from what every process of the installation knows anyway.

    That is client secret and password; for the refresh-token flow, the client id and the original
    refresh token; for a login by browser, the client id and the key in its file. Whoever has only the
    store learns nothing from it.
    """

    def __init__(self, credentials: Credentials) -> None:
        if credentials.grant == "refresh_token":
            parts = (credentials.client_id or "", credentials.refresh_token or "")
        elif credentials.grant == "authorization_code":
            parts = (credentials.client_id or "", credentials.login_key or "")
        else:
            parts = (credentials.client_secret or "", credentials.password or "")
        self._material = "\0".join((credentials.grant or "", *parts)).encode()
        self._fernet: Fernet | None = None

    def seal(self, kept: Kept) -> str:
        """Encrypted text for a store."""
        return self._lazy().encrypt(json.dumps(asdict(kept)).encode()).decode("ascii")

    def open(self, text: str | None) -> Kept:
        """What `seal` was given; an empty Kept for anything that these credentials did not write."""
        try:
            found = json.loads(self._lazy().decrypt((text or "").encode()))
            token, refusal = found["token"], found["refusal"]
            return Kept(Token(**token) if token else None, Refusal(**refusal) if refusal else None)
        except (InvalidToken, ValueError, KeyError, TypeError):
            return Kept()

    def _lazy(self) -> Fernet:
        if self._fernet is None:
            derive = HKDF(SHA256(), length=32, salt=None, info=b"iracing-pipeline token store")
            self._fernet = Fernet(base64.urlsafe_b64encode(derive.derive(self._material)))
        return self._fernet
