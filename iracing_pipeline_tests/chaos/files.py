"""Faults of where an answer leads, and of what lies there: redirects, links, bodies.

In: nothing. Out: a list of Fault. Rows that make no sense are items.py's.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from iracing_pipeline_tests.chaos.bench import FILES, Bench
from iracing_pipeline_tests.chaos.promises import Fault, fails
from iracing_pipeline_tests.chaos.striking import an_endpoint, of_an_endpoint, of_file, once
from iracing_pipeline_tests.support.faulty_hop import body, say

_ELSEWHERE = {
    "another host": "https://elsewhere.example/file.json",
    "this machine's metadata service": "http://169.254.169.254/latest/meta-data",
    "a private address": "http://10.0.0.1/file.json",
    "another port of this machine": "http://127.0.0.1:1/file.json",
}


def _redirects() -> Iterator[Fault]:
    yield Fault(
        "redirects",
        "the API redirects to another host",
        an_endpoint(say(302, location="https://elsewhere.example/x")),
        fails("redirects to elsewhere.example"),
    )
    yield Fault(
        "redirects",
        "the API redirects to itself, in a loop",
        an_endpoint(lambda line, ask: say(307, location="/data/track/get")(line, ask)),
        fails("HTTP 307"),
    )
    yield Fault("redirects", "the storage redirects to itself, once", _to_itself(1))
    yield Fault(
        "redirects",
        "the storage redirects in a loop",
        _to_itself(None),
        fails("TooManyRedirects"),
        60,
    )
    for what, target in _ELSEWHERE.items():
        yield Fault(
            "redirects",
            f"the storage redirects to {what}",
            of_an_endpoint(say(302, location=target)),
            fails("the link is not followed"),
        )


def _links() -> Iterator[Fault]:
    others = {name: url for name, url in _ELSEWHERE.items() if "port" not in name}
    for what, target in {**others, "an address with a password": "http://u:p@127.0.0.1/x"}.items():
        yield Fault(
            "links",
            f"to {what}",
            an_endpoint(say(200, json.dumps({"link": target}))),
            fails("the link is not followed"),
        )
    for target in (
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "javascript:alert(1)",
    ):
        scheme = target.partition(":")[0]
        yield Fault(
            "links",
            f"of the scheme {scheme}",
            an_endpoint(say(200, json.dumps({"link": target}))),
            fails("that is no URL"),
            30,
        )
    yield Fault(
        "links",
        "with line breaks and blanks, once",
        once(say(200, json.dumps({"link": "http://127.0.0.1/\r\nHost: x y"}))),
    )
    yield Fault(
        "links",
        "expired once",
        lambda bench: bench.simulator.faults.add("expired_link", times=1) and None,
    )
    yield Fault(
        "links",
        "always expired",
        lambda bench: bench.simulator.faults.add("expired_link") and None,
        fails("refuses the signed link"),
        100,
    )
    yield Fault("links", "404 from the storage, once", of_file(say(404, b"<Error/>")))
    yield Fault(
        "links", "503 SlowDown from the storage, twice", of_file(say(503, b"<Error/>"), times=2)
    )
    yield Fault(
        "links",
        "500 from the storage for ever",
        of_file(say(500, b""), None),
        fails("HTTP 500"),
        100,
    )


def _bodies() -> Iterator[Fault]:
    broken: dict[str, Callable[[bytes], bytes]] = {
        "truncated": lambda sent: sent[: len(sent) // 2],
        "garbage": lambda sent: bytes(range(256)) * 40,
        "two documents": lambda sent: sent + sent,
        "a page": lambda sent: b"<html><body>hello</body></html>",
        "in UTF-16": lambda sent: sent.decode().encode("utf-16"),
        "in Latin-1, with a letter of it": lambda sent: b'"\xe9"' + sent,
        "NUL bytes": lambda sent: sent.replace(b",", b",\x00", 5),
        "nested 100,000 deep": lambda sent: b"[" * 100_000 + b"]" * 100_000,
        "null": lambda sent: b"null",
        "a text": lambda sent: b'"hello"',
        "empty": lambda sent: b"",
    }
    for name, make in broken.items():
        yield Fault("bodies", f"a file that is {name}, once", of_file(body(make)))
    yield Fault(
        "bodies",
        "a file that is truncated, for ever",
        of_an_endpoint(body(broken["truncated"])),
        fails("not JSON"),
        60,
    )
    kept: dict[str, Callable[[bytes], bytes]] = {
        "with a byte order mark": lambda sent: b"\xef\xbb\xbf" + sent,
        "with duplicate keys": lambda sent: sent.replace(
            b'"track_id":', b'"track_id":0,"track_id":'
        ),
        "with NaN and infinities in new fields": lambda sent: sent.replace(
            b"{", b'{"odd":NaN,"odder":-Infinity,', 3
        ),
        "with numbers of 5,000 digits in new fields": lambda sent: sent.replace(
            b"{", b'{"odd":' + b"9" * 5000 + b",", 3
        ),
        "with lone surrogates and NUL in new fields": lambda sent: sent.replace(
            b"{", b'{"odd":"\\ud800\\u0000",', 3
        ),
        "with a new field nested 300 deep": lambda sent: sent.replace(
            b"{", b'{"odd":' + b"[" * 300 + b"]" * 300 + b",", 1
        ),
        "with 2 MB of blanks": lambda sent: b" " * 2**21 + sent,
    }
    for name, make in kept.items():
        yield Fault("bodies", f"files {name}", _of_lists(make))
    bomb = gzip.compress(b" " * (300 * 2**20), 1)
    yield Fault(
        "bodies",
        "a compression bomb of 300 MB",
        of_an_endpoint(say(200, bomb, content_encoding="gzip")),
        fails("a body of more than 256 MiB decompressed"),
        30,
    )
    yield Fault(
        "bodies",
        "a gzip inside a gzip",
        of_an_endpoint(say(200, gzip.compress(bomb), content_encoding="gzip, gzip")),
        fails("was not asked for"),
        30,
    )
    yield Fault(
        "bodies",
        "an announced length of 10 GB",
        of_an_endpoint(
            lambda line, ask: line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n[")
        ),
        fails("a body of more than 256 MiB as sent"),
        30,
    )
    yield Fault(
        "bodies",
        "called gzip and not compressed, once",
        of_file(body(lambda sent: sent, content_encoding="gzip")),
    )
    yield Fault(
        "bodies",
        "compressed with deflate",
        _of_lists(lambda sent: zlib.compress(sent), content_encoding="deflate"),
    )
    yield Fault(
        "bodies", "a header of 200 KB, once", of_file(body(lambda sent: sent, x_odd="x" * 200_000))
    )


def _of_lists(make: Callable[[bytes], bytes], **headers: str) -> Callable[[Bench], None]:
    """The files of tracks, cars and classes, always."""
    return lambda bench: (
        [
            bench.storage.strike(body(make, **headers), f"{FILES}{name}/*", times=None)
            for name in ("track/get", "car/get", "carclass/get")
        ]
        and None
    )


def _to_itself(times: int | None) -> Callable[[Bench], None]:
    """The file of an endpoint is said to be where it was asked for."""

    def inject(bench: Bench) -> None:
        def action(line: Any, ask: Any) -> None:
            say(302, location=bench.storage.seen[-1].path)(line, ask)

        bench.storage.strike(action, f"{FILES}{bench.some_endpoint()}/*", times=times)

    return inject


FILE_FAULTS: list[Fault] = [*_redirects(), *_links(), *_bodies()]
