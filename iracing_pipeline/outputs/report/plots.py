"""The plots, as SVG that stands in the page: pygal draws, the page's own styles dress.

In: health facts. Out: Markup without script, style, link or date. Colours are the page's, by series number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.etree import etree
from pygal.style import Style

from iracing_pipeline.outputs.report.facts import AssetHealth, CallsOfDay, RunsOfDay
from iracing_pipeline.outputs.report.words import day, seconds

# Requests a minute that iRacing grants an account.
BUDGET = 240

# Round durations, seconds.
_TIMES = [0.1, 1, 10, 60, 600, 3600, 36000]

_WIDTH = 360
_HEIGHT = 190
# One label a week on the axis of days.
_LABEL_EVERY = 7
_FONT_SIZE = 12

# pygal takes lxml where it finds it; the tree below is the standard library's.
etree.to_etree()


def runs_per_day(found: Sequence[RunsOfDay], now: datetime, days: int) -> Markup:
    """Bars: what the assets' runs came to."""
    by_day = {row.day: row for row in found}
    rows = [by_day.get(one.date()) for one in _days(now, days)]
    values = {
        "success": [row.success if row else None for row in rows],
        "partial": [row.partial if row else None for row in rows],
        "failure": [row.failure if row else None for row in rows],
        "not ended": [row.running if row else None for row in rows],
    }
    chart = _over_days(pygal.StackedBar, now, days)
    top = max((row.success + row.partial + row.failure + row.running for row in found), default=0)
    chart.y_labels = _ticks(top)
    return _drawn(chart, values, "Runs of assets per day")


def calls_per_day(found: Sequence[CallsOfDay], now: datetime, days: int) -> Markup:
    """Bars: requests made, and those that landed answers saved."""
    by_day = {row.day: row for row in found}
    rows = [by_day.get(one.date()) for one in _days(now, days)]
    values = {
        "made": [row.made if row else None for row in rows],
        "saved by landed answers": [row.saved if row else None for row in rows],
    }
    chart = _over_days(pygal.StackedBar, now, days)
    chart.y_labels = _ticks(max((row.made + row.saved for row in found), default=0))
    return _drawn(chart, values, "Requests to the API per day")


def budget_per_day(found: Sequence[CallsOfDay], now: datetime, days: int) -> Markup:
    """Dots between nothing and the whole budget: the busiest minute, and the least that was left."""
    by_day = {row.day: row for row in found}
    rows = [by_day.get(one.date()) for one in _days(now, days)]
    values = {
        "busiest minute": [row.busiest_minute if row else None for row in rows],
        "least left": [row.least_left if row else None for row in rows],
    }
    chart = _over_days(pygal.Line, now, days, stroke=False, dots_size=4)
    top = max((value for line in values.values() for value in line if value), default=0)
    chart.y_labels = [0, 60, 120, 180, BUDGET] if top <= BUDGET else _ticks(top)
    return _drawn(chart, values, f"Requests in one minute, of {BUDGET}")


def durations(found: Sequence[AssetHealth]) -> Markup:
    """Bars to the right: how long assets take, half of the times and nineteen times of twenty.

    On a logarithmic scale: a sync of the past takes minutes, one of the cars tenths of a second.
    """
    timed = [row for row in found if row.p50_seconds is not None and row.p95_seconds is not None]
    timed.sort(key=lambda row: row.p95_seconds or 0)
    chart = pygal.HorizontalBar(
        **_OPTIONS,
        height=44 + 26 * len(timed),
        value_formatter=seconds,
        logarithmic=True,
        zero=_TIMES[0],
        margin_right=22,
    )
    chart.x_labels = [row.asset for row in timed]
    longest = max((row.p95_seconds or 0 for row in timed), default=0)
    # From a tenth of a second to the first round time beyond the longest.
    beyond = next((n for n, time in enumerate(_TIMES) if time >= longest), len(_TIMES) - 1)
    chart.y_labels = _TIMES[: beyond + 1]
    chart.range = (_TIMES[0], max(_TIMES[beyond], longest))
    # pygal draws the first series lowest.
    values = {
        "p95": [max(row.p95_seconds or 0, _TIMES[0]) for row in timed],
        "p50": [max(row.p50_seconds or 0, _TIMES[0]) for row in timed],
    }
    return _drawn(chart, values, "Duration per asset")


_OPTIONS: dict[str, Any] = {
    "js": [],
    "css": [],
    "no_prefix": True,
    "show_legend": False,
    "width": _WIDTH,
    "margin": 6,
    "spacing": 6,
    "truncate_label": -1,
    "style": Style(label_font_size=_FONT_SIZE, major_label_font_size=_FONT_SIZE),
}


def _over_days(kind: Callable[..., Any], now: datetime, days: int, **options: Any) -> Any:
    chart = kind(
        **_OPTIONS,
        height=_HEIGHT,
        x_labels_major_every=_LABEL_EVERY,
        show_minor_x_labels=False,
        value_formatter=lambda value: f"{value:,.0f}",
        **options,
    )
    chart.x_labels = [day(one) for one in _days(now, days)]
    return chart


def _days(now: datetime, days: int) -> list[datetime]:
    return [now - timedelta(days=number) for number in reversed(range(days))]


def _ticks(top: int) -> list[int]:
    """Up to five round labels, from 0 to `top` or a little more."""
    steps = (base * 10**power for power in range(10) for base in (1, 2, 5))
    step = next(step for step in steps if step * 4 >= top)
    return [step * number for number in range(max(1, -(-top // step)) + 1)]


_DROPPED = {"defs", "titles", "legends", "tooltip-overlay", "text-overlay"}


def _drawn(chart: Any, values: dict[str, list[Any]], title: str) -> Markup:
    for name, line in values.items():
        chart.add(name, line)
    root = chart.render_tree()
    _clean(root, list(values))
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "class": "plot",
        "role": "img",
        "aria-label": title,
    }
    text = ElementTree.tostring(root, encoding="unicode")
    # Positions to a tenth of a pixel: half the size.
    return Markup(re.sub(r"(\d+\.\d)\d+", r"\1", text))  # noqa: S704 - serialized from a tree


def _clean(parent: Any, names: Sequence[str], name: str = "") -> None:
    """Drop what pygal's own script and styles would need; what it says of a value becomes a title."""
    for child in list(parent):
        words = set((child.get("class") or "").split()) if isinstance(child.tag, str) else set()
        if not isinstance(child.tag, str) or child.tag in _DROPPED or words & _DROPPED:
            parent.remove(child)
            continue
        child.attrib.pop("id", None)
        if child.tag == "title" or _is_empty_bar(child):
            parent.remove(child)
            continue
        number = re.search(r"\bserie-(\d+)", child.get("class") or "")
        _clean(child, names, names[int(number[1])] if number else name)
    _entitle(parent, name)


def _is_empty_bar(element: Any) -> bool:
    rect = element.find("rect")
    return (
        element.get("class") == "bar"
        and rect is not None
        and (float(rect.get("height", 1)) <= 0 or float(rect.get("width", 1)) <= 0)
    )


def _entitle(parent: Any, name: str) -> None:
    described = {child.get("class"): child for child in list(parent) if child.tag == "desc"}
    if not described:
        return
    for child in described.values():
        parent.remove(child)
    value, label = described.get("value"), described.get("x_label")
    where = f"{label.text}: " if label is not None and label.text else ""
    title = ElementTree.SubElement(parent, "title")
    title.text = f"{where}{value.text if value is not None else ''} {name}".strip()
