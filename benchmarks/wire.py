"""iRacing's API with httpx alone: log in, ask, follow the link. What everybody else is measured with.

In: the environment's addresses and credentials. Out: bodies as bytes. No retries and no budget: an answer
that is none raises httpx.HTTPStatusError.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import orjson


class Wire:
    """One account's client for all threads."""

    def __init__(self) -> None:
        self._api = os.environ["IRACING_API_URL"] + "/data/"
        # The bearer token must not reach the host of the links.
        self._links = httpx.Client(timeout=60)
        self._data = httpx.Client(
            timeout=60, headers={"authorization": f"Bearer {_token(self._links)}"}
        )

    def get(self, endpoint: str, params: Mapping[str, str] | None = None) -> bytes:
        """Both hops."""
        answer = self._data.get(self._api + endpoint, params=params).raise_for_status()
        return self.file(orjson.loads(answer.content)["link"])

    def file(self, link: str) -> bytes:
        """The second hop alone."""
        return self._links.get(link).raise_for_status().content


def weather_links(seasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where the forecasts of all weeks of a list of seasons lie."""
    found = (
        week.get("weather", {}).get("weather_url")
        for season in seasons
        for week in season.get("schedules", ())
    )
    return [link for link in found if link]


def _token(client: httpx.Client) -> str:
    client_id, username = os.environ["IRACING_CLIENT_ID"], os.environ["IRACING_USERNAME"]
    form = {
        "grant_type": "password_limited",
        "client_id": client_id,
        "client_secret": _masked(os.environ["IRACING_CLIENT_SECRET"], client_id),
        "username": username,
        "password": _masked(os.environ["IRACING_PASSWORD"], username),
        "scope": "iracing.auth",
    }
    answer = client.post(os.environ["IRACING_OAUTH_URL"] + "/token", data=form).raise_for_status()
    token: str = answer.json()["access_token"]
    return token


def _masked(secret: str, identifier: str) -> str:
    digest = hashlib.sha256((secret + identifier.strip().lower()).encode()).digest()
    return base64.b64encode(digest).decode()
