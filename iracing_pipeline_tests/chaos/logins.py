"""Faults of the login service and of the tokens that it issues.

In: nothing. Out: a list of Fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from iracing_pipeline_tests.chaos.bench import TOKEN, Bench
from iracing_pipeline_tests.chaos.promises import Fault, fails
from iracing_pipeline_tests.chaos.striking import always, at_login, once, remembered
from iracing_pipeline_tests.support.faulty_hop import body, say


def _logins() -> Iterator[Fault]:
    error = lambda code, status=400, **more: say(  # noqa: E731
        status, json.dumps({"error": code, "error_description": "no"}), **more
    )
    refused = fails("iRacing refused the login", 2)
    for code, status in (("invalid_grant", 400), ("invalid_client", 401), ("access_denied", 400)):
        yield Fault("logins", code, remembered(error(code, status)), refused)
    yield Fault(
        "logins",
        "the limit of logins, for three seconds",
        at_login(error("unauthorized_client", retry_after="3"), times=1),
        seconds=15,
    )
    yield Fault(
        "logins",
        "the limit of logins, for an hour",
        remembered(error("unauthorized_client", retry_after="3600")),
        fails("full logins are rationed. Try again after"),
        5,
    )
    yield Fault(
        "logins",
        "503 as a page",
        at_login(say(503, "<html>busy</html>")),
        fails("login service is temporarily unavailable", 3),
    )
    yield Fault(
        "logins",
        "an HTML page with 200, for ever",
        at_login(say(200, "<html>hello</html>")),
        fails("login"),
        30,
    )
    yield Fault(
        "logins", "JSON without a token, for ever", at_login(say(200, b"{}")), fails("token"), 30
    )
    yield Fault(
        "logins",
        "a token with line breaks in it",
        at_login(say(200, json.dumps({"access_token": "a\r\nb", "expires_in": 600}))),
        fails("token"),
        30,
    )
    yield Fault("logins", "a body that is no JSON, once", at_login(say(200, b"{"), times=1))
    yield Fault(
        "logins",
        "a life of no time",
        lambda bench: (
            bench.login.strike(
                body(lambda sent: sent.replace(b'"expires_in":600', b'"expires_in":0')),
                TOKEN,
                times=1,
            )
            and None
        ),
    )
    yield Fault(
        "logins",
        "a life that is no number",
        lambda bench: (
            bench.login.strike(
                body(lambda sent: sent.replace(b'"expires_in":600', b'"expires_in":"soon"')),
                TOKEN,
                times=1,
            )
            and None
        ),
    )


def _tokens() -> Iterator[Fault]:
    def expiring(bench: Bench) -> None:
        bench.api.on_request = lambda passing: (
            bench.simulator.wire_clock.advance(seconds=700) and None
            if passing.number == 3
            else None
        )

    def used(bench: Bench) -> None:
        # The chain of refresh tokens is broken by somebody who used one.
        bench.api.on_request = lambda passing: (
            bench.simulator.revoke_tokens(refresh_too=True) if passing.number == 3 else None
        )

    unauthorized = say(
        401, json.dumps({"error": "access_denied", "message": "The access token has expired"})
    )
    yield Fault("tokens", "the token expires mid-run", expiring)
    yield Fault("tokens", "access and refresh token are revoked mid-run", used)
    yield Fault("tokens", "401 once", once(unauthorized))
    yield Fault("tokens", "401 for ever", always(unauthorized), fails("does not accept a token", 2))
    yield Fault(
        "tokens",
        "a given access token has expired",
        lambda bench: None,
        fails("IRACING_ACCESS_TOKEN has expired", 2),
        environment={
            "IRACING_ACCESS_TOKEN": "acc-0d9c8b7a",
            "IRACING_PASSWORD": "",
            "IRACING_USERNAME": "",
            "IRACING_CLIENT_SECRET": "",
        },
    )
    yield Fault(
        "tokens",
        "a given refresh token was used before",
        lambda bench: None,
        fails("refresh token is used up or expired", 2),
        environment={
            "IRACING_REFRESH_TOKEN": "ref-6f5e4d3c",
            "IRACING_PASSWORD": "",
            "IRACING_USERNAME": "",
        },
    )


LOGINS: list[Fault] = [*_logins(), *_tokens()]
