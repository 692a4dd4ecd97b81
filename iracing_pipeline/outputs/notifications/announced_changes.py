"""Which changes are still to be announced, whatever order their transactions commit in.

In: a connection in autocommit. Out: lines of `schedule_changes` that racers plan by, and the mark below
which all is told.

A change gets its number before its transaction commits, so a lower number may become visible after a
higher one was announced. A mark alone would lose it. So every change that was told of has a row of its
own in `announced_changes`, and the mark (the fact `announced_up_to`) only spares looking at old ones:
it moves when nobody is writing changes, and never past one that is still to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.warehouse.ledger.state import get_state

_MARK = "announced_up_to"
_MOST_COUNTED = 1000

# The view is asked change by change: as a whole it joins much to every change there is.
_WAITING = """
    FROM iracing.changes c
    CROSS JOIN LATERAL (
        SELECT 1 AS line FROM iracing.schedule_changes w
        WHERE w.change_id = c.change_id AND w.importance = 'high' LIMIT 1
    ) AS told_as
    WHERE c.change_id > %(mark)s AND NOT EXISTS (
        SELECT FROM iracing.announced_changes a WHERE a.change_id = c.change_id)
"""


@dataclass(frozen=True)
class Line:
    """One line of `schedule_changes`."""

    change_id: int
    changed_at: datetime
    series_id: int | None
    series_name: str | None
    season_id: int | None
    season_name: str | None
    race_week_num: int | None
    kind: str
    what: str
    old: str | None
    new: str | None
    brought: int | None = None
    """The change that brought its schedule, where it is the line of a season that came."""

    @property
    def change_ids(self) -> set[int]:
        """The changes that it tells of."""
        return {self.change_id} if self.brought is None else {self.change_id, self.brought}

    def as_json(self) -> dict[str, Any]:
        """Its columns by name; the moment in ISO 8601, UTC."""
        at = self.changed_at.astimezone(timezone.utc)
        columns = {name: value for name, value in vars(self).items() if name != "brought"}
        return {**columns, "changed_at": at.isoformat()}


def begin(connection: Connection) -> bool:
    """Watch from now on, if nobody has begun yet; returns whether this call began it.

    What can be seen now was there before, and is not announced. What others are writing at this
    moment is: hence rows for the last day's changes, and not only a mark.
    """
    if get_state(connection, _MARK) is not None:
        return False
    connection.exec_driver_sql(
        """
        WITH mark AS (
            -- No transaction of ours lasts for a day.
            SELECT coalesce(max(change_id), 0) AS change_id FROM iracing.changes
            WHERE changed_at < now() - interval '1 day'
        ), before AS (
            INSERT INTO iracing.announced_changes (change_id)
            SELECT c.change_id FROM iracing.changes c, mark WHERE c.change_id > mark.change_id
            ON CONFLICT DO NOTHING
        )
        INSERT INTO iracing.installation (name, value, updated_at)
        SELECT %s, to_jsonb(change_id), now() FROM mark ON CONFLICT (name) DO NOTHING
        """,
        (_MARK,),
    )
    return True


def waiting(connection: Connection, most: int) -> list[Line]:
    """The lines of the oldest changes that no message tells of, `most` changes of them."""
    mark = int(get_state(connection, _MARK) or 0)
    ids = connection.exec_driver_sql(
        f"SELECT c.change_id {_WAITING} ORDER BY c.change_id LIMIT %(most)s",
        {"mark": mark, "most": most},
    ).scalars()
    rows = connection.exec_driver_sql(
        """
        SELECT change_id, changed_at, series_id, series_name, season_id, season_name, race_week_num,
               kind, what, old, new
        FROM iracing.schedule_changes
        WHERE change_id = ANY (%s) AND importance = 'high' ORDER BY change_id, what
        """,
        (list(ids),),
    )
    return [Line(*row) for row in rows]


def digest(lines: Sequence[Line]) -> list[Line]:
    """The same, series by series in the order of their first line; a new season's line has its schedule."""
    schedules = {line.season_id: line for line in lines if _is_new(line, "schedule")}
    with_seasons = {line.season_id for line in lines if _is_new(line, "season")}
    turns: dict[int | None, int] = {}
    found: list[Line] = []
    for line in lines:
        turns.setdefault(line.series_id, len(turns))
        schedule = schedules.get(line.season_id)
        if schedule is not None and line is not schedule and _is_new(line, "season"):
            text = f"{line.new}, {schedule.new}"
            found.append(replace(line, new=text, brought=schedule.change_id))
        elif line is not schedule or line.season_id not in with_seasons:
            found.append(line)
    return sorted(found, key=lambda line: turns[line.series_id])


def _is_new(line: Line, what: str) -> bool:
    return line.kind == "inserted" and line.what == what


def count_waiting(connection: Connection) -> str:
    """How many changes no message tells of yet; beyond a thousand nobody counts."""
    mark = int(get_state(connection, _MARK) or 0)
    found = connection.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT 1 {_WAITING} LIMIT %(most)s) AS counted",  # noqa: S608 - constants
        {"mark": mark, "most": _MOST_COUNTED},
    ).scalar_one()
    return f"{found} or more" if found >= _MOST_COUNTED else str(found)


def move_mark(connection: Connection) -> None:
    """Move the mark as far as nothing below it can still turn up, and nothing waits."""
    mark = int(get_state(connection, _MARK) or 0)
    highest = connection.exec_driver_sql(
        "SELECT max(change_id) FROM iracing.changes WHERE change_id > %s", (mark,)
    ).scalar()
    # Three statements, in this order. Who has taken a number up to `highest` locked the table before
    # that, and keeps the lock until after its rows can be seen: if nobody holds it now, the third
    # statement sees every change up to `highest` that will ever be.
    if highest is None or _somebody_writes(connection):
        return
    first = connection.exec_driver_sql(
        f"SELECT c.change_id {_WAITING} ORDER BY c.change_id LIMIT 1",
        {"mark": mark},
    ).scalar()
    moved = highest if first is None else min(highest, first - 1)
    if moved <= mark:
        return
    connection.exec_driver_sql(
        """
        WITH spared AS (
            DELETE FROM iracing.announced_changes WHERE announcement_id IS NULL AND change_id <= %(mark)s
        )
        UPDATE iracing.installation SET value = %(value)s, updated_at = now() WHERE name = %(name)s
        """,
        {"mark": moved, "value": Jsonb(moved), "name": _MARK},
    )


def _somebody_writes(connection: Connection) -> bool:
    """Whether a transaction that has written, or may write, changes is under way."""
    return bool(
        connection.exec_driver_sql(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'relation' AND relation = 'iracing.changes'::regclass
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid())
            """
        ).scalar_one()
    )
