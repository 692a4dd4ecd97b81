"""The books of an attempt in parts: answers, calls, failed partitions, quarantine, facts."""

from __future__ import annotations

from iracing_pipeline.core.response import ApiCall, Response, ResponsePart
from iracing_pipeline.core.rows import Counts
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.runs import (
    Outcome,
    enter_failed_partitions,
    finish_run,
    start_run,
)
from iracing_pipeline.warehouse.ledger.state import get_state, set_state
from iracing_pipeline.warehouse.responses.landing import find_landed
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.merging import (
    HOUR,
    INDEX,
    NOW,
    ONE_SERIES,
    put_aside,
)

# -- an attempt of many transactions -----------------------------------------------------------------


def test_without_an_outcome_the_attempt_stays_open_and_its_answers_and_calls_are_there(
    database: Database,
) -> None:
    with database.begin() as connection:
        number = start_run(connection, run_id="r", asset="past_seasons", partition=None).sync_run_id
    for part in (1, 2):
        params = {"season_id": str(part)}
        answer = Response("series/season_schedule", params, {"part": part}, 9, NOW, None)
        call = ApiCall(NOW, "series/season_schedule", params, 200, 5, 9)
        with database.begin() as connection:
            finish_run(connection, number, None, [call], fetched=[answer], run_id="r")
        assert query(
            database, "SELECT status, finished_at, message, quarantined FROM iracing.sync_runs"
        ) == [("running", None, None, None)]
        assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(part,)]
        with database.begin() as connection:
            stored = find_landed(connection, "series/season_schedule", params)
        assert stored is not None
        assert (stored.body, stored.expires_at) == ({"part": part}, None)
    with database.begin() as connection:
        outcome = Outcome(
            "partial", Counts(3, 2, 1), quarantined=4, api_calls=2, message="one failed"
        )
        finish_run(connection, number, outcome, [], run_id="r")
    assert query(
        database,
        """SELECT status, finished_at >= started_at, inserted, updated, unchanged, quarantined,
                  api_calls, message FROM iracing.sync_runs""",
    ) == [("partial", True, 3, 2, 1, 4, 2, "one failed")]
    assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(2,)]


def test_facts_are_noted_with_the_books(database: Database) -> None:
    with database.begin() as connection:
        number = start_run(connection, run_id="r", asset="series", partition=None).sync_run_id
        finish_run(connection, number, None, [], state={"index_merged": "today"}, run_id="r")
        assert get_state(connection, "index_merged") == "today"


def test_partitions_that_failed_are_entered_each_with_its_reason(database: Database) -> None:
    with database.begin() as connection:
        start_run(connection, run_id="r", asset="past_seasons", partition=None)
        enter_failed_partitions(
            connection,
            run_id="r",
            asset="past_seasons",
            reasons={"306": "HTTP 500", "12": 'it said "no"'},
            since=NOW - HOUR,
        )
        enter_failed_partitions(connection, run_id="r", asset="x", reasons={}, since=NOW)
    assert query(
        database,
        """SELECT run_id, asset, partition, status, message, finished_at > started_at
           FROM iracing.sync_runs WHERE partition IS NOT NULL ORDER BY partition""",
    ) == [
        ("r", "past_seasons", "12", "failure", 'it said "no"', True),
        ("r", "past_seasons", "306", "failure", "HTTP 500", True),
    ]
    assert query(database, "SELECT status FROM iracing.sync_runs WHERE partition IS NULL") == [
        ("running",)
    ]
    with database.begin() as connection:
        started = connection.exec_driver_sql(
            "SELECT DISTINCT started_at FROM iracing.sync_runs WHERE partition IS NOT NULL"
        ).scalar_one()
    assert started == NOW - HOUR


# -- quarantine --------------------------------------------------------------------------------------


def in_quarantine(database: Database) -> set[str]:
    rows = query(database, "SELECT item_key FROM iracing.quarantine WHERE resolved_at IS NULL")
    return {row[0] for row in rows}


def test_reading_one_item_of_an_answer_resolves_it_and_its_parts_and_no_other(
    database: Database,
) -> None:
    put_aside(
        database,
        "series_id=30",
        "series_id=30 season_id=5",
        "series_id=30 season_id=5 race_week_num=1",
        "series_id=306",
        "series_id=306 season_id=7",
        "position=30",
    )
    put_aside(database, read=[ResponsePart(INDEX, {}, "series_id=30")])
    assert in_quarantine(database) == {"series_id=306", "series_id=306 season_id=7", "position=30"}


def test_reading_a_part_does_not_resolve_the_whole(database: Database) -> None:
    put_aside(database, "series_id=30", "series_id=30 season_id=5")
    put_aside(database, read=[ResponsePart(INDEX, {}, "series_id=30 season_id=5")])
    assert in_quarantine(database) == {"series_id=30"}


def test_what_still_cannot_be_read_stays_since_it_was_first_seen(database: Database) -> None:
    put_aside(database, "series_id=30 season_id=5", "series_id=30 season_id=6")
    times = "SELECT first_seen_at, last_seen_at FROM iracing.quarantine WHERE item_key ~ '=5'"
    ((first, _),) = query(database, times)
    put_aside(database, "series_id=30 season_id=5", read=[ResponsePart(INDEX, {}, "series_id=30")])
    assert in_quarantine(database) == {"series_id=30 season_id=5"}
    ((still, last),) = query(database, times)
    assert still == first
    assert last > first


def test_only_items_of_that_asset_endpoint_and_parameters_are_resolved(database: Database) -> None:
    key = "series_id=30"
    put_aside(database, key)
    put_aside(database, f"{key} asset=series", asset="series")
    put_aside(database, f"{key} one", endpoint=ONE_SERIES, params={"series_id": "30"})
    put_aside(database, f"{key} other", endpoint=ONE_SERIES, params={"series_id": "31"})
    put_aside(database, read=[ResponsePart(ONE_SERIES, {"series_id": "30"}, key)])
    assert in_quarantine(database) == {key, f"{key} asset=series", f"{key} other"}
    put_aside(database, read=[ResponsePart(INDEX, {}, key)])
    assert in_quarantine(database) == {f"{key} asset=series", f"{key} other"}


def test_reading_a_whole_answer_resolves_all_of_it(database: Database) -> None:
    put_aside(database, "series_id=30", "position=4")
    put_aside(database, "position=4", read=[ResponsePart(INDEX, {})])
    assert in_quarantine(database) == {"position=4"}


# -- facts about the installation --------------------------------------------------------------------


def test_a_fact_is_set_whatever_it_was_before_and_others_stay(database: Database) -> None:
    with database.begin() as connection:
        set_state(connection, {"past_quarters": {"carries": "list"}, "other": [1]})
        set_state(connection, {"past_quarters": {"carries": "schedules"}})
        assert get_state(connection, "past_quarters") == {"carries": "schedules"}
        assert get_state(connection, "other") == [1]
        set_state(connection, {"other": None})
        assert get_state(connection, "other") is None
        assert get_state(connection, "never") is None
