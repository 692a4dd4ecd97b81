"""Facts about this installation, such as which API its data came from: rows of `installation`.

In: a connection. Out: values by name. Names that several modules use stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

DATA_ORIGIN = "data_origin"
"""`iracing.com` or `simulated`: the two never mix in one database."""
INDEX_MERGED = "index_merged"
"""fetched_at of the index whose series are all in `series`."""
ENTRIES_MERGED = "index_entries_merged"
"""The series whose landed entries of the index are in the tables, and of which index: see past_seasons."""
WEEKS_MERGED = "current_weeks_as_merged"
"""The list of current seasons whose weeks are in the tables, and what these held then: see merged_weeks."""
PAST_QUARTERS = "past_quarters"
"""What series/seasons was found to answer for a past quarter."""
ABSENT_SCHEDULES = "absent_schedules"
"""When the API first said of a season that it has no schedule, by season_id."""
LIST_MERGED = {
    "current_seasons": "current_list_merged",
    "season_schedules": "current_weeks_merged",
}
"""When an asset first merged the list of current seasons. What its tables hold before is no news."""

SET_STATE = """
    INSERT INTO iracing.installation (name, value, updated_at)
    SELECT key, value, now() FROM jsonb_each(%(facts)s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""
"""A statement, or a part of one; its parameter is `facts`."""


def set_state(connection: Connection, facts: Mapping[str, Any]) -> None:
    """Set facts, whatever they were before."""
    connection.exec_driver_sql(SET_STATE, {"facts": Jsonb(dict(facts))})


def get_state(connection: Connection, name: str) -> Any:
    """A fact, or None where it is not known."""
    return connection.exec_driver_sql(
        "SELECT value FROM iracing.installation WHERE name = %s", (name,)
    ).scalar_one_or_none()


def set_state_once(connection: Connection, name: str, value: Any) -> Any:
    """Set a fact unless it is already set; returns the value that stands."""
    return connection.exec_driver_sql(
        """
        INSERT INTO iracing.installation (name, value, updated_at) VALUES (%s, %s, now())
        ON CONFLICT (name) DO UPDATE SET name = excluded.name
        RETURNING value
        """,
        (name, Jsonb(value)),
    ).scalar_one()
