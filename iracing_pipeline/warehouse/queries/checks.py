"""What the asset checks judge: facts about the landed lists and about the weeks of seasons that are not over.

In: a connection, a moment. Out: ListFacts, WeekFacts, TrackFacts, one statement each. What they mean is
model/expectations.py's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import CURRENT_LIST, SEASONS


class Running(NamedTuple):
    """A season that by its own weeks has begun and is not over, whatever has been said of it since."""

    season_id: int
    season_name: str
    category: str | None
    is_listed: bool
    """The newest list of current seasons holds it."""
    race_week: int | None
    """What that list says."""
    week_by_dates: int | None
    """The week that had run for a day when the list was fetched."""


@dataclass(frozen=True)
class ListFacts:
    """About the newest list of current seasons, and beside it the list of series."""

    list_fetched_at: datetime | None
    """None: no list of current seasons has landed."""
    list_same_since: datetime | None
    """When this very body was first given."""
    series_fetched_at: datetime | None
    running: list[Running]
    series_without_season: list[tuple[int, str]]
    """(series_id, name) of series/get of which the list has no season."""
    listed: dict[tuple[int, int], int]
    """Seasons of the list by (season_year, season_quarter)."""


# Retired seasons count: a list that lost a category may have had them retired. Their weeks went with them.
_LIST_FACTS = """
    WITH list AS (
        SELECT body, fetched_at, coalesce(same_since, fetched_at) AS same_since,
               least(fetched_at, %(now)s) AS at
        FROM iracing.responses WHERE endpoint = %(list)s AND params = %(current)s
    ), listed AS MATERIALIZED (
        SELECT x.* FROM list CROSS JOIN LATERAL jsonb_to_recordset(
            CASE jsonb_typeof(body) WHEN 'array'
                THEN jsonb_path_query_array(body, '$[*] ? (@.season_id.type() == "number")')
                ELSE '[]' END)
            AS x (season_id text, series_id text, race_week text, season_year text,
                  season_quarter text)
    ), series_get AS (
        SELECT r.fetched_at, x.* FROM iracing.responses r
        LEFT JOIN LATERAL jsonb_to_recordset(
            CASE jsonb_typeof(r.body) WHEN 'array'
                THEN jsonb_path_query_array(r.body, '$[*] ? (@.series_id.type() == "number")')
                ELSE '[]' END)
            AS x (series_id text, series_name text) ON true
        WHERE r.endpoint = 'series/get' AND r.params = '{}'
    ), running AS (
        SELECT s.season_id, s.season_name, coalesce(w.category, x.category) AS category,
               l.season_id IS NOT NULL AS is_listed, l.race_week, (
                   SELECT c.race_week_num
                   FROM list, iracing.season_schedules c
                   CROSS JOIN LATERAL iracing.week_end(c) AS e
                   WHERE c.season_id = s.season_id AND c.retired_at IS NULL
                     AND c.start_date::timestamp AT TIME ZONE 'UTC' <= list.at - interval '24 hours'
                     AND e.week_end >= list.at
                   ORDER BY c.start_date DESC, c.race_week_num DESC LIMIT 1) AS week_by_dates
        FROM iracing.seasons s
        JOIN LATERAL (
            SELECT min(start_date) AS first_day, max(e.week_end) AS last_end,
                   (array_agg(category ORDER BY start_date DESC)
                       FILTER (WHERE start_date <= %(today)s))[1] AS category
            FROM iracing.season_schedules w
            CROSS JOIN LATERAL iracing.week_end(w) AS e
            WHERE season_id = s.season_id AND (retired_at IS NULL OR s.retired_at IS NOT NULL)
        ) AS w ON w.first_day <= %(today)s AND w.last_end >= %(now)s
        LEFT JOIN iracing.series x ON x.series_id = s.series_id
        LEFT JOIN listed l ON l.season_id = s.season_id::text
        WHERE s.has_rules
    )
    SELECT (SELECT fetched_at FROM list), (SELECT same_since FROM list),
           (SELECT max(fetched_at) FROM series_get),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(season_id, season_name, category, is_listed,
                       CASE WHEN race_week ~ '^[0-9]{1,4}$' THEN race_week::int END, week_by_dates)
                       ORDER BY season_id), '[]') FROM running),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(series_id::int, series_name)
                       ORDER BY series_id::int), '[]') FROM series_get g
            WHERE series_id ~ '^[0-9]{1,9}$'
              AND NOT EXISTS (SELECT FROM listed l WHERE l.series_id = g.series_id)),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(season_year::int, season_quarter::int, seasons)),
                            '[]')
            FROM (SELECT season_year, season_quarter, count(*) AS seasons FROM listed
                  WHERE season_year ~ '^[0-9]{4}$' AND season_quarter ~ '^[1-4]$'
                  GROUP BY 1, 2) AS quarters)
"""


def list_facts(connection: Connection, now: datetime) -> ListFacts:
    """Facts about the landed lists at a moment."""
    row = connection.exec_driver_sql(
        _LIST_FACTS,
        {
            "now": now,
            "today": now.date(),
            "list": SEASONS,
            "current": Jsonb(dict(CURRENT_LIST)),
        },
    ).one()
    return ListFacts(
        row[0],
        row[1],
        row[2],
        running=[Running(*values) for values in row[3]],
        series_without_season=[(values[0], values[1] or "") for values in row[4]],
        listed={(year, quarter): seasons for year, quarter, seasons in row[5]},
    )


class SeasonWeeks(NamedTuple):
    """A season that is not over, and its living weeks known from a schedule."""

    season_id: int
    season_name: str
    weeks: list[int]
    max_weeks: int | None


class Overlap(NamedTuple):
    season_id: int
    season_name: str
    race_week_num: int
    next_week_num: int
    """It begins before the other has ended."""


class Week(NamedTuple):
    season_id: int
    season_name: str
    race_week_num: int


@dataclass(frozen=True)
class WeekFacts:
    """About weeks. Seasons here are living ones that are not over and have weeks to come, or none."""

    seasons: list[SeasonWeeks]
    overlaps: list[Overlap]
    current_weeks: int
    """Weeks that run now and say when they race."""
    silent_weeks: list[Week]
    """Those of them that come to no session at all."""
    bare_weeks: list[Week]
    """Weeks that run or are to come and do not say when they race."""


_WEEK_FACTS = """
    WITH current AS MATERIALIZED (
        SELECT s.season_id, s.season_name, s.max_weeks FROM iracing.seasons s
        WHERE s.retired_at IS NULL AND s.complete IS NOT TRUE AND s.has_rules
    ), weeks AS MATERIALIZED (
        SELECT w.season_id, c.season_name, w.race_week_num, w.start_date, e.week_end,
               lead(w.race_week_num) OVER season AS next_week_num,
               lead(w.start_date) OVER season AS next_start,
               EXISTS (SELECT FROM iracing.race_time_descriptors d
                       WHERE d.season_id = w.season_id AND d.race_week_num = w.race_week_num
                         AND d.retired_at IS NULL) AS says_when
        FROM iracing.season_schedules w JOIN current c USING (season_id)
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        WHERE w.retired_at IS NULL AND w.is_in_schedule
        WINDOW season AS (PARTITION BY w.season_id ORDER BY w.race_week_num)
    ), alive AS (
        SELECT season_id FROM current c
        WHERE NOT EXISTS (SELECT FROM weeks w WHERE w.season_id = c.season_id)
           OR EXISTS (SELECT FROM weeks w WHERE w.season_id = c.season_id
                        AND (w.week_end >= %(now)s OR w.week_end IS NULL))
    ), living AS (SELECT weeks.* FROM weeks JOIN alive USING (season_id)
    ), now_running AS (
        SELECT * FROM living
        WHERE says_when AND week_end >= %(now)s
          AND start_date::timestamp AT TIME ZONE 'UTC' <= %(now)s
    )
    SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_array(season_id, season_name, (
                    SELECT coalesce(jsonb_agg(race_week_num ORDER BY race_week_num), '[]')
                    FROM living w WHERE w.season_id = c.season_id), max_weeks)
                ORDER BY season_id), '[]')
         FROM current c JOIN alive USING (season_id)),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(season_id, season_name, race_week_num,
                    next_week_num) ORDER BY season_id, race_week_num), '[]')
         FROM living
         WHERE next_start <= start_date
            OR week_end >= next_start::timestamp AT TIME ZONE 'UTC'),
        (SELECT count(*) FROM now_running),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(season_id, season_name, race_week_num)
                ORDER BY season_id), '[]')
         FROM now_running n WHERE NOT EXISTS (
             SELECT FROM iracing.race_sessions(
                 n.start_date::timestamp AT TIME ZONE 'UTC' - interval '192 hours',
                 n.week_end + interval '1 second') r
             WHERE r.season_id = n.season_id AND r.race_week_num = n.race_week_num)),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(season_id, season_name, race_week_num)
                ORDER BY season_id, race_week_num), '[]')
         FROM living WHERE NOT says_when AND (week_end >= %(now)s OR week_end IS NULL))
"""


def week_facts(connection: Connection, now: datetime) -> WeekFacts:
    """Facts about weeks at a moment."""
    row = connection.exec_driver_sql(_WEEK_FACTS, {"now": now}).one()
    return WeekFacts(
        seasons=[SeasonWeeks(*values) for values in row[0]],
        overlaps=[Overlap(*values) for values in row[1]],
        current_weeks=row[2],
        silent_weeks=[Week(*values) for values in row[3]],
        bare_weeks=[Week(*values) for values in row[4]],
    )


class UnknownTrack(NamedTuple):
    track_id: int
    track_name: str | None
    weeks: int
    """Weeks that are raced there."""
    is_past: bool
    """All of them are over."""


@dataclass(frozen=True)
class TrackFacts:
    """Tracks that living weeks name and `tracks` does not hold."""

    unknown: list[UnknownTrack]
    tracks: int
    """Rows of `tracks`."""
    tracks_fetched_at: datetime | None
    list_fetched_at: datetime | None


_TRACK_FACTS = """
    WITH unknown AS (
        SELECT w.track_id, max(w.track_name) AS track_name, count(*) AS weeks,
               coalesce(bool_and(s.complete OR e.week_end < %(now)s), false) AS is_past
        FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        WHERE w.retired_at IS NULL AND s.retired_at IS NULL AND w.track_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM iracing.tracks t
                          WHERE t.track_id = w.track_id AND t.retired_at IS NULL)
        GROUP BY w.track_id
    )
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(track_id, track_name, weeks, is_past)
                ORDER BY is_past, track_id), '[]') FROM unknown),
           (SELECT count(*) FROM iracing.tracks),
           (SELECT max(fetched_at) FROM iracing.responses WHERE endpoint = 'track/get'),
           (SELECT max(fetched_at) FROM iracing.responses
            WHERE endpoint = %(list)s AND params = %(current)s)
"""


def track_facts(connection: Connection, now: datetime) -> TrackFacts:
    """Facts about tracks at a moment."""
    row = connection.exec_driver_sql(
        _TRACK_FACTS, {"now": now, "list": SEASONS, "current": Jsonb(dict(CURRENT_LIST))}
    ).one()
    return TrackFacts([UnknownTrack(*values) for values in row[0]], *row[1:])
