"""What is stored of weeks' forecasts: which weeks there are, when each was last fetched, dead links.

In: weeks. Out: facts about them, rows of `dead_links`. Forecasts are merged like every other row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import FORECAST, SEASONS
from iracing_pipeline.core.forecasts import ForecastLink, ForecastState, WeekKey

if TYPE_CHECKING:
    import psycopg


def forecast_states(
    connection: Connection, weeks: Iterable[WeekKey]
) -> dict[WeekKey, ForecastState]:
    """The state of those of these weeks that have a row."""
    keys = list(weeks)
    rows = connection.exec_driver_sql(
        """
        SELECT w.season_id, w.race_week_num, w.series_id, e.week_end,
               EXISTS (SELECT FROM iracing.weather_forecasts f
                       WHERE f.season_id = w.season_id AND f.race_week_num = w.race_week_num),
               r.fetched_at, d.file, d.found_at
        FROM unnest(%s::int[], %s::int[]) AS k (season_id, race_week_num)
        JOIN iracing.season_schedules w USING (season_id, race_week_num)
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        LEFT JOIN iracing.dead_links d USING (season_id, race_week_num)
        LEFT JOIN iracing.responses r
            ON r.endpoint = %s
            AND r.params = jsonb_build_object(
                'season_id', k.season_id::text, 'race_week_num', k.race_week_num::text)
        """,
        ([key[0] for key in keys], [key[1] for key in keys], FORECAST),
    )
    return {(row[0], row[1]): ForecastState(*row[2:]) for row in rows}


def links_were_used(connection: Connection, params: Mapping[str, str]) -> bool:
    """Whether forecasts have been brought in since this list of seasons landed."""
    is_older = connection.exec_driver_sql(
        """
        SELECT r.fetched_at <= (
            SELECT max(finished_at) FROM iracing.sync_runs
            WHERE asset = 'weather_forecasts' AND status IN ('success', 'partial')
        )
        FROM iracing.responses r WHERE r.endpoint = %s AND r.params = %s
        """,
        (SEASONS, Jsonb(dict(params))),
    ).scalar_one_or_none()
    return bool(is_older)


def note_dead_links(
    connection: Connection,
    dead: Mapping[WeekKey, tuple[ForecastLink, str]],
    alive: Iterable[WeekKey],
    *,
    at: datetime,
    run_id: str,
) -> None:
    """Remember the links whose file was gone, each with the reason, and forget those that serve again."""
    served = list(alive)
    connection.exec_driver_sql(
        """
        DELETE FROM iracing.dead_links d
        USING unnest(%s::int[], %s::int[]) AS k (season_id, race_week_num)
        WHERE d.season_id = k.season_id AND d.race_week_num = k.race_week_num
        """,
        ([week[0] for week in served], [week[1] for week in served]),
    )
    connection.exec_driver_sql(
        """
        INSERT INTO iracing.dead_links (season_id, race_week_num, file, reason, found_at, run_id)
        SELECT season_id, race_week_num, file, reason, %s, %s
        FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[])
            AS k (season_id, race_week_num, file, reason)
        ON CONFLICT (season_id, race_week_num) DO UPDATE SET
            file = excluded.file, reason = excluded.reason, found_at = excluded.found_at,
            run_id = excluded.run_id
        """,
        (
            at,
            run_id,
            [week[0] for week in dead],
            [week[1] for week in dead],
            [link.file for link, _ in dead.values()],
            [reason for _, reason in dead.values()],
        ),
    )


def landed_forecasts(
    connection: Connection, weeks: Sequence[WeekKey]
) -> Iterator[tuple[WeekKey, Any]]:
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


def forecast_weeks(connection: Connection) -> list[WeekKey]:
    """Every week of which a forecast is stored."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT season_id, race_week_num FROM iracing.weather_forecasts ORDER BY 1, 2"
    )
    return [(row[0], row[1]) for row in rows]
