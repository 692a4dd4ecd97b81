"""The object host: signed links and what lies behind them.

In: signing, the objects, S3's answers. Out: who gets a link (protocol.py). It listens on a port of
its own, so that it is another origin than the API: a bearer token must never arrive here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .answers import s3_error
from .compression import encoded
from .faults import STORAGE_KINDS, Faults
from .source import Source, any_to_json

FILE_SECONDS = 604800  # weather_url is signed for seven days
_DATE = "%Y%m%dT%H%M%SZ"
_KEEP = 512  # newest objects kept; their links have long expired by then


@dataclass(frozen=True)
class StoredObject:
    """A cached body and the question that it answers, so that faults can find it."""

    body: bytes
    endpoint: str
    params: dict[str, str]


class Storage:
    """Puts bodies, signs and verifies links. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]):
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._objects: OrderedDict[str, StoredObject] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, body: bytes, endpoint: str, params: dict[str, str]) -> str:
        """Store a body; its path, as iRacing lays its cache out."""
        path = f"production/data-server/cache/data-services/{endpoint}/{uuid.uuid4()}"
        with self._lock:
            self._objects[path] = StoredObject(body, endpoint, params)
            while len(self._objects) > _KEEP:
                self._objects.popitem(last=False)
        return path

    def get(self, path: str) -> StoredObject | None:
        with self._lock:
            return self._objects.get(path)

    def sign(self, origin: str, path: str, seconds: float, age: float = 0) -> str:
        """A link valid for `seconds` from `age` seconds ago."""
        signed_at = self._clock() - timedelta(seconds=age)
        date = signed_at.strftime(_DATE)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": date,
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Credential": f"SIMULATEDKEYID/{date[:8]}/us-east-1/s3/aws4_request",
            "X-Amz-Expires": f"{seconds:g}",
            # Makes two links to one object differ, and holds the moment to the millisecond.
            "X-Amz-Security-Token": f"{secrets.token_hex(8)}.{signed_at.timestamp():.3f}",
        }
        signed = urlencode(query, quote_via=quote)
        return f"{origin}/storage/{quote(path)}?{signed}&X-Amz-Signature={self._mac(path, query)}"

    def _mac(self, path: str, query: dict[str, str]) -> str:
        text = "\n".join([path, *(f"{name}={query[name]}" for name in sorted(query))])
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def refusal(self, path: str, query: dict[str, str]) -> Response | None:
        """Why S3 would not answer this link, None if it would."""
        query = dict(query)
        signature = query.pop("X-Amz-Signature", "")
        if not signature:
            return s3_error(403, "AccessDenied", "Access Denied")
        if not hmac.compare_digest(signature.encode(), self._mac(path, query).encode()):
            return s3_error(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        signed_at = float(query["X-Amz-Security-Token"].partition(".")[2])
        if self._clock().timestamp() - signed_at >= float(query["X-Amz-Expires"]):
            return s3_error(403, "AccessDenied", "Request has expired")
        return None


_WEEK = re.compile(r".*/season/(\d+)/rw(\d+)_")


def week_of(path: str) -> dict[str, str]:
    """Season and week of a weather file, as the parameters that a fault can name."""
    found = _WEEK.match(path)
    return {"season_id": found[1], "race_week_num": found[2]} if found else {}


def storage_app(
    storage: Storage, source: Source, faults: Faults, calendar: Callable[[], datetime]
) -> Starlette:
    """The application behind the storage port."""

    async def fetch(request: Request) -> Response:
        path = request.path_params["path"]
        if "authorization" in request.headers:
            return s3_error(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                "Signature query string parameter or the Authorization header should be specified",
            )
        refused = storage.refusal(path, dict(request.query_params))
        if refused is not None:
            return refused
        stored = storage.get(path)
        if stored is None:
            body = await run_in_threadpool(source.file, path, calendar())
            if body is None:
                return s3_error(403, "AccessDenied", "Access Denied")
            week = week_of(path)
            if faults.transform is not None:
                body = any_to_json(faults.transform("weather_url", week, json.loads(body)))
            stored = StoredObject(body, "weather_url", week)
        return await _strike(request, stored, faults)

    return Starlette(routes=[Route("/storage/{path:path}", fetch, methods=["GET"])])


async def _strike(request: Request, stored: StoredObject, faults: Faults) -> Response:
    body = stored.body
    for fault in faults.take(STORAGE_KINDS, stored.endpoint, stored.params):
        if fault.kind == "storage_slow":
            await anyio.sleep(fault.seconds)
        elif fault.kind == "storage_status":
            code = {403: "AccessDenied", 404: "NoSuchKey", 503: "SlowDown"}
            return s3_error(fault.status, code.get(fault.status, "InternalError"), "simulated")
        elif fault.kind == "storage_empty":
            body = b""
        elif fault.kind == "storage_truncated":
            body = body[: len(body) // 2]
        elif fault.kind == "storage_malformed":
            body = b"<html>" + body
        elif fault.kind == "storage_cut":
            return _CutResponse(body)
    headers = {
        "cache-control": "max-age=60",
        "etag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
        "server": "AmazonS3",
        "x-amz-request-id": uuid.uuid4().hex[:16].upper(),
    }
    body, coding = await run_in_threadpool(encoded, body, request.headers)
    return Response(body, 200, {**headers, **coding}, "application/json")


class ConnectionCut(Exception):
    """Breaks the connection: the server closes it when the application raises."""


def not_cut_on_purpose(record: logging.LogRecord) -> bool:
    """A logging filter: the server reports every application that raises."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionCut))


class _CutResponse(Response):
    """Promises the whole body, sends half of it, and drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: max(len(self.body) // 2, 1)]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionCut
