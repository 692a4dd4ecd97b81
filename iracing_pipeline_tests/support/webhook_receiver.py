"""A real webhook receiver on 127.0.0.1 that answers by script and writes down every post.

In: how to answer the next posts. Out: what came. Also serves as a proxy, for addresses elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "t0ken-of-the-hook"


@dataclass(frozen=True)
class Post:
    """One post that came in full."""

    path: str
    headers: dict[str, str]
    body: Any
    status: int | None
    """How it was answered; None where the connection was dropped, or held."""

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def change_ids(self) -> list[int]:
        return [change["change_id"] for change in self.body["changes"]]


@dataclass
class Receiver:
    """`with Receiver(answers=[503, "drop"]) as hook:`; when the script is over, it acknowledges.

    An answer is a status, (status, headers), "drop" or "hold": takes the post and says nothing until
    the receiver ends.
    """

    answers: list[Any] = field(default_factory=list)
    default: int = 204
    posts: list[Post] = field(default_factory=list)
    after: Callable[[Post], None] = lambda post: None
    """Called once a post is answered."""

    def __enter__(self) -> Receiver:
        receiver, self._ended = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                with contextlib.suppress(ConnectionError):
                    receiver._take(self)

            do_GET = do_POST  # noqa: N815 - the name http.server asks for

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.address}/hooks/{TOKEN}?key={TOKEN}"

    @property
    def acknowledged(self) -> list[Post]:
        return [post for post in self.posts if post.status is not None and post.status < 300]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        answer = self.answers.pop(0) if self.answers else self.default
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        post = Post(
            handler.path,
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(body) if body else None,
            status if isinstance(status, int) else None,
        )
        self.posts.append(post)
        if post.status is None:
            if status == "hold":
                self._ended.wait(60)
            handler.close_connection = True
            return
        handler.send_response(post.status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if post.status != 204:
            handler.send_header("content-length", "0")
        handler.end_headers()
        handler.wfile.flush()
        self.after(post)
