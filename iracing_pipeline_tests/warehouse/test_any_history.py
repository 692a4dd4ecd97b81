"""The merge and the expansion of sessions, by properties: whatever is merged, in whatever order."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.base import BOOKKEEPING, flags, key_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.examples import examples
from iracing_pipeline_tests.support.merging import season, seasons, week, weeks

# -- merge: changes, replayed from nothing, give the table ------------------------------------------------

WEEK = st.fixed_dictionaries(
    {},
    optional={
        "track_id": st.none() | st.integers(1, 3),
        "track_name": st.none() | st.sampled_from(["Spa", "Bowl", ""]),
        "race_lap_limit": st.none() | st.integers(0, 2),
        "start_date": st.none() | st.sampled_from([date(2026, 3, 3), date(2026, 3, 10)]),
        "race_week_car_class_ids": st.none() | st.lists(st.integers(1, 2), max_size=2),
    },
)
STATE = st.dictionaries(
    st.sampled_from([1, 2]),
    st.dictionaries(st.integers(0, 2), WEEK, max_size=3),
    max_size=2,
)
"""Seasons that are listed, and of each the weeks."""


def _merge(
    connection: Connection, state: dict[int, dict[int, dict[str, Any]]], number: int
) -> None:
    known = Coverage((), frozenset({()}))
    of_seasons = Coverage(("season_id",), frozenset((one,) for one in state))
    merge_tables(
        connection,
        [
            seasons(*(season(one) for one in state), coverage=known),
            weeks(
                *(
                    week(one, number, **values)
                    for one, listed in state.items()
                    for number, values in listed.items()
                ),
                coverage=of_seasons,
            ),
        ],
        run_id=f"state {number}",
    )


def _stored(connection: Connection, name: str) -> dict[str, dict[str, Any]]:
    """Living rows by key, as JSON tells them, without what is NULL, and without flags: they are no news."""
    keys = key_columns(table(name))
    left_out = {*BOOKKEEPING, *keys, *flags(table(name))}
    found = {}
    for (row,) in connection.exec_driver_sql(
        f"SELECT to_jsonb(t) FROM iracing.{name} t WHERE retired_at IS NULL"
    ):
        key = json.dumps({one: row[one] for one in keys}, sort_keys=True)
        found[key] = {
            one: value for one, value in row.items() if one not in left_out and value is not None
        }
    return found


def _replayed(
    connection: Connection, name: str, begun: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The rows with which it began, and every change since, in order."""
    rows = dict(begun)
    for key, kind, before, after in connection.exec_driver_sql(
        "SELECT key, kind, before, after FROM iracing.changes WHERE table_name = %s "
        "ORDER BY change_id",
        (name,),
    ):
        text = json.dumps(key, sort_keys=True)
        if kind == "retired":
            assert text in rows, (kind, key)
            rows[text] = {"retired": rows[text]}
            continue
        row = rows.get(text, {})
        if kind == "inserted":
            assert text not in rows, (kind, key)
        else:
            assert kind == ("restored" if set(row) == {"retired"} else "updated"), (kind, row)
            row = row.get("retired", row) if kind == "restored" else row
            assert {one: row.get(one) for one in before or {}} == (before or {})
        rows[text] = {**row, **(after or {})}
    living = {key: row for key, row in rows.items() if set(row) != {"retired"}}
    return {
        key: {
            one: value
            for one, value in row.items()
            if value is not None and one not in json.loads(key)
        }
        for key, row in living.items()
    }


@examples(12, 500)
@given(states=st.lists(STATE, min_size=1, max_size=6))
def test_changes_replayed_from_nothing_give_the_table(
    database: Database, states: list[dict[int, dict[int, dict[str, Any]]]]
) -> None:
    # The first rows of a table are no change: so there is one that stays as it is.
    first: dict[int, dict[int, dict[str, Any]]] = {99: {0: {}}}
    with database.begin() as connection:
        for name in ("changes", "season_schedules", "seasons"):
            connection.exec_driver_sql(f"DELETE FROM iracing.{name}")
        _merge(connection, first, -1)
    with database.begin() as connection:
        begun = {name: _stored(connection, name) for name in ("seasons", "season_schedules")}
    for number, state in enumerate([*states, states[-1]]):
        # A transaction each: what is retired together is told by its moment.
        with database.begin() as connection:
            told = _changes(connection)
            _merge(connection, {**first, **state}, number)
            for name, rows in begun.items():
                assert _replayed(connection, name, rows) == _stored(connection, name)
            assert number < len(states) or _changes(connection) == told


def _changes(connection: Connection) -> Any:
    return connection.exec_driver_sql("SELECT count(*) FROM iracing.changes").scalar()


# -- sessions: a second expansion --------------------------------------------------------------------------

MONDAY = datetime(2026, 3, 2, tzinfo=timezone.utc)
# A session is found up to eight days before its week begins.
MOMENT = st.integers(-7 * 1440, 21 * 1440).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
DAY = st.integers(-6, 14).map(lambda days: MONDAY.date() + timedelta(days=days))
PATTERN = st.fixed_dictionaries(
    {
        "repeating": st.just(True),
        "session_minutes": st.integers(1, 300),
        "start_date": st.none() | DAY,
        "day_offset": st.lists(st.integers(-1, 14), max_size=5),
        "first_session_time": st.times().map(lambda one: time(one.hour, one.minute)),
        "repeat_minutes": st.none() | st.integers(7, 2000),
        "session_times": st.none(),
    }
)
LISTED = st.fixed_dictionaries(
    {
        "repeating": st.just(False),
        "session_minutes": st.none() | st.integers(1, 300),
        "session_times": st.lists(MOMENT, max_size=5),
    }
)


def _expanded(
    start: date, end: datetime, descriptors: list[dict[str, Any]], span: tuple[datetime, datetime]
) -> list[tuple[datetime, int]]:
    """What race_sessions() gives, written a second time, minute by minute."""
    found: list[tuple[datetime, int]] = []
    for number, one in enumerate(descriptors):
        if not one["repeating"]:
            found += [(moment, number) for moment in one["session_times"] or ()]
            continue
        for offset in one["day_offset"]:
            day = (one["start_date"] or start) + timedelta(days=offset)
            first = datetime.combine(day, one["first_session_time"], timezone.utc)
            moment = first
            while moment.date() == day:
                found.append((moment, number))
                moment += timedelta(minutes=one["repeat_minutes"] or 1440)
    return sorted(one for one in found if span[0] <= one[0] < span[1] and one[0] <= end)


@examples(30, 3000)
@given(
    days=st.integers(0, 14),
    last=st.integers(0, 1439),
    descriptors=st.lists(PATTERN | LISTED, max_size=3),
    span=st.tuples(MOMENT, st.integers(1, 20)),
)
def test_sessions_are_what_a_second_expansion_gives_within_the_week_and_the_span(
    database: Database,
    days: int,
    last: int,
    descriptors: list[dict[str, Any]],
    span: tuple[datetime, int],
) -> None:
    start, end = MONDAY.date(), MONDAY + timedelta(days=days, minutes=last)
    since, until = span[0], span[0] + timedelta(days=span[1])
    keyed = [
        {"season_id": 1, "race_week_num": 0, "descriptor_num": number, **one}
        for number, one in enumerate(descriptors)
    ]
    with database.dry_run() as connection:
        merge_tables(
            connection,
            [
                seasons(season(1)),
                weeks(week(1, 0, start_date=start, week_end_time=end)),
                TableBatch(table("race_time_descriptors"), keyed),
            ],
            run_id="r",
        )
        found = [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT start_time, descriptor_num FROM iracing.race_sessions(%s, %s) ORDER BY 1, 2",
                (since, until),
            )
        ]
    expected = _expanded(start, end, descriptors, (since, until))
    assert found == expected
