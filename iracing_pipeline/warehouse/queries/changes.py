"""Changes as sentences: what a dry run or a rebuild found, for the reader of a console.

In: a connection, inside the transaction that wrote them or after. Out: lines of text. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from iracing_pipeline.core.wording import change_in_words

_MOST_OF_A_TABLE = 4


def first_changes(
    connection: Connection, run_id: str, most: int, tables: Collection[str] | None = None
) -> list[str]:
    """The run's first changes, such as `Rookie Cup, week 3: track: The Bowl → Limestone Park`.

    Of these tables, or of all. Rows of tables that were empty before are a load and not listed.
    """
    named = None if tables is None else list(tables)
    # Looked up first: the view joins much to every change that it is not told to leave out, and planning
    # it takes longer than most transactions, of which a load's have no change to tell.
    ids = connection.exec_driver_sql(
        """
        SELECT change_id FROM (
            SELECT change_id, row_number() OVER (PARTITION BY table_name ORDER BY change_id) AS n
            FROM iracing.changes
            WHERE run_id = %s AND (%s::text[] IS NULL OR table_name = ANY (%s))) AS of_table
        WHERE n <= %s ORDER BY change_id LIMIT %s
        """,
        (run_id, named, named, _MOST_OF_A_TABLE, most),
    )
    if not (change_ids := list(ids.scalars())):
        return []
    rows = connection.exec_driver_sql(
        """
        SELECT coalesce(w.series_name, w.season_name, 'series ' || w.series_id), w.season_id,
               w.race_week_num, w.kind, w.what, w.old, w.new
        FROM iracing_private.changes_in_words w
        WHERE w.change_id = ANY (%s) ORDER BY w.change_id, w.what LIMIT %s
        """,
        (change_ids, most),
    )
    return [change_in_words(*row) for row in rows]
