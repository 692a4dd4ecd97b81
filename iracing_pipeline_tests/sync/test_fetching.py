"""Several requests at a time: everything comes, nobody runs far ahead, and the end waits for nobody."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import pytest

from iracing_pipeline.api.errors import (
    ApiError,
    LinkRefusedError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.sync.fetching import (
    MOST_IN_A_ROW,
    MOST_OF_ANY_KIND,
    FailureStreak,
)
from iracing_pipeline.sync.fetching import Fetcher as AnyFetcher

# A fetcher that hangs fails here, not at the suite's own limit.
pytestmark = pytest.mark.timeout(30)

LONG = 20
"""Seconds after which something that should have happened never will."""


def Fetcher(*arguments: Any, threads: int, **options: Any) -> AnyFetcher[int, Any]:  # noqa: N802
    """With room for four results a thread."""
    return AnyFetcher(*arguments, threads=threads, waiting=4 * threads, **options)


class Log:
    """What was begun, in order; others can wait until there is enough of it."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self._changed = threading.Condition()

    def enter(self, task: int) -> int:
        with self._changed:
            self.begun.append(task)
            self._changed.notify_all()
        return task

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.begun) >= count, LONG)


def taken(fetcher: Fetcher[int, int], most: int = 10) -> dict[int, int | Exception]:
    """All results by task; a task with two results would be a mistake."""
    found = [item for batch in fetcher.batches(most) for item in batch]
    assert max(Counter(task for task, _ in found).values(), default=1) == 1
    return dict(found)


@pytest.mark.parametrize("threads", [1, 4])
def test_every_result_comes_with_its_task(threads: int) -> None:
    with Fetcher(lambda task: task * task, range(100), threads=threads) as fetcher:
        assert taken(fetcher) == {task: task * task for task in range(100)}


def test_without_tasks_there_is_nothing_to_wait_for() -> None:
    with Fetcher(lambda task: task, [], threads=2) as fetcher:
        assert list(fetcher.batches(10)) == []


def test_tasks_begin_in_their_order() -> None:
    log = Log()
    with Fetcher(log.enter, [3, 1, 2], threads=1) as fetcher:
        assert len(taken(fetcher)) == 3
    assert log.begun == [3, 1, 2]


def test_an_exception_is_a_result_and_its_thread_goes_on() -> None:
    broken = ValueError("no")

    def work(task: int) -> int:
        if task == 1:
            raise broken
        return task

    with Fetcher(work, [0, 1, 2], threads=1) as fetcher:
        assert taken(fetcher) == {0: 0, 1: broken, 2: 2}


def test_tasks_that_have_not_begun_can_be_taken_back() -> None:
    log, go = Log(), threading.Event()

    def work(task: int) -> int:
        log.enter(task)
        assert go.wait(LONG)
        return task

    with Fetcher(work, range(6), threads=1) as fetcher:
        log.wait_for(1)
        assert fetcher.drop() == [1, 2, 3, 4, 5]
        assert fetcher.drop() == []
        go.set()
        assert sorted(taken(fetcher)) == [0]
    assert log.begun == [0]


def test_taking_everything_back_ends_the_iteration() -> None:
    log = Log()
    with Fetcher(log.enter, range(1000), threads=2) as fetcher:
        results = fetcher.batches(1)
        next(results)
        dropped = fetcher.drop()
        rest = list(results)
    assert len(dropped) + 1 + len(rest) == 1000


def test_whoever_writes_the_results_sets_the_pace() -> None:
    log = Log()
    with Fetcher(log.enter, range(200), threads=2) as fetcher:
        # Eight results wait to be taken, and each thread holds one that does not fit.
        log.wait_for(10)
        time.sleep(0.05)
        assert len(log.begun) == 10
        (first,) = next(fetcher.batches(1))
        assert first[0] in log.begun
        log.wait_for(11)
        time.sleep(0.05)
        assert len(log.begun) == 11


def test_a_batch_is_whatever_has_come_and_never_more_than_asked_for() -> None:
    log = Log()
    with Fetcher(log.enter, range(50), threads=2) as fetcher:
        log.wait_for(10)
        sizes = [len(batch) for batch in fetcher.batches(3)]
    assert sizes[0] == 3
    assert max(sizes) == 3
    assert sum(sizes) == 50


def test_a_stop_in_the_middle_ends_the_iteration_and_begins_nothing_more() -> None:
    log = Log()
    with Fetcher(log.enter, range(1000), threads=3) as fetcher:
        for number, _ in enumerate(fetcher.batches(1)):
            if number == 2:
                fetcher.stop()
    assert len(log.begun) < 100


def test_what_is_under_way_at_a_stop_ends_by_itself_and_so_does_the_iteration() -> None:
    log, go = Log(), threading.Event()

    def work(task: int) -> int:
        log.enter(task)
        assert go.wait(LONG)
        return task

    with Fetcher(work, range(10), threads=2) as fetcher:
        log.wait_for(2)
        fetcher.stop()
        go.set()
        taken(fetcher)
    assert sorted(log.begun) == [0, 1]


def test_leaving_waits_for_nobody_and_no_thread_stays() -> None:
    log, go = Log(), threading.Event()
    threads: list[threading.Thread] = []

    def work(task: int) -> int:
        threads.append(threading.current_thread())
        log.enter(task)
        assert go.wait(LONG)
        return task

    with Fetcher(work, range(10), threads=2):
        log.wait_for(2)
    # Still at work: leaving did not wait for them, nor would the end of the process.
    assert [thread.is_alive() for thread in threads] == [True, True]
    assert all(thread.daemon for thread in threads)
    go.set()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()
    assert sorted(log.begun) == [0, 1]


def test_threads_whose_results_nobody_takes_end_all_the_same() -> None:
    log = Log()
    threads: set[threading.Thread] = set()

    def work(task: int) -> int:
        threads.add(threading.current_thread())
        return log.enter(task)

    with Fetcher(work, range(100), threads=2):
        log.wait_for(10)
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()
    assert len(log.begun) == 10


def test_an_exception_of_the_reader_stops_the_threads_and_is_not_swallowed() -> None:
    stopping: list[threading.Event] = []
    fetcher = Fetcher(lambda task: task, range(1000), threads=1, begin=stopping.append)

    def read() -> None:
        with fetcher:
            next(fetcher.batches(1))
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        read()
    assert stopping[0].is_set()


def test_every_thread_is_told_by_the_same_event_when_to_stop() -> None:
    told: dict[str, threading.Event] = {}
    here = threading.Barrier(4)

    def begin(stopping: threading.Event) -> None:
        told[threading.current_thread().name] = stopping
        assert not stopping.is_set()
        here.wait(LONG)

    with Fetcher(lambda task: task, range(3), threads=3, begin=begin) as fetcher:
        here.wait(LONG)
        assert sorted(taken(fetcher)) == [0, 1, 2]
    assert sorted(told) == ["fetch-0", "fetch-1", "fetch-2"]
    (event,) = set(told.values())
    assert event.is_set()


def test_work_runs_on_threads_that_have_begun() -> None:
    own = threading.local()

    def begin(stopping: threading.Event) -> None:
        own.is_ready = not stopping.is_set()

    with Fetcher(lambda task: own.is_ready, range(20), threads=4, begin=begin) as fetcher:
        assert set(taken(fetcher).values()) == {True}


def test_threads_that_cannot_begin_end_the_iteration_with_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)

    def begin(stopping: threading.Event) -> None:
        raise ValueError

    with (
        Fetcher(lambda task: task, [1], threads=2, begin=begin) as fetcher,
        pytest.raises(RuntimeError, match="has died"),
    ):
        list(fetcher.batches(1))


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (TransientError, MOST_IN_A_ROW[TransientError.kind]),
        (UnreachableError, MOST_IN_A_ROW[UnreachableError.kind]),
        (LinkRefusedError, MOST_IN_A_ROW[LinkRefusedError.kind]),
        (PermanentError, MOST_OF_ANY_KIND),
    ],
)
def test_so_many_failures_of_one_kind_in_a_row_are_not_the_tasks_own(
    kind: type[ApiError], most: int
) -> None:
    streak = FailureStreak()
    for ends_it in (streak.succeeded, lambda: streak.failed(ValueError("another kind"))):
        for _ in range(most - 1):
            streak.failed(kind("no"))
        assert not streak.is_hopeless
        ends_it()
    for _ in range(most):
        assert not streak.is_hopeless
        streak.failed(kind("HTTP 503"))
    assert streak.is_hopeless
    assert (streak.length, streak.last) == (most, "HTTP 503")


class _SlowToEnd(AnyFetcher[int, int]):
    """Its threads are still busy when their last result has been taken."""

    def _pass_on(self, task: int) -> None:
        super()._pass_on(task)
        time.sleep(0.3)


def test_a_thread_that_ends_after_its_last_result_was_taken_has_not_died() -> None:
    with _SlowToEnd(lambda task: task, [1], threads=1, waiting=1) as fetcher:
        assert list(fetcher.batches(1)) == [[(1, 1)]]
