"""What `db rebuild` reads: landed responses one after the other, and what has been merged of them.

In: a connection. Out: bodies and facts. Writes nothing. Lists that a sync asks for are lists.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import SEASON_SCHEDULE, SEASONS
from iracing_pipeline.core.response import Response


@dataclass(frozen=True)
class MergedSeason:
    """A living season in the tables."""

    series_id: int
    complete: bool | None
    has_final_schedule: bool
    scheduled_weeks: Mapping[int, datetime | None]
    """Living weeks that a schedule has told of: race_week_num and end."""


@dataclass(frozen=True)
class Merged:
    """What the ledger says has become rows."""

    seasons: dict[int, MergedSeason]
    series: frozenset[int]
    """Living series."""
    indexed_series: frozenset[int]
    """Series whose past seasons or weeks came from the index."""
    open_items: tuple[tuple[str, str], ...]
    """(asset, item_key) in quarantine."""
    attempts: tuple[tuple[str, datetime, frozenset[int] | None], ...]
    """(asset, end, series it was about or None for all) of the attempts that wrote."""

    def merged_since(self, asset: str, fetched_at: datetime) -> frozenset[int] | None:
        """The series for which an asset has written since an answer was fetched; None for all of them."""
        series: set[int] = set()
        for name, finished_at, about in self.attempts:
            if name == asset and finished_at >= fetched_at:
                if about is None:
                    return None
                series |= about
        return frozenset(series)


def merged(connection: Connection) -> Merged:
    """Everything about the tables that decides which landed items have a say."""
    execute = connection.exec_driver_sql
    seasons = execute(
        """
        SELECT season_id, series_id, complete, has_final_schedule, w.numbers, w.ends
        FROM iracing.seasons s
        LEFT JOIN (
            SELECT season_id, array_agg(race_week_num) AS numbers, array_agg(e.week_end) AS ends
            FROM iracing.season_schedules w CROSS JOIN LATERAL iracing.week_end(w) AS e
            WHERE is_in_schedule AND retired_at IS NULL
            GROUP BY season_id) w USING (season_id)
        WHERE retired_at IS NULL
        """
    )
    finished = execute(
        """
        SELECT asset, finished_at, series_ids FROM iracing.sync_runs
        WHERE status IN ('success', 'partial') AND finished_at IS NOT NULL
        """
    )
    return Merged(
        seasons={
            row[0]: MergedSeason(
                row[1], row[2], row[3], dict(zip(row[4] or (), row[5] or (), strict=True))
            )
            for row in seasons
        },
        series=frozenset(
            execute("SELECT series_id FROM iracing.series WHERE retired_at IS NULL").scalars()
        ),
        indexed_series=frozenset(
            execute(
                """
                SELECT series_id FROM iracing.seasons WHERE NOT has_rules
                UNION SELECT series_id FROM iracing.season_schedules WHERE is_in_index
                """
            ).scalars()
        ),
        open_items=tuple(
            (row[0], row[1])
            for row in execute(
                "SELECT asset, item_key FROM iracing.quarantine WHERE resolved_at IS NULL"
            )
        ),
        attempts=tuple(
            (row[0], row[1], None if row[2] is None else frozenset[int](row[2])) for row in finished
        ),
    )


def landed_quarters(connection: Connection) -> list[tuple[tuple[int, int], Response, str | None]]:
    """(quarter, answer without its body, asset that landed it) of the answers for past quarters."""
    rows = connection.exec_driver_sql(
        """
        SELECT (params ->> 'season_year')::int, (params ->> 'season_quarter')::int, params, bytes,
               fetched_at, expires_at, asset
        FROM iracing.responses
        WHERE endpoint = %s AND params ? 'season_year' AND params ? 'season_quarter'
        ORDER BY fetched_at
        """,
        (SEASONS,),
    )
    return [
        ((row[0], row[1]), Response(SEASONS, row[2], None, row[3], row[4], row[5]), row[6])
        for row in rows
    ]


def landed_schedules(
    connection: Connection, season_ids: Sequence[int]
) -> Iterator[tuple[int, datetime, Any]]:
    """(season_id, fetched_at, body) of the landed schedules of single seasons, a few at a time."""
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with raw.cursor(name="landed_schedules") as cursor:
        cursor.itersize = 50
        cursor.execute(
            """
            SELECT (params ->> 'season_id')::int, fetched_at, body FROM iracing.responses
            WHERE endpoint = %s AND params ->> 'season_id' = ANY (%s)
            """,
            (SEASON_SCHEDULE, [str(season_id) for season_id in season_ids]),
        )
        yield from cursor


def schedules_landed(connection: Connection) -> dict[int, datetime]:
    """When the landed schedules of single seasons were fetched."""
    rows = connection.exec_driver_sql(
        """
        SELECT (params ->> 'season_id')::int, fetched_at FROM iracing.responses
        WHERE endpoint = %s AND params ->> 'season_id' ~ '^[0-9]+$'
        """,
        (SEASON_SCHEDULE,),
    )
    return {row[0]: row[1] for row in rows}
