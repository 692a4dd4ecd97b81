"""What is stored of weeks' forecasts: which weeks there are, and when each forecast was last fetched.

In: weeks. Out: facts about them. Writes nothing; forecasts are merged like every other row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import FORECAST

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class ForecastState:
    """A stored week and its forecast."""

    series_id: int | None
    week_end: datetime | None
    is_stored: bool
    """Whether some hour of it is."""
    fetched_at: datetime | None


def forecast_states(
    connection: Connection, weeks: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], ForecastState]:
    """The state of those of these weeks that have a row."""
    keys = list(weeks)
    rows = connection.exec_driver_sql(
        """
        SELECT w.season_id, w.race_week_num, w.series_id, e.week_end,
               EXISTS (SELECT FROM iracing.weather_forecasts f
                       WHERE f.season_id = w.season_id AND f.race_week_num = w.race_week_num),
               r.fetched_at
        FROM unnest(%s::int[], %s::int[]) AS k (season_id, race_week_num)
        JOIN iracing.season_schedules w USING (season_id, race_week_num)
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        LEFT JOIN iracing.responses r
            ON r.endpoint = %s
            AND r.params = jsonb_build_object(
                'season_id', k.season_id::text, 'race_week_num', k.race_week_num::text)
        """,
        ([key[0] for key in keys], [key[1] for key in keys], FORECAST),
    )
    return {(row[0], row[1]): ForecastState(*row[2:]) for row in rows}


def landed_forecasts(
    connection: Connection, weeks: Sequence[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], Any]]:
    """(week, body) of the landed forecasts of these weeks, a few at a time."""
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with raw.cursor(name="landed_forecasts") as cursor:
        cursor.itersize = 50
        cursor.execute(
            """
            SELECT k.season_id, k.race_week_num, r.body
            FROM unnest(%s::int[], %s::int[]) AS k (season_id, race_week_num)
            JOIN iracing.responses r
                ON r.endpoint = %s
                AND r.params = jsonb_build_object(
                    'season_id', k.season_id::text, 'race_week_num', k.race_week_num::text)
            """,
            ([week[0] for week in weeks], [week[1] for week in weeks], FORECAST),
        )
        for season_id, race_week_num, body in cursor:
            yield (season_id, race_week_num), body


def forecast_weeks(connection: Connection) -> list[tuple[int, int]]:
    """Every week of which a forecast is stored."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT season_id, race_week_num FROM iracing.weather_forecasts ORDER BY 1, 2"
    )
    return [(row[0], row[1]) for row in rows]
