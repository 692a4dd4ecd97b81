"""What a fault strikes: some request, every one, one endpoint's, the login's, a file.

In: an action of a faulty hop. Out: what Fault.inject takes. Which request it is, the seed chooses.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from iracing_pipeline_tests.chaos.bench import DATA, FILES, TOKEN, Bench
from iracing_pipeline_tests.support.faulty_hop import Action, change


def once(action: Action, path: str = DATA, times: int | None = 1) -> Callable[[Bench], None]:
    """Some request to /data, which the seed chooses; `times` in a row."""
    return lambda bench: (
        bench.api.strike(action, path, after=bench.some_call(), times=times) and None
    )


def always(action: Action, path: str = DATA) -> Callable[[Bench], None]:
    return lambda bench: bench.api.strike(action, path, times=None) and None


def an_endpoint(action: Action, times: int | None = None) -> Callable[[Bench], None]:
    """One endpoint for good, which the seed chooses."""
    return lambda bench: (
        bench.api.strike(action, f"/data/{bench.some_endpoint()}", times=times) and None
    )


def mid_run(action: Action) -> Callable[[Bench], None]:
    """For good, from the third request on."""
    return lambda bench: bench.api.strike(action, DATA, after=2, times=None) and None


def at_login(action: Action, times: int | None = None) -> Callable[[Bench], None]:
    return lambda bench: bench.login.strike(action, TOKEN, times=times) and None


def remembered(action: Action) -> Callable[[Bench], None]:
    """For good. The next command comes when what all processes were told of has passed."""

    def inject(bench: Bench) -> None:
        bench.login.strike(action, TOKEN, times=None)
        bench.cleanup.callback(bench.execute, "DELETE FROM iracing_private.oauth_tokens")

    return inject


def of_file(action: Action, times: int | None = 1) -> Callable[[Bench], None]:
    """The file behind the link of some request."""
    return lambda bench: (
        bench.storage.strike(action, FILES, after=bench.some_call() % 7, times=times) and None
    )


def of_an_endpoint(action: Action, times: int | None = None) -> Callable[[Bench], None]:
    """The files of one endpoint for good."""
    return lambda bench: (
        bench.storage.strike(action, f"{FILES}{bench.some_endpoint()}/*", times=times) and None
    )


def with_headers(**headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: replace(answer, headers={**answer.headers, **named})


def until(moment: float, action: Action) -> Action:
    def either(line: Any, ask: Any) -> None:
        if time.time() < moment:
            action(line, ask)
        else:
            change(lambda answer: answer)(line, ask)

    return either
