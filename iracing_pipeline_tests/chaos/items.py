"""Faults of what stands in whole answers: items that cannot be read, odd values, lists that lack something.

In: nothing. Out: a list of Fault. Bodies that cannot be read at all are answers.py's.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from iracing_pipeline_tests.chaos.bench import Bench
from iracing_pipeline_tests.chaos.promises import HISTORY, Ends, Fault, fails

Change = Callable[[Any], Any]
"""Changes the body of an answer in place, or gives another."""
SET_ASIDE = fails("set aside", refresh=True, says="the rest is stored")
FORGIVEN = Ends(then=("--refresh",), says="what cannot be read is NULL, and drift")


def _answer(endpoint: str, change: Change) -> Callable[[Bench], None]:
    """Every answer of this endpoint is changed."""

    def inject(bench: Bench) -> None:
        def transform(asked: str, params: dict[str, str], body: Any) -> Any:
            if asked != endpoint:
                return body
            changed = copy.deepcopy(body)
            other = change(changed)
            return changed if other is None else other

        bench.simulator.faults.transform = transform

    return inject


def _season(**values: Any) -> Change:
    return lambda body: body[0].update(values)


def _week(**values: Any) -> Change:
    return lambda body: body[0]["schedules"][2].update(values)


def _descriptor(**values: Any) -> Change:
    return lambda body: body[0]["schedules"][2]["race_time_descriptors"][0].update(values)


def _first(**values: Any) -> Change:
    return lambda body: body[0].update(values)


SEASON, TRACKS, CARS, CLASSES = "series/seasons", "track/get", "car/get", "carclass/get"
INDEX, SERIES = "series/stats_series", "series/get"
NUL = "nul\x00 and \ud800"


def _poisoned() -> Iterator[Fault]:
    for what, endpoint, change in (
        ("a season whose id is an object", SEASON, _season(season_id={"a": 1})),
        ("a season whose id is a fraction", SEASON, _season(season_id=0.5)),
        ("a season without a name", SEASON, lambda body: body[0].pop("season_name") and None),
        ("a season that is a number", SEASON, lambda body: body.append(7)),
        ("a season that is null", SEASON, lambda body: body.append(None)),
        ("a season whose weeks are a text", SEASON, _season(schedules="none")),
        (
            "a week without a track",
            SEASON,
            lambda body: body[0]["schedules"][2].pop("track") and None,
        ),
        ("a week of a negative number", SEASON, _week(race_week_num=-1)),
        ("a week that is a list", SEASON, lambda body: body[0]["schedules"].append([1])),
        (
            "a week that ends before it begins",
            SEASON,
            _week(start_date="2026-03-17", week_end_time="2025-01-01T00:00:00Z"),
        ),
        (
            "sessions that repeat every 0 minutes and say nothing else",
            SEASON,
            _descriptor(repeating=None, first_session_time=None),
        ),
        ("sessions on day 2147483647", SEASON, _descriptor(day_offset=[2147483647])),
        ("a track that is a text", TRACKS, lambda body: body.append("track")),
        ("a track without an id", TRACKS, lambda body: body[0].pop("track_id") and None),
        ("a car whose id has 400 digits", CARS, _first(car_id=10**400)),
        ("a class whose cars are a number", CLASSES, _first(cars_in_class=5)),
        ("a series without a name", SERIES, lambda body: body[0].pop("series_name") and None),
    ):
        yield Fault(
            *("poisoned items", what, _answer(endpoint, change), SET_ASIDE),
        )
    for what, change in (
        ("a series of the index whose seasons are an object", _first(seasons={})),
        (
            "a season of the index without an id",
            lambda body: body[0]["seasons"][0].pop("season_id") and None,
        ),
        (
            "a week of the index that is null",
            lambda body: body[0]["seasons"][0]["race_weeks"].append(None),
        ),
    ):
        yield Fault(
            *(
                "poisoned items",
                what,
                _answer(INDEX, change),
                fails("past_seasons", refresh=True, says="the series is named; the rest is stored"),
            ),
            command=HISTORY,
        )


def _odd() -> Iterator[Fault]:
    for what, change in (
        ("a season that begins in the year 9999", _season(start_date="9999-12-31T23:59:59-05:00")),
        ("a season that begins in the year 1", _season(start_date="0001-01-01T00:00:00+14:00")),
        ("a season that begins on the 30th of February", _season(start_date="2026-02-30")),
        ("a season that begins yesterday", _season(start_date="yesterday")),
        ("a season of -3 weeks", _season(max_weeks=-3)),
        ("a season in its week 2^31", _season(race_week=2**31)),
        (
            "numbers that are infinite",
            _season(drops=float("inf"), driver_change_param1=float("nan")),
        ),
        ("rules that are objects", _season(incident_limit={"a": [1]}, fixed_setup=[1])),
        (
            "names with NUL and lone surrogates",
            _season(season_short_name=NUL, schedule_description=NUL),
        ),
        ("a new field nested 300 deep", _season(brand_new=_nested(300))),
        (
            "temperatures beyond all bounds",
            lambda body: body[0]["schedules"][2]["weather"].update(temp_value=1e308),
        ),
        (
            "a fuel limit of 1e308 percent",
            lambda body: (
                [
                    one.update(max_pct_fuel_fill=1e308)
                    for week in body[0]["schedules"]
                    for one in week["car_restrictions"]
                ]
                and None
            ),
        ),
        (
            "a track that nobody knows",
            lambda body: body[0]["schedules"][2]["track"].update(track_id=999_999),
        ),
        (
            "a car that nobody knows",
            lambda body: (
                [
                    one.update(car_id=999_000 + number)
                    for week in body[0]["schedules"]
                    for number, one in enumerate(week["car_restrictions"])
                ]
                and None
            ),
        ),
        ("a class that nobody knows", _season(car_class_ids=[999_999])),
    ):
        yield Fault(
            *("odd values", what, _answer(SEASON, change), FORGIVEN), quick="surrogates" in what
        )
    yield Fault(
        "odd values", "a price of 1e200000", _answer(TRACKS, _first(price="1e200000")), FORGIVEN
    )
    yield Fault(
        "odd values",
        "every object with another order of keys",
        lambda bench: bench.simulator.faults.add("shuffle_keys") and None,
    )
    for what, endpoint, change in (
        ("a season twice", SEASON, lambda body: body.append(copy.deepcopy(body[0]))),
        (
            "a week twice",
            SEASON,
            lambda body: body[0]["schedules"].append(copy.deepcopy(body[0]["schedules"][2])),
        ),
        ("every track twice", TRACKS, lambda body: body.extend(copy.deepcopy(body))),
    ):
        yield Fault("odd values", what, _answer(endpoint, change), Ends(says="stored once"))


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _lists() -> Iterator[Fault]:
    """After a sync in which all was well: what is stored must not suffer."""
    unusable, shrunk = (
        fails("without a single usable item"),
        fails("looks like a truncated response"),
    )
    for endpoint, name in ((SEASON, "seasons"), (TRACKS, "tracks"), (SERIES, "series")):
        # Which series there are, the index says too.
        lost = unusable
        yield Fault(
            *("lists", f"no {name} any more", _answer(endpoint, lambda body: []), lost),
            is_second=True,
        )
        if endpoint != SERIES:
            yield Fault(
                *(
                    "lists",
                    f"a third of the {name}",
                    _answer(endpoint, lambda body: body[: len(body) // 3]),
                    shrunk,
                ),
                is_second=True,
            )
    yield Fault(
        *("lists", "no class any more", _answer(CLASSES, lambda body: []), unusable), is_second=True
    )
    yield Fault(
        *(
            "lists",
            "an object in place of the seasons",
            _answer(SEASON, lambda body: {"a": 1}),
            fails("where a list was expected"),
        ),
        is_second=True,
    )
    yield Fault(
        *(
            "lists",
            "the tracks in place of the cars",
            _answer(CARS, lambda body: [{"track_id": 1, "track_name": "x"}] * 90),
            unusable,
        ),
        is_second=True,
    )
    yield Fault(
        *(
            "lists",
            "an older answer again, for ever",
            lambda bench: bench.simulator.faults.add("stale") and None,
        ),
        is_second=True,
    )
    yield Fault(
        *(
            "lists",
            "no index",
            _answer(INDEX, lambda body: []),
            shrunk,
        ),
        is_second=True,
    )


def _clocks() -> Iterator[Fault]:
    def jumps(seconds: float, at: int = 3) -> Callable[[Bench], None]:
        def inject(bench: Bench) -> None:
            def told(passing: Any) -> None:
                if passing.number == at:
                    bench.simulator.wire_clock.advance(seconds=seconds)

            bench.api.on_request = told

        return inject

    yield Fault(
        "clocks",
        "the API's clock is a day ahead",
        lambda bench: bench.simulator.wire_clock.advance(days=1) and None,
    )
    yield Fault(
        "clocks",
        "the API's clock is a day behind",
        lambda bench: bench.simulator.wire_clock.advance(days=-1) and None,
    )
    yield Fault("clocks", "the API's clock jumps an hour ahead, mid-run", jumps(3600))
    yield Fault("clocks", "the API's clock jumps an hour back, mid-run", jumps(-3600))
    yield Fault("clocks", "the API's clock jumps ten years ahead, mid-run", jumps(3650 * 86400.0))


ITEMS: list[Fault] = [*_poisoned(), *_odd(), *_lists(), *_clocks()]
