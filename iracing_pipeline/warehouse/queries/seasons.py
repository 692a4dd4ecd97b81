"""Seasons as they are stored: their weeks, which schedules are missing, how much of the past there is.

In: a connection. Out: facts for the engine and the planner. What has landed is in responses/lists.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import SEASONS
from iracing_pipeline.core.seasons import MissingSchedule, StoredSeason, YearQuarter
from iracing_pipeline.warehouse.ledger.state import PAST_QUARTERS

_SEASON = """
    SELECT s.season_id, s.series_id, s.season_year, s.season_quarter, s.active, s.complete,
           w.last_week_end, coalesce(w.scheduled, '{}'), coalesce(w.indexed, '{}'),
           coalesce(w.dropped, '{}'), s.retired_at IS NOT NULL, s.has_rules,
           coalesce(w.is_to_come, false),
           EXISTS (SELECT FROM iracing.series x
                   WHERE x.series_id = s.series_id AND x.retired_at IS NOT NULL),
           s.updated_at, coalesce(w.has_begun, false)
    FROM iracing.seasons s
    LEFT JOIN LATERAL (
        SELECT max(e.week_end) FILTER (WHERE retired_at IS NULL) AS last_week_end,
               array_agg(race_week_num) FILTER (WHERE is_in_schedule AND retired_at IS NULL)
                   AS scheduled,
               array_agg(race_week_num) FILTER (WHERE NOT is_in_schedule AND retired_at IS NULL)
                   AS indexed,
               array_agg(race_week_num) FILTER (WHERE is_in_schedule AND retired_at IS NOT NULL)
                   AS dropped,
               bool_or(retired_at IS NULL AND e.week_end >= %(now)s) AS is_to_come,
               bool_or(retired_at IS NULL AND start_date <= %(now)s) AS has_begun
        FROM iracing.season_schedules w
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        WHERE w.season_id = s.season_id
    ) w ON true
"""


def _stored(rows: Iterable[Any]) -> list[StoredSeason]:
    return [
        StoredSeason(
            season_id=row[0],
            series_id=row[1],
            quarter=(row[2] or 0, row[3] or 0),
            active=row[4],
            complete=row[5],
            last_week_end=row[6],
            scheduled_weeks=frozenset(row[7]),
            indexed_weeks=frozenset(row[8]),
            dropped_weeks=frozenset(row[9]),
            is_retired=row[10],
            has_rules=row[11],
            is_to_come=row[12],
            is_orphan=row[13],
            updated_at=row[14],
            has_begun=row[15],
        )
        for row in rows
    ]


def seasons_of_series(
    connection: Connection,
    series_ids: Sequence[int],
    now: datetime,
    season_ids: Sequence[int] = (),
) -> list[StoredSeason]:
    """Every stored season of these series, and these seasons, whatever series they are stored under."""
    return _stored(
        connection.exec_driver_sql(
            f"{_SEASON} WHERE s.series_id = ANY (%(series)s) OR s.season_id = ANY (%(seasons)s)",
            {"series": list(series_ids), "seasons": list(season_ids), "now": now},
        )
    )


def current_seasons(
    connection: Connection, listed: Sequence[int], now: datetime
) -> tuple[list[int], list[StoredSeason]]:
    """Listed seasons without a row; and every living one not known to be over, listed or not.

    Those of retired series too, over or not.
    """
    rows = connection.exec_driver_sql(
        f"""{_SEASON}
            WHERE s.retired_at IS NULL AND (
                s.complete IS NOT TRUE OR s.series_id IN (
                    SELECT series_id FROM iracing.series WHERE retired_at IS NOT NULL))
            UNION ALL
            SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, '{{}}', '{{}}', '{{}}', false, false, false,
                   false, NULL, false
            FROM unnest(%(listed)s::int[]) AS id
            WHERE NOT EXISTS (SELECT FROM iracing.seasons s WHERE s.season_id = id)
        """,  # noqa: S608 - composed of constants
        {"listed": list(listed), "now": now},
    ).all()
    return [row[0] for row in rows if row[1] is None], _stored(
        row for row in rows if row[1] is not None
    )


# Over, or never seen to run, and without its final schedule.
_IS_MISSING = """
    NOT s.has_final_schedule AND s.retired_at IS NULL
    AND (s.complete OR (s.complete IS NULL AND s.active IS NOT TRUE))
"""


@dataclass(frozen=True)
class SeasonRows:
    """What the rows of `seasons` come to."""

    season_ids: frozenset[int] = frozenset()
    """Every season that has a row, retired or not."""
    over: frozenset[int] = frozenset()
    """Those of them that are over."""
    have_schedules: bool = False
    """One that is not over has weeks from a schedule."""
    lack_history: bool = False
    """One that is over lacks its final schedule."""
    weeks: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Living weeks known from a schedule, of living seasons that are not over: race_week_num by season."""


def season_rows(connection: Connection) -> SeasonRows:
    """One statement, for a run that in most cases has nothing else to ask."""
    row = connection.exec_driver_sql(
        f"""
        SELECT ARRAY(SELECT season_id FROM iracing.seasons),
               ARRAY(SELECT season_id FROM iracing.seasons WHERE complete),
               EXISTS (SELECT FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
                       WHERE w.is_in_schedule AND s.complete IS NOT TRUE),
               EXISTS (SELECT FROM iracing.seasons s WHERE {_IS_MISSING}),
               (SELECT coalesce(jsonb_object_agg(season_id, weeks), '{{}}') FROM (
                    SELECT w.season_id, jsonb_agg(w.race_week_num) AS weeks
                    FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
                    WHERE w.is_in_schedule AND w.retired_at IS NULL AND s.retired_at IS NULL
                      AND s.complete IS NOT TRUE
                    GROUP BY w.season_id) AS current)
        """  # noqa: S608 - composed of constants
    ).one()
    weeks = {int(season_id): frozenset[int](found) for season_id, found in row[4].items()}
    return SeasonRows(frozenset(row[0]), frozenset(row[1]), row[2], row[3], weeks)


def rows_of_seasons(connection: Connection, season_ids: Sequence[int]) -> list[list[int | None]]:
    """A mark of the rows of these seasons and of their weeks, equal while nobody has written any of them.

    Of each table how many rows there are, and the newest transaction that wrote one.
    """
    row = connection.exec_driver_sql(
        """
        SELECT (SELECT ARRAY[count(*), max(xmin::text::bigint)]
                FROM iracing.seasons WHERE season_id = ANY (%(ids)s)),
               (SELECT ARRAY[count(*), max(xmin::text::bigint)]
                FROM iracing.season_schedules WHERE season_id = ANY (%(ids)s)),
               (SELECT ARRAY[count(*), max(xmin::text::bigint)]
                FROM iracing.race_time_descriptors WHERE season_id = ANY (%(ids)s)),
               (SELECT ARRAY[count(*), max(xmin::text::bigint)]
                FROM iracing.car_restrictions WHERE season_id = ANY (%(ids)s))
        """,
        {"ids": list(season_ids)},
    ).one()
    return list(row)


def missing_schedules(
    connection: Connection,
    *,
    series_ids: Sequence[int] | None = None,
    quarter: YearQuarter | None = None,
) -> list[MissingSchedule]:
    """Past seasons whose final schedule is missing, of all series or of some, of all quarters or of one."""
    year, number = quarter or (None, None)
    ids = None if series_ids is None else list(series_ids)
    rows = connection.exec_driver_sql(
        f"""
        WITH missing AS MATERIALIZED (
            SELECT s.season_id, s.series_id, s.season_year, s.season_quarter, s.complete
            FROM iracing.seasons s
            WHERE {_IS_MISSING}
              AND (%s::int[] IS NULL OR s.series_id = ANY (%s))
              AND (%s::int IS NULL OR (s.season_year = %s AND s.season_quarter = %s))
        )
        -- One join, and no query per season: after a load the server has no statistics that would tell it
        -- to use an index.
        SELECT m.*, w.season_id IS NOT NULL, coalesce(w.numbers, '{{}}'), coalesce(w.ends, '{{}}')
        FROM missing m
        LEFT JOIN (
            SELECT w.season_id,
                   array_agg(w.race_week_num) FILTER (WHERE w.retired_at IS NULL) AS numbers,
                   array_agg(e.week_end) FILTER (WHERE w.retired_at IS NULL) AS ends
            FROM iracing.season_schedules w
            JOIN missing USING (season_id)
            CROSS JOIN LATERAL iracing.week_end(w) AS e
            WHERE w.is_in_schedule
            GROUP BY w.season_id) w USING (season_id)
        """,  # noqa: S608 - composed of constants
        (ids, ids, year, year, number),
    )
    return [
        MissingSchedule(
            row[0], row[1], (row[2], row[3]), row[4], row[5], dict(zip(row[6], row[7], strict=True))
        )
        for row in rows
    ]


def quarters_asked_since(connection: Connection, since: datetime) -> frozenset[YearQuarter]:
    """Quarters for which series/seasons has answered since then."""
    rows = connection.exec_driver_sql(
        """
        SELECT (params ->> 'season_year')::int, (params ->> 'season_quarter')::int
        FROM iracing.responses
        WHERE endpoint = %s AND params ? 'season_year' AND params ? 'season_quarter'
          AND fetched_at > %s
        """,
        (SEASONS, since),
    )
    return frozenset((row[0], row[1]) for row in rows)


@dataclass(frozen=True)
class HistoryState:
    """How much of the past is stored."""

    past_seasons: int
    with_schedule: int
    past_quarters: dict[str, Any] | None
    """What series/seasons was found to answer for a past quarter; None before the first try."""


def history_state(connection: Connection) -> HistoryState:
    """One statement."""
    row = connection.exec_driver_sql(
        """
        SELECT count(*), count(*) FILTER (WHERE has_final_schedule),
               (SELECT value FROM iracing.installation WHERE name = %s)
        FROM iracing.seasons
        WHERE retired_at IS NULL AND (complete OR has_final_schedule)
        """,
        (PAST_QUARTERS,),
    ).one()
    return HistoryState(row[0], row[1], row[2])


@dataclass(frozen=True)
class Disagreements:
    """Weeks of seasons with a final schedule that only one of index and schedule knows."""

    only_in_index: int
    only_in_schedule: int


def disagreements(connection: Connection) -> Disagreements:
    """Counted over all seasons whose index entry and final schedule are both stored."""
    row = connection.exec_driver_sql(
        """
        SELECT coalesce(sum(only_index), 0)::int, coalesce(sum(only_schedule), 0)::int FROM (
            SELECT count(*) FILTER (WHERE NOT w.is_in_schedule) AS only_index,
                   count(*) FILTER (WHERE NOT w.is_in_index) AS only_schedule
            FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
            WHERE s.has_final_schedule AND w.retired_at IS NULL
            GROUP BY w.season_id
            HAVING bool_or(w.is_in_index) AND bool_or(w.is_in_schedule)
        ) AS seasons
        """
    ).one()
    return Disagreements(row[0], row[1])


def living_rows(connection: Connection, tables: Sequence[str]) -> dict[str, int]:
    """Rows that are not retired, per table."""
    counts = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM iracing.{name} WHERE retired_at IS NULL"  # noqa: S608
        for name in tables
    )
    return {row[0]: row[1] for row in connection.exec_driver_sql(counts)}
