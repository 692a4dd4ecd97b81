"""Landed lists of seasons: the index of all series, its entries, and the list of current seasons.

In: a connection. Out: raw series and facts, taken out of the bodies by Postgres. Rows are read by
queries/seasons.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from iracing_pipeline.core.endpoints import CURRENT_LIST, PAST_SEASONS, SEASONS, STATS_SERIES
from iracing_pipeline.core.numbers import whole
from iracing_pipeline.core.response import Response
from iracing_pipeline.warehouse.ledger.state import INDEX_MERGED


@dataclass(frozen=True)
class IndexState:
    """What is known of the index before anybody asks for it."""

    fetched_at: datetime | None
    expires_at: datetime | None
    merged_at: datetime | None
    has_open_items: bool
    """Items of it are in quarantine."""
    has_new_items: bool
    """Some of them for less than a day."""
    series: frozenset[int]
    """Every series stored, retired or not."""
    living: frozenset[int] = frozenset()
    """Those that are not retired."""
    indexed: frozenset[int] = frozenset()
    """Those of them that an index has told of: series/get knows others."""


def index_state(connection: Connection) -> IndexState:
    """One statement; the body is not touched."""
    row = connection.exec_driver_sql(
        """
        SELECT r.fetched_at, r.expires_at,
               (SELECT (value #>> '{}')::timestamptz FROM iracing.installation WHERE name = %s),
               open.first_seen_at IS NOT NULL,
               coalesce(open.first_seen_at > now() - interval '1 day', false),
               ARRAY(SELECT series_id FROM iracing.series),
               ARRAY(SELECT series_id FROM iracing.series WHERE retired_at IS NULL),
               ARRAY(SELECT series_id FROM iracing.series
                     WHERE retired_at IS NULL AND num_nonnulls(
                         active, official, fixed_setup, license_group) > 0)
        FROM (
            SELECT max(first_seen_at) AS first_seen_at FROM iracing.quarantine
            WHERE endpoint = %s AND resolved_at IS NULL
        ) AS open LEFT JOIN iracing.responses r ON r.endpoint = %s
        """,
        (INDEX_MERGED, STATS_SERIES, STATS_SERIES),
    ).one()
    return IndexState(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        series=frozenset(row[5]),
        living=frozenset(row[6]),
        indexed=frozenset(row[7]),
    )


def index_landed(connection: Connection) -> list[str | None]:
    """What has landed of the index, and of answers about one series: equal where all of it is.

    The first is None where no index has landed.
    """
    row = connection.exec_driver_sql(
        """
        SELECT (SELECT sha256 FROM iracing.responses WHERE endpoint = %s),
               (SELECT max(fetched_at)::text FROM iracing.responses WHERE endpoint = %s)
        """,
        (STATS_SERIES, PAST_SEASONS),
    ).one()
    return list(row)


def landed_index(
    connection: Connection, series_ids: Sequence[int] | None = None
) -> Iterator[tuple[datetime, Any]]:
    """(fetched_at of the index, raw series) for the series of the landed index, one at a time.

    Postgres takes the 11 MB apart, so that this process never holds them as a whole. Consume it
    inside the connection's transaction.
    """
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    wanted = None if series_ids is None else [str(series_id) for series_id in series_ids]
    with raw.cursor(name="landed_index") as cursor:
        cursor.itersize = 20
        cursor.execute(
            """
            SELECT r.fetched_at, s.value FROM iracing.responses r
            CROSS JOIN LATERAL jsonb_array_elements(
                CASE jsonb_typeof(r.body) WHEN 'array' THEN r.body ELSE '[]' END) AS s
            WHERE r.endpoint = %s AND (%s::text[] IS NULL OR s.value ->> 'series_id' = ANY (%s))
            """,
            (STATS_SERIES, wanted, wanted),
        )
        yield from cursor


def landed_series(
    connection: Connection, series_ids: Sequence[int]
) -> list[tuple[int, datetime, Any]]:
    """(series_id, fetched_at, raw series) of landed responses of series/past_seasons."""
    rows = connection.exec_driver_sql(
        """
        SELECT (params ->> 'series_id')::int, fetched_at, body -> 'series'
        FROM iracing.responses
        WHERE endpoint = %s AND params = ANY (
            SELECT jsonb_build_object('series_id', id) FROM unnest(%s::text[]) AS id)
        """,
        (PAST_SEASONS, [str(series_id) for series_id in series_ids]),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def fresh_entries(
    connection: Connection, *, since: datetime, now: datetime
) -> tuple[bool, set[int]]:
    """Whether the landed index still serves, and the series whose own answer does."""
    rows = connection.exec_driver_sql(
        """
        SELECT endpoint, (params ->> 'series_id')::int FROM iracing.responses
        WHERE endpoint IN (%s, %s) AND fetched_at >= %s AND expires_at > %s
        """,
        (STATS_SERIES, PAST_SEASONS, since, now),
    ).all()
    return any(row[0] == STATS_SERIES for row in rows), {
        row[1] for row in rows if row[1] is not None
    }


def current_list_landed(connection: Connection) -> tuple[str, Response] | None:
    """SHA-256 and landed response, without its body, of the list of current seasons."""
    row = connection.exec_driver_sql(
        """
        SELECT sha256, bytes, fetched_at, expires_at FROM iracing.responses
        WHERE endpoint = %s AND params = %s
        """,
        (SEASONS, Jsonb(dict(CURRENT_LIST))),
    ).one_or_none()
    return row and (row[0], Response(SEASONS, CURRENT_LIST, None, row[1], row[2], row[3]))


def listed_seasons(
    connection: Connection,
) -> list[tuple[int, int | None, int | None, bool | None]]:
    """(season_id, season_year, season_quarter, active) of the newest landed list of current seasons."""
    rows = connection.exec_driver_sql(
        """
        SELECT s.value -> 'season_id', s.value -> 'season_year', s.value -> 'season_quarter',
               s.value -> 'active'
        FROM iracing.responses r
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE jsonb_typeof(r.body) WHEN 'array' THEN r.body ELSE '[]' END) AS s
        WHERE r.endpoint = %s AND r.params = %s AND jsonb_typeof(s.value) = 'object'
        """,
        (SEASONS, Jsonb(dict(CURRENT_LIST))),
    )
    return _seasons_of(rows)


def active_in_index(
    connection: Connection,
) -> list[tuple[int, int | None, int | None, bool | None]]:
    """The same of the seasons that the landed index of all series says are active."""
    rows = connection.exec_driver_sql(
        """
        SELECT s -> 'season_id', s -> 'season_year', s -> 'season_quarter', s -> 'active'
        FROM iracing.responses r
        CROSS JOIN LATERAL jsonb_path_query(
            r.body, '$[*].seasons[*] ? (@.active == true)') AS s
        WHERE r.endpoint = %s
        """,
        (STATS_SERIES,),
    )
    return _seasons_of(rows)


def _seasons_of(rows: Iterable[Any]) -> list[tuple[int, int | None, int | None, bool | None]]:
    """Rows of jsonb values; those without a readable season_id are left out."""
    return [
        (season_id, whole(row[1]), whole(row[2]), row[3] if isinstance(row[3], bool) else None)
        for row in rows
        if (season_id := whole(row[0])) is not None
    ]


@dataclass(frozen=True)
class IndexStatus:
    """What the newest landed index says of some seasons."""

    active: Mapping[int, bool | None]
    """Of the seasons it knows, whether it says that they are active."""
    covered: frozenset[int]
    """Those of the seasons for which it is proof that it does not know them."""


def index_says(connection: Connection, seasons: Sequence[tuple[int, int]]) -> IndexStatus:
    """The word of the index on these seasons, given as (season_id, series_id).

    A series' own answer counts where it is newer than the index of all, or where there is none; of
    other series an answer about one proves nothing. Nor does one that is older than the list that has
    landed, which may have brought the season.
    """
    rows = connection.exec_driver_sql(
        """
        WITH entries AS (
            SELECT (s.value ->> 'series_id')::int AS series_id, r.fetched_at,
                   s.value -> 'seasons' AS list
            FROM iracing.responses r
            CROSS JOIN LATERAL jsonb_array_elements(
                CASE jsonb_typeof(r.body) WHEN 'array' THEN r.body ELSE '[]' END) AS s
            WHERE r.endpoint = %(index)s AND s.value ->> 'series_id' = ANY (%(series)s)
            UNION ALL
            SELECT (r.params ->> 'series_id')::int, r.fetched_at, r.body -> 'series' -> 'seasons'
            FROM iracing.responses r
            WHERE r.endpoint = %(single)s AND r.params ->> 'series_id' = ANY (%(series)s)
              AND jsonb_typeof(r.body -> 'series' -> 'seasons') = 'array'
        ), newest AS (
            SELECT DISTINCT ON (series_id) series_id, list, fetched_at
            FROM entries ORDER BY series_id, fetched_at DESC
        ), landed AS (
            SELECT coalesce(max(fetched_at), '-infinity') AS list_at FROM iracing.responses
            WHERE endpoint = %(list)s AND params = %(current)s
        )
        SELECT CASE WHEN n.fetched_at > (SELECT list_at FROM landed) THEN n.series_id ELSE -1 END,
               s -> 'season_id', s -> 'active'
        FROM newest n LEFT JOIN LATERAL jsonb_path_query(n.list, '$[*]') AS s
            ON s ->> 'season_id' = ANY (%(seasons)s)
        UNION ALL
        SELECT NULL, NULL, NULL FROM iracing.responses
        WHERE endpoint = %(index)s AND jsonb_typeof(body) = 'array' AND body <> '[]'
          AND fetched_at > (SELECT list_at FROM landed)
        """,
        {
            "list": SEASONS,
            "current": Jsonb(dict(CURRENT_LIST)),
            "index": STATS_SERIES,
            "single": PAST_SEASONS,
            "series": sorted({str(series_id) for _, series_id in seasons}),
            "seasons": [str(season_id) for season_id, _ in seasons],
        },
    ).all()
    answered = {row[0] for row in rows}
    active = {
        season_id: row[2] if isinstance(row[2], bool) else None
        for row in rows
        if (season_id := whole(row[1])) is not None
    }
    covered = (
        season_id for season_id, series_id in seasons if None in answered or series_id in answered
    )
    return IndexStatus(active, frozenset(covered))


def expire_index(connection: Connection, *, fetched_before: datetime) -> bool:
    """Let the landed index serve no longer if it is older than that; returns whether it was."""
    found = connection.exec_driver_sql(
        """
        UPDATE iracing.responses SET expires_at = now()
        WHERE endpoint = %s AND expires_at > now() AND fetched_at < %s
        """,
        (STATS_SERIES, fetched_before),
    )
    return bool(found.rowcount)


def expire_index_without(connection: Connection, season_ids: Sequence[int]) -> bool:
    """Let the landed index serve no longer if it lacks one of these seasons; returns whether it did."""
    found = connection.exec_driver_sql(
        """
        UPDATE iracing.responses r SET expires_at = now()
        WHERE r.endpoint = %s AND r.expires_at > now() AND EXISTS (
            SELECT unnest(%s::text[])
            EXCEPT SELECT s #>> '{}' FROM jsonb_path_query(r.body, '$[*].seasons[*].season_id') s)
        """,
        (STATS_SERIES, [str(season_id) for season_id in season_ids]),
    )
    return bool(found.rowcount)
