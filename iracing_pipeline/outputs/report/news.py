"""What changed this week, by series: which lines are worth the page, in which words.

In: changes that racers plan by, bundled by season and topic. Out: stories, the newest first, with what was
left out counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from iracing_pipeline.outputs.report.facts import Change, Example
from iracing_pipeline.outputs.report.words import count, shortened

_STORIES = 25
_LINES = 6
_LONGEST = 70

# What decides whether one can race comes first; what is rolled again every week last.
_FIRST = ("track", "season", "schedule", "week", "session times", "race laps", "race time")
_LAST = ("strongest rain", "chance of rain")

_KINDS = {"inserted": "new", "updated": "changed", "retired": "gone", "restored": "back"}
_PLURALS = {"session times": "session times", "series": "series", "car class": "car classes"}


@dataclass(frozen=True)
class Line:
    """One thing that changed: `week 5`, `track`, `Watkins Glen`, `Spa`."""

    kind: str
    """new, changed, gone or back."""
    where: str
    what: str
    old: str
    new: str

    def in_words(self) -> str:
        """`changed week 5: track: Watkins Glen → Spa`."""
        moved = " → ".join(part for part in (self.old, self.new) if part)
        about = ": ".join(part for part in (self.where, self.what, moved) if part)
        return f"{self.kind} {about}"


@dataclass(frozen=True)
class Story:
    """What changed in one series."""

    series: str
    newest: datetime
    lines: tuple[Line, ...]
    more: int
    """Lines of schedule_changes that the lines shown do not stand for."""


@dataclass(frozen=True)
class News:
    stories: tuple[Story, ...]
    more_stories: int
    total: int
    """Lines of schedule_changes."""


def tell(changes: Sequence[Change]) -> News:
    """Stories, the newest first; of the same moment, those with a track or a season in them first."""
    by_series: dict[tuple[int | None, str], list[Change]] = defaultdict(list)
    for change in changes:
        name = change.series_name or change.season_name or f"Series {change.series_id}"
        by_series[change.series_id, name].append(change)
    stories = sorted(
        (
            (
                max(change.newest for change in found).replace(second=0, microsecond=0),
                min(_rank(change) for change in found),
                name,
                found,
            )
            for (_, name), found in by_series.items()
        ),
        key=lambda story: (-story[0].timestamp(), story[1], story[2].casefold()),
    )
    return News(
        tuple(_story(name, newest, found) for newest, _, name, found in stories[:_STORIES]),
        max(0, len(stories) - _STORIES),
        sum(change.lines for change in changes),
    )


def _rank(change: Change) -> int:
    if change.topic in _FIRST:
        return _FIRST.index(change.topic)
    return 100 + _LAST.index(change.topic) if change.topic in _LAST else 50


def _story(name: str, newest: datetime, changes: Sequence[Change]) -> Story:
    new_seasons = {
        change.season_id
        for change in changes
        if change.kind == "inserted" and change.topic == "season"
    }
    lines: list[tuple[Line, int]] = []
    for change in sorted(changes, key=lambda c: (_rank(c), c.season_id or 0, c.kind)):
        if change.kind == "inserted" and change.season_id in new_seasons:
            # A new season brings everything it has: its name says it, and its schedule.
            if change.topic != "season":
                continue
            brought = [
                c for c in changes if c.season_id == change.season_id and c.kind == "inserted"
            ]
            schedule = [one.new for c in brought if c.topic == "schedule" for one in c.examples]
            text = ", ".join(filter(None, [change.season_name, *schedule]))
            lines.append((Line("new", "", "season", "", text), sum(c.lines for c in brought)))
        else:
            lines += _lines(change)
    shown = lines[:_LINES]
    told = sum(number for _, number in shown)
    return Story(
        name,
        newest,
        tuple(line for line, _ in shown),
        sum(change.lines for change in changes) - told,
    )


def _lines(change: Change) -> list[tuple[Line, int]]:
    """The lines of one bundle, each with how many lines of schedule_changes it stands for."""
    kind = _KINDS.get(change.kind, change.kind)
    if change.lines > len(change.examples):
        where = count(change.weeks, "week") if change.weeks else ""
        return [(Line(kind, where, _bundle(change), "", ""), change.lines)]
    return [(_line(kind, change, example), 1) for example in change.examples]


def _bundle(change: Change) -> str:
    if change.kind == "updated" and change.topic != "session times":
        return change.topic
    return count(change.lines, change.topic, _PLURALS.get(change.topic))


def _line(kind: str, change: Change, example: Example) -> Line:
    week = "" if example.race_week_num is None else f"week {example.race_week_num + 1}"
    return Line(
        kind,
        week,
        # The week's own coming and going is said by its number.
        "" if week and example.what == "week" else example.what,
        shortened(example.old or "", _LONGEST),
        shortened(example.new or "", _LONGEST),
    )
