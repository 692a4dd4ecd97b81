"""Several requests at a time: tasks in, results out as they come, and an end that does not wait.

In: a function that makes one request, tasks in order. Out: batches of (task, result or exception), and
whether so many have failed that the others need not be tried.
Knows no endpoint; how fast requests may go out is the client's budget.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from iracing_pipeline.core.errors import kind_of, message_of

Task = TypeVar("Task")
Result = TypeVar("Result")

# A worker whose result nobody takes looks up so often whether it is to stop.
_PATIENCE_SECONDS = 0.1
MOST_IN_A_ROW = {"unreachable": 8, "transient": 24, "unusable": 24}
"""So many failures of a kind in a row are a host's, not its items': the first takes longest to find out."""
MOST_OF_ANY_KIND = 60
"""So many of any other kind, each of which a single item may well cause."""


class FailureStreak:
    """Failures of one kind, one after the other: from some number on, they are not the tasks' own fault."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self.length = 0
        self.last = ""
        """The message of the last failure."""

    def succeeded(self) -> None:
        self.kind, self.length = None, 0

    def failed(self, error: Exception) -> None:
        kind = kind_of(error)
        self.length = self.length + 1 if kind == self.kind else 1
        self.kind, self.last = kind, message_of(error)

    @property
    def is_hopeless(self) -> bool:
        """Whether the other tasks are not worth trying in this run."""
        return self.length >= MOST_IN_A_ROW.get(self.kind or "", MOST_OF_ANY_KIND)


class Fetcher(Generic[Task, Result]):
    """Daemon threads that work off tasks; a context manager that stops them at its end.

    Few results wait to be taken: whoever writes them sets the pace, so that little is lost when the
    process is killed, and little memory is used.
    """

    def __init__(
        self,
        work: Callable[[Task], Result],
        tasks: Iterable[Task],
        *,
        threads: int,
        waiting: int,
        begin: Callable[[threading.Event], None] = lambda stopping: None,
    ) -> None:
        """`waiting`: so many results wait to be taken, besides one of each thread.

        `begin` is called on each thread with the event that tells it to stop.
        """
        self._work = work
        self._begin = begin
        self._tasks = deque(tasks)
        self._under_way = 0
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        # Taken before a task begins, given back when its result is taken.
        self._room = threading.Semaphore(threads + waiting)
        self._results: queue.SimpleQueue[tuple[Task, Result | Exception]] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"fetch-{number}", daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> Fetcher[Task, Result]:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def drop(self) -> list[Task]:
        """Take back the tasks that have not begun; returns them."""
        with self._lock:
            dropped = list(self._tasks)
            self._tasks.clear()
        return dropped

    def stop(self) -> None:
        """Begin nothing more. What is under way ends by itself, on threads that nobody waits for."""
        self._stopping.set()
        self.drop()

    def batches(self, most: int) -> Iterator[list[tuple[Task, Result | Exception]]]:
        """Whatever has come, at most so many at a time, until nothing is left to come."""
        while True:
            with self._lock:
                if not self._tasks and not self._under_way and self._results.empty():
                    return
            try:
                # Bounded, so that ^C is heard.
                batch = [self._taken(self._results.get(timeout=_PATIENCE_SECONDS))]
            except queue.Empty:
                if any(thread.is_alive() for thread in self._threads):
                    continue
                if self._stopping.is_set():
                    return
                # A thread that has ended since its last result was taken has left nothing behind.
                with self._lock:
                    is_left = bool(self._tasks or self._under_way)
                if is_left:
                    raise RuntimeError("Every thread that makes requests has died.") from None
                continue
            while len(batch) < most:
                try:
                    batch.append(self._taken(self._results.get_nowait()))
                except queue.Empty:
                    break
            yield batch

    def _taken(self, result: tuple[Task, Result | Exception]) -> tuple[Task, Result | Exception]:
        self._room.release()
        return result

    def _run(self) -> None:
        self._begin(self._stopping)
        while not self._stopping.is_set():
            if not self._room.acquire(timeout=_PATIENCE_SECONDS):
                continue
            with self._lock:
                if not self._tasks or self._stopping.is_set():
                    # Another thread that waits for room is to see it, too.
                    self._room.release()
                    return
                task = self._tasks.popleft()
                self._under_way += 1
            try:
                self._results.put((task, self._result_of(task)))
            finally:
                with self._lock:
                    self._under_way -= 1

    def _result_of(self, task: Task) -> Result | Exception:
        try:
            return self._work(task)
        except Exception as error:  # noqa: BLE001 - whoever takes the result decides
            return error
