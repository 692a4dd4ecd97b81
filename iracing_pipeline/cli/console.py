"""The console of the verbs: what it shows of others' text, it shows and does not obey.

In: anything rich can print. Out: the same, without control characters in its texts.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from iracing_pipeline.core.wording import printable


class PlainConsole(Console):
    """A rich console. Names are iRacing's; rich lets an escape sequence in one of them pass."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)
