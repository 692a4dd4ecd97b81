"""What is stored of past seasons and their schedules, and what of them is missing.

In: a connection. Out: facts for the fetch planner. Writes nothing. What has landed is landed_lists.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.warehouse.landed_lists import LIST_ENDPOINT

PAST_QUARTERS = "past_quarters"
"""Fact: what series/seasons was found to answer for a past quarter."""


@dataclass(frozen=True)
class StoredSeason:
    """What is stored of a season; `scheduled_weeks` are the race_week_num known from a schedule."""

    season_id: int
    series_id: int
    season_year: int | None
    season_quarter: int | None
    active: bool | None
    complete: bool | None
    last_week_end: datetime | None
    scheduled_weeks: frozenset[int]


_SEASON = """
    SELECT s.season_id, s.series_id, s.season_year, s.season_quarter, s.active, s.complete,
           w.last_week_end, coalesce(w.scheduled, '{}')
    FROM iracing.seasons s
    LEFT JOIN LATERAL (
        SELECT max(week_end_time) AS last_week_end,
               array_agg(race_week_num) FILTER (WHERE is_in_schedule) AS scheduled
        FROM iracing.season_schedules w
        WHERE w.season_id = s.season_id AND w.retired_at IS NULL
    ) w ON true
"""


def _stored(rows: Any) -> list[StoredSeason]:
    return [
        StoredSeason(row[0], row[1], row[2], row[3], row[4], row[5], row[6], frozenset[int](row[7]))
        for row in rows
    ]


def seasons_of_series(connection: Connection, series_ids: Sequence[int]) -> list[StoredSeason]:
    """Every stored season of these series."""
    return _stored(
        connection.exec_driver_sql(
            f"{_SEASON} WHERE s.series_id = ANY (%s)",
            (list(series_ids),),
        )
    )


def seasons_beyond(
    connection: Connection, listed: Sequence[int], series_ids: Sequence[int] | None
) -> tuple[list[int], list[StoredSeason]]:
    """What the list of current seasons and the tables do not have in common.

    Listed seasons without a row; and living ones that the list lacks although they are not known to
    be over, of all series or of some.
    """
    ids = None if series_ids is None else list(series_ids)
    rows = connection.exec_driver_sql(
        f"""{_SEASON}
            WHERE s.complete IS NOT TRUE AND s.retired_at IS NULL AND s.season_id <> ALL (%s)
              AND (%s::int[] IS NULL OR s.series_id = ANY (%s))
            UNION ALL
            SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unnest(%s::int[]) AS id
            WHERE NOT EXISTS (SELECT FROM iracing.seasons s WHERE s.season_id = id)
        """,  # noqa: S608 - composed of constants
        (list(listed), ids, ids, list(listed)),
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
    have_schedules: bool = False
    """One that is not over has weeks from a schedule."""
    lack_history: bool = False
    """One that is over lacks its final schedule."""


def season_rows(connection: Connection) -> SeasonRows:
    """One statement, for a run that in most cases has nothing else to ask."""
    row = connection.exec_driver_sql(
        f"""
        SELECT ARRAY(SELECT season_id FROM iracing.seasons),
               EXISTS (SELECT FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
                       WHERE w.is_in_schedule AND s.complete IS NOT TRUE),
               EXISTS (SELECT FROM iracing.seasons s WHERE {_IS_MISSING})
        """  # noqa: S608 - composed of constants
    ).one()
    return SeasonRows(frozenset(row[0]), row[1], row[2])


@dataclass(frozen=True)
class MissingSchedule:
    """A season that is over, or may be, and whose final schedule is not stored."""

    season_id: int
    series_id: int
    season_year: int
    season_quarter: int
    complete: bool | None
    has_schedule: bool


def missing_schedules(
    connection: Connection,
    *,
    series_ids: Sequence[int] | None = None,
    quarter: tuple[int, int] | None = None,
) -> list[MissingSchedule]:
    """Past seasons whose final schedule is missing, of all series or of some, of all quarters or of one."""
    year, number = quarter or (None, None)
    ids = None if series_ids is None else list(series_ids)
    rows = connection.exec_driver_sql(
        f"""
        SELECT s.season_id, s.series_id, s.season_year, s.season_quarter, s.complete,
               EXISTS (SELECT FROM iracing.season_schedules w
                       WHERE w.season_id = s.season_id AND w.is_in_schedule)
        FROM iracing.seasons s
        WHERE {_IS_MISSING}
          AND (%s::int[] IS NULL OR s.series_id = ANY (%s))
          AND (%s::int IS NULL OR (s.season_year = %s AND s.season_quarter = %s))
        """,  # noqa: S608 - composed of constants
        (ids, ids, year, year, number),
    )
    return [MissingSchedule(*row) for row in rows]


def quarters_asked_since(connection: Connection, since: datetime) -> frozenset[tuple[int, int]]:
    """Quarters for which series/seasons has answered since then."""
    rows = connection.exec_driver_sql(
        """
        SELECT (params ->> 'season_year')::int, (params ->> 'season_quarter')::int
        FROM iracing.responses
        WHERE endpoint = %s AND params ? 'season_year' AND params ? 'season_quarter'
          AND fetched_at > %s
        """,
        (LIST_ENDPOINT, since),
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
