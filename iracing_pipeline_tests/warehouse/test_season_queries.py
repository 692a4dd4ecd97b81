"""What history asks of the tables: what is missing, what is stored, what has landed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from iracing_pipeline.core.response import Response, ResponsePart
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import INDEX_MERGED, set_state
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.queries import seasons as history
from iracing_pipeline.warehouse.responses import lists
from iracing_pipeline.warehouse.responses.landing import find_landed
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.merging import (
    CURRENT_LIST,
    DAY,
    HOUR,
    INDEX,
    LIST,
    NOW,
    ONE_SERIES,
    land,
    merge,
    put_aside,
    retire,
    season,
    seasons,
    week,
    weeks,
)

# -- what is missing ---------------------------------------------------------------------------------


def missing_ids(database: Database, **options: Any) -> set[int]:
    with database.begin() as connection:
        return {found.season_id for found in history.missing_schedules(connection, **options)}


def test_a_schedule_is_missing_of_seasons_that_are_over_or_may_be(database: Database) -> None:
    facts: list[tuple[dict[str, Any], bool]] = [
        ({"complete": True}, True),
        ({"complete": True, "active": True}, True),
        ({"complete": True, "has_final_schedule": True}, False),
        ({"complete": None, "active": False}, True),
        ({"complete": None, "active": None}, True),
        ({"complete": None, "active": True}, False),
        ({"complete": None, "active": False, "has_final_schedule": True}, False),
        ({"complete": False, "active": False}, False),
        ({"complete": False, "active": None}, False),
        ({"complete": False, "active": True}, False),
    ]
    where = {"season_year": 2020, "season_quarter": 1}
    rows = [season(number, **where, **said) for number, (said, _) in enumerate(facts)]
    merge(database, "first", seasons(*rows))
    missing = missing_ids(database)
    for number, (said, is_missing) in enumerate(facts):
        assert (number in missing) is is_missing, said


def past(season_id: int, series_id: int, year: int, quarter: int, **more: Any) -> dict[str, Any]:
    where = {"series_id": series_id, "season_year": year, "season_quarter": quarter}
    return season(season_id, **{"complete": True, **where, **more})


def test_missing_schedules_are_those_of_the_series_and_the_quarter_that_are_meant(
    database: Database,
) -> None:
    merge(
        database,
        "first",
        seasons(
            past(1, 10, 2020, 1), past(2, 10, 2020, 2), past(3, 20, 2020, 1), past(4, 30, 2021, 1)
        ),
    )
    assert missing_ids(database) == {1, 2, 3, 4}
    assert missing_ids(database, series_ids=[10, 30]) == {1, 2, 4}
    assert missing_ids(database, series_ids=[]) == set()
    assert missing_ids(database, quarter=(2020, 1)) == {1, 3}
    assert missing_ids(database, series_ids=[10], quarter=(2020, 1)) == {1}
    retire(database, "seasons", "season_id = 3")
    assert missing_ids(database) == {1, 2, 4}


def test_a_missing_schedule_says_whether_weeks_of_it_are_known_from_when_it_ran(
    database: Database,
) -> None:
    merge(
        database,
        "first",
        seasons(past(1, 10, 2020, 1), past(2, 10, 2020, 2, complete=None)),
        weeks(week(1, 0, is_in_schedule=True), week(2, 0, is_in_index=True)),
    )
    with database.begin() as connection:
        found = sorted(history.missing_schedules(connection), key=lambda item: item.season_id)
    assert found == [
        history.MissingSchedule(
            1, 10, (2020, 1), True, has_schedule=True, scheduled_weeks={0: None}
        ),
        history.MissingSchedule(2, 10, (2020, 2), complete=None, has_schedule=False),
    ]


def test_rows_of_seasons_in_short(database: Database) -> None:
    def found() -> history.SeasonRows:
        with database.begin() as connection:
            return history.season_rows(connection)

    assert found() == history.SeasonRows()
    merge(database, "first", seasons(past(1, 10, 2020, 1), season(2, complete=False)))
    merge(database, "first", weeks(week(1, 0, is_in_schedule=True), week(2, 0, is_in_index=True)))
    assert found() == history.SeasonRows(frozenset({1, 2}), frozenset({1}), False, True)
    merge(database, "then", weeks(week(2, 0, is_in_schedule=True)))
    merge(database, "then", seasons(past(1, 10, 2020, 1, has_final_schedule=True)))
    assert found() == history.SeasonRows(
        frozenset({1, 2}), frozenset({1}), True, False, {2: frozenset({0})}
    )


# -- what is stored of seasons -----------------------------------------------------------------------


def test_stored_seasons_come_with_the_end_of_their_last_week_and_the_weeks_of_schedules(
    database: Database,
) -> None:
    merge(
        database,
        "first",
        seasons(
            past(1, 10, 2020, 1, active=False), season(2, series_id=20), season(3, series_id=30)
        ),
        weeks(
            week(1, 0, week_end_time=NOW - DAY, is_in_schedule=True),
            week(1, 4, week_end_time=NOW, is_in_schedule=True),
            week(1, 5, is_in_index=True),
            week(1, 6, week_end_time=NOW + DAY, is_in_schedule=True),
        ),
    )
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET retired_at = now() WHERE race_week_num = 6"
        )
        found = history.seasons_of_series(connection, [10, 20], NOW)
        assert history.seasons_of_series(connection, [], NOW, [3])[0].series_id == 30
    assert all(item.updated_at for item in found)
    found = [replace(item, updated_at=None) for item in found]
    assert sorted(found, key=lambda item: item.season_id) == [
        history.StoredSeason(
            season_id=1,
            series_id=10,
            quarter=(2020, 1),
            active=False,
            complete=True,
            last_week_end=NOW,
            scheduled_weeks=frozenset({0, 4}),
            indexed_weeks=frozenset({5}),
            dropped_weeks=frozenset({6}),
            is_to_come=True,
        ),
        history.StoredSeason(season_id=2, series_id=20, quarter=(0, 0)),
    ]


def test_list_and_tables_are_compared_both_ways(database: Database) -> None:
    merge(
        database,
        "first",
        seasons(
            season(1, complete=False),
            season(2, complete=False),
            season(3, complete=None),
            season(4, complete=True),
            season(5, complete=False, series_id=20),
        ),
        TableBatch(table("series"), [{"series_id": 10, "series_name": "Ten"}]),
    )
    with database.begin() as connection:
        new, stored = history.current_seasons(connection, [1, 4, 8, 9], NOW)
        assert sorted(new) == [8, 9]
        assert {item.season_id for item in stored} == {1, 2, 3, 5}
        # Of a series that is gone, also what is over.
        connection.exec_driver_sql("UPDATE iracing.series SET retired_at = now()")
        _, stored = history.current_seasons(connection, [], NOW)
        assert {item.season_id: item.is_orphan for item in stored} == {
            1: True,
            2: True,
            3: True,
            4: True,
            5: False,
        }
        connection.exec_driver_sql("UPDATE iracing.seasons SET retired_at = now()")
        assert history.current_seasons(connection, [], NOW) == ([], [])


def test_weeks_that_only_one_of_index_and_schedule_knows_are_counted(database: Database) -> None:
    def found() -> history.Disagreements:
        with database.begin() as connection:
            return history.disagreements(connection)

    assert found() == history.Disagreements(0, 0)
    index, schedule = {"is_in_index": True}, {"is_in_schedule": True}
    final = {"has_final_schedule": True}
    merge(
        database,
        "first",
        seasons(past(1, 10, 2020, 1, **final), past(2, 10, 2020, 2), past(3, 10, 2020, 3, **final)),
        seasons(past(4, 10, 2020, 4, **final), past(5, 10, 2021, 1, **final)),
        weeks(week(1, 0, **index, **schedule), week(1, 1, **index), week(1, 2, **index)),
        weeks(week(1, 3, **schedule), week(1, 4, **schedule)),
        # Its schedule is not final, or one of the two was never read: no disagreement.
        weeks(week(2, 0, **index), week(2, 1, **schedule)),
        weeks(week(3, 0, **index)),
        weeks(week(4, 0, **schedule)),
        weeks(week(5, 0, **index, **schedule), week(5, 1, **index)),
    )
    assert found() == history.Disagreements(3, 2)
    retire(database, "season_schedules", "race_week_num = 1")
    assert found() == history.Disagreements(1, 2)


def test_how_much_of_the_past_is_stored(database: Database) -> None:
    def state() -> history.HistoryState:
        with database.begin() as connection:
            return history.history_state(connection)

    assert state() == history.HistoryState(0, 0, None)
    merge(
        database,
        "first",
        seasons(
            past(1, 10, 2020, 1, has_final_schedule=True),
            past(2, 10, 2020, 2),
            past(3, 10, 2020, 3),
            season(4, complete=False),
            season(5, complete=None),
            season(6, complete=None, has_final_schedule=True),
        ),
    )
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 3"
        )
        set_state(connection, {"past_quarters": {"carries": "list"}})
    assert state() == history.HistoryState(3, 2, {"carries": "list"})


# -- what has landed ---------------------------------------------------------------------------------


def quarter(year: int, number: int) -> dict[str, str]:
    return {**CURRENT_LIST, "season_year": str(year), "season_quarter": str(number)}


def test_quarters_that_have_answered_since_a_moment(database: Database) -> None:
    land(database, LIST, CURRENT_LIST, [])
    land(database, LIST, quarter(2024, 1), [], fetched_at=NOW - DAY)
    land(database, LIST, quarter(2023, 4), [], fetched_at=NOW - 2 * DAY)
    land(database, "series/season_list", quarter(2022, 1), [])
    with database.begin() as connection:
        assert history.quarters_asked_since(connection, NOW - 3 * DAY) == {(2024, 1), (2023, 4)}
        assert history.quarters_asked_since(connection, NOW - 2 * DAY) == {(2024, 1)}
        assert history.quarters_asked_since(connection, NOW) == frozenset()


def an_index(*rows: tuple[int, bool | None], series_id: int = 10) -> list[dict[str, Any]]:
    """A landed index of one series: (season_id, active) of its seasons."""
    found = [{"season_id": season_id, "active": active} for season_id, active in rows]
    return [{"series_id": series_id, "seasons": found}]


def test_of_an_index_that_is_none_nothing_is_read(database: Database) -> None:
    bodies = ({"error": "x"}, {"series_id": 10}, "text", 7, [], [None, 7, "text", [], {}])
    for number, body in enumerate(bodies):
        fetched_at = NOW + timedelta(seconds=number)
        for endpoint, params in (
            (INDEX, {}),
            (LIST, CURRENT_LIST),
            (ONE_SERIES, {"series_id": "10"}),
        ):
            land(database, endpoint, params, body, fetched_at)
        with database.begin() as connection:
            assert find_landed(connection, INDEX, {}) == Response(
                INDEX, {}, body, 1, fetched_at, NOW + DAY
            )
            assert list(lists.landed_index(connection, [10])) == [], body
            assert lists.active_in_index(connection) == [], body
            assert lists.listed_seasons(connection) == [], body
            assert lists.index_says(connection, [(1, 10)]).active == {}, body
            if not isinstance(body, list):
                assert list(lists.landed_index(connection)) == [], body


def test_series_of_the_landed_index_come_one_by_one_all_or_some(database: Database) -> None:
    with database.begin() as connection:
        assert list(lists.landed_index(connection)) == []
    body = [*an_index((1, True)), *an_index((2, False), series_id=20), *an_index(series_id=200)]
    land(database, INDEX, {}, body, fetched_at=NOW - HOUR)
    with database.begin() as connection:
        assert [tuple(row) for row in lists.landed_index(connection)] == [
            (NOW - HOUR, series) for series in body
        ]
        assert [raw for _, raw in lists.landed_index(connection, [20, 30])] == [body[1]]
        assert list(lists.landed_index(connection, [])) == []


def test_answers_for_single_series_are_found_by_series(database: Database) -> None:
    (one_series,) = an_index((1, True))
    land(database, ONE_SERIES, {"series_id": "10"}, {"series": one_series})
    land(database, ONE_SERIES, {"series_id": "20"}, {"series": {"series_id": 20}})
    with database.begin() as connection:
        assert lists.landed_series(connection, [10, 11]) == [(10, NOW, one_series)]


def test_what_has_landed_serves_while_it_is_young_and_has_not_expired(database: Database) -> None:
    land(database, INDEX, {}, [], fetched_at=NOW - DAY, expires_at=NOW + DAY)
    land(database, ONE_SERIES, {"series_id": "10"}, {}, fetched_at=NOW - HOUR)
    land(database, ONE_SERIES, {"series_id": "20"}, {}, fetched_at=NOW - DAY, expires_at=NOW)

    def fresh(since: datetime, now: datetime) -> tuple[bool, set[int]]:
        with database.begin() as connection:
            return lists.fresh_entries(connection, since=since, now=now)

    assert fresh(NOW - 2 * DAY, NOW) == (True, {10})
    assert fresh(NOW - 2 * DAY, NOW - HOUR) == (True, {10, 20})
    assert fresh(NOW - 2 * HOUR, NOW) == (False, {10})
    assert fresh(NOW - 2 * DAY, NOW + 2 * DAY) == (False, set())


def test_the_newest_list_of_current_seasons_is_read_as_far_as_it_can_be(database: Database) -> None:
    rows = [
        {"season_id": 1, "season_year": 2025, "season_quarter": 3, "active": True},
        {"season_id": 2, "season_year": "2025", "season_quarter": True, "active": "yes"},
        {"season_id": "3"},
        {"season_id": True},
        "text",
    ]
    land(database, LIST, CURRENT_LIST, rows)
    land(database, LIST, quarter(2024, 1), [{"season_id": 9}])
    with database.begin() as connection:
        assert lists.listed_seasons(connection) == [
            (1, 2025, 3, True),
            (2, 2025, None, None),
            (3, None, None, None),
        ]


def test_seasons_that_the_index_says_are_active(database: Database) -> None:
    body = an_index((1, True), (2, False), (3, None))
    body[0]["seasons"][0] |= {"season_year": 2025, "season_quarter": 3}
    land(database, INDEX, {}, body)
    with database.begin() as connection:
        assert lists.active_in_index(connection) == [(1, 2025, 3, True)]


def test_an_index_of_all_or_of_one_series_says_what_runs_and_what_it_does_not_know(
    database: Database,
) -> None:
    def says(*seasons: tuple[int, int]) -> lists.IndexStatus:
        with database.begin() as connection:
            return lists.index_says(connection, seasons)

    assert says((1, 10)) == lists.IndexStatus({}, frozenset())
    land(database, ONE_SERIES, {"series_id": "20"}, {"series": an_index((5, False), (6, True))[0]})
    # An answer about one series proves nothing of the others.
    assert says((5, 20), (7, 20), (1, 10)) == lists.IndexStatus({5: False}, frozenset({5, 7}))
    land(database, INDEX, {}, an_index((1, False), (2, True), (3, None), (4, False)))
    asked = [*((season_id, 10) for season_id in (1, 2, 3)), (5, 20), (6, 20), (7, 30)]
    assert says(*asked) == lists.IndexStatus(
        {1: False, 2: True, 3: None, 5: False, 6: True}, frozenset({1, 2, 3, 5, 6, 7})
    )
    assert says() == lists.IndexStatus({}, frozenset())


def test_the_newest_index_has_the_word_on_what_runs(database: Database) -> None:
    announced = {"series": an_index((1, False), (2, True), (3, True))[0]}
    land(database, ONE_SERIES, {"series_id": "10"}, announced, fetched_at=NOW - 60 * DAY)
    land(database, INDEX, {}, an_index((1, True), (2, False)))
    with database.begin() as connection:
        word = lists.index_says(connection, [(1, 10), (2, 10), (3, 10)])
    assert word.active == {1: True, 2: False}
    assert 3 in word.covered


def expires_at(database: Database) -> datetime:
    ((moment,),) = query(
        database, f"SELECT expires_at FROM iracing.responses WHERE endpoint = '{INDEX}'"
    )
    return moment


def expired(database: Database, *season_ids: int) -> bool:
    with database.begin() as connection:
        return lists.expire_index_without(connection, season_ids)


def test_an_index_that_lacks_a_season_serves_no_longer(database: Database) -> None:
    land(database, ONE_SERIES, {"series_id": "10"}, {"series": an_index((1, True))[0]})
    assert not expired(database, 3)  # there is no index of all series
    land(database, INDEX, {}, [*an_index((1, True)), *an_index((2, False), series_id=20)])
    assert not expired(database, 1, 2)
    assert not expired(database)
    assert expires_at(database) == NOW + DAY
    assert expired(database, 1, 3)
    assert expires_at(database) < NOW + HOUR
    # It has expired already: there is nothing left to do.
    assert not expired(database, 3)


def test_state_of_the_index(database: Database) -> None:
    def state() -> lists.IndexState:
        with database.begin() as connection:
            return lists.index_state(connection)

    nothing = state()
    assert (nothing.fetched_at, nothing.expires_at, nothing.merged_at) == (None, None, None)
    assert (nothing.has_open_items, nothing.series) == (False, frozenset())
    land(database, INDEX, {}, [])
    rows = [{"series_id": 10, "series_name": "A"}, {"series_id": 20, "series_name": "B"}]
    merge(database, "first", TableBatch(table("series"), rows))
    put_aside(database, "series_id=30")
    with database.begin() as connection:
        set_state(connection, {INDEX_MERGED: (NOW - HOUR).isoformat()})
    found = state()
    assert (found.fetched_at, found.expires_at, found.merged_at) == (NOW, NOW + DAY, NOW - HOUR)
    assert (found.has_open_items, found.series) == (True, {10, 20})
    put_aside(database, read=[ResponsePart(INDEX, {})])
    assert not state().has_open_items
