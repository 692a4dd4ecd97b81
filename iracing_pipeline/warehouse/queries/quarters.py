"""The quarters as they are stored: when each began, how many seasons it has.

In: a connection. Out: StoredQuarter, the newest few. What that means today is model/quarters.py's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection


@dataclass(frozen=True)
class StoredQuarter:
    """A quarter of which living seasons are stored."""

    season_year: int
    season_quarter: int
    first_day: date | None
    """When most of its ordinary seasons began; None where none of them has dates."""
    seasons: int
    """Those that the list of current seasons has held, and those that are over: what the index alone
    announces does not count."""
    weeks: int = 13
    """14 where seasons of it have weeks beyond the thirteenth, which happens every few years."""


# Ordinary is a season of 8 weeks or more within one quarter: not a week-13 season, nor one that runs for
# most of the year under the quarter in which it began.
_QUARTERS = """
    WITH newest AS (
        SELECT DISTINCT season_year, season_quarter FROM iracing.seasons
        WHERE retired_at IS NULL AND season_year IS NOT NULL AND season_quarter IS NOT NULL
        ORDER BY season_year DESC, season_quarter DESC LIMIT %(newest)s
    ), known AS (
        SELECT s.season_id, s.season_year, s.season_quarter,
               s.has_rules OR s.complete IS TRUE
                   OR (s.complete IS NULL AND s.active IS FALSE) AS counts,
               CASE WHEN w.weeks >= 8 THEN w.first_day END AS first_day, w.last_day
        FROM iracing.seasons s
        JOIN newest USING (season_year, season_quarter)
        LEFT JOIN LATERAL (
            SELECT min(start_date) AS first_day, count(*) AS weeks,
                   max((e.week_end AT TIME ZONE 'UTC')::date) AS last_day
            FROM iracing.season_schedules w
            CROSS JOIN LATERAL iracing.week_end(w) AS e
            WHERE season_id = s.season_id AND retired_at IS NULL
            HAVING max(start_date) < min(start_date) + 14 * 7
        ) AS w ON true
        WHERE s.retired_at IS NULL
    )
    , quarters AS (
        SELECT season_year, season_quarter, mode() WITHIN GROUP (ORDER BY first_day) AS first_day,
               (count(*) FILTER (WHERE counts))::int AS seasons
        FROM known GROUP BY season_year, season_quarter
    )
    -- Into the last day of a 14th week reach two seasons or more: one alone may only be late.
    SELECT q.*, 13 + (
        SELECT (count(*) >= 2)::int FROM known k
        WHERE (k.season_year, k.season_quarter) = (q.season_year, q.season_quarter)
          AND k.last_day >= q.first_day + 14 * 7 - 1)
    FROM quarters q ORDER BY 1 DESC, 2 DESC
"""


def stored_quarters(connection: Connection, newest: int = 5) -> list[StoredQuarter]:
    """The `newest` quarters of which seasons are stored, the newest first. One statement."""
    rows = connection.exec_driver_sql(_QUARTERS, {"newest": newest})
    return [StoredQuarter(*row) for row in rows]
