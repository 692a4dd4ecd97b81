"""A bare HTTP view of a simulator, for the tests of the simulator itself.

In: login, /data and link by hand with plain httpx, and a source of three lines. Out: the pipeline's
own client, which must not test the thing that tests it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from iracing_pipeline.simulator import Simulator, Source
from iracing_pipeline.simulator.credentials import masked
from iracing_pipeline.simulator.source import NotFoundError

HTTP = httpx.Client(trust_env=False, timeout=10)


class TinySource(Source):
    """series/get, series/seasons with one signed link, constants/divisions; one weather file."""

    def answer(
        self, endpoint: str, params: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Any:
        bodies: dict[str, Any] = {
            "series/get": [{"series_id": n, "series_name": f"Series {n}"} for n in range(40)],
            "series/seasons": [
                {"season_id": 1, "reg_user_count": 5, "weather_url": "sim-storage://w/rw0.json"}
            ],
            "series/past_seasons": {"success": True, "series_id": 1},
            "constants/divisions": [{"label": "ALL", "value": -1}],
        }
        if endpoint not in bodies:
            raise NotFoundError(endpoint)
        return bodies[endpoint]

    def file(self, path: str, now: datetime) -> bytes | None:
        return b'[{"time_offset":0}]' if path == "w/rw0.json" else None


class Wire:
    """One logged-in user with a plain HTTP client."""

    def __init__(self, sim: Simulator):
        self.sim = sim
        self._token = ""

    def ask_token(self, *, at: str = "", **form: str) -> httpx.Response:
        """A password_limited request, with any field replaced; empty means left out. `at`: another one."""
        known = self.sim.credentials
        fields = {
            "grant_type": "password_limited",
            "client_id": known.client_id,
            "client_secret": masked(known.client_secret, known.client_id),
            "username": known.username,
            "password": masked(known.password, known.username),
            "scope": "iracing.auth",
        } | form
        data = {name: value for name, value in fields.items() if value}
        oauth_url = f"{at}/oauth2" if at else self.sim.oauth_url
        return HTTP.post(f"{oauth_url}/token", data=data)

    def refresh(self, token: str) -> httpx.Response:
        known = self.sim.credentials
        data = {
            "grant_type": "refresh_token",
            "client_id": known.client_id,
            "client_secret": masked(known.client_secret, known.client_id),
            "refresh_token": token,
        }
        return HTTP.post(f"{self.sim.oauth_url}/token", data=data)

    @property
    def bearer(self) -> dict[str, str]:
        if not self._token:
            self._token = str(self.sim.issue_tokens()["access_token"])
        return {"Authorization": f"Bearer {self._token}"}

    def data(self, endpoint: str, **params: Any) -> httpx.Response:
        """GET /data/<endpoint>; the envelope, not followed."""
        url = f"{self.sim.api_url}/data/{endpoint}"
        return HTTP.get(url, params=params, headers=self.bearer)

    def link(self, endpoint: str, **params: Any) -> str:
        answer = self.data(endpoint, **params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["link"])

    def body(self, endpoint: str, **params: Any) -> Any:
        """The envelope followed."""
        answer = HTTP.get(self.link(endpoint, **params))
        assert answer.status_code == 200, answer.text
        return answer.json()
