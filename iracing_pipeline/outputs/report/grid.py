"""Seasons by calendar weeks: which race week stands in which cell. The week that runs now, as a list.

In: seasons, the moment. Out: columns, rows, cells. Weeks are placed by their own bounds, never by number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from itertools import groupby

from iracing_pipeline.outputs.report.facts import Season, Week
from iracing_pipeline.outputs.report.words import category_name, category_rank

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_TUESDAY = 1
# A week that ends a few minutes into the next column is not worth a line there.
_LEAST_OVERLAP = timedelta(hours=12)
# A column is shown from the first to the last week in which this part of the seasons races.
_PART_OF_SEASONS = 20
_MOST_COLUMNS = 30
_MOST_BEFORE_TODAY = 15
PRINTED_WEEKS = 8
"""What a sheet of paper has room for, from the current week on."""


@dataclass(frozen=True)
class Column:
    """A calendar week, from Tuesday (UTC), the day iRacing turns its weeks."""

    start: datetime
    is_today: bool
    is_past: bool
    is_later: bool = False
    """Too far ahead to be printed."""
    number: int | None = None
    """What most seasons that begin a week here call it, from 1; None where they disagree."""

    @property
    def last_day(self) -> date:
        return (self.start + 6 * _DAY).date()


@dataclass(frozen=True)
class Entry:
    """A race week in a cell: where it begins, or where it goes on."""

    week: Week
    goes_on: bool
    is_now: bool
    note: str
    """Its days, where they are not those of the column."""


@dataclass(frozen=True)
class Row:
    season: Season
    name_note: str
    cells: tuple[tuple[Entry, ...], ...]
    before: int
    """Weeks that lie before the first column, after the last, or have no dates."""
    after: int
    undated: int


@dataclass(frozen=True)
class Group:
    """The seasons of one category."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ThisWeek:
    season: Season
    week: Week
    has_begun: bool


@dataclass(frozen=True)
class Grid:
    columns: tuple[Column, ...] = ()
    groups: tuple[Group, ...] = ()
    this_week: tuple[tuple[str, tuple[ThisWeek, ...]], ...] = field(default=())
    """By category: what races now, or begins before the next column does."""


def column_start(moment: datetime) -> datetime:
    """Midnight of the Tuesday on or before."""
    midnight = datetime.combine(moment.astimezone(timezone.utc).date(), time(), timezone.utc)
    return midnight - _DAY * ((midnight.weekday() - _TUESDAY) % 7)


def is_now(week: Week, now: datetime) -> bool:
    """By the week's own bounds, the end inclusive."""
    return bool(
        week.week_start and week.week_end_time and week.week_start <= now <= week.week_end_time
    )


def build_grid(seasons: Sequence[Season], now: datetime) -> Grid:
    """Everything placed and sorted: by category, licence, name."""
    ordered = sorted(
        seasons,
        key=lambda s: (
            *category_rank(s.category),
            s.license_group or 99,
            s.series_name.casefold(),
            s.season_year or 0,
            s.season_quarter or 0,
            s.season_id,
        ),
    )
    starts = _window(ordered, now)
    twins = Counter((s.series_id, s.season_year, s.season_quarter) for s in ordered)
    rows = [
        _row(s, starts, now, twins[s.series_id, s.season_year, s.season_quarter] > 1)
        for s in ordered
    ]
    by_category = [
        (name, tuple(group))
        for name, group in groupby(rows, key=lambda row: category_name(row.season.category))
    ]
    return Grid(
        columns=tuple(_column(start, ordered, now) for start in starts),
        groups=tuple(Group(name, group) for name, group in by_category),
        this_week=tuple(
            (name, found)
            for name, group in by_category
            if (found := tuple(_this_week([row.season for row in group], now)))
        ),
    )


def _window(seasons: Sequence[Season], now: datetime) -> list[datetime]:
    """The Tuesdays to show: those in which enough seasons race, and today's, not too many."""
    racing: Counter[datetime] = Counter()
    for season in seasons:
        racing.update({start for week in season.weeks for start in _touched(week)})
    if not racing:
        return []
    enough = -(-len(seasons) // _PART_OF_SEASONS)
    today = column_start(now)
    first = today - _WEEK * _MOST_BEFORE_TODAY
    last = first + _WEEK * (_MOST_COLUMNS - 1)
    shown = [start for start, n in racing.items() if n >= enough and first <= start <= last]
    first, last = min([*shown, today]), max([*shown, today])
    return [first + _WEEK * n for n in range((last - first) // _WEEK + 1)]


def _touched(week: Week) -> Iterator[datetime]:
    """The columns a race week stands in: where it begins, and where it goes on."""
    if week.week_start is None or week.week_end_time is None:
        return
    start, end = column_start(week.week_start), week.week_end_time
    yield start
    for _ in range(_MOST_COLUMNS):
        start += _WEEK
        if end - start < _LEAST_OVERLAP:
            return
        yield start


def _column(start: datetime, seasons: Sequence[Season], now: datetime) -> Column:
    numbers = Counter(
        week.race_week_num + 1
        for season in seasons
        for week in season.weeks
        if week.week_start and column_start(week.week_start) == start
    )
    number, votes = numbers.most_common(1)[0] if numbers else (None, 0)
    today = column_start(now)
    return Column(
        start,
        is_today=start == today,
        is_past=start < today,
        is_later=start >= today + PRINTED_WEEKS * _WEEK,
        number=number if votes * 2 > sum(numbers.values()) else None,
    )


def _row(season: Season, starts: Sequence[datetime], now: datetime, has_twin: bool) -> Row:
    cells: dict[datetime, list[Entry]] = {start: [] for start in starts}
    before = after = undated = 0
    for week in sorted(season.weeks, key=lambda w: (str(w.week_start or ""), w.race_week_num)):
        columns = list(_touched(week))
        if not columns:
            undated += 1
        elif starts and columns[-1] < starts[0]:
            before += 1
        elif starts and columns[0] > starts[-1]:
            after += 1
        for column in columns:
            if column in cells:
                goes_on = column != columns[0]
                cells[column].append(
                    Entry(week, goes_on, is_now(week, now), _days(week, column, goes_on))
                )
    note = season.season_name.removeprefix(season.series_name).strip(" -") if has_twin else ""
    return Row(season, note, tuple(map(tuple, cells.values())), before, after, undated)


def _days(week: Week, column: datetime, goes_on: bool) -> str:
    """`Wed 16 to Sun 20`, `Sat 19`; nothing where a week runs from the column's first day to its last."""
    start, end = week.week_start, week.week_end_time
    if start is None or end is None:
        return ""
    if goes_on:
        return f"until {end:%a} {end.day}"
    # What ends at some hour of the Monday, or early on the next Tuesday, is the whole week to people.
    is_whole = start < column + _DAY and column + 6 * _DAY <= end < column + _WEEK + _LEAST_OVERLAP
    if is_whole:
        return ""
    first, last = f"{start:%a} {start.day}", f"{end:%a} {end.day}"
    return first if start.date() == end.date() else f"{first} to {last}"


def _this_week(seasons: Sequence[Season], now: datetime) -> Iterator[ThisWeek]:
    turn = column_start(now) + _WEEK
    for season in seasons:
        running = [week for week in season.weeks if is_now(week, now)]
        coming = [week for week in season.weeks if week.week_start and now < week.week_start < turn]
        for week in sorted(running or coming, key=lambda w: (str(w.week_start), w.race_week_num))[
            :1
        ]:
            yield ThisWeek(season, week, has_begun=bool(running))
