"""What a person sees while a sync runs: one live line per asset on a terminal, plain lines elsewhere.

In: (asset, text) from the assets. Out: the console. Decides nothing.
"""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class ConsoleProgress:
    """Called by the assets with what they do now; a context manager around the run."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._started = time.monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._progress = (
            Progress(
                SpinnerColumn(finished_text=""),
                TextColumn("{task.fields[mark]}{task.fields[asset]:<18}"),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=console,
            )
            if console.is_terminal and not verbose
            else None
        )

    def __enter__(self) -> ConsoleProgress:
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
            self._progress.stop()

    def warn(self, asset: str, text: str) -> None:
        """The report names it at the end."""

    def progress(self, asset: str, text: str, share: float) -> None:
        self.say(asset, text)

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        text = escape(text)
        if self._progress is None:
            seconds = time.monotonic() - self._started
            self._console.print(
                f"{seconds:6.1f} s  {asset:<18} {text}", highlight=False, soft_wrap=True
            )
            return
        if asset not in self._tasks:
            self._tasks[asset] = self._progress.add_task(text, total=1, asset=asset, mark="")
        mark = "" if ended is None else "[green]✓[/] " if ended else "[red]✗[/] "
        self._progress.update(
            self._tasks[asset],
            description=text,
            mark=mark,
            completed=0 if ended is None else 1,
        )
