"""A small real HTTP server that plays scripted answers and writes down every request.

In: answers per path. Out: three origins on 127.0.0.1 (login, API, storage) and what reached them.
It simulates nothing by itself, beyond a token endpoint that knows one account.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from iracing_pipeline.api.credentials import Credentials, mask

SIGNATURE = "X-Amz-Expires=120&X-Amz-Credential=AKIAEXAMPLE&X-Amz-Signature=5ec4e7f1b0a1"


@dataclass
class Say:
    """One answer. `body`: bytes and str as they are, anything else as JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut_at: int | None = None
    """Send only so many bytes of the body that was announced, then close."""
    drop: bool = False
    """Close without any answer."""
    is_gzipped: bool = False
    trickles: str = ""
    """From "head" or "body" on, one byte every 50 ms."""

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            content = self.body
        elif isinstance(self.body, str):
            content = self.body.encode()
        else:
            content = json.dumps(self.body).encode()
        return gzip.compress(content) if self.is_gzipped else content


@dataclass(frozen=True)
class Seen:
    """One request that reached the server."""

    origin: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    at: float


Script = Say | Callable[[Seen], Say]


class ScriptedApi:
    """Use as a context manager; `api_url`, `oauth_url` and `storage_url` are its addresses."""

    def __init__(self, *, expires_in: float = 600, refresh_expires_in: float = 604800) -> None:
        self.expires_in = expires_in
        self.refresh_expires_in = refresh_expires_in
        self.seen: list[Seen] = []
        self.issued: list[str] = []
        self.live_refresh: set[str] = set()
        self.rejected: set[str] = set()
        self.account = Credentials("client-7", "sEcret/one+", "Driver@Example.com", "pass Word+1")
        self._scripts: dict[tuple[str, str], list[Script]] = {}
        self._lock = threading.Lock()
        self._servers = {name: _serve(self, name) for name in ("oauth", "api", "storage")}
        self.on("oauth", "/token", self._token)

    @property
    def api_url(self) -> str:
        return self._url("api")

    @property
    def oauth_url(self) -> str:
        return self._url("oauth")

    @property
    def storage_url(self) -> str:
        return self._url("storage")

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._servers[name].server_address[1]}"

    def on(self, origin: str, path: str, *answers: Script) -> None:
        """Play these answers one after the other on this path; the last one stays."""
        self._scripts[origin, path] = list(answers)

    def serve(self, endpoint: str, body: Any, **say: Any) -> None:
        """The ordinary case: /data answers a signed link, the storage host the body."""
        path = f"/files/{endpoint}.json"
        self.on("api", f"/data/{endpoint}", self.link(path))
        self.on("storage", path, Say(body=body, **say))

    def link(self, path: str, **headers: str) -> Script:
        """An answer with a signed link to this path of the storage host."""
        return lambda seen: self.guarded(
            seen,
            Say(
                body={"link": f"{self.storage_url}{path}?{SIGNATURE}", "expires": "2030-01-01"},
                headers=headers,
            ),
        )

    def guarded(self, seen: Seen, say: Say) -> Say:
        """`say` to a token that was issued here, else 401."""
        bearer = seen.headers.get("authorization", "").removeprefix("Bearer ")
        known = bearer in self.issued and bearer not in self.rejected
        return say if known else Say(401, {"error": "Unauthorized"})

    def requests(self, origin: str) -> list[Seen]:
        with self._lock:
            return [seen for seen in self.seen if seen.origin == origin]

    def logins(self, grant: str = "password_limited") -> int:
        return sum(seen.form.get("grant_type") == grant for seen in self.requests("oauth"))

    def issue(self) -> dict[str, Any]:
        """A new token pair, as the token endpoint answers it."""
        with self._lock:
            number = len(self.issued)
            access, refresh = f"acc-{number}-0d9c8b7a", f"ref-{number}-6f5e4d3c"
            self.issued.append(access)
            self.live_refresh.add(refresh)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "refresh_token": refresh,
            "refresh_token_expires_in": self.refresh_expires_in,
            "scope": "iracing.auth",
        }

    def _token(self, seen: Seen) -> Say:
        form, account = seen.form, self.account
        secret = mask(account.client_secret or "", account.client_id or "")
        if form.get("client_id") != account.client_id or form.get("client_secret") != secret:
            return oauth_error(403, "invalid_client")
        if form["grant_type"] == "refresh_token":
            with self._lock:
                if form["refresh_token"] not in self.live_refresh:
                    return oauth_error(400, "invalid_grant")
                self.live_refresh.discard(form["refresh_token"])
            return Say(body=self.issue())
        password = mask(account.password or "", account.username or "")
        if form.get("username") != account.username or form.get("password") != password:
            return oauth_error(400, "invalid_grant", f"bad password {form.get('password')}")
        return Say(body=self.issue())

    def answer(self, seen: Seen) -> Say:
        with self._lock:
            self.seen.append(seen)
            answers = self._scripts.get((seen.origin, seen.path))
            if not answers:
                return Say(404, {"error": "Not Found"})
            script = answers.pop(0) if len(answers) > 1 else answers[0]
        return script if isinstance(script, Say) else script(seen)

    def __enter__(self) -> ScriptedApi:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


def oauth_error(status: int, code: str, description: str = "", **headers: str) -> Say:
    body = {"status": status, "error": code, "error_description": description}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Say(status, body, named)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


def _serve(api: ScriptedApi, name: str) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._play()

        def do_POST(self) -> None:
            self._play()

        def _play(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            seen = Seen(
                origin=name,
                method=self.command,
                path=parts.path,
                query={key: values[0] for key, values in parse_qs(parts.query).items()},
                headers={key.lower(): value for key, value in self.headers.items()},
                form={key: values[0] for key, values in parse_qs(body.decode()).items()},
                at=time.monotonic(),
            )
            say = api.answer(seen)
            time.sleep(say.delay)
            if say.drop:
                self.close_connection = True
                return
            content = say.content()
            headers = {"Date": formatdate(usegmt=True), "Content-Length": str(len(content))}
            if say.is_gzipped:
                headers["Content-Encoding"] = "gzip"
            headers |= say.headers
            if say.cut_at is not None:
                content = content[: say.cut_at]
                self.close_connection = True
            head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
            start = f"HTTP/1.1 {say.status} X\r\n{head}\r\n".encode()
            if say.trickles:
                self._trickle(start, content, 0 if say.trickles == "head" else len(start))
            else:
                self.wfile.write(start + content)

        def _trickle(self, start: bytes, content: bytes, at: int) -> None:
            self.close_connection = True
            whole = start + content
            with contextlib.suppress(OSError):
                self.wfile.write(whole[:at])
                for place in range(at, len(whole)):
                    self.wfile.write(whole[place : place + 1])
                    time.sleep(0.05)

    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
