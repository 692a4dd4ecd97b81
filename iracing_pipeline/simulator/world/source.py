"""WorldSource: answers every endpoint for one seed at one moment.

In: which series and seasons an answer is about, and keeping finished bodies. Out: how anything
looks (the *_bodies modules) and when it happens (seasons.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from iracing_pipeline.simulator.clock import UTC, as_utc, parse_moment, utc_now
from iracing_pipeline.simulator.errors import SimulatorError
from iracing_pipeline.simulator.source import (
    MOVING,
    BadRequestError,
    NotFoundError,
    Source,
    checked,
    to_json,
)

from .account import member_info
from .calendar import FIRST_YEAR, index_of, quarter_at
from .cars import build_cars, build_classes, car_assets, car_rows, class_rows
from .guide import race_guide, spectating
from .lookups import CONSTANTS, SERVED, current_season, doc, licenses, lookup
from .people import countries, flairs, league_seasons
from .roster import SeriesPlan, build_roster
from .season_bodies import full_season, indexed_season, listed_season, schedule, short_season
from .seasons import SeasonPlan, seasons_of
from .series_bodies import indexed_series, running_series, series_assets
from .tracks import build_tracks, track_assets, track_rows
from .weather import file_of, forecast
from .weeks import rerolls

PAST_MODES = ("full", "list", "active", "empty")
_KEEP_BODIES = 64


class WorldSource(Source):
    """A made-up iRacing. The same seed, sizes and moment give the same bodies, everywhere.

    `series`: how many series the world ever sees (some 60 % are alive at a time).
    `past_quarters`: at most so many quarters of history per series; None: all since `start_year`.
    `past_mode`: what series/seasons and season_list answer for a past quarter, which nobody has
    captured yet: "full" (its seasons with schedules), "list" (without), "active" (the active list
    whatever was asked), "empty" ([]). May be changed while running.
    """

    def __init__(
        self,
        seed: int = 2025,
        now: Callable[[], datetime] | None = None,
        series: int = 60,
        past_quarters: int | None = None,
        past_mode: str = "full",
        start_year: int = FIRST_YEAR,
    ):
        if past_mode not in PAST_MODES:
            raise SimulatorError(f"past_mode {past_mode!r} is none of {', '.join(PAST_MODES)}")
        if start_year < FIRST_YEAR or series < 1:
            raise SimulatorError(f"a world has at least one series, since {FIRST_YEAR} or later")
        self.seed = seed
        self.now = now
        self.past_mode = past_mode
        self.past_quarters = past_quarters
        self.cars = build_cars(seed)
        self.classes = build_classes(seed, self.cars)
        self.tracks = build_tracks(seed)
        self.series = build_roster(seed, series, self.classes, index_of(start_year, 1))
        self._today = quarter_at(as_utc((now or utc_now)()).date())
        self._started: dict[int, list[SeasonPlan]] = {}
        self._by_id: dict[int, SeasonPlan] = {}
        self._bodies: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._lock = threading.RLock()

    # -- the seasons at a moment -----------------------------------------------------------------

    def _first_quarter(self, series: SeriesPlan) -> int:
        if self.past_quarters is None:
            return series.first
        # Counted from the quarter in which the world was made: a moving clock loses no past.
        end = self._today if series.last is None else min(series.last + 1, self._today)
        return max(series.first, end - self.past_quarters)

    def _started_in(self, quarter: int) -> list[SeasonPlan]:
        """Every season of a quarter, whether known already or not; kept for ever."""
        if quarter not in self._started:
            self._started[quarter] = [
                season
                for series in self.series
                if quarter >= self._first_quarter(series)
                for season in seasons_of(series, quarter, len(self.series), self.seed)
            ]
            self._by_id |= {season.season_id: season for season in self._started[quarter]}
        return self._started[quarter]

    def seasons(self, moment: datetime) -> list[SeasonPlan]:
        """Every season known at a moment: past, running and announced, by quarter."""
        quarter = quarter_at(moment.date())
        return [
            season
            for index in range(quarter + 2)
            for season in self._started_in(index)
            if season.listed_from <= moment
        ]

    def season(self, season_id: int, moment: datetime) -> SeasonPlan:
        """One season known at a moment. NotFoundError if there is none."""
        for index in range(quarter_at(moment.date()) + 2):
            self._started_in(index)
        season = self._by_id.get(season_id)
        if season is None or season.listed_from > moment:
            raise NotFoundError(f"season {season_id}")
        return season

    def listed(self, moment: datetime) -> list[SeasonPlan]:
        """What series/seasons shows: announced and running seasons."""
        # No season is longer than a year.
        quarter = quarter_at(moment.date())
        return [
            season
            for index in range(max(quarter - 4, 0), quarter + 2)
            for season in self._started_in(index)
            if season.is_listed(moment)
        ]

    # -- answering -------------------------------------------------------------------------------

    @property
    def endpoints(self) -> list[str]:
        return ["doc", *SERVED]

    def answer(
        self, endpoint: str, params: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Any:
        now = as_utc(now or (self.now or utc_now)())
        asked = checked(endpoint, params or {})
        with self._lock:
            if endpoint in MOVING:
                return self._moving(endpoint, asked, now)
            return self._answer(endpoint, asked, phase_of(now))

    def answer_json(self, endpoint: str, params: Mapping[str, str], now: datetime) -> bytes:
        if endpoint in MOVING:
            return to_json(self.answer(endpoint, params, now))
        relevant = frozenset((n, v) for n, v in params.items() if n != "include_series")
        key = (endpoint, relevant, phase_of(as_utc(now)), self.past_mode)
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return self._bodies[key]
            body = to_json(self.answer(endpoint, params, now))
            self._bodies[key] = body
            while len(self._bodies) > _KEEP_BODIES:
                self._bodies.popitem(last=False)
            return body

    def file(self, path: str, now: datetime) -> bytes | None:
        """The forecast of a week, while its season is listed."""
        found = file_of(path)
        if found is None:
            return None
        season_id, week = found
        moment = phase_of(as_utc(now))
        with self._lock:
            for season in self.listed(moment):
                if season.season_id == season_id and week < len(season.week_starts):
                    return to_json(forecast(season, week, rerolls(season, week, moment)))
        return None

    def _answer(self, endpoint: str, asked: dict[str, str], moment: datetime) -> Any:
        quarter = quarter_at(moment.date())
        if endpoint.startswith("doc"):
            try:
                return doc(endpoint.removeprefix("doc"))
            except KeyError as error:
                raise NotFoundError(endpoint) from error
        if endpoint.startswith("constants/"):
            if endpoint.removeprefix("constants/") not in CONSTANTS:
                raise NotFoundError(endpoint)
            return CONSTANTS[endpoint.removeprefix("constants/")]
        plain: dict[str, Callable[[], Any]] = {
            "car/get": lambda: car_rows(self.seed, self.cars, quarter),
            "car/assets": lambda: car_assets(self.cars),
            "carclass/get": lambda: class_rows(self.classes, quarter),
            "track/get": lambda: track_rows(self.seed, self.tracks, quarter),
            "track/assets": lambda: track_assets(self.tracks),
            "league/seasons": lambda: self._league(asked, quarter),
            "lookup/countries": countries,
            "lookup/flairs": flairs,
            "lookup/get": lambda: lookup(asked),
            "lookup/licenses": licenses,
            "lookup/current_season": lambda: current_season(quarter),
            "member/info": lambda: member_info(
                self.seed,
                car_rows(self.seed, self.cars, quarter),
                track_rows(self.seed, self.tracks, quarter),
            ),
            "series/get": lambda: [running_series(s, quarter) for s in self._running(moment)],
            "series/assets": lambda: {
                str(s.series_id): series_assets(s, quarter) for s in self._running(moment)
            },
            "series/stats_series": lambda: self._index(moment, quarter),
            "series/past_seasons": lambda: self._past_seasons(asked, moment, quarter),
            "series/season_schedule": lambda: self._schedule(asked, moment, quarter),
            "series/seasons": lambda: self._seasons(asked, moment, quarter, full_season),
            "series/season_list": lambda: {
                "seasons": self._seasons(asked, moment, quarter, listed_season)
            },
            "season/list": lambda: self._season_list(asked, moment, quarter),
        }
        if endpoint not in plain:
            raise NotFoundError(endpoint)
        return plain[endpoint]()

    def _running(self, moment: datetime) -> list[SeriesPlan]:
        running = {s.series.number for s in self.listed(moment) if s.is_running(moment)}
        return [series for series in self.series if series.number in running]

    def _seasons(
        self,
        asked: dict[str, str],
        moment: datetime,
        quarter: int,
        shape: Callable[..., dict[str, Any]],
    ) -> list[dict[str, Any]]:
        wanted = _quarter_asked(asked)
        seasons = self.listed(moment)
        if wanted is not None and wanted < quarter and self.past_mode != "active":
            if self.past_mode == "empty":
                return []
            seasons = [s for s in self._started_in(wanted) if s.listed_from <= moment]
            shape = listed_season if self.past_mode == "list" else shape
        elif wanted is not None and wanted > quarter:
            seasons = [s for s in seasons if s.quarter_index == wanted]
        return [shape(season, self.tracks, moment, quarter) for season in seasons]

    def _season_list(self, asked: dict[str, str], moment: datetime, quarter: int) -> Any:
        wanted = _quarter_asked(asked)
        known = self._started_in(wanted) if wanted is not None and wanted < quarter + 2 else []
        rows = [short_season(s, quarter) for s in known if s.listed_from <= moment]
        return {
            "season_quarter": int(asked["season_quarter"]),
            "seasons": sorted(rows, key=lambda row: (row["series_name"], row["season_id"])),
            "season_year": int(asked["season_year"]),
        }

    def _index(self, moment: datetime, quarter: int) -> list[dict[str, Any]]:
        by_series: dict[int, list[SeasonPlan]] = {}
        for season in self.seasons(moment):
            by_series.setdefault(season.series.number, []).append(season)
        rows = [
            self._indexed(self.series[number], plans, moment, quarter)
            for number, plans in by_series.items()
        ]
        # Roughly by first season, as iRacing's: not by id.
        return sorted(rows, key=lambda row: row["seasons"][-1]["season_id"])

    def _indexed(
        self, series: SeriesPlan, plans: list[SeasonPlan], moment: datetime, quarter: int
    ) -> dict[str, Any]:
        newest_first = sorted(plans, key=lambda s: (s.quarter_index, s.part), reverse=True)
        seasons = [indexed_season(s, self.tracks, moment, quarter) for s in newest_first]
        active = any(season.is_running(moment) for season in plans)
        return indexed_series(series, seasons, quarter, active=active)

    def _past_seasons(self, asked: dict[str, str], moment: datetime, quarter: int) -> Any:
        series_id = int(asked["series_id"])
        plans = [s for s in self.seasons(moment) if s.series.series_id == series_id]
        if not plans:
            raise NotFoundError(f"series {series_id}")
        series = self._indexed(plans[0].series, plans, moment, quarter)
        return {"success": True, "series": series, "series_id": series_id}

    def _schedule(self, asked: dict[str, str], moment: datetime, quarter: int) -> Any:
        season_id = int(asked["season_id"])
        weeks = schedule(self.season(season_id, moment), self.tracks, moment, quarter)
        return {"success": True, "season_id": season_id, "schedules": weeks}

    def _league(self, asked: dict[str, str], quarter: int) -> Any:
        league_id = int(asked["league_id"])
        if league_id < 1:
            raise NotFoundError(f"league {league_id}")
        retired = asked.get("retired", "").lower() == "true"
        return league_seasons(self.seed, self.cars, quarter, league_id, retired=retired)

    def _moving(self, endpoint: str, asked: dict[str, str], now: datetime) -> Any:
        if endpoint == "season/race_guide":
            return self._race_guide(asked, now)
        body = spectating(self.listed(now), asked, now)
        if endpoint == "season/spectator_subsessionids":
            ids = [row["subsession_id"] for row in body["subsessions"]]
            return {
                "event_types": body["event_types"],
                "success": True,
                "subsession_ids": ids,
            }
        return body

    def _race_guide(self, asked: dict[str, str], now: datetime) -> Any:
        try:
            begin = max(parse_moment(asked["from"]), now) if asked.get("from") else now
        except ValueError as error:
            raise BadRequestError("from is not ISO 8601") from error
        started_too = asked.get("include_end_after_from") == "true"
        # A season that begins tonight is in the guide of this evening.
        soon = self.listed(now + timedelta(hours=3))
        seasons = {s.season_id: s for s in [*self.listed(now), *soon]}.values()
        return race_guide(seasons, begin, now, started_too=started_too)


def phase_of(now: datetime) -> datetime:
    """Bodies change at midnight and at noon only: seasons roll and switch on then, UTC."""
    now = now.astimezone(UTC)
    return now.replace(hour=now.hour // 12 * 12, minute=0, second=0, microsecond=0)


def _quarter_asked(asked: Mapping[str, str]) -> int | None:
    if "season_year" not in asked or "season_quarter" not in asked:
        # Without both, the active seasons are returned: the documentation says so.
        return None
    year, quarter = int(asked["season_year"]), int(asked["season_quarter"])
    if not 1 <= quarter <= 4 or year < FIRST_YEAR:
        raise BadRequestError(f"there is no season {year}/{quarter}")
    return index_of(year, quarter)
