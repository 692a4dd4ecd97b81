"""One attempt at one /data call: budget, token, request, signed link, body.

In: endpoint, parameters, a deadline. Out: Response, or the error of this attempt; an ApiCall per request.
No retries except the single replay after a 401: how often to attempt is the client's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from iracing_pipeline.api import envelopes
from iracing_pipeline.api.budget import Budget
from iracing_pipeline.api.errors import ApiError, CredentialsError, LimitedError, TransientError
from iracing_pipeline.api.links import SignedLinks
from iracing_pipeline.api.oauth import IracingAuth
from iracing_pipeline.api.transport import Deadline, Reply, Transport
from iracing_pipeline.core.response import ApiCall, Response


@dataclass
class _Draft:
    """An ApiCall while it is under way."""

    at: datetime
    milliseconds: int = 0
    status: int | None = None
    bytes: int = 0
    remaining: int | None = None


class DataService:
    """`GET {api_url}/data/{endpoint}` with a bearer token, which goes to no other place."""

    def __init__(
        self,
        api_url: str,
        *,
        auth: IracingAuth,
        budget: Budget,
        transport: Transport,
        links: SignedLinks,
        clean: envelopes.Clean,
        on_call: Callable[[ApiCall], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._url = api_url.rstrip("/") + "/data/"
        self._auth = auth
        self._budget = budget
        self._transport = transport
        self._links = links
        self._clean = clean
        self._on_call = on_call
        self._monotonic = monotonic

    def attempt(
        self, endpoint: str, params: dict[str, str], deadline: Deadline, *, is_admitted: bool
    ) -> Response:
        """One attempt; a 401 is answered by one replay with another token.

        A second 401 to a token just issued is a CredentialsError, which is remembered for good.

        `is_admitted`: the caller already holds the budget's permission for the first request.
        """
        if not is_admitted:
            self._admit(deadline)
        try:
            bearer = self._auth.bearer(deadline)
        except BaseException:
            self._budget.release()
            raise
        try:
            return self._request(endpoint, params, deadline, bearer)
        except envelopes.UnauthorizedError:
            pass
        other = self._auth.bearer(deadline, rejected=bearer)
        self._admit(deadline)
        try:
            return self._request(endpoint, params, deadline, other)
        except envelopes.UnauthorizedError:
            pass
        if not self._auth.has_issued(other):
            # Others stored it some time ago; the next attempt gets a new one.
            raise TransientError("the API accepts no stored token (HTTP 401).", retry_after=0.0)
        failure = CredentialsError(
            "the API does not accept a token its login service has just issued (HTTP 401). The "
            "account may be inactive, or the client lacks the scope iracing.auth.",
            status=401,
        )
        self._auth.remember(failure)
        raise failure

    def _admit(self, deadline: Deadline) -> None:
        until = min(deadline.until, deadline.pauses_until)
        if not self._budget.acquire(max_wait=until - self._monotonic()):
            raise LimitedError(
                "the API's rate limit is reached.", retry_after=self._budget.seconds_to_reset()
            )

    def _request(
        self, endpoint: str, params: dict[str, str], deadline: Deadline, bearer: str
    ) -> Response:
        started = self._monotonic()
        with self._recorded(endpoint, params) as draft:
            reply = self._send(endpoint, params, deadline, bearer, draft)
            body, size = self._body(envelopes.read_data(reply, self._clean), reply, deadline)
            draft.bytes = size
            return Response(
                endpoint=endpoint,
                params=params,
                body=body,
                fetched_at=datetime.now(timezone.utc),
                milliseconds=_milliseconds(self._monotonic() - started),
                bytes=size,
            )

    def _send(
        self, endpoint: str, params: dict[str, str], deadline: Deadline, bearer: str, draft: _Draft
    ) -> Reply:
        started = self._monotonic()
        reply: Reply | None = None
        try:
            reply = self._transport.exchange(
                "GET",
                self._url + endpoint,
                what="the API",
                deadline=deadline,
                params=params,
                headers={"authorization": f"Bearer {bearer}"},
            )
        finally:
            draft.milliseconds = _milliseconds(self._monotonic() - started)
            if reply is None:
                self._budget.observe({})
            else:
                self._budget.observe(
                    reply.headers,
                    is_exhausted=envelopes.is_rate_limit(reply),
                    retry_after=reply.retry_after,
                )
        draft.status = reply.status
        draft.bytes = len(reply.content)
        draft.remaining = _small(reply.headers.get("x-ratelimit-remaining", ""))
        return reply

    def _body(
        self,
        found: envelopes.Link | envelopes.DataUrl | envelopes.Body,
        reply: Reply,
        deadline: Deadline,
    ) -> tuple[Any, int]:
        if isinstance(found, envelopes.Link):
            body, size = self._links.fetch_answer(found.url, deadline)
        elif isinstance(found, envelopes.DataUrl):
            rows, size = self._links.fetch_answer(found.url, deadline)
            body = {**found.envelope, "rows": rows}
        else:
            body, size = found.value, len(reply.content)
        body, more = self._links.with_chunks(body, deadline)
        return body, size + more

    @contextmanager
    def _recorded(self, endpoint: str, params: dict[str, str]) -> Iterator[_Draft]:
        draft = _Draft(at=datetime.now(timezone.utc))
        problem: str | None = "interrupted"
        try:
            yield draft
            problem = None
        except ApiError as error:
            problem = f"{error.kind}: {self._clean(str(error))}"
            raise
        finally:
            self._on_call(
                ApiCall(
                    at=draft.at,
                    endpoint=endpoint,
                    params=dict(params),
                    status=draft.status,
                    milliseconds=draft.milliseconds,
                    bytes=draft.bytes,
                    ratelimit_remaining=draft.remaining,
                    error=problem,
                )
            )


def _small(text: str) -> int | None:
    # What fits a column of 32 bits.
    value = int(text) if text.isdecimal() and len(text) <= 10 else -1
    return value if 0 <= value < 2**31 else None


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
