"""What the account owns: rows of `owned_packages`, which are personal data.

In: package ids. Out: the same, and how much of what is stored they open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection


class Reach(NamedTuple):
    """How much of what is stored the owned packages open."""

    cars: int
    tracks: int
    """Configurations, not packages."""
    weeks: int
    """Those that run or are to come and can be raced."""


def replace_owned(connection: Connection, package_ids: Sequence[int], read_at: datetime) -> None:
    """These packages, and no others."""
    connection.exec_driver_sql(
        """
        WITH sold AS (DELETE FROM iracing.owned_packages WHERE package_id <> ALL (%(ids)s))
        INSERT INTO iracing.owned_packages (package_id, read_at)
        SELECT id, %(read_at)s FROM unnest(%(ids)s::integer[]) AS x (id)
        ON CONFLICT (package_id) DO UPDATE SET read_at = excluded.read_at
        """,
        {"ids": list(package_ids), "read_at": read_at},
    )


def forget_owned(connection: Connection) -> int:
    """Delete them all; how many there were."""
    return int(connection.exec_driver_sql("DELETE FROM iracing.owned_packages").rowcount)


def reach(connection: Connection) -> Reach:
    """Of the cars, tracks and weeks that are stored."""
    return Reach(
        *connection.exec_driver_sql(
            """
            SELECT (SELECT count(*) FROM iracing.cars JOIN iracing.owned_packages USING (package_id)),
                   (SELECT count(*) FROM iracing.tracks JOIN iracing.owned_packages USING (package_id)),
                   (SELECT count(*) FROM iracing.playable_weeks(
                       ARRAY(SELECT package_id FROM iracing.owned_packages)))
            """
        ).one()
    )
