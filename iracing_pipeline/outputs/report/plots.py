"""The geometry of the plots: ticks, bars and dots, in the units of the SVG's view box.

In: health facts. Out: Plot. No markup, no colours: plots.html.j2 draws, report.css colours by series number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from iracing_pipeline.outputs.report.facts import CallsOfDay, RunsOfDay
from iracing_pipeline.outputs.report.words import day, seconds, shortened
from iracing_pipeline.warehouse.queries.health import AssetHealth

# Requests a minute that iRacing grants an account.
BUDGET = 240

# Ticks of the logarithmic axis, seconds. They are at least a factor of ten apart: labels need that room.
_TIMES = (0.1, 1, 10, 120, 1800, 21600, 259200)
_DAYS_PER_LABEL = 7

_TOP, _BOTTOM, _RIGHT = 10, 166, 340
_ROW, _BAR, _DOT = 26, 10, 8
# No bar is too small to be seen and pointed at.
_THINNEST = 1


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Mark:
    """The rectangle of a bar, or the square around a dot."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Plot:
    title: str
    kind: str
    """`columns`, `rows` or `dots`."""
    series: Sequence[str]
    left: float
    x: Sequence[Tick]
    y: Sequence[Tick]
    marks: Sequence[Mark]
    top: float = _TOP
    bottom: float = _BOTTOM
    right: float = _RIGHT


def runs_per_day(found: Iterable[RunsOfDay], now: datetime, days: int) -> Plot:
    """Stacked columns: how the assets' runs ended."""
    values = {row.day: (row.success, row.partial, row.failure, row.running) for row in found}
    names = ("success", "partial", "failure", "not ended")
    return _per_day("Runs of assets per day", "columns", names, values, now, days)


def calls_per_day(found: Iterable[CallsOfDay], now: datetime, days: int) -> Plot:
    """Stacked columns: requests made, and those that landed responses saved."""
    values = {row.day: (row.made, row.saved) for row in found}
    names = ("made", "saved by landed responses")
    return _per_day("Requests to the API per day", "columns", names, values, now, days)


def budget_per_day(found: Iterable[CallsOfDay], now: datetime, days: int) -> Plot:
    """Dots: the busiest minute of a day and the fewest requests left, on the scale of the budget."""
    values = {row.day: (row.busiest_minute, row.least_left) for row in found}
    title, names = f"Requests in one minute, of {BUDGET}", ("busiest minute", "least left")
    return _per_day(title, "dots", names, values, now, days)


def durations(found: Iterable[AssetHealth]) -> Plot:
    """Rows: the time within which half of an asset's runs ended, and nineteen of twenty.

    The scale is logarithmic: a sync of the past takes minutes, a sync of the cars tenths of a second.
    """
    timed = [
        (row.p95_seconds, row.p50_seconds, row.name)
        for row in found
        if row.p50_seconds is not None and row.p95_seconds is not None
    ]
    timed.sort(reverse=True)
    longest = timed[0][0] if timed else 0
    # Up to the first round time that is not below the longest duration.
    times = _TIMES[: 2 + sum(time < longest for time in _TIMES[1:])]
    labels = [shortened(asset, 18) for _, _, asset in timed]
    left = _left(labels)
    scale = (_RIGHT - left) / log(max(times[-1], longest) / times[0])
    y = [_TOP + _ROW * (number + 0.5) for number in range(len(timed))]
    marks = []
    for middle, (p95, p50, asset) in zip(y, timed, strict=True):
        for series, value in enumerate((p50, p95)):
            width = max(scale * log(max(value, times[0]) / times[0]), _THINNEST)
            title = f"{asset}: {seconds(value)} {('p50', 'p95')[series]}"
            marks.append(Mark(left, middle + _BAR * (series - 1), width, _BAR, series, title))
    return Plot(
        title="Duration per asset",
        kind="rows",
        series=("p50", "p95"),
        left=left,
        bottom=_TOP + _ROW * max(1, len(timed)),
        x=[Tick(left + scale * log(time / times[0]), seconds(time)) for time in times],
        y=[Tick(middle, label) for middle, label in zip(y, labels, strict=True)],
        marks=marks,
    )


def _per_day(
    title: str,
    kind: str,
    series: Sequence[str],
    by_day: Mapping[date, Sequence[int | None]],
    now: datetime,
    days: int,
) -> Plot:
    moments = [now - timedelta(days=number) for number in reversed(range(days))]
    found = [by_day.get(moment.date(), ()) for moment in moments]
    reach = max if kind == "dots" else sum
    top = max(reach(value or 0 for value in (0, *values)) for values in found)
    ticks = range(0, BUDGET + 1, 60) if kind == "dots" and top <= BUDGET else _ticks(top)
    left = _left(f"{tick:,}" for tick in ticks)
    slot, scale = (_RIGHT - left) / days, (_BOTTOM - _TOP) / ticks[-1]
    x = [Tick(left + slot * (number + 0.5), day(moment)) for number, moment in enumerate(moments)]
    marks = []
    for tick, values in zip(x, found, strict=True):
        base = float(_BOTTOM)
        for number, value in enumerate(values):
            text = f"{tick.label}: {value or 0:,} {series[number]}"
            if kind == "dots" and value is not None:
                corner = tick.at - _DOT / 2, _BOTTOM - scale * value - _DOT / 2
                marks.append(Mark(*corner, _DOT, _DOT, number, text))
            elif value:
                height = max(scale * value, _THINNEST)
                base -= height
                corner = tick.at - 0.45 * slot, base
                marks.append(Mark(*corner, 0.9 * slot, height, number, text))
    y = [Tick(_BOTTOM - scale * tick, f"{tick:,}") for tick in ticks]
    return Plot(title, kind, series, left, x[::_DAYS_PER_LABEL], y, marks)


def _left(labels: Iterable[str]) -> float:
    """Where the area begins: right of the longest label, at about what a character takes at 12 px."""
    return 10 + 6.8 * max(map(len, labels), default=2)


def _ticks(top: int) -> Sequence[int]:
    """Up to five round numbers, from 0 to `top` or a little more."""
    steps = (base * 10**power for power in range(10) for base in (1, 2, 5))
    step = next(step for step in steps if step * 4 >= top)
    return range(0, max(top, 1) + step, step)
