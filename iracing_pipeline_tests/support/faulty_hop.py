"""A network hop in front of a server, which can do to an HTTP answer what networks and servers in between do.

In: the server behind it, and Strikes: what happens to which requests. Out: an address, and what came by.
It speaks HTTP/1.1 on plain sockets, because no library sends half a header or resets on purpose.
"""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from types import TracebackType
from urllib.parse import urlsplit

_PER_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Passing:
    """A request that passes through."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    number: int
    """How many had come by before."""


@dataclass(frozen=True)
class Answer:
    """A whole answer. `is_complete`: with the length that the body has."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_complete: bool = True

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, 'Odd')}"]
        headers = dict(self.headers)
        if self.is_complete:
            headers["content-length"] = str(len(self.body))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


class Line:
    """The client's end of a connection, as an action plays with it."""

    def __init__(self, sock: socket.socket, is_over: threading.Event) -> None:
        self._sock = sock
        self._is_over = is_over
        self.is_open = True

    def send(self, content: bytes) -> None:
        self._sock.sendall(content)

    def drip(self, content: bytes, seconds: float = 0.05) -> None:
        """One byte at a time, until the client has gone."""
        for place in range(len(content)):
            if self._is_over.wait(seconds):
                break
            self._sock.sendall(content[place : place + 1])

    def hold(self, seconds: float = 3600) -> None:
        """Say nothing until the client has gone, or so long."""
        until = time.monotonic() + seconds
        self._sock.settimeout(0.2)
        while time.monotonic() < until and not self._is_over.is_set():
            with suppress(TimeoutError):
                if not self._sock.recv(1):
                    break
        self._sock.settimeout(None)

    def reset(self) -> None:
        """End with RST."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """End with FIN: what was sent arrives."""
        self.is_open = False
        self._sock.close()


Action = Callable[[Line, Callable[[], Answer]], None]
"""Gets the client's line, and how to ask the server behind."""


@dataclass
class Strike:
    """An action on the requests whose path fits, `times` of them (None: all), after `after` others."""

    action: Action
    path: str = "*"
    times: int | None = 1
    after: int = 0
    share: float = 1.0
    """The part of them that is struck, by chance."""
    hits: int = 0


class FaultyHop:
    """`with FaultyHop() as hop: hop.lead_to(simulator.api_url); hop.strike(reset("before"), "/data/*")`."""

    def __init__(self, seed: int = 0) -> None:
        self._behind = ("", 0)
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._strikes: list[Strike] = []
        self._is_over = threading.Event()
        self.seen: list[Passing] = []
        self.on_request: Callable[[Passing], None] = lambda passing: None
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def lead_to(self, behind: str) -> None:
        """The server behind."""
        parts = urlsplit(behind)
        self._behind = (parts.hostname or "", parts.port or 80)

    def strike(self, action: Action, path: str = "*", **options: float | None) -> Strike:
        """Add a strike; `options` are Strike's fields."""
        added = Strike(action, path, **options)  # type: ignore[arg-type]
        with self._lock:
            self._strikes.append(added)
        return added

    def clear(self) -> None:
        """Everything is well again."""
        with self._lock:
            self._strikes.clear()
            self.on_request = lambda passing: None

    def __enter__(self) -> FaultyHop:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        line = Line(sock, self._is_over)
        behind = http.client.HTTPConnection(*self._behind, timeout=60)
        # A client that has gone is what half of the actions wait for.
        with suppress(OSError, http.client.HTTPException), sock, sock.makefile("rb") as incoming:
            while line.is_open and (asked := self._read(incoming)):
                passing, struck = asked
                answered = _asking(behind, passing, is_plain=struck is not None)
                if struck is None:
                    answer = answered()
                    line.send(answer.head() + answer.body)
                else:
                    struck.action(line, answered)
        behind.close()

    def _read(self, incoming: object) -> tuple[Passing, Strike | None] | None:
        start = incoming.readline().decode("latin-1").split()  # type: ignore[attr-defined]
        if len(start) != 3:
            return None
        parsed = http.client.parse_headers(incoming)  # type: ignore[arg-type]
        headers = {name.lower(): value for name, value in parsed.items()}
        body = incoming.read(int(headers.get("content-length", 0)))  # type: ignore[attr-defined]
        with self._lock:
            passing = Passing(start[0], start[1], headers, body, len(self.seen))
            self.seen.append(passing)
            struck = next((one for one in self._strikes if self._hits(one, passing)), None)
            told = self.on_request
        told(passing)
        return passing, struck

    def _hits(self, strike: Strike, passing: Passing) -> bool:
        if strike.times is not None and strike.hits >= strike.times:
            return False
        if not fnmatchcase(passing.path.partition("?")[0], strike.path):
            return False
        if strike.after > 0:
            strike.after -= 1
            return False
        if self._dice.random() >= strike.share:
            return False
        strike.hits += 1
        return True


def _asking(
    behind: http.client.HTTPConnection, passing: Passing, *, is_plain: bool
) -> Callable[[], Answer]:
    """How the server behind is asked. `is_plain`: without compression, so that the body can be changed."""

    def ask() -> Answer:
        headers = {name: value for name, value in passing.headers.items() if name != "host"}
        if is_plain:
            headers["accept-encoding"] = "identity"
        for attempt in (1, 2):
            try:
                behind.request(passing.method, passing.path, passing.body or None, headers)
                response = behind.getresponse()
                break
            except (http.client.HTTPException, OSError):
                # The server may have closed a connection that rested.
                behind.close()
                if attempt == 2:
                    raise
        body = response.read()
        kept = {
            name.lower(): value
            for name, value in response.getheaders()
            if name.lower() not in _PER_CONNECTION
        }
        return Answer(response.status, kept, body)

    return ask


# -- actions ---------------------------------------------------------------------------------------------

PLACES = ("before", "in the head", "after the head", "in the body", "after the body")


def _until(place: str, answer: Answer) -> tuple[bytes, bytes]:
    """(what is sent before the place, what comes after it)."""
    head, whole = answer.head(), answer.head() + answer.body
    at = {
        "before": 0,
        "in the head": len(head) // 2,
        "after the head": len(head),
        "in the body": len(head) + len(answer.body) // 2,
        "after the body": len(whole),
    }[place]
    return whole[:at], whole[at:]


def reset(place: str) -> Action:
    """RST at this place of the answer."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        line.send(_until(place, ask())[0])
        if place != "before":
            time.sleep(0.02)  # what was sent before an RST is thrown away with it
        line.reset()

    return action


def cut(place: str) -> Action:
    """FIN at this place of the answer."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        line.send(_until(place, ask())[0])
        line.close()

    return action


def stall(place: str, seconds: float = 3600) -> Action:
    """Silence at this place of the answer, for ever or for so long."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        before, after = _until(place, ask())
        line.send(before)
        line.hold(seconds)
        line.send(after)

    return action


def drip(place: str, seconds: float = 0.05, most: int | None = None) -> Action:
    """From this place of the answer on, a byte every so many seconds; the first `most` of them, or all."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        before, after = _until(place, ask())
        line.send(before)
        line.drip(after[:most], seconds)
        if most is not None:
            line.send(after[most:])

    return action


def say(status: int = 200, body: bytes | str = b"", **headers: str) -> Action:
    """This in place of the answer; the server behind is not asked."""
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        answer = Answer(status, named, content)
        line.send(answer.head() + answer.body)

    return action


def change(make: Callable[[Answer], Answer]) -> Action:
    """What `make` makes of the answer."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        answer = make(ask())
        line.send(answer.head() + answer.body)

    return action


def body(make: Callable[[bytes], bytes], **headers: str) -> Action:
    """Another body, and more headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return change(
        lambda answer: replace(answer, body=make(answer.body), headers={**answer.headers, **named})
    )
