"""The client everybody else uses: `get` for any endpoint, every call bounded in attempts and time.

In: endpoint and parameters. Out: Response, or an ApiError that name the item.
No meaning of any field, no landing, no cache: the caller decides what need not be asked at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType, TracebackType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from iracing_pipeline.api.budget import Budget
from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.data_service import DataService
from iracing_pipeline.api.destinations import Destinations
from iracing_pipeline.api.envelopes import LinkExpiredError, host_of
from iracing_pipeline.api.errors import ApiError, LimitedError, PermanentError, TransientError
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.api.links import SignedLinks
from iracing_pipeline.api.oauth import IracingAuth
from iracing_pipeline.api.retrying import Breaker, retrying
from iracing_pipeline.api.token_endpoint import TokenEndpoint
from iracing_pipeline.api.tokens import AuthorizationCode, Token, TokenStore
from iracing_pipeline.api.transport import Deadline, Transport, tls_context
from iracing_pipeline.core import endpoints
from iracing_pipeline.core.redact import redact
from iracing_pipeline.core.response import ApiCall, Response

__all__ = ["IracingClient", "Limits"]

_ENDPOINT = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
_NO_PARAMS: Mapping[str, str | int | bool] = MappingProxyType({})


def _unheard(call: ApiCall) -> None:
    """The listener when nobody listens."""


class IracingClient:
    """Asks iRacing's /data service; thread-safe, to be shared by the threads of a process.

    Every call is bounded (`Limits`), keeps to the request budget, and raises TransientError,
    UnreachableError, PermanentError, UnusableAnswerError, CredentialsError or MaintenanceError. After an
    UnreachableError or MaintenanceError further calls raise the same at once for
    `Limits.breaker_seconds`, after a LimitedError also for the pause that was named, and after refused
    credentials for good. The bearer token goes to
    `api_url` and nowhere else. `on_call` hears of each /data request, on the calling thread.
    """

    def __init__(
        self,
        *,
        api_url: str,
        oauth_url: str,
        credentials: Credentials,
        tokens: TokenStore,
        on_call: Callable[[ApiCall], None] = _unheard,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._sleep = sleep
        self._monotonic = monotonic
        self.budget = Budget(sleep=sleep, monotonic=monotonic)
        tls = tls_context()
        login = Transport(limits=limits, monotonic=monotonic, tls=tls)
        api = Transport(limits=limits, monotonic=monotonic, tls=tls)
        destinations = Destinations(api_url, oauth_url)
        # Following redirects is safe there: this transport carries nothing worth stealing.
        storage = Transport(limits=limits, monotonic=monotonic, tls=tls, destinations=destinations)
        self._transports = (login, api, storage)
        self._links = SignedLinks(storage, destinations, limits, sleep=sleep, monotonic=monotonic)
        self._auth = IracingAuth(
            credentials=credentials,
            endpoint=TokenEndpoint(
                oauth_url.rstrip("/") + "/token",
                credentials=credentials,
                transport=login,
                clean=self._clean,
            ),
            store=tokens,
            monotonic=monotonic,
        )
        self._data = DataService(
            api_url,
            auth=self._auth,
            budget=self.budget,
            transport=api,
            links=self._links,
            clean=self._clean,
            on_call=on_call,
            monotonic=monotonic,
        )
        self._breaker = Breaker(limits, monotonic)
        self._file_breakers: dict[str, Breaker] = {}

    def get(self, endpoint: str, params: Mapping[str, str | int | bool] = _NO_PARAMS) -> Response:
        """The body of `/data/{endpoint}`, e.g. `get("series/past_seasons", {"series_id": 139})`.

        Raises ValueError for a malformed endpoint, else only ApiErrors, with endpoint and params.
        """
        if not _ENDPOINT.fullmatch(endpoint):
            raise ValueError(f"not an endpoint such as 'series/get': {endpoint!r}")
        sent = {name: _text(value) for name, value in params.items()}
        _check(self._breaker, endpoint, sent)
        if not self.budget.acquire(max_wait=self._limits.budget_seconds):
            error = LimitedError(
                "no room in the account's request budget for "
                f"{self._limits.budget_seconds:.0f} s: something else uses it up.",
                endpoint=endpoint,
                params=sent,
                retry_after=self.budget.seconds_to_reset(),
            )
            self._breaker.note(error)
            raise error
        deadline = self._deadline(is_slow=endpoints.is_slow(endpoint))
        policy = retrying(
            self._limits,
            deadline,
            attempts=self._limits.attempts,
            sleep=self._sleep,
            monotonic=self._monotonic,
            is_hopeless=lambda: self._breaker.open_error() is not None,
        )
        attempts = 0
        try:
            for attempt in policy:
                with attempt:
                    attempts += 1
                    answer = self._data.attempt(endpoint, sent, deadline, is_admitted=attempts == 1)
        except ApiError as error:
            self._fail(error, self._breaker, endpoint, sent, attempts, deadline)
        self._breaker.note(None)
        return answer

    def season_schedule(self, season_id: int) -> Response:
        """The weeks of one season: the body is an object with `schedules`, a list with one item a week.

        Part of the public interface: the weeks of any season in one call. The schedule of a finished
        season may lack weeks that were raced. Raises as `get` does.
        """
        return self.get("series/season_schedule", {"season_id": season_id})

    def log_in(self, answer: AuthorizationCode) -> Token:
        """Exchange what a browser has brought for tokens, and store them for every process.

        Raises CredentialsError where the login service refuses it, else as `get` does. Tried once.
        """
        return self._auth.log_in(answer, self._deadline(is_slow=False))

    def signed_file(self, url: str) -> Any:
        """Parsed JSON of a signed URL found in a body (`weather_url`): no token, no budget.

        Raises ValueError for what is no http(s) URL, PermanentError when the link has expired or
        the file is gone, LinkRefusedError where it leads where no link may, else TransientError or
        UnreachableError. No text holds the signature.
        """
        if host_of(url) is None:
            raise ValueError(f"not an http(s) URL: {redact(url)!r}")
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        breaker = self._file_breakers.setdefault(
            parts.netloc, Breaker(self._limits, self._monotonic)
        )
        _check(breaker, name, {})
        limits, now = self._limits, self._monotonic()
        deadline = Deadline(now, now + limits.file_seconds, limits.read_timeout)
        try:
            body, _ = self._links.fetch(url, deadline, limits.file_attempts)
        except LinkExpiredError as error:
            raise PermanentError(str(error), endpoint=name) from None
        except ApiError as error:
            self._fail(error, breaker, name, {}, 0, deadline)
        breaker.note(None)
        return body

    def close(self) -> None:
        """Close all connections; the client must not be used afterwards."""
        for transport in self._transports:
            transport.close()

    def __enter__(self) -> IracingClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _deadline(self, *, is_slow: bool) -> Deadline:
        limits, now = self._limits, self._monotonic()
        pauses = now if self._breaker.has_waited else now + limits.pause_seconds
        if is_slow:
            until = now + limits.slow_total_seconds
            return Deadline(now, until, limits.slow_read_timeout, pauses)
        return Deadline(now, now + limits.total_seconds, limits.read_timeout, pauses)

    def _fail(
        self,
        error: ApiError,
        breaker: Breaker,
        endpoint: str,
        params: dict[str, str],
        attempts: int,
        deadline: Deadline,
    ) -> NoReturn:
        """Raise `error` for this item, telling how hard it was tried and when to try again."""
        breaker.note(error)
        note = ""
        if isinstance(error, TransientError):
            if attempts > 1:
                seconds = self._monotonic() - deadline.started
                note += f" Gave up after {attempts} attempts in {seconds:.0f} s."
            if error.retry_after:
                due = datetime.now(timezone.utc) + timedelta(seconds=min(error.retry_after, 1e6))
                note += f" Try again after {due:%Y-%m-%d %H:%M:%S} UTC."
        told = error.about(endpoint, params, note)
        told.args = (self._clean(told.args[0]),)
        raise told from None

    def _clean(self, text: str) -> str:
        # Servers' words end in the database and on terminals, which take neither NUL nor surrogates.
        sayable = text.replace("\0", "?").encode("utf-8", "replace").decode()
        return redact(sayable, self._auth.secrets())


def _check(breaker: Breaker, endpoint: str, params: dict[str, str]) -> None:
    error = breaker.open_error()
    if error is not None:
        raise error.about(endpoint, params)


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
