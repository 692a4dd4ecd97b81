"""A server on this machine for the one answer that a browser brings back (RFC 8252, section 7.3).

In: a redirect URI on the loopback. Out: the query of the first request to it. What the query means is
api/authorization.py's.
"""

from __future__ import annotations

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import SplitResult, urlsplit

from iracing_pipeline.core.errors import ConfigurationError

HOSTS = ("127.0.0.1", "localhost")
_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>iracing-pipeline</title>
<p>The answer has arrived. How the login went is in the terminal; you can close this page.</p></html>
"""


class Loopback:
    """Listens from `with` on. Raises ConfigurationError where the URI is none of this machine's."""

    def __init__(self, redirect_uri: str) -> None:
        parts = _parsed(redirect_uri)
        self._path = parts.path or "/"
        self._answers: queue.Queue[str] = queue.Queue()
        try:
            # By name or not, 127.0.0.1: nobody else's machine reaches that.
            self._server = _Server(("127.0.0.1", parts.port or 0), self._handler())
        except OSError as error:
            raise ConfigurationError(
                f"Port {parts.port} cannot be used ({error.strerror}): the answer could not come back to "
                f"{redirect_uri}. End what uses the port, or give another --redirect-uri that is "
                "registered for the client."
            ) from None
        host = f"{parts.hostname}:{self._server.server_address[1]}"
        self.redirect_uri = parts._replace(netloc=host).geturl()
        """The URI with the port that is listened on."""

    def wait(self, seconds: float) -> str | None:
        """The query with which the browser came back; None when it did not in time."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answers, path = self._answers, self._path

        class Handler(BaseHTTPRequestHandler):
            # Browsers open connections ahead of time, on which nothing comes.
            timeout = 10

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path != path or not asked.query:
                    # Such as /favicon.ico.
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(_PAGE)))
                self.send_header("cache-control", "no-store")
                self.send_header("referrer-policy", "no-referrer")
                self.end_headers()
                self.wfile.write(_PAGE)
                answers.put(asked.query)

            def log_message(self, *_: object) -> None:
                """Nothing: the query holds the code."""

        return Handler


class _Server(ThreadingHTTPServer):
    # Whoever listens there already keeps the port, and a browser that dawdles holds up nobody.
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


def _parsed(redirect_uri: str) -> SplitResult:
    try:
        parts = urlsplit(redirect_uri)
        is_ours = parts.hostname in HOSTS and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, is_ours = urlsplit(""), False
    if (
        not is_ours
        or parts.scheme != "http"
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ConfigurationError(
            "The redirect URI must lead to this machine, such as http://127.0.0.1:8721/callback, as it is "
            "registered for the client."
        )
    return parts
