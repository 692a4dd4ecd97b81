"""What calendar feeds tell of: race sessions as events, kept so that a change can be told as one.

In: the schedules as stored, a span, the moment. Out: rows of calendar_events. No iCalendar here: see
model/ical.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

KEPT_FOR = timedelta(days=7)
"""How long an event is remembered after it is over."""

_LOCKS = {"refresh": 0x6952_6163_0007, "feeds": 0x6952_6163_0008}


class StoredEvent(NamedTuple):
    """A race session as subscribers know it."""

    uid: str
    series_id: int
    season_id: int
    race_week_num: int
    start_time: datetime
    session_minutes: int | None
    license_group: int | None
    summary: str
    location: str | None
    description: str
    categories: tuple[str, ...]
    sequence: int
    last_modified: datetime
    is_cancelled: bool


class Refreshed(NamedTuple):
    """What a refresh did, in events."""

    inserted: int
    changed: int
    cancelled: int
    revived: int
    unchanged: int
    deleted: int

    @property
    def written(self) -> int:
        return self.inserted + self.changed + self.cancelled + self.revived + self.deleted


# Sessions of one week that start at one moment are one event, whichever descriptors name them. A season
# that was broken off is complete, and its weeks to come will not be raced.
_SESSIONS = """
    SELECT r.season_id, r.race_week_num, r.start_time,
           nullif((max(extract(epoch FROM r.end_time - r.start_time)) / 60)::int, 0) AS minutes,
           coalesce(bool_or(r.super_session), false) AS super_session
    FROM iracing.race_sessions(%(since)s, %(until)s) r
    JOIN iracing.seasons s USING (season_id)
    WHERE s.complete IS NOT TRUE
    GROUP BY 1, 2, 3
"""

_WEEKS = """
    SELECT w.season_id, w.race_week_num, s.series_id, s.license_group, place.track AS location,
           concat_ws(' · ', coalesce(x.series_name, s.season_name),
                     'week ' || w.race_week_num + 1, place.track) AS summary,
           concat_ws(E'\\n', s.season_name, 'Cars: ' || cars.names, 'Race: ' || nullif(concat_ws(
                         ' or ', w.race_lap_limit || ' laps', w.race_time_limit || ' minutes'), ''),
                     nullif(concat_ws(', ', licence.name,
                         CASE WHEN s.official THEN 'official' WHEN NOT s.official THEN 'unofficial' END,
                         CASE WHEN s.fixed_setup THEN 'fixed set-up'
                              WHEN NOT s.fixed_setup THEN 'open set-up' END,
                         CASE WHEN s.multiclass THEN 'multiclass' END,
                         CASE WHEN s.driver_changes THEN 'driver changes' END), ''),
                     'Chance of rain: ' || w.precip_chance_pct || ' %%',
                     'Registration opens ' || s.reg_open_minutes || ' minutes before the start'
           ) AS description,
           array_remove(ARRAY[
               replace(coalesce(w.category, x.category), '_', ' '), licence.name,
               CASE WHEN s.fixed_setup THEN 'fixed set-up' END], NULL) AS categories,
           w.race_time_limit AS race_minutes
    FROM iracing.season_schedules w
    JOIN iracing.seasons s USING (season_id)
    LEFT JOIN iracing.series x ON x.series_id = s.series_id
    LEFT JOIN iracing.tracks t USING (track_id)
    CROSS JOIN LATERAL (
        SELECT nullif(CASE WHEN w.track_name IS NULL THEN concat_ws(' - ', t.track_name, t.config_name)
                           ELSE concat_ws(' - ', w.track_name, w.config_name) END, '') AS track
    ) AS place
    CROSS JOIN LATERAL (
        SELECT CASE s.license_group
            WHEN 1 THEN 'Rookie' WHEN 2 THEN 'Class D' WHEN 3 THEN 'Class C' WHEN 4 THEN 'Class B'
            WHEN 5 THEN 'Class A' WHEN 6 THEN 'Pro' WHEN 7 THEN 'Pro/WC' END AS name
    ) AS licence
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(car_name, 'car ' || car_id), ', '
                          ORDER BY car_name COLLATE "C", car_id) AS names
        FROM iracing.week_cars k
        WHERE k.season_id = w.season_id AND k.race_week_num = w.race_week_num
    ) AS cars
    WHERE EXISTS (
        SELECT FROM sessions n
        WHERE n.season_id = w.season_id AND n.race_week_num = w.race_week_num)
"""

_CONTENT = "session_minutes, license_group, summary, location, description, categories"

# One statement, so that everything is compared with one state of the schedules. A session that has begun
# stays as it was told.
_REFRESH = f"""
    WITH sessions AS MATERIALIZED ({_SESSIONS}), weeks AS MATERIALIZED ({_WEEKS}),
    wanted AS MATERIALIZED (
        SELECT n.season_id || '-' || n.race_week_num || '-'
                   || to_char(n.start_time AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')
                   || '@iracing-pipeline' AS uid,
               w.series_id, n.season_id, n.race_week_num, n.start_time,
               coalesce(n.minutes, w.race_minutes) AS session_minutes, w.license_group,
               w.summary, w.location, w.description,
               CASE WHEN n.super_session THEN w.categories || 'super session'::text
                    ELSE w.categories END AS categories
        FROM sessions n JOIN weeks w USING (season_id, race_week_num)
    ), differing AS MATERIALIZED (
        SELECT w.*, e.uid IS NULL AS is_new, e.cancelled_at IS NOT NULL AS was_cancelled
        FROM wanted w LEFT JOIN iracing.calendar_events e USING (uid)
        WHERE e.uid IS NULL OR e.start_time > %(now)s AND (
            e.cancelled_at IS NOT NULL
            OR (e.session_minutes, e.license_group, e.summary, e.location, e.description, e.categories)
               IS DISTINCT FROM
               (w.session_minutes, w.license_group, w.summary, w.location, w.description, w.categories))
    ), inserted AS (
        INSERT INTO iracing.calendar_events (
            uid, series_id, season_id, race_week_num, start_time, {_CONTENT}, sequence, last_modified)
        SELECT uid, series_id, season_id, race_week_num, start_time, {_CONTENT}, 0, %(now)s
        FROM differing WHERE is_new
    ), changed AS (
        UPDATE iracing.calendar_events e SET
            ({_CONTENT}) = (d.session_minutes, d.license_group, d.summary, d.location, d.description,
                            d.categories),
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = NULL
        FROM differing d WHERE e.uid = d.uid
    ), cancelled AS (
        UPDATE iracing.calendar_events e SET
            sequence = e.sequence + 1, last_modified = %(now)s, cancelled_at = %(now)s
        WHERE e.start_time > %(now)s AND e.start_time < %(until)s AND e.cancelled_at IS NULL
          AND NOT EXISTS (SELECT FROM wanted w WHERE w.uid = e.uid)
        RETURNING 1
    ), deleted AS (
        DELETE FROM iracing.calendar_events
        WHERE start_time + make_interval(mins => coalesce(session_minutes, 0)) < %(forgotten)s
        RETURNING 1
    ), counted AS (
        SELECT count(*) FILTER (WHERE is_new) AS inserted,
               count(*) FILTER (WHERE NOT is_new AND NOT was_cancelled) AS changed,
               count(*) FILTER (WHERE was_cancelled) AS revived, count(*) AS all
        FROM differing
    )
    SELECT c.inserted, c.changed, (SELECT count(*) FROM cancelled), c.revived,
           (SELECT count(*) FROM wanted) - c.all, (SELECT count(*) FROM deleted)
    FROM counted c
"""  # noqa: S608 - composed of constants


def refresh(
    connection: Connection, *, now: datetime, since: datetime, until: datetime
) -> Refreshed:
    """Bring the events that start from `since` to `until` in line with the schedules.

    What is new is inserted; what changed, vanished or came back has its sequence raised, if it has
    not begun; what is long over is deleted; nothing else is written. One process at a time: a second
    one waits for the first one's commit, so it has to be a transaction of its own.
    """
    _lock(connection, "refresh")
    now = now.replace(microsecond=0)
    parameters = {"now": now, "since": since, "until": until, "forgotten": now - KEPT_FOR}
    return Refreshed(*connection.exec_driver_sql(_REFRESH, parameters).one())


def write_alone(connection: Connection) -> None:
    """Until the transaction ends, no other process writes feeds: the last one has read the newest."""
    _lock(connection, "feeds")


def _lock(connection: Connection, name: str) -> None:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCKS[name],))


def events(
    connection: Connection,
    *,
    since: datetime,
    until: datetime,
    series_ids: Collection[int] = (),
    season_ids: Collection[int] = (),
    license_groups: Collection[int] = (),
) -> list[StoredEvent]:
    """The events that start from `since` to `until`, cancelled ones included, by start.

    Those of any of the series, seasons or licence classes; of all where none is named.
    """
    rows = connection.exec_driver_sql(
        f"""
        SELECT uid, series_id, season_id, race_week_num, start_time, {_CONTENT}, sequence,
               last_modified, cancelled_at IS NOT NULL
        FROM iracing.calendar_events
        WHERE start_time >= %(since)s AND start_time < %(until)s
          AND (%(all)s OR series_id = ANY (%(series_ids)s) OR season_id = ANY (%(season_ids)s)
               OR license_group = ANY (%(license_groups)s))
        ORDER BY start_time, season_id, race_week_num
        """,  # noqa: S608 - composed of constants
        {
            "since": since,
            "until": until,
            "series_ids": sorted(series_ids),
            "season_ids": sorted(season_ids),
            "license_groups": sorted(license_groups),
            "all": not (series_ids or season_ids or license_groups),
        },
    )
    at = StoredEvent._fields.index("categories")
    return [StoredEvent(*row[:at], tuple(row[at]), *row[at + 1 :]) for row in rows]


def series_names(connection: Connection) -> Mapping[int, str]:
    """The name of every series that has one."""
    rows = connection.exec_driver_sql("SELECT series_id, series_name FROM iracing.series")
    return {row[0]: row[1] for row in rows}


def running_series(connection: Connection, *, now: datetime, until: datetime) -> frozenset[int]:
    """Series with a season that is not over and has a week between the two moments."""
    return frozenset(
        connection.exec_driver_sql(
            """
            SELECT DISTINCT series_id FROM iracing.season_calendar
            WHERE week_start < %s AND week_end_time >= %s AND complete IS NOT TRUE
            """,
            (until, now),
        ).scalars()
    )


def is_empty(connection: Connection) -> bool:
    """Whether no week's session times are stored at all, so that nothing can be said of any session."""
    return not connection.exec_driver_sql(
        "SELECT EXISTS (SELECT FROM iracing.race_time_descriptors)"
    ).scalar_one()


def known_seasons(connection: Connection) -> frozenset[int]:
    """Every season that is stored."""
    return frozenset(
        connection.exec_driver_sql("SELECT season_id FROM iracing.seasons").scalars()
    )
