"""The /data service: token check, budget, faults, link envelopes, direct answers.

In: `GET /data/<service>/<method>` as iRacing answers it. Out: what the bodies hold (source.py and
behind it), the objects themselves (storage.py).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .answers import (
    MAINTENANCE,
    MAINTENANCE_HTML,
    MAINTENANCE_OLD,
    RATE_LIMIT_TEXT,
    data_error,
    json_answer,
    token_refused,
)
from .compression import encoded
from .faults import DATA_KINDS, Fault, Faults
from .limits import FixedWindow
from .source import (
    BadRequestError,
    NotFoundError,
    Source,
    any_to_json,
    checked,
    fresh_seconds,
)
from .storage import FILE_SECONDS, Storage
from .tokens import DATA_SCOPE, Tokens
from .volatile import shuffled, stirred

DIRECT = ("constants/", "doc")
_MUTATING_KINDS = ("body", "shuffle_keys")


class DataService:
    """One account's view of /data."""

    def __init__(
        self,
        source: Source,
        tokens: Tokens,
        budget: FixedWindow,
        storage: Storage,
        faults: Faults,
        *,
        calendar: Callable[[], datetime],
        wire: Callable[[], datetime],
        link_seconds: float,
        storage_url: str | None,
    ):
        self.source = source
        self.tokens = tokens
        self.budget = budget
        self.storage = storage
        self.faults = faults
        self.calendar = calendar
        self.wire = wire
        self.link_seconds = link_seconds
        self.storage_url = storage_url
        self.storage_port = 0

    async def data(self, request: Request) -> Response:
        """Any /data request. The budget's headers go on every answer."""
        endpoint = request.path_params["endpoint"].strip("/")
        # `?weather=a&weather=b` is the same list as `?weather=a,b`.
        asked = request.query_params
        params = {name: ",".join(asked.getlist(name)) for name in asked}
        # A refused token counts as well: the limit guards the service, not the data.
        verdict = self.budget.take()
        if not verdict.allowed:
            answer = data_error(429)
        else:
            answer = await self._authorized(request, endpoint, params)
        answer.headers["x-ratelimit-limit"] = str(verdict.limit)
        answer.headers["x-ratelimit-remaining"] = str(verdict.remaining)
        answer.headers["x-ratelimit-reset"] = str(verdict.reset)
        answer.headers["x-iracing-servicename"] = "data-server"
        answer.headers["x-iracing-serviceversion"] = "2.1.6"
        answer.headers["x-iracing-env"] = "members"
        answer.headers["x-iracing-id"] = str(uuid.uuid4())
        return answer

    async def _authorized(
        self, request: Request, endpoint: str, params: dict[str, str]
    ) -> Response:
        faults = self.faults.take(DATA_KINDS, endpoint, params)
        for fault in faults:
            if fault.kind == "slow":
                await anyio.sleep(fault.seconds)
            # Maintenance and gateways answer before anyone looks at a token.
            answer = self._struck(fault)
            if answer is not None:
                return answer
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return data_error(401)
        refused = self.tokens.refusal(token)
        if refused:
            return token_refused(refused)
        if DATA_SCOPE not in self.tokens.scope_of(token).split():
            return data_error(403)
        return await self._answered(request, endpoint, params, faults)

    def _struck(self, fault: Fault) -> Response | None:
        if fault.kind == "status":
            if fault.body is not None:
                return json_answer(fault.body, fault.status)
            return data_error(fault.status)
        if fault.kind == "maintenance":
            if fault.shape == "html":
                return Response(MAINTENANCE_HTML, 503, media_type="text/html")
            return json_answer(MAINTENANCE_OLD if fault.shape == "old" else MAINTENANCE, 503)
        if fault.kind == "rate_limit_text":
            return Response(RATE_LIMIT_TEXT, 200, media_type="text/plain")
        if fault.kind == "empty":
            return Response(b"", 200, media_type="application/json")
        if fault.kind in ("unauthorized", "revoke"):
            if fault.kind == "revoke":
                self.tokens.revoke()
            return token_refused("The access token has been revoked")
        return None

    async def _answered(
        self, request: Request, endpoint: str, params: dict[str, str], faults: list[Fault]
    ) -> Response:
        # As the client calls this host, unless something stands in between.
        origin = self.storage_url or f"http://{request.url.hostname}:{self.storage_port}"
        try:
            body = await run_in_threadpool(self._body, endpoint, params, origin, faults)
        except NotFoundError as error:
            return data_error(404, note=self._why_not(endpoint, error))
        except BadRequestError as error:
            return data_error(400, note=f"{error}.")
        if endpoint.startswith(DIRECT):
            tag = hashlib.md5(body, usedforsecurity=False).hexdigest()
            body, coding = await run_in_threadpool(encoded, body, request.headers)
            headers = {**coding, "cache-control": "max-age=60", "etag": f'W/"{tag}"'}
            return Response(body, 200, headers, "application/json")
        path = self.storage.put(body, endpoint, params)
        expired = any(fault.kind == "expired_link" for fault in faults)
        link = self.storage.sign(
            origin, path, self.link_seconds, age=self.link_seconds + 5 if expired else 0
        )
        stale_at = self.wire() + timedelta(seconds=fresh_seconds(endpoint))
        expires = stale_at.isoformat(timespec="milliseconds")
        return json_answer(
            {"link": link, "expires": expires.replace("+00:00", "Z")},
            headers={"cache-control": "max-age=60"},
        )

    def _why_not(self, endpoint: str, error: NotFoundError) -> str:
        served = self.source.endpoints
        if not served or endpoint in served:
            return f"There is no {error}."
        return f"This simulator does not serve {endpoint}. It serves {', '.join(served)}."

    def _body(
        self, endpoint: str, params: dict[str, str], origin: str, faults: list[Fault]
    ) -> bytes:
        body = self.source.answer_json(endpoint, checked(endpoint, params), self.calendar())
        mutations = [fault for fault in faults if fault.kind in _MUTATING_KINDS]
        transform = self.faults.transform
        if mutations or transform is not None:
            value: Any = json.loads(body)
            for fault in mutations:
                value = shuffled(value) if fault.kind == "shuffle_keys" else fault.body
            if transform is not None:
                value = transform(endpoint, params, value)
            body = any_to_json(value)
        body = stirred(body, lambda path: self.storage.sign(origin, path, FILE_SECONDS))
        for fault in faults:
            if fault.kind == "stale":
                body = fault.first_answers.setdefault((endpoint, str(sorted(params.items()))), body)
        return body
