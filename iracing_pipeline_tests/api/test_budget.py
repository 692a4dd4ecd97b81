"""The request budget against a model of the server, in virtual time: many workers, one clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from email.utils import formatdate

import pytest

from iracing_pipeline.api.budget import Budget

SERVER_AHEAD = 1_700_000_000.37
STEP = 0.02


@dataclass
class Clock:
    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@dataclass
class Server:
    """A fixed window that opens with the first request after the last one ended."""

    clock: Clock
    limit: int = 240
    seconds: float = 60.0
    rounding: str = "floor"
    used: int = 0
    ends: float = -math.inf
    refused: int = 0
    served: int = 0
    served_at: list[float] = field(default_factory=list)

    def ask(self) -> tuple[dict[str, str], bool]:
        now = self.clock.now + SERVER_AHEAD
        if now >= self.ends:
            self.ends, self.used = now + self.seconds, 0
        is_refused = self.used >= self.limit
        self.used += not is_refused
        self.refused += is_refused
        self.served += not is_refused
        rounded = math.floor(self.ends) if self.rounding == "floor" else math.ceil(self.ends)
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(rounded),
            "Date": formatdate(math.floor(now), usegmt=True),
        }, is_refused


def budget(clock: Clock, wrong_by: float = 137.0) -> Budget:
    # Our own clock is wrong by minutes; the Date header has to make up for it.
    return Budget(
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        wall=lambda: clock.now + SERVER_AHEAD - wrong_by,
    )


def run(server: Server, budgets: list[Budget], calls: int, *, workers: int, takes: float) -> float:
    """Seconds until `calls` were served to `workers` workers per budget; refused ones go again."""
    clock = server.clock
    started = clock.now
    flying: list[tuple[float, int, dict[str, str], bool]] = []
    busy = [0] * len(budgets)
    while server.served < calls:
        for landed in [one for one in flying if one[0] <= clock.now]:
            flying.remove(landed)
            busy[landed[1]] -= 1
            budgets[landed[1]].observe(landed[2], is_exhausted=landed[3])
        for number, one in enumerate(budgets):
            while busy[number] < workers and one.acquire(max_wait=0):
                headers, is_refused = server.ask()
                # RecordedResponses overtake one another.
                slower = takes * (1 + 0.5 * (server.served % 3))
                flying.append((clock.now + slower, number, headers, is_refused))
                busy[number] += 1
        clock.now += STEP
    return clock.now - started


@pytest.mark.parametrize("rounding", ["floor", "ceil"])
@pytest.mark.parametrize(
    ("limit", "seconds", "processes", "workers", "takes"),
    [
        (240, 60.0, 1, 1, 0.06),
        (240, 60.0, 1, 8, 0.3),
        (240, 60.0, 3, 8, 0.3),
        (100, 30.0, 1, 4, 0.5),
        (40, 20.0, 2, 4, 0.1),
    ],
)
def test_many_calls_fill_the_windows_and_are_hardly_ever_refused(
    rounding: str, limit: int, seconds: float, processes: int, workers: int, takes: float
) -> None:
    clock = Clock()
    server = Server(clock, limit, seconds, rounding)
    calls = limit * 20
    used = run(
        server, [budget(clock) for _ in range(processes)], calls, workers=workers, takes=takes
    )
    assert used <= 1.1 * calls / limit * seconds
    assert server.refused <= 0.005 * calls


@pytest.mark.parametrize("wrong_by", [0.0, 0.9, -0.9, 2.0, -3600.0])
def test_a_clock_that_is_right_or_wrong_makes_no_difference(wrong_by: float) -> None:
    clock = Clock()
    server = Server(clock)
    used = run(server, [budget(clock, wrong_by)], 2400, workers=8, takes=0.3)
    assert used <= 1.1 * 600
    assert server.refused <= 12


def test_whoever_else_uses_the_account_is_left_room() -> None:
    clock = Clock()
    server = Server(clock)
    ours = budget(clock)
    for call in range(600):
        assert ours.acquire()
        answer, is_refused = server.ask()
        if call % 2 == 0:
            server.ask()
        clock.now += 0.05
        ours.observe(answer, is_exhausted=is_refused)
    assert server.refused <= 3
    assert ours.low_water is not None
    assert ours.low_water >= 1


def test_full_speed_while_plenty_is_left() -> None:
    clock = Clock()
    server = Server(clock)
    ours = budget(clock)
    for _ in range(200):
        before = clock.now
        assert ours.acquire()
        assert clock.now == before
        ours.observe(server.ask()[0])
    assert ours.low_water == 40


def test_requests_in_flight_count_before_they_are_answered() -> None:
    clock = Clock()
    server = Server(clock, limit=20)
    ours = budget(clock)
    assert ours.acquire()
    ours.observe(server.ask()[0])
    through = 0
    while through < 50 and ours.acquire(max_wait=0):
        through += 1
    assert 8 <= through <= 18


def test_a_refused_budget_waits_for_the_reset_and_says_so_without_sleeping_longer_than_allowed() -> (
    None
):
    clock = Clock()
    server = Server(clock, limit=240)
    ours = budget(clock)
    ours.acquire()
    ours.observe(server.ask()[0] | {"X-RateLimit-Remaining": "0"}, is_exhausted=True)
    before = clock.now
    assert ours.acquire(max_wait=5) is False
    assert clock.now == before
    assert 58 <= ours.seconds_to_reset() <= 62
    assert ours.acquire()
    assert 58 <= clock.now - before <= 62


@pytest.mark.parametrize(
    "reset",
    ["1700000160000", "99999999999", "0", "-5", "nan", "soon", ""],
    ids=["milliseconds", "far", "zero", "negative", "nan", "text", "empty"],
)
def test_an_absurd_reset_never_blocks_longer_than_ninety_seconds(reset: str) -> None:
    clock = Clock()
    ours = budget(clock)
    headers = {
        "x-ratelimit-limit": "240",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
        "date": formatdate(SERVER_AHEAD + clock.now, usegmt=True),
    }
    for _ in range(3):
        before = clock.now
        assert ours.acquire()
        assert clock.now - before <= 91
        ours.observe(headers, is_exhausted=True)


def test_answers_without_headers_are_kept_to_the_documented_rate() -> None:
    clock = Clock()
    ours = budget(clock)
    started = clock.now
    for _ in range(480):
        assert ours.acquire()
        clock.now += 0.01
        ours.observe({})
    assert 60 <= clock.now - started <= 130
    assert ours.low_water is None


def test_a_slow_first_answer_does_not_hold_the_others_up() -> None:
    clock = Clock()
    ours = budget(clock)
    assert ours.acquire()
    before = clock.now
    assert ours.acquire()
    assert 0.9 <= clock.now - before <= 1.2


def test_an_unused_permission_is_given_back() -> None:
    clock = Clock()
    ours = budget(clock)
    for _ in range(1000):
        assert ours.acquire()
        ours.release()
    assert clock.now == 100.0


def _refusal(clock: Clock, reset: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": "240",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
        "date": formatdate(SERVER_AHEAD + clock.now, usegmt=True),
    }


def test_a_reset_that_is_already_past_still_pauses_longer_with_every_refusal() -> None:
    clock = Clock()
    ours = budget(clock)
    pauses = []
    for _ in range(5):
        before = clock.now
        assert ours.acquire()
        pauses.append(round(clock.now - before, 1))
        ours.observe(_refusal(clock, str(int(SERVER_AHEAD + clock.now) - 1)), is_exhausted=True)
    assert pauses[0] == 0
    assert all(pause >= least for pause, least in zip(pauses[1:], (1, 2, 4, 8), strict=True))
    assert sum(pauses) < 90


def test_refusals_of_requests_that_flew_together_count_as_one() -> None:
    clock = Clock()
    ours = budget(clock)
    for _ in range(8):
        ours.observe({}, is_exhausted=True)
    assert ours.seconds_to_reset() <= 1.0


def test_a_reset_in_milliseconds_is_understood() -> None:
    clock = Clock()
    ours = budget(clock)
    assert ours.acquire()
    reset = str(int((SERVER_AHEAD + clock.now + 20) * 1000))
    ours.observe(_refusal(clock, reset), is_exhausted=True)
    assert 19 <= ours.seconds_to_reset() <= 22


def test_retry_after_is_never_shortened() -> None:
    clock = Clock()
    ours = budget(clock)
    assert ours.acquire()
    told = _refusal(clock, str(int(SERVER_AHEAD + clock.now) + 20))
    ours.observe(told, is_exhausted=True, retry_after=600)
    assert ours.seconds_to_reset() == 600
    assert not ours.acquire(max_wait=500)
