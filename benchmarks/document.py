"""The page docs/performance.md: sections of tables, made by one template.

In: what was measured, as numbers. Out: Markdown. Pure: no clock, no file but the template.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2

IMAGE = "images/performance.svg"
_TEMPLATE = Path(__file__).with_name("performance.md.j2")
MISSING = "-"


@dataclass
class Section:
    """One question and its answer. A part that failed says so in `failures`, beside what there is."""

    title: str
    question: str
    columns: Sequence[str] = ()
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    image: str | None = None
    """A plot as SVG, which is a file of its own beside the page."""
    part: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Page:
    command: str
    parts: Sequence[str]
    """Those that were chosen; empty: all."""
    machine: str
    versions: str
    measured_on: str
    minutes: float
    sections: Sequence[Section]

    @property
    def failures(self) -> list[str]:
        """The parts of which something is missing."""
        return [section.title for section in self.sections if section.failures]


def rendered(page: Page) -> str:
    """The page as Markdown."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 Markdown, of our own numbers
    )
    environment.filters["row"] = lambda cells: "| " + " | ".join(map(_cell, cells)) + " |"
    environment.filters["line"] = lambda text: " ".join(str(text).split())
    return environment.from_string(_TEMPLATE.read_text()).render(page=page, image=IMAGE)


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def median(values: Sequence[float]) -> float | None:
    """None of nothing: what failed in every round."""
    return statistics.median(values) if values else None


def times(rounds: int) -> str:
    """What a figure is: `once`, `median of 3`."""
    return "once" if rounds == 1 else f"median of {rounds}"


def ratio(part: float | None, whole: float | None) -> str:
    """How many times as much: `2.31`; a dash where either is missing or nothing to compare with."""
    if part is None or not whole:
        return MISSING
    return f"{part / whole:.2f}"


def seconds(value: float | None) -> str:
    if value is None:
        return MISSING
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def whole(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"
