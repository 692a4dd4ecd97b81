"""Faults of the way: resets, closed connections, silence and drips, at each place of an answer, on each hop.

In: nothing. Out: a list of Fault. What is answered whole is answers.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iracing_pipeline_tests.chaos.bench import DATA, FILES, TOKEN, WEATHER, Bench
from iracing_pipeline_tests.chaos.promises import UNDISTURBED, Ends, Fault, fails
from iracing_pipeline_tests.support.faulty_hop import PLACES, Action, body, cut, drip, reset, stall

Struck = Callable[[Bench], None]
UNREACHABLE = "does not answer"


def _once(hop: str, action: Action) -> Struck:
    """One answer on the hop; which one, the seed chooses."""
    if hop == "login":
        return lambda bench: bench.login.strike(action, TOKEN) and None
    if hop == "API":
        return lambda bench: bench.api.strike(action, DATA, after=bench.some_call()) and None
    return lambda bench: bench.storage.strike(action, FILES, after=bench.some_call()) and None


def _once_of_the_quick(hop: str, action: Action) -> Struck:
    """One answer that is to come within seconds, and is not the first that the service gives."""
    if hop == "login":
        return _once(hop, action)
    if hop == "API":
        return lambda bench: (
            bench.api.strike(action, f"/data/{bench.some_later_endpoint()}", times=1) and None
        )
    return lambda bench: (
        bench.storage.strike(action, f"{FILES}{bench.some_later_endpoint()}/*", times=1) and None
    )


def _always(hop: str, action: Action) -> Struck:
    if hop == "login":
        return lambda bench: bench.login.strike(action, TOKEN, times=None) and None
    if hop == "API":
        return lambda bench: bench.api.strike(action, DATA, times=None) and None
    return lambda bench: bench.storage.strike(action, FILES, times=None) and None


def _faults() -> Iterator[Fault]:
    for hop in ("login", "API", "storage"):
        for place in PLACES:
            is_quick = (hop, place) in {("storage", "in the body")}
            yield Fault("resets", f"{hop}: {place}, once", _once(hop, reset(place)), quick=is_quick)
            yield Fault("closed connections", f"{hop}: {place}, once", _once(hop, cut(place)))
            if place != "after the body":
                yield Fault(
                    *("silence", f"{hop}: {place}, once", _once_of_the_quick(hop, stall(place))),
                    fails(UNREACHABLE, 3) if hop == "login" else UNDISTURBED,
                    35,
                )
        yield Fault("silence", f"{hop}: 3 s in the body, once", _once(hop, stall("in the body", 3)))
        yield Fault(
            "drips",
            f"{hop}: the first 600 bytes one by one, every 5 ms, once",
            _once(hop, drip("before", 0.005, 600)),
        )
        for name, action in (("reset", reset("before")), ("closed", cut("in the head"))):
            yield Fault(
                *("down", f"{hop}: every connection is {name}", _always(hop, action)),
                fails("broke off", 1),
                100,
            )
        yield Fault(
            "down",
            f"{hop}: silence, for ever",
            _always(hop, stall("before")),
            fails(UNREACHABLE, 3),
            130,
        )
        yield Fault("down", f"{hop}: nothing listens", _gone(hop), fails(UNREACHABLE, 3), 10)
    yield Fault(
        "drips",
        "storage: a byte every 50 ms, one file of an endpoint",
        _once_of_the_quick("storage", drip("in the body")),
        # A file of a kilobyte is there before patience ends.
        Ends(3, UNREACHABLE, or_done=True),
        100,
    )
    yield Fault(
        "forecasts",
        "the storage resets half of them",
        lambda bench: (
            bench.storage.strike(reset("in the body"), WEATHER, share=0.5, times=None) and None
        ),
    )
    yield Fault(
        "forecasts",
        "one file is silent",
        lambda bench: bench.storage.strike(stall("before"), WEATHER, after=3, times=1) and None,
        seconds=35,
    )


def _gone(hop: str) -> Struck:
    def inject(bench: Bench) -> None:
        nowhere = "http://127.0.0.1:1"
        if hop == "login":
            bench.environment["IRACING_OAUTH_URL"] = f"{nowhere}/oauth2"
        elif hop == "API":
            bench.environment["IRACING_API_URL"] = nowhere
        else:
            there = bench.storage.url.encode()
            elsewhere = body(lambda sent: sent.replace(there, nowhere.encode()))
            bench.api.strike(elsewhere, DATA, times=None)

    return inject


CONNECTIONS: list[Fault] = list(_faults())
