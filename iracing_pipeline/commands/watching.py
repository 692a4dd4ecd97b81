"""What a person sees while a sync runs: one live line per asset on a terminal, plain lines elsewhere.

In: (asset, text) from the assets. Out: the console. Decides nothing.
"""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Watcher:
    """Called by the assets with what they do now; a context manager around the run."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._started = time.monotonic()
        self._tasks: dict[str, object] = {}
        self._progress = (
            Progress(
                SpinnerColumn(finished_text="[green]✓"),
                TextColumn("{task.fields[asset]:<18}"),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=console,
            )
            if console.is_terminal and not verbose
            else None
        )

    def __enter__(self) -> Watcher:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress:
            self._finish_all()
            self._progress.stop()

    def __call__(self, asset: str, text: str) -> None:
        if self._progress is None:
            elapsed = time.monotonic() - self._started
            self._console.print(
                f"{elapsed:6.1f} s  {asset:<18} {text}", highlight=False, soft_wrap=True
            )
            return
        if asset not in self._tasks:
            self._finish_all()
            self._tasks[asset] = self._progress.add_task(text, total=1, asset=asset)
        self._progress.update(self._tasks[asset], description=text)  # type: ignore[arg-type]

    def _finish_all(self) -> None:
        assert self._progress is not None
        for task in self._tasks.values():
            self._progress.update(task, completed=1)  # type: ignore[arg-type]
