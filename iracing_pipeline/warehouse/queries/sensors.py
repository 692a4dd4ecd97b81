"""What the sensors want to know of the tables: which seasons ended, what is missing, who was turned away.

In: a connection. Out: ids and moments. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection


@dataclass(frozen=True)
class Skipped:
    """An attempt that the API's maintenance turned away, and that nothing has made good since."""

    run_id: str
    asset: str
    started_at: datetime


def skips(connection: Connection) -> list[Skipped]:
    """Attempts that were turned away and that none since made good: newest first."""
    rows = connection.exec_driver_sql(
        """
        SELECT s.run_id, s.asset, s.started_at FROM iracing.sync_runs s
        WHERE s.status = 'skipped' AND NOT EXISTS (
            SELECT FROM iracing.sync_runs later
            WHERE later.asset = s.asset
              AND (later.started_at, later.sync_run_id) > (s.started_at, s.sync_run_id)
              AND (later.series_ids IS NULL OR later.series_ids @> s.series_ids)
              -- One partition that failed says nothing of the others.
              AND NOT (later.status = 'failure' AND later.partition IS NOT NULL))
        ORDER BY s.started_at DESC
        """
    )
    return [Skipped(*row) for row in rows]


def last_skip(connection: Connection) -> Skipped | None:
    """The newest of them."""
    return next(iter(skips(connection)), None)


def unfinished_seasons(connection: Connection) -> list[int]:
    """Seasons that the list of current seasons has held and that are not complete, ascending."""
    rows = connection.exec_driver_sql(
        """
        SELECT season_id FROM iracing.seasons
        WHERE has_rules AND complete IS NOT TRUE AND retired_at IS NULL ORDER BY season_id
        """
    )
    return [row[0] for row in rows]


def completed_of(connection: Connection, season_ids: Collection[int]) -> dict[int, int]:
    """Those of these seasons that are complete, with their series."""
    rows = connection.exec_driver_sql(
        """
        SELECT season_id, series_id FROM iracing.seasons
        WHERE season_id = ANY (%s) AND complete AND retired_at IS NULL
        """,
        (list(season_ids),),
    )
    return {row[0]: row[1] for row in rows}


def last_whole_list(connection: Connection) -> datetime | None:
    """When the list of current seasons was last asked for and stored whole."""
    moment: datetime | None = connection.exec_driver_sql(
        """
        SELECT max(r.fetched_at) FROM iracing.responses r
        WHERE r.endpoint = 'series/seasons' AND NOT r.params ? 'season_year'
          AND EXISTS (SELECT FROM iracing.sync_runs s
                      WHERE s.asset = 'current_seasons' AND s.status IN ('success', 'partial')
                        AND s.series_ids IS NULL AND s.finished_at >= r.fetched_at)
        """
    ).scalar_one()
    return moment


def has_read_seasons(connection: Connection) -> bool:
    """Whether the list of current seasons was ever read, be it of some series only."""
    found: bool = connection.exec_driver_sql(
        """
        SELECT EXISTS (SELECT FROM iracing.sync_runs
                       WHERE asset = 'current_seasons' AND status IN ('success', 'partial'))
        """
    ).scalar_one()
    return found


def has_past_seasons(connection: Connection) -> bool:
    """Whether any season that is over is stored."""
    found: bool = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT FROM iracing.seasons WHERE complete AND retired_at IS NULL)"
    ).scalar_one()
    return found
