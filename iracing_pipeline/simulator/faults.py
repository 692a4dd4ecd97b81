"""Faults: what can be made to go wrong, where, and how often.

In: the kinds of fault, matching by endpoint and parameters, counting. Out: how each kind looks on
the wire (protocol.py, oauth.py, storage.py).

    sim.faults.add("status", "series/seasons", status=503, times=2)   # twice, then well again
    sim.faults.add("storage_truncated", "series/stats_series")        # until cleared
    sim.faults.add("oauth_error", error="temporarily_unavailable", times=1)
    sim.faults.transform = lambda endpoint, params, body: body        # mutate any body
    sim.faults.clear()

Over HTTP: `POST /_simulator/faults` with the same names as JSON (control.py). A storage fault
names the endpoint whose body it spoils; `weather_url` is the endpoint of weather files, with season_id
and race_week_num as parameters. The login service's are `oauth2/token` and, for an `oauth_error` that the
browser brings back, `oauth2/authorize`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .errors import SimulatorError

DATA_KINDS = {
    "status": "`status` with its documented body (400 401 403 404 429 500 502 503 504 ...)",
    "maintenance": "503; `shape`: new (default), old, html",
    "rate_limit_text": "200 whose body is the text `Rate limit exceeded`",
    "empty": "200 with an empty body instead of the link",
    "unauthorized": "401 although the token is good",
    "revoke": "401, and every token issued so far is dead from now on",
    "slow": "answer after `seconds`",
    "expired_link": "the link has expired before it arrives",
    "body": "`body` instead of the source's",
    "shuffle_keys": "every object's keys in another order",
    "stale": "for ever the bytes of the first answer that it strikes, counters and all",
}
STORAGE_KINDS = {
    "storage_truncated": "half of the JSON, as a complete HTTP answer",
    "storage_cut": "the connection breaks in the middle of the body",
    "storage_empty": "200 with an empty body",
    "storage_malformed": "a body that is not JSON",
    "storage_status": "`status` as S3 says it (403, 404, 500, 503)",
    "storage_slow": "answer after `seconds`",
}
OAUTH_KINDS = {
    "oauth_error": "`error` (an OAuth code), optional `retry_after` seconds",
    "oauth_html": "an HTML page with `status` (default 503): the auth host in maintenance",
    "oauth_slow": "answer after `seconds`",
    "oauth_no_refresh": "an answer without a refresh token",
}
KINDS = {**DATA_KINDS, **STORAGE_KINDS, **OAUTH_KINDS}
# These go together with others; of the rest only one strikes a request, so that two faults with
# `times=1` strike two requests, in the order in which they were added.
_COMBINING = frozenset(
    {
        *("slow", "expired_link", "body", "shuffle_keys", "stale", "storage_slow"),
        *("oauth_slow", "oauth_no_refresh"),
    }
)

Transform = Callable[[str, dict[str, str], Any], Any]


@dataclass
class Fault:
    """One thing going wrong. `times` None: always; `after`: let that many requests pass first."""

    kind: str
    endpoint: str = "*"
    params: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    after: int = 0
    status: int = 500
    seconds: float = 1.0
    body: Any = None
    shape: str = "new"
    error: str = "server_error"
    retry_after: int | None = None
    hits: int = 0
    first_answers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Of a stale one, by endpoint and parameters."""

    def matches(self, endpoint: str, params: Mapping[str, str]) -> bool:
        """The endpoint matches as a glob (`series/*`), every named parameter is equal."""
        return fnmatchcase(endpoint, self.endpoint) and all(
            params.get(name) == str(value) for name, value in self.params.items()
        )


class Faults:
    """The switchboard. Every method may be called while the simulator serves."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.transform: Transform | None = None

    def add(self, kind: str, endpoint: str = "*", **options: Any) -> Fault:
        """Switch a fault on; the options are Fault's fields. SimulatorError if there is no such."""
        if kind not in KINDS:
            raise SimulatorError(f"no fault of kind {kind!r}; there are: {', '.join(KINDS)}")
        try:
            fault = Fault(kind, endpoint.strip("/").removeprefix("data/"), **options)
        except TypeError as error:
            raise SimulatorError(f"fault {kind}: {error}") from error
        with self._lock:
            self._faults.append(fault)
        return fault

    def take(
        self, kinds: Mapping[str, str], endpoint: str, params: Mapping[str, str]
    ) -> list[Fault]:
        """The faults among `kinds` that strike this request; counted ones are used up."""
        struck: list[Fault] = []
        decided = False
        with self._lock:
            for fault in list(self._faults):
                if fault.kind not in kinds or not fault.matches(endpoint, params):
                    continue
                if decided and fault.kind not in _COMBINING:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.hits += 1
                struck.append(fault)
                decided = decided or fault.kind not in _COMBINING
                if fault.times is not None and fault.hits >= fault.times:
                    self._faults.remove(fault)
        return struck

    def remove(self, fault: Fault) -> None:
        """Switch one off; it may have used itself up already."""
        with self._lock:
            self._faults = [kept for kept in self._faults if kept is not fault]

    def clear(self) -> None:
        """Everything is well again, the transform included."""
        with self._lock:
            self._faults.clear()
            self.transform = None

    def as_json(self) -> list[dict[str, Any]]:
        """What is switched on, for `GET /_simulator/faults`."""
        with self._lock:
            return [
                {name: value for name, value in asdict(fault).items() if name != "first_answers"}
                for fault in self._faults
            ]
