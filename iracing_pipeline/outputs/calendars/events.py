"""What calendar feeds tell of: sessions and special events, kept so that a change can be told as one.

In: the schedules as stored, a span, the moment. Out: rows of calendar_events. No iCalendar here: see
ical.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.outputs.calendars.feeds import LICENSE_NAMES
from iracing_pipeline.outputs.calendars.statements import (
    COMPARE,
    CONTENT,
    FILL,
    FILL_SPECIALS,
    SPECIAL,
    STAGE,
)
from iracing_pipeline.warehouse.locks import Lock, lock_for_transaction

KEPT_FOR = timedelta(days=7)
"""How long an event is remembered after it is over."""


SPECIALS_AHEAD = timedelta(days=366)
"""How far ahead special events are told of: people plan their year around them."""


class StoredEvent(NamedTuple):
    """A race session, or a special event, as subscribers know it."""

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

    @property
    def is_all_day(self) -> bool:
        """A special event: whole days, from the one that begins at start_time."""
        return self.uid.startswith(SPECIAL)


class NoSessions(ValueError):
    """Nothing can be said of any session: every feed would be emptied, in the wrong database perhaps.

    The text says why, and what to do.
    """

    kind = "misuse"


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


def refresh(
    connection: Connection, *, now: datetime, since: datetime, until: datetime
) -> Refreshed:
    """Bring the sessions that start from `since` to `until`, and the special events of the year that
    begins with `since`, in line with the schedules.

    What is new is inserted; what changed, vanished or came back has its sequence raised, if it has
    not begun; what is long over is deleted; nothing else is written. One process at a time: a second
    one waits for the first one's commit, so it has to be a transaction of its own.
    """
    lock_for_transaction(connection, Lock.CALENDAR_EVENTS)
    now = now.replace(microsecond=0)
    parameters = {
        "now": now,
        "since": since,
        "until": until,
        "special_until": since + SPECIALS_AHEAD,
        "forgotten": now - KEPT_FOR,
        "license_names": Jsonb(dict(LICENSE_NAMES)),
    }
    connection.exec_driver_sql(STAGE)
    connection.exec_driver_sql(FILL, parameters)
    connection.exec_driver_sql(FILL_SPECIALS, parameters)
    connection.exec_driver_sql("ANALYZE wanted_events")
    # Both sides have tens of thousands of rows, which a table without statistics does not show.
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    return Refreshed(*connection.exec_driver_sql(COMPARE, parameters).one())


def write_alone(connection: Connection) -> None:
    """Until the transaction ends, no other process writes feeds: the last one has read the newest."""
    lock_for_transaction(connection, Lock.CALENDAR_FILES)


def events(
    connection: Connection,
    *,
    since: datetime,
    until: datetime,
    series_ids: Collection[int] = (),
    season_ids: Collection[int] = (),
    license_groups: Collection[int] = (),
) -> list[StoredEvent]:
    """The sessions that start from `since` to `until`, cancelled ones included, by start.

    Those of any of the series, seasons or licence classes; of all where none is named.
    """
    return _read(
        connection,
        """
        NOT starts_with(uid, %(special)s) AND start_time >= %(since)s AND start_time < %(until)s
        AND (%(all)s OR series_id = ANY (%(series_ids)s) OR season_id = ANY (%(season_ids)s)
             OR license_group = ANY (%(license_groups)s))
        """,
        {
            "special": SPECIAL,
            "since": since,
            "until": until,
            "series_ids": sorted(series_ids),
            "season_ids": sorted(season_ids),
            "license_groups": sorted(license_groups),
            "all": not (series_ids or season_ids or license_groups),
        },
    )


def special_events(connection: Connection, *, since: datetime) -> list[StoredEvent]:
    """The special events that are not over at `since`, cancelled ones included, by start."""
    return _read(
        connection,
        """
        starts_with(uid, %(special)s)
        AND start_time + session_minutes * interval '1 minute' > %(since)s
        """,
        {"special": SPECIAL, "since": since},
    )


def _read(
    connection: Connection, condition: str, parameters: Mapping[str, Any]
) -> list[StoredEvent]:
    rows = connection.exec_driver_sql(
        f"""
        SELECT uid, series_id, season_id, race_week_num, start_time, {CONTENT}, sequence,
               last_modified, cancelled_at IS NOT NULL
        FROM iracing.calendar_events WHERE {condition}
        ORDER BY start_time, season_id, race_week_num
        """,  # noqa: S608 - composed of constants
        dict(parameters),
    )
    at = StoredEvent._fields.index("categories")
    return [StoredEvent._make((*row[:at], tuple(row[at]), *row[at + 1 :])) for row in rows]


def categories(connection: Connection) -> frozenset[str]:
    """Every category that a series or one of its weeks has, as events have it."""
    rows = connection.exec_driver_sql(
        """
        SELECT replace(category, '_', ' ') FROM iracing.series
        UNION SELECT replace(category, '_', ' ') FROM iracing.season_schedules
        """
    )
    return frozenset(row[0] for row in rows if row[0])


def running(
    connection: Connection, *, now: datetime, until: datetime
) -> frozenset[tuple[int, int | None]]:
    """(series, licence class) of every season that is not over and has a week between the two moments."""
    rows = connection.exec_driver_sql(
        """
        SELECT DISTINCT series_id, license_group FROM iracing.season_calendar
        WHERE week_start < %s AND week_end_time >= %s AND complete IS NOT TRUE
        """,
        (until, now),
    )
    return frozenset((row[0], row[1]) for row in rows)


def refuse_empty(connection: Connection) -> None:
    """Raise NoSessions where no week's session times are stored at all."""
    has_times, seasons, weeks = connection.exec_driver_sql(
        """
        SELECT EXISTS (SELECT FROM iracing.race_time_descriptors),
               (SELECT count(*) FROM iracing.seasons WHERE has_rules),
               (SELECT count(*) FROM iracing.season_schedules WHERE is_in_schedule)
        """
    ).one()
    if has_times:
        return
    if not seasons:
        raise NoSessions(
            "No race sessions are stored yet: run `iracing-pipeline sync --sync-seasons`, or materialize "
            "season_schedules, first."
        )
    if not weeks:
        raise NoSessions(
            f"Seasons are stored ({seasons:,}), and no schedule of theirs: the list that the API gave has "
            "none, or season_schedules has not been synced since. See `iracing-pipeline db status`."
        )
    raise NoSessions(
        f"Schedules are stored (weeks: {weeks:,}), and none says when its sessions start: the API gave no "
        "session times with them. A later sync may bring them; nothing else has to be run."
    )


def known_seasons(connection: Connection) -> Mapping[int, bool]:
    """Every season that is stored, and whether it is over or retired."""
    rows = connection.exec_driver_sql(
        "SELECT season_id, coalesce(complete, false) OR retired_at IS NOT NULL FROM iracing.seasons"
    )
    return {row[0]: row[1] for row in rows}


def season_names(connection: Connection) -> Mapping[int, str]:
    """The name of every season that has one."""
    rows = connection.exec_driver_sql(
        "SELECT season_id, season_name FROM iracing.seasons WHERE season_name IS NOT NULL"
    )
    return {row[0]: row[1] for row in rows}
