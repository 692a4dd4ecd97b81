"""The season report's calendar: seasons that are not over, their weeks, next sessions, what changed.

In: a connection, a moment. Out: facts. The moment is the caller's, never the database's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.outputs.report.facts import Car, Change, Example, Season, Week

_EXAMPLES = 3

# The same as season_status says of them: active, or still to come.
_SEASONS = """
    SELECT s.season_id, s.series_id, coalesce(x.series_name, s.season_name) AS series_name,
           s.season_name, s.season_year, s.season_quarter,
           coalesce(x.category, w.category) AS category, s.license_group, s.fixed_setup
    FROM iracing.seasons s
    LEFT JOIN iracing.series x USING (series_id)
    LEFT JOIN LATERAL (
        SELECT min(start_date) AS first_day, max(e.week_end) AS last_week_end,
               mode() WITHIN GROUP (ORDER BY category) AS category
        FROM iracing.season_schedules w
        CROSS JOIN LATERAL iracing.week_end(w) AS e
        WHERE season_id = s.season_id AND retired_at IS NULL
    ) AS w ON true
    WHERE s.retired_at IS NULL AND s.complete IS NOT TRUE
      AND (w.last_week_end >= %(now)s
           OR w.last_week_end IS NULL AND (w.first_day IS NOT NULL OR s.active))
    ORDER BY s.season_id
"""

_WEEKS = """
    SELECT c.season_id, c.race_week_num, c.week_start, c.week_end_time, c.track_name, c.config_name,
           c.precip_chance_pct, t.package_id, t.free_with_subscription, coalesce(k.car_ids, '{}')
    FROM iracing.season_calendar c
    LEFT JOIN iracing.tracks t USING (track_id)
    LEFT JOIN (
        SELECT season_id, race_week_num, array_agg(car_id ORDER BY car_id) AS car_ids
        FROM iracing.week_cars WHERE season_id = ANY (%(season_ids)s) GROUP BY 1, 2
    ) AS k USING (season_id, race_week_num)
    WHERE c.season_id = ANY (%(season_ids)s)
    ORDER BY c.season_id, c.race_week_num
"""

_CARS = """
    SELECT car_id, coalesce(car_name, 'car ' || car_id), package_id, free_with_subscription
    FROM iracing.cars WHERE car_id = ANY (%(car_ids)s)
"""

_NEXT_SESSIONS = """
    SELECT season_id, min(start_time) FROM iracing.race_sessions(%(now)s, %(until)s)
    GROUP BY season_id
"""


def read_seasons(connection: Connection, now: datetime, *, session_days: int) -> tuple[Season, ...]:
    """Seasons that are not over, by id, each with all its weeks."""
    seasons = connection.exec_driver_sql(_SEASONS, {"now": now}).mappings().all()
    weeks: dict[int, list[Week]] = defaultdict(list)
    ids = {"season_ids": [season["season_id"] for season in seasons]}
    for season_id, *values, car_ids in connection.exec_driver_sql(_WEEKS, ids):
        weeks[season_id].append(Week(*(*values, tuple(car_ids))))
    span = {"now": now, "until": now + timedelta(days=session_days)}
    sessions: dict[int, Any] = dict(connection.exec_driver_sql(_NEXT_SESSIONS, span).all())
    return tuple(
        Season(
            **season,
            weeks=tuple(weeks[season["season_id"]]),
            next_session=sessions.get(season["season_id"]),
        )
        for season in seasons
    )


def read_cars(connection: Connection, seasons: Iterable[Season]) -> dict[int, Car]:
    """The cars of the seasons' weeks, by id, as far as they are known."""
    wanted = {one for season in seasons for week in season.weeks for one in week.car_ids}
    rows = connection.exec_driver_sql(_CARS, {"car_ids": sorted(wanted)})
    return {car_id: Car(*values) for car_id, *values in rows}


_CHANGES = """
    WITH told AS (
        SELECT series_id, series_name, season_id, season_name, race_week_num, kind, what, old, new,
               changed_at, change_id,
               CASE WHEN kind = 'updated' AND table_name = 'race_time_descriptors' THEN 'session times'
                    ELSE what END AS topic
        FROM iracing.schedule_changes WHERE changed_at > %(since)s AND importance = 'high'
    )
    SELECT series_id, series_name, season_id, season_name, kind, topic,
           max(changed_at) AS newest, count(*) AS lines, count(DISTINCT race_week_num) AS weeks,
           (array_agg(jsonb_build_array(race_week_num, what, old, new)
                      ORDER BY race_week_num, what, change_id))[:%(examples)s] AS examples
    FROM told GROUP BY series_id, series_name, season_id, season_name, kind, topic
    ORDER BY max(changed_at) DESC, series_name, season_id, kind, topic
"""


def read_changes(connection: Connection, now: datetime, *, days: int) -> tuple[Change, ...]:
    """What changed in the last `days`, bundled by season and topic, the newest first."""
    rows = connection.exec_driver_sql(
        _CHANGES,
        {"since": now - timedelta(days=days), "examples": _EXAMPLES},
    ).mappings()
    return tuple(
        Change(**{**row, "examples": tuple(Example(*example) for example in row["examples"])})
        for row in rows
    )
