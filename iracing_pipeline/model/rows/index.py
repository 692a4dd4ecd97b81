"""The index (stats_series, past_seasons) → rows of `series`, `seasons`, their classes and week → track.

In: raw series objects of the index, and what is known besides. Out: Extracts. The index knows no dates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from iracing_pipeline.api.types.index import IndexedSeason, IndexedSeries, IndexedWeek
from iracing_pipeline.api.types.items import given, readable
from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse, parse_items
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.endpoints import PAST_SEASONS
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.rows import Coverage, Rejected, Row, RowBatch, sorted_ids
from iracing_pipeline.core.seasons import UNKNOWN, CurrentList, StoredSeason
from iracing_pipeline.model.lifecycle import is_complete
from iracing_pipeline.model.rows.series import license_rows, picture_columns
from iracing_pipeline.model.shrinkage import is_shrunk, shrunk_in_words

# Same name and meaning in the index and the table.
_SEASON = (
    "season_id",
    "series_id",
    "season_name",
    "season_short_name",
    "season_year",
    "season_quarter",
    "official",
    "driver_changes",
    "fixed_setup",
    "license_group",
    "has_supersessions",
    "car_switching",
)
_SERIES_EXTRAS = ("active", "official", "fixed_setup", "license_group")
_SERIES = (
    "series_id",
    "series_name",
    "series_short_name",
    "category",
    "category_id",
    "search_filters",
    "logo",
    *_SERIES_EXTRAS,
)


def series_of_past_seasons(body: Any, series_id: int) -> Any:
    """The raw series object inside an answer of series/past_seasons.

    Raises UnusableResponse where there is none, or where it is another series'.
    """
    found = body.get("series") if isinstance(body, dict) else None
    if not isinstance(found, dict) or whole(found.get("series_id")) != series_id:
        raise UnusableResponse(
            f"{PAST_SEASONS} (series_id={series_id}) answered without that series."
        )
    return found


def parse_index(raw_series: Any, drift: Drift | None = None) -> Parsed[IndexedSeries]:
    """The series of the index, one by one."""
    return parse_items(IndexedSeries, raw_series, ("series_id",), drift)


def indexed_series_rows(
    parsed: Parsed[IndexedSeries],
    running: RowBatch,
    *,
    assets_body: Any = None,
    stored: Collection[int] = (),
) -> RowBatch:
    """Rows of `series` and `series_licenses` of all series, where `running` are those of series/get.

    What runs keeps every word of series/get; the index adds what only it says. The first season of a
    series that is `stored` stays as it is: series/get may have told it, when the series ran.
    """
    pictures = picture_columns(assets_body)
    rows: dict[int, Row] = {row["series_id"]: row for row in running.rows["series"]}
    licenses = list(running.rows["series_licenses"])
    said = set(running.coverage["series_licenses"].keys)
    for series in parsed.items:
        if series.series_id in rows:
            rows[series.series_id] |= given(series, _SERIES_EXTRAS)
            continue
        row = given(series, _SERIES)
        if series.series_id not in stored:
            first = first_season(series)
            row["first_season_year"], row["first_season_quarter"] = first or (None, None)
        rows[series.series_id] = {**row, **pictures.get(series.series_id, {})}
        if series.allowed_licenses is not None:
            licenses += license_rows(series.series_id, series.allowed_licenses, parsed.drift)
            said.add((series.series_id,))
    return RowBatch(
        {"series": list(rows.values()), "series_licenses": licenses},
        {"series_licenses": Coverage(("series_id",), frozenset(said))},
        [*running.rejected, *parsed.rejected],
        completes=running.completes,
    )


def first_season(series: IndexedSeries) -> tuple[int, int] | None:
    """Year and quarter of the earliest season listed; None where none can be read."""
    found = [
        (season["season_year"], season["season_quarter"])
        for season in series.seasons
        if isinstance(season, dict)
        and type(season.get("season_year")) is int
        and 2008 <= season["season_year"] < 3000
        and type(season.get("season_quarter")) is int
        and 1 <= season["season_quarter"] <= 4
    ]
    return min(found, default=None)


@dataclass(frozen=True)
class PastSeasons:
    """What one series' entry of the index comes to."""

    history: RowBatch
    """Seasons that were not stored: filling them in is no change."""
    news: RowBatch
    """The rest: what is stored already, or runs and is new."""
    season_ids: list[int] = field(default_factory=list)
    weeks: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def seasons(self) -> int:
        return len(self.season_ids)


@dataclass
class _Rows:
    """Rows of seasons as they are gathered, for one of the two batches."""

    seasons: list[Row] = field(default_factory=list)
    classes: list[Row] = field(default_factory=list)
    weeks: list[Row] = field(default_factory=list)
    updates: list[Row] = field(default_factory=list)
    classes_of: set[tuple[int, ...]] = field(default_factory=set)
    """Seasons whose classes are all there."""
    gone_seasons: set[tuple[int, ...]] = field(default_factory=set)
    gone_weeks: set[tuple[int, ...]] = field(default_factory=set)

    def batch(self, *, is_load: bool) -> RowBatch:
        return RowBatch(
            rows={
                "seasons": self.seasons,
                "season_car_classes": self.classes,
                "season_schedules": self.weeks,
            },
            coverage={
                "seasons": Coverage(("season_id",), frozenset(self.gone_seasons)),
                "season_car_classes": Coverage(("season_id",), frozenset(self.classes_of)),
                "season_schedules": Coverage(
                    ("season_id", "race_week_num"), frozenset(self.gone_weeks)
                ),
            },
            updates={"seasons": self.updates} if self.updates else {},
            is_load=is_load,
        )


def past_season_rows(
    series: IndexedSeries,
    stored: Mapping[int, StoredSeason],
    current: CurrentList,
    now: datetime,
    drift: Drift,
    taken: Collection[int] = (),
    *,
    fetched_at: datetime | None = None,
    allow_shrink: bool = False,
) -> PastSeasons:
    """Rows of all seasons of a series: `seasons`, `season_car_classes`, week → track.

    `stored` are seasons in the tables, of this series and of its entry. One of them that the list of
    current seasons holds keeps every word of that list: the index never demotes it. One that the list
    held keeps what changed after the index was fetched, and stays retired until it is over. A week that
    a schedule has told of keeps its track, and stays retired if one has dropped it. `taken` are seasons that
    stand in another series' entry too. Past seasons that the entry lacks are gone, and so are weeks that
    only the index knew.
    """
    history, news = _Rows(), _Rows()
    season_ids: list[int] = []
    week_count = 0
    is_known_series = any(known.series_id == series.series_id for known in stored.values())
    key = f"series_id={series.series_id}"
    parsed = parse_items(IndexedSeason, series.seasons, ("season_id",), drift)
    rejected = [_under(key, item) for item in parsed.rejected]
    for season in parsed.items:
        is_elsewhere = season.season_id in taken
        if is_elsewhere or season.series_id != series.series_id:
            rejected.append(
                Rejected(
                    f"{key} season_id={season.season_id}",
                    "The season stands in the entry of another series too."
                    if is_elsewhere
                    else f"The season says that it belongs to series {season.series_id}.",
                    season.model_dump(mode="json"),
                )
            )
            continue
        known = stored.get(season.season_id, UNKNOWN)
        weeks = _weeks(season, drift)
        rejected += [_under(key, item) for item in weeks.rejected]
        over = is_complete(
            season.season_id,
            (season.season_year, season.season_quarter),
            season.active,
            known,
            current,
            now,
        )
        season_ids.append(season.season_id)
        if known.is_retired and known.has_rules and not over:
            continue
        is_stored = season.season_id in stored
        # Of a series never seen before, everything is history.
        is_news = is_stored or (season.active and not over and is_known_series)
        target = news if is_news else history
        is_older = (
            known.has_rules
            and fetched_at is not None
            and known.updated_at is not None
            and fetched_at < known.updated_at
        )
        if is_older and over and not (known.complete or known.is_retired):
            ended = {"season_id": season.season_id, "complete": True, "active": False}
            target.updates.append(ended)
        elif not (is_stored and season.season_id in current.listed) and (
            not is_older or known.is_retired
        ):
            _add_season(target, season, over)
        target.weeks += [
            _week_row(week, season, week.race_week_num in known.scheduled_weeks)
            for week in weeks.items
            if week.race_week_num not in known.dropped_weeks
        ]
        if season.race_weeks is not None and not weeks.rejected:
            kept = {week.race_week_num for week in weeks.items}
            news.gone_weeks |= {(season.season_id, week) for week in known.indexed_weeks - kept}
        week_count += len(weeks.items)
    lacking, shrunk = _seasons_gone(series, season_ids, rejected, stored, current, allow_shrink)
    news.gone_seasons |= {(season_id,) for season_id in lacking}
    return PastSeasons(
        history.batch(is_load=True),
        news.batch(is_load=False),
        season_ids,
        week_count,
        [*rejected, *([shrunk] if shrunk else [])],
    )


def _seasons_gone(
    series: IndexedSeries,
    season_ids: Collection[int],
    rejected: Collection[Rejected],
    stored: Mapping[int, StoredSeason],
    current: CurrentList,
    allow_shrink: bool,
) -> tuple[frozenset[int], Rejected | None]:
    """Past seasons that the series' entry no longer holds; those of the current list are not its business.

    Or none, and why, where the entry lacks too many.
    """
    unread = [_season_id(item) for item in rejected]
    if None in unread:
        # An item without a readable id could be any of the missing seasons.
        return frozenset(), None
    ours = {
        season_id
        for season_id, known in stored.items()
        if known.series_id == series.series_id
        and not (known.is_retired or season_id in current.listed)
        and not (known.has_rules and not known.complete)
    }
    lacking = ours.difference(season_ids, unread)
    if is_shrunk(len(ours), len(lacking)) and not allow_shrink:
        reason = shrunk_in_words(
            "The entry of the series", "past seasons that are stored", len(ours), sorted(lacking)
        )
        payload = {
            "series_id": series.series_id,
            "seasons": sorted(season_ids),
            "missing": sorted(lacking),
        }
        key = f"series_id={series.series_id}"
        return frozenset(), Rejected(key, f"{reason} None was retired.", payload)
    return frozenset(lacking), None


def _season_id(item: Rejected) -> int | None:
    """The season that a rejected item is about, from its key."""
    found = re.search(r"\bseason_id=(\S+)", item.item_key)
    return whole(found[1]) if found else None


def _add_season(target: _Rows, season: IndexedSeason, over: bool | None) -> None:
    row = given(season, (*_SEASON, "license_group_types"))
    if season.license_group_types is not None:
        row["license_group_types"] = sorted_ids(
            kind.license_group_type for kind in season.license_group_types
        )
    row |= {"active": False} if over else readable(season, ("active",))
    if over is not None:
        row["complete"] = over
    target.seasons.append(row)
    if season.car_classes is not None:
        target.classes += [
            {"season_id": season.season_id, "car_class_id": car_class_id}
            for car_class_id in sorted_ids(item.car_class_id for item in season.car_classes) or ()
        ]
        target.classes_of.add((season.season_id,))


def _weeks(season: IndexedSeason, drift: Drift) -> Parsed[IndexedWeek]:
    raw_weeks = [
        {**week, "season_id": week.get("season_id", season.season_id)}
        if isinstance(week, dict)
        else week
        for week in season.race_weeks or ()
    ]
    parsed = parse_items(IndexedWeek, raw_weeks, ("season_id", "race_week_num"), drift)
    key = f"season_id={season.season_id}"
    parsed.rejected = [item.under(key) for item in parsed.rejected]
    for week in [week for week in parsed.items if week.season_id != season.season_id]:
        parsed.items.remove(week)
        parsed.rejected.append(
            Rejected(
                f"{key} race_week_num={week.race_week_num}",
                f"The week says that it belongs to season {week.season_id}.",
                week.model_dump(mode="json"),
            )
        )
    return parsed


def _week_row(week: IndexedWeek, season: IndexedSeason, is_scheduled: bool) -> Row:
    row: Row = {
        "season_id": season.season_id,
        "race_week_num": week.race_week_num,
        "is_in_index": True,
    }
    if not is_scheduled:
        row["series_id"] = season.series_id
        row |= readable(week.track, ("track_id", "track_name", "config_name"))
    return row


def _under(key: str, item: Rejected) -> Rejected:
    return Rejected(f"{key} {item.item_key}", item.reason, item.payload)
