"""Faults of what the API says: limits, statuses, maintenance.

In: nothing. Out: a list of Fault. Logins are logins.py's, files and links files.py's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from iracing_pipeline.simulator.answers import (
    GATEWAY_HTML,
    MAINTENANCE,
    MAINTENANCE_HTML,
    MAINTENANCE_OLD,
)
from iracing_pipeline_tests.chaos.bench import DATA
from iracing_pipeline_tests.chaos.promises import Ends, Fault, fails
from iracing_pipeline_tests.chaos.striking import (
    always,
    an_endpoint,
    at_login,
    mid_run,
    once,
    until,
    with_headers,
)
from iracing_pipeline_tests.support.faulty_hop import Action, Answer, Line, change, say

LIMITED = fails("rate limit is reached")
DOWN = fails("Gave up after 5 attempts")
MAINTAINED = fails("iRacing is in maintenance", 3)
LOGIN_MAINTAINED = fails("login service is temporarily unavailable, as during maintenance", 3)
PAGE = GATEWAY_HTML.format(status=502, request_id="x")


def _reset_in(seconds: int) -> Action:
    """429, and the window begins anew so many seconds after it."""

    def action(line: Line, ask: Callable[[], Answer]) -> None:
        reset = str(int(time.time() + seconds))
        headers = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": reset}
        say(429, b"Rate limit exceeded", x_ratelimit_limit="240", **headers)(line, ask)

    return action


def _limits() -> Iterator[Fault]:
    text = b"Rate limit exceeded"
    # The window that is open is waited out, which its reset has told of.
    yield Fault("limits", "429 without headers, once", once(say(429, text)), seconds=70)
    yield Fault(
        *("limits", "429 with Retry-After 2, once"),
        once(say(429, text, retry_after="2")),
        seconds=70,
    )
    yield Fault(
        *("limits", "429 with x-ratelimit-reset in 3 s, three in a row"),
        once(_reset_in(3), times=3),
        seconds=25,
    )
    yield Fault(
        *("limits", "429 for a minute"),
        lambda bench: (
            bench.api.strike(until(time.time() + 60, say(429, text)), DATA, times=None) and None
        ),
        seconds=90,
    )
    yield Fault("limits", "429 for ever, without headers", always(say(429, text)), LIMITED, 100)
    yield Fault(
        "limits",
        "429 with Retry-After 3600",
        always(say(429, text, retry_after="3600")),
        fails("Try again after"),
        100,
    )
    yield Fault(
        *("limits", "200 with the text `Rate limit exceeded`, once"),
        once(say(200, text)),
        seconds=70,
    )
    yield Fault(
        "limits",
        "200 with the text `Rate limit exceeded`, for ever",
        always(say(200, text)),
        LIMITED,
        100,
    )
    yield Fault(
        *("limits", "an x-ratelimit-reset in the year 2100, and nothing left"),
        once(change(with_headers(x_ratelimit_remaining="0", x_ratelimit_reset="4102444800"))),
        seconds=70,
    )
    yield Fault(
        *("limits", "x-ratelimit headers that are no numbers"),
        always(
            change(
                with_headers(
                    x_ratelimit_remaining="NaN", x_ratelimit_reset="-inf", x_ratelimit_limit="many"
                )
            )
        ),
    )


def _statuses() -> Iterator[Fault]:
    for status in (500, 503, 408):
        sent = say(status, b'{"error":"Try later"}')
        yield Fault("statuses", f"{status} as JSON, once", once(sent))
    for status in (502, 504):
        page = GATEWAY_HTML.format(status=status, request_id="x")
        yield Fault(
            "statuses", f"{status} as CloudFront's page, twice", once(say(status, page), times=2)
        )
    yield Fault("statuses", "503 with Retry-After 3, once", once(say(503, b"{}", retry_after="3")))
    yield Fault("statuses", "500 for ever", always(say(500, b"{}")), DOWN, 100)
    yield Fault(
        "statuses",
        "502 as CloudFront's page, for ever, mid-run",
        mid_run(say(502, PAGE)),
        DOWN,
        100,
    )
    yield Fault(
        "statuses", "500 from one endpoint for ever", an_endpoint(say(500, b"{}")), DOWN, 30
    )
    yield Fault(
        "statuses",
        "404 from one endpoint",
        an_endpoint(say(404, b'{"error":"Not Found"}')),
        fails("iRacing has no such thing"),
    )
    yield Fault(
        "statuses",
        "403 from one endpoint",
        an_endpoint(say(403, b'{"error":"Forbidden"}')),
        fails("this account may not read it"),
    )
    yield Fault(
        "statuses",
        "500 for the pictures of series, for ever",
        lambda bench: bench.api.strike(say(500, b"{}"), "/data/series/assets", times=None) and None,
        Ends(then=("--refresh",), says="a warning; pictures stay as stored"),
        30,
    )
    yield Fault("statuses", "418", an_endpoint(say(418, b"teapot")), fails("HTTP 418"))
    yield Fault("statuses", "204 without a body, once", once(say(204)))
    yield Fault("statuses", "200 with an empty body, once", once(say(200)))
    yield Fault(
        "statuses", "200 with an empty body, for ever", always(say(200)), fails("empty body"), 100
    )
    yield Fault("statuses", "206 with half of the answer, once", once(say(206, b'{"li')))


def _maintenance() -> Iterator[Fault]:
    shapes = {
        "as JSON": json.dumps(MAINTENANCE),
        "as JSON of the old shape": json.dumps(MAINTENANCE_OLD),
        "as a page": MAINTENANCE_HTML,
    }
    for name, text in shapes.items():
        yield Fault(
            "maintenance", f"{name}, from the beginning", always(say(503, text)), MAINTAINED
        )
        yield Fault("maintenance", f"{name}, mid-run", mid_run(say(503, text)), MAINTAINED)
        yield Fault(
            "maintenance", f"{name}, at the login", at_login(say(503, text)), LOGIN_MAINTAINED
        )


ANSWERS: list[Fault] = [*_limits(), *_statuses(), *_maintenance()]
