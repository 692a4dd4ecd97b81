"""The account and the OAuth client that a simulator accepts.

In: the documented default credentials, the caller's from the environment, and masking as iRacing
demands it. Out: tokens and grants (oauth.py). Written apart from the client on purpose: a masking
mistake there must fail here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_CLIENT_ID = "simulated-client"
DEFAULT_CLIENT_SECRET = "simulated-client-secret"
DEFAULT_USERNAME = "driver@example.com"
DEFAULT_PASSWORD = "simulated-password"
ACCOUNT_ID = 100_001
ACCOUNT_NAME = "Simulated Driver"
DEFAULT_SECRETS = frozenset({DEFAULT_CLIENT_SECRET, DEFAULT_PASSWORD})


def masked(secret: str, identifier: str) -> str:
    """base64(sha256(secret + lower(trim(identifier)))): the secret keeps its case and blanks."""
    salted = secret + identifier.strip().lower()
    return base64.b64encode(hashlib.sha256(salted.encode()).digest()).decode()


@dataclass(frozen=True)
class SimCredentials:
    """One client and one user, both in the clear; the wire carries the masked forms."""

    client_id: str = DEFAULT_CLIENT_ID
    client_secret: str = DEFAULT_CLIENT_SECRET
    username: str = DEFAULT_USERNAME
    password: str = DEFAULT_PASSWORD

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> SimCredentials:
        """The caller's `IRACING_*` where set, the documented defaults for the rest."""
        env = os.environ if environment is None else environment
        return cls(
            client_id=env.get("IRACING_CLIENT_ID") or DEFAULT_CLIENT_ID,
            client_secret=env.get("IRACING_CLIENT_SECRET") or DEFAULT_CLIENT_SECRET,
            username=env.get("IRACING_USERNAME") or DEFAULT_USERNAME,
            password=env.get("IRACING_PASSWORD") or DEFAULT_PASSWORD,
        )

    def client_secret_matches(self, sent: str) -> bool:
        """Whether `sent` is the masked client secret."""
        return hmac.compare_digest(
            sent.encode(), masked(self.client_secret, self.client_id).encode()
        )

    def password_matches(self, sent: str, username: str) -> bool:
        """Whether `username` is the user (case does not matter) and `sent` the masked password."""
        known = username.strip().lower() == self.username.strip().lower()
        return known and hmac.compare_digest(
            sent.encode(), masked(self.password, self.username).encode()
        )
