"""History in Postgres: what filling in records, books of an attempt in parts, what the planner asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from iracing_pipeline.warehouse import history, landed_lists
from iracing_pipeline.warehouse.batches import Batch, Counts, Scope
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.landing import Landed, landed
from iracing_pipeline.warehouse.ledger import (
    AnswerRead,
    Call,
    Outcome,
    SetAside,
    enter_failed_partitions,
    finish_run,
    note,
    recall,
    set_aside,
    start_run,
)
from iracing_pipeline.warehouse.merge import merge_all
from iracing_pipeline.warehouse.tables import table
from iracing_pipeline_tests.syncing import query

NOW = datetime.now(timezone.utc).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX, ONE_SERIES, LIST = "series/stats_series", "series/past_seasons", "series/seasons"
CURRENT_LIST = {"include_series": "true"}


def merge(database: Database, run_id: str, *batches: Batch, **options: Any) -> dict[str, Counts]:
    with database.begin() as connection:
        return merge_all(connection, batches, run_id=run_id, **options)


def season(season_id: int, **more: Any) -> dict[str, Any]:
    return {"season_id": season_id, "series_id": 10, "season_name": f"Season {season_id}", **more}


def week(season_id: int, number: int, **more: Any) -> dict[str, Any]:
    return {"season_id": season_id, "race_week_num": number, **more}


def seasons(*rows: dict[str, Any], **options: Any) -> Batch:
    return Batch(table("seasons"), rows, **options)


def weeks(*rows: dict[str, Any], **options: Any) -> Batch:
    return Batch(table("season_schedules"), rows, **options)


def changes(database: Database) -> list[Any]:
    """(table, kind, before, after, run) of every change, in order."""
    return query(
        database,
        "SELECT table_name, kind, before, after, run_id FROM iracing.changes ORDER BY change_id",
    )


def one(database: Database, columns: str, season_id: int) -> Any:
    (row,) = query(database, f"SELECT {columns} FROM iracing.seasons WHERE season_id = {season_id}")
    return row


def retire(database: Database, name: str, condition: str) -> None:
    """Retire rows of a table by hand."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE iracing.{name} SET retired_at = now() WHERE {condition}"
        )


def land(
    database: Database,
    endpoint: str,
    params: dict[str, str],
    body: Any,
    fetched_at: datetime = NOW,
    expires_at: datetime | None = NOW + DAY,
) -> None:
    answer = Landed(endpoint, params, body, 1, fetched_at, expires_at)
    with database.begin() as connection:
        number = start_run(connection, run_id="land", asset="any", partition=None).sync_run_id
        finish_run(connection, number, None, [], answers=[answer], run_id="land")


# -- loads -------------------------------------------------------------------------------------------


def test_a_load_stores_new_and_other_values_and_records_neither(database: Database) -> None:
    merge(database, "first", seasons(season(1, drops=1)))
    counts = merge(database, "load", seasons(season(1, drops=2), season(2), is_load=True))
    assert counts["seasons"] == Counts(inserted=1, updated=1, living=2)
    assert one(database, "drops, run_id", 1) == (2, "load")
    assert one(database, "run_id", 2) == ("load",)
    assert changes(database) == []


def test_a_load_of_the_same_rows_again_writes_nothing(database: Database) -> None:
    batch = seasons(season(1, drops=1), season(2, drops=2), is_load=True)
    merge(database, "first", batch)
    before = query(database, "SELECT xmin, ctid, * FROM iracing.seasons ORDER BY season_id")
    assert merge(database, "again", batch)["seasons"] == Counts(unchanged=2, living=2)
    assert query(database, "SELECT xmin, ctid, * FROM iracing.seasons ORDER BY season_id") == before


def test_rows_after_a_load_are_changes_again(database: Database) -> None:
    merge(database, "load", seasons(season(1), is_load=True))
    merge(database, "news", seasons(season(2)))
    assert [(kind, run) for _, kind, _, _, run in changes(database)] == [("inserted", "news")]


# -- updates of what is stored -----------------------------------------------------------------------


def test_an_update_needs_no_required_column_and_touches_nothing_else(database: Database) -> None:
    merge(database, "first", seasons(season(1, drops=4, active=True), season(2)))
    counts = merge(database, "end", seasons({"season_id": 1, "active": False}, only_updates=True))
    assert counts["seasons"] == Counts(updated=1, living=2)
    assert one(database, "season_name, drops, active, run_id", 1) == ("Season 1", 4, False, "end")
    assert one(database, "run_id", 2) == ("first",)
    assert changes(database) == [("seasons", "updated", {"active": True}, {"active": False}, "end")]


def test_an_update_leaves_out_what_is_not_stored_or_retired(database: Database) -> None:
    merge(database, "first", seasons(season(1, active=True), season(2, active=True)))
    retire(database, "seasons", "season_id = 1")
    update = {"active": False}
    counts = merge(
        database,
        "end",
        seasons({"season_id": 1, **update}, {"season_id": 9, **update}, only_updates=True),
    )
    assert counts["seasons"].written == 0
    assert query(
        database,
        "SELECT season_id, active, retired_at IS NULL, run_id FROM iracing.seasons ORDER BY 1",
    ) == [(1, True, False, "first"), (2, True, True, "first")]
    assert changes(database) == []


def test_an_update_to_what_is_stored_already_writes_nothing(database: Database) -> None:
    merge(database, "first", seasons(season(1, active=False)))
    before = query(database, "SELECT xmin, * FROM iracing.seasons")
    merge(database, "again", seasons({"season_id": 1, "active": False}, only_updates=True))
    assert query(database, "SELECT xmin, * FROM iracing.seasons") == before


def test_an_update_can_be_a_load_too(database: Database) -> None:
    merge(database, "first", seasons(season(1, active=True)))
    update = seasons({"season_id": 1, "active": False}, only_updates=True, is_load=True)
    assert merge(database, "load", update)["seasons"].updated == 1
    assert changes(database) == []


# -- flags -------------------------------------------------------------------------------------------


def test_a_flag_is_false_until_somebody_finds_out(database: Database) -> None:
    merge(database, "first", seasons(season(1)), weeks(week(1, 0)))
    assert one(database, "has_rules, has_final_schedule", 1) == (False, False)
    assert query(database, "SELECT is_in_schedule, is_in_index FROM iracing.season_schedules") == [
        (False, False)
    ]


def test_a_flag_alone_is_stored_and_never_a_change(database: Database) -> None:
    merge(database, "first", seasons(season(1, has_rules=False), season(2, has_rules=True)))
    counts = merge(database, "flag", seasons(season(1, has_rules=True), season(2, has_rules=False)))
    assert counts["seasons"].updated == 2
    assert one(database, "has_rules, run_id", 1) == (True, "flag")
    assert one(database, "has_rules, run_id", 2) == (False, "flag")
    assert changes(database) == []


def test_what_becomes_known_at_the_moment_a_flag_is_set_is_no_change(database: Database) -> None:
    merge(database, "index", seasons(season(1)), weeks(week(1, 0, track_id=1, is_in_index=True)))
    merge(
        database,
        "schedule",
        seasons(season(1, drops=4, has_rules=True)),
        weeks(week(1, 0, track_id=2, race_lap_limit=30, is_in_schedule=True)),
    )
    assert one(database, "drops, has_rules", 1) == (4, True)
    assert query(
        database,
        "SELECT track_id, race_lap_limit, is_in_index, is_in_schedule FROM iracing.season_schedules",
    ) == [(2, 30, True, True)]
    assert changes(database) == []


def test_what_changes_while_no_flag_is_set_is_told_without_the_flag(database: Database) -> None:
    known, unknown = {"has_rules": True}, {"has_rules": False}
    merge(
        database,
        "first",
        seasons(
            season(1, drops=4, **known), season(2, drops=4, **known), season(3, drops=4, **unknown)
        ),
    )
    merge(
        database,
        "second",
        seasons(
            season(1, drops=5, **known),
            season(2, drops=5, **unknown),
            season(3, drops=5, **unknown),
        ),
    )
    assert changes(database) == [("seasons", "updated", {"drops": 4}, {"drops": 5}, "second")] * 3
    assert query(database, "SELECT has_rules FROM iracing.seasons ORDER BY season_id") == [
        (True,),
        (False,),
        (False,),
    ]


def test_a_change_of_rows_that_do_not_speak_of_flags_is_told(database: Database) -> None:
    merge(database, "first", seasons(season(1, drops=4, has_rules=True)))
    merge(database, "second", seasons(season(1, drops=5)))
    assert [after for _, _, _, after, _ in changes(database)] == [{"drops": 5}]
    assert one(database, "has_rules", 1) == (True,)


def test_records_of_new_retired_and_restored_rows_do_not_name_flags(database: Database) -> None:
    everything = Scope(("season_id",), frozenset({(1,)}))
    first, second = week(1, 0, is_in_index=True), week(1, 1, is_in_index=True)
    merge(database, "first", seasons(season(1)), weeks(first))
    merge(database, "new", weeks(first, second))
    merge(database, "gone", weeks(first, scope=everything))
    merge(database, "back", weeks(first, {**second, "is_in_index": False}, scope=everything))
    found = changes(database)
    assert [kind for _, kind, *_ in found] == ["inserted", "retired", "restored"]
    for _, _, before, after, _ in found:
        assert not {"is_in_index", "is_in_schedule"} & {*(before or ()), *(after or ())}


# -- rows that do not all carry the same columns -----------------------------------------------------


def test_each_row_of_a_batch_leaves_alone_what_it_does_not_carry(database: Database) -> None:
    heats = {"heat_info_id": 7}
    merge(
        database,
        "first",
        seasons(
            season(1, drops=1, active=True, heat_ses_info=heats),
            season(2, drops=2, active=True, heat_ses_info=heats),
            season(3, drops=3, active=True, heat_ses_info=heats),
        ),
    )
    counts = merge(
        database,
        "mixed",
        seasons(
            season(1, drops=9),
            season(2, active=None, heat_ses_info=None),
            season(3, drops=3),
            season(4),
            season(5, drops=5, heat_ses_info=heats),
        ),
    )
    assert counts["seasons"] == Counts(inserted=2, updated=2, unchanged=1, living=5)
    assert query(
        database,
        "SELECT season_id, drops, active, heat_ses_info, run_id FROM iracing.seasons ORDER BY 1",
    ) == [
        (1, 9, True, heats, "mixed"),
        (2, 2, None, None, "mixed"),
        (3, 3, True, heats, "first"),
        (4, None, None, None, "mixed"),
        (5, 5, None, heats, "mixed"),
    ]
    updated = {
        before.get("drops"): (before, after)
        for _, kind, before, after, _ in changes(database)
        if kind == "updated"
    }
    assert updated == {
        1: ({"drops": 1}, {"drops": 9}),
        None: ({"active": True, "heat_ses_info": heats}, {"active": None, "heat_ses_info": None}),
    }


def test_rows_with_and_without_a_flag_can_share_a_batch(database: Database) -> None:
    known, unknown = week(1, 0, track_id=1, is_in_schedule=True), week(1, 1, track_id=1)
    merge(database, "first", seasons(season(1)), weeks(known, unknown))
    merge(
        database,
        "mixed",
        weeks(
            # Of a week that a schedule has told of, and of weeks that only the index knows.
            week(1, 0, is_in_index=True),
            week(1, 1, is_in_index=True, track_id=2),
            week(1, 2, is_in_schedule=True, track_id=3),
            week(1, 3, track_id=4),
        ),
    )
    assert query(
        database,
        """SELECT race_week_num, track_id, is_in_schedule, is_in_index
           FROM iracing.season_schedules ORDER BY 1""",
    ) == [(0, 1, True, True), (1, 2, False, True), (2, 3, True, False), (3, 4, False, False)]
    assert [kind for _, kind, *_ in changes(database)] == ["inserted", "inserted"]


def test_updates_need_not_carry_the_same_columns(database: Database) -> None:
    merge(database, "first", seasons(*(season(number, active=True) for number in (1, 2, 3))))
    over = {"active": False, "complete": True}
    update = seasons(
        {"season_id": 1, **over, "has_final_schedule": True},
        {"season_id": 2, "complete": False},
        {"season_id": 9, **over},
        only_updates=True,
    )
    assert merge(database, "end", update)["seasons"].updated == 2
    assert query(
        database,
        """SELECT season_id, season_name, active, complete, has_final_schedule, run_id
           FROM iracing.seasons ORDER BY 1""",
    ) == [
        (1, "Season 1", False, True, True, "end"),
        (2, "Season 2", True, False, False, "end"),
        (3, "Season 3", True, None, False, "first"),
    ]
    assert merge(database, "again", update)["seasons"].written == 0


def test_a_retired_row_comes_back_with_what_it_had(database: Database) -> None:
    everything = Scope(("season_id",), frozenset({(1,)}))
    merge(database, "first", seasons(season(1)), weeks(week(1, 0, track_id=1, skies=2)))
    merge(database, "gone", weeks(scope=everything))
    merge(database, "back", weeks(week(1, 0, track_id=1), week(1, 1, skies=3)))
    assert query(
        database,
        """SELECT race_week_num, track_id, skies, retired_at IS NULL
           FROM iracing.season_schedules ORDER BY 1""",
    ) == [(0, 1, 2, True), (1, None, 3, True)]


def test_promise_3_retirement_what_was_retired_with_a_row_comes_back_with_it(
    database: Database,
) -> None:
    def sessions(*numbers: int) -> Batch:
        rows = [
            week(1, one, descriptor_num=0, repeating=False, session_times=[NOW]) for one in numbers
        ]
        return Batch(table("race_time_descriptors"), rows)

    def forecasts(*numbers: int) -> Batch:
        rows = [week(1, one, time_offset=0) for one in numbers]
        return Batch(table("weather_forecasts"), rows)

    classes = Batch(table("season_car_classes"), [{"season_id": 1, "car_class_id": 7}])
    both = seasons(season(1), season(2))
    stored = (weeks(week(1, 0), week(1, 1), week(1, 2)), sessions(0, 1, 2), forecasts(0, 1, 2))
    merge(database, "first", both, *stored, classes)
    # One week went before its season did, and one that came back later is not in the list any more.
    merge(database, "week", weeks(scope=Scope(("season_id", "race_week_num"), frozenset({(1, 2)}))))
    merge(database, "gone", seasons(season(2), scope=Scope((), frozenset({()}))))
    weeks_of = (
        "(SELECT array_agg(race_week_num ORDER BY 1) FROM iracing.{} WHERE retired_at IS NULL)"
    )
    living = f"""SELECT (SELECT count(*) FROM iracing.seasons WHERE retired_at IS NULL),
        {weeks_of.format("season_schedules")}, {weeks_of.format("race_time_descriptors")},
        {weeks_of.format("weather_forecasts")},
        (SELECT count(*) FROM iracing.season_car_classes WHERE retired_at IS NULL)"""
    assert query(database, living) == [(1, None, None, None, 0)]
    complete = Scope(("season_id",), frozenset({(1,)}))
    counts = merge(
        database,
        "back",
        both,
        Batch(table("season_car_classes"), [], scope=complete),
        weeks(week(1, 0), scope=complete),
    )
    # Of week 1 and of the class the answer had a complete list, in which they are not.
    assert query(database, living) == [(2, [0], [0], [0], 0)]
    assert counts["weather_forecasts"] == Counts(updated=1, living=1)
    told = (
        "SELECT table_name, kind, count(*) FROM iracing.changes WHERE run_id = 'back' GROUP BY 1, 2"
    )
    assert sorted(query(database, told)) == [
        ("race_time_descriptors", "restored", 1),
        ("season_schedules", "restored", 1),
        ("seasons", "restored", 1),
        ("weather_forecasts", "restored", 1),
    ]
    assert merge(database, "again", both, weeks(week(1, 0)))["seasons"].written == 0


# -- counting ----------------------------------------------------------------------------------------


def test_living_rows_are_counted_only_when_asked_for(database: Database) -> None:
    batch = seasons(season(1), season(2))
    assert merge(database, "quick", batch, counts_living=False)["seasons"] == Counts(inserted=2)
    assert merge(database, "full", batch)["seasons"] == Counts(unchanged=2, living=2)


def test_not_counting_changes_nothing_else(database: Database) -> None:
    everything = Scope(("season_id",), frozenset({(1,)}))
    merge(database, "first", seasons(season(1)), weeks(week(1, 0), week(1, 1)))
    counts = merge(
        database,
        "second",
        weeks(week(1, 0, track_id=None), week(1, 2, track_id=3), scope=everything),
        counts_living=False,
    )
    assert counts["season_schedules"] == Counts(inserted=1, unchanged=1, retired=1)
    assert [kind for _, kind, *_ in changes(database)] == ["inserted", "retired"]


def test_living_rows_can_be_counted_at_the_end(database: Database) -> None:
    merge(database, "first", seasons(season(1), season(2)), weeks(week(1, 0)))
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2"
        )
        found = history.living_rows(connection, ["seasons", "season_schedules", "tracks"])
    assert found == {"seasons": 1, "season_schedules": 1, "tracks": 0}


# -- an attempt of many transactions -----------------------------------------------------------------


def test_without_an_outcome_the_attempt_stays_open_and_its_answers_and_calls_are_there(
    database: Database,
) -> None:
    with database.begin() as connection:
        number = start_run(connection, run_id="r", asset="past_seasons", partition=None).sync_run_id
    for part in (1, 2):
        params = {"season_id": str(part)}
        answer = Landed("series/season_schedule", params, {"part": part}, 9, NOW, None)
        call = Call(NOW, "series/season_schedule", params, 200, 5, 9)
        with database.begin() as connection:
            finish_run(connection, number, None, [call], answers=[answer], run_id="r")
        assert query(
            database, "SELECT status, finished_at, message, quarantined FROM iracing.sync_runs"
        ) == [("running", None, None, None)]
        assert query(database, "SELECT count(*) FROM iracing.api_calls") == [(part,)]
        with database.begin() as connection:
            stored = landed(connection, "series/season_schedule", params)
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
        finish_run(connection, number, None, [], facts={"index_merged": "today"}, run_id="r")
        assert recall(connection, "index_merged") == "today"


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


def put_aside(
    database: Database,
    *keys: str,
    read: Sequence[AnswerRead] = (),
    asset: str = "past_seasons",
    endpoint: str = INDEX,
    params: dict[str, str] | None = None,
) -> None:
    items = [SetAside(endpoint, params or {}, key, "cannot be read", {"key": key}) for key in keys]
    with database.begin() as connection:
        set_aside(connection, asset=asset, answers=read, items=items, run_id="r")


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
    put_aside(database, read=[AnswerRead(INDEX, {}, "series_id=30")])
    assert in_quarantine(database) == {"series_id=306", "series_id=306 season_id=7", "position=30"}


def test_reading_a_part_does_not_resolve_the_whole(database: Database) -> None:
    put_aside(database, "series_id=30", "series_id=30 season_id=5")
    put_aside(database, read=[AnswerRead(INDEX, {}, "series_id=30 season_id=5")])
    assert in_quarantine(database) == {"series_id=30"}


def test_what_still_cannot_be_read_stays_since_it_was_first_seen(database: Database) -> None:
    put_aside(database, "series_id=30 season_id=5", "series_id=30 season_id=6")
    times = "SELECT first_seen_at, last_seen_at FROM iracing.quarantine WHERE item_key ~ '=5'"
    ((first, _),) = query(database, times)
    put_aside(database, "series_id=30 season_id=5", read=[AnswerRead(INDEX, {}, "series_id=30")])
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
    put_aside(database, read=[AnswerRead(ONE_SERIES, {"series_id": "30"}, key)])
    assert in_quarantine(database) == {key, f"{key} asset=series", f"{key} other"}
    put_aside(database, read=[AnswerRead(INDEX, {}, key)])
    assert in_quarantine(database) == {f"{key} asset=series", f"{key} other"}


def test_reading_a_whole_answer_resolves_all_of_it(database: Database) -> None:
    put_aside(database, "series_id=30", "position=4")
    put_aside(database, "position=4", read=[AnswerRead(INDEX, {})])
    assert in_quarantine(database) == {"position=4"}


# -- facts about the installation --------------------------------------------------------------------


def test_a_fact_is_set_whatever_it_was_before_and_others_stay(database: Database) -> None:
    with database.begin() as connection:
        note(connection, {"past_quarters": {"carries": "list"}, "other": [1]})
        note(connection, {"past_quarters": {"carries": "schedules"}})
        assert recall(connection, "past_quarters") == {"carries": "schedules"}
        assert recall(connection, "other") == [1]
        note(connection, {"other": None})
        assert recall(connection, "other") is None
        assert recall(connection, "never") is None


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
        history.MissingSchedule(1, 10, 2020, 1, True, has_schedule=True, scheduled_weeks={0: None}),
        history.MissingSchedule(2, 10, 2020, 2, complete=None, has_schedule=False),
    ]


def test_rows_of_seasons_in_short(database: Database) -> None:
    def found() -> history.SeasonRows:
        with database.begin() as connection:
            return history.season_rows(connection)

    assert found() == history.SeasonRows()
    merge(database, "first", seasons(past(1, 10, 2020, 1), season(2, complete=False)))
    merge(database, "first", weeks(week(1, 0, is_in_schedule=True), week(2, 0, is_in_index=True)))
    assert found() == history.SeasonRows(frozenset({1, 2}), False, True)
    merge(database, "then", weeks(week(2, 0, is_in_schedule=True)))
    merge(database, "then", seasons(past(1, 10, 2020, 1, has_final_schedule=True)))
    assert found() == history.SeasonRows(frozenset({1, 2}), True, False, {2: frozenset({0})})


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
            *(1, 10, 2020, 1, False, True, NOW),
            scheduled_weeks=frozenset({0, 4}),
            indexed_weeks=frozenset({5}),
            dropped_weeks=frozenset({6}),
            is_to_come=True,
        ),
        history.StoredSeason(2, 20, None, None, None, None, None),
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
        Batch(table("series"), [{"series_id": 10, "series_name": "Ten"}]),
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
        note(connection, {"past_quarters": {"carries": "list"}})
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


def test_what_vanishes_from_history_is_retired_and_no_change_either(database: Database) -> None:
    merge(database, "a", seasons(season(1)), weeks(week(1, 0)))
    gone = Scope(("season_id",), frozenset({(1,)}))
    merge(database, "load", weeks(scope=gone, is_load=True))
    assert changes(database) == []
    assert query(
        database, "SELECT count(*) FROM iracing.season_schedules WHERE retired_at IS NULL"
    ) == [(0,)]


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
            assert landed(connection, INDEX, {}) == Landed(
                INDEX, {}, body, 1, fetched_at, NOW + DAY
            )
            assert list(landed_lists.landed_index(connection, [10])) == [], body
            assert landed_lists.active_in_index(connection) == [], body
            assert landed_lists.listed_seasons(connection) == [], body
            assert landed_lists.index_says(connection, [(1, 10)]).active == {}, body
            if not isinstance(body, list):
                assert list(landed_lists.landed_index(connection)) == [], body


def test_series_of_the_landed_index_come_one_by_one_all_or_some(database: Database) -> None:
    with database.begin() as connection:
        assert list(landed_lists.landed_index(connection)) == []
    body = [*an_index((1, True)), *an_index((2, False), series_id=20), *an_index(series_id=200)]
    land(database, INDEX, {}, body, fetched_at=NOW - HOUR)
    with database.begin() as connection:
        assert [tuple(row) for row in landed_lists.landed_index(connection)] == [
            (NOW - HOUR, series) for series in body
        ]
        assert [raw for _, raw in landed_lists.landed_index(connection, [20, 30])] == [body[1]]
        assert list(landed_lists.landed_index(connection, [])) == []


def test_answers_for_single_series_are_found_by_series(database: Database) -> None:
    (one_series,) = an_index((1, True))
    land(database, ONE_SERIES, {"series_id": "10"}, {"series": one_series})
    land(database, ONE_SERIES, {"series_id": "20"}, {"series": {"series_id": 20}})
    with database.begin() as connection:
        assert landed_lists.landed_series(connection, [10, 11]) == [(10, NOW, one_series)]


def test_what_has_landed_serves_while_it_is_young_and_has_not_expired(database: Database) -> None:
    land(database, INDEX, {}, [], fetched_at=NOW - DAY, expires_at=NOW + DAY)
    land(database, ONE_SERIES, {"series_id": "10"}, {}, fetched_at=NOW - HOUR)
    land(database, ONE_SERIES, {"series_id": "20"}, {}, fetched_at=NOW - DAY, expires_at=NOW)

    def fresh(since: datetime, now: datetime) -> tuple[bool, set[int]]:
        with database.begin() as connection:
            return landed_lists.fresh_entries(connection, since=since, now=now)

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
        assert landed_lists.listed_seasons(connection) == [
            (1, 2025, 3, True),
            (2, None, None, None),
        ]


def test_seasons_that_the_index_says_are_active(database: Database) -> None:
    body = an_index((1, True), (2, False), (3, None))
    body[0]["seasons"][0] |= {"season_year": 2025, "season_quarter": 3}
    land(database, INDEX, {}, body)
    with database.begin() as connection:
        assert landed_lists.active_in_index(connection) == [(1, 2025, 3, True)]


def test_an_index_of_all_or_of_one_series_says_what_runs_and_what_it_does_not_know(
    database: Database,
) -> None:
    def says(*seasons: tuple[int, int]) -> landed_lists.IndexWord:
        with database.begin() as connection:
            return landed_lists.index_says(connection, seasons)

    assert says((1, 10)) == landed_lists.IndexWord({}, frozenset())
    land(database, ONE_SERIES, {"series_id": "20"}, {"series": an_index((5, False), (6, True))[0]})
    # An answer about one series proves nothing of the others.
    assert says((5, 20), (7, 20), (1, 10)) == landed_lists.IndexWord({5: False}, frozenset({5, 7}))
    land(database, INDEX, {}, an_index((1, False), (2, True), (3, None), (4, False)))
    asked = [*((season_id, 10) for season_id in (1, 2, 3)), (5, 20), (6, 20), (7, 30)]
    assert says(*asked) == landed_lists.IndexWord(
        {1: False, 2: True, 3: None, 5: False, 6: True}, frozenset({1, 2, 3, 5, 6, 7})
    )
    assert says() == landed_lists.IndexWord({}, frozenset())


def test_the_newest_index_has_the_word_on_what_runs(database: Database) -> None:
    announced = {"series": an_index((1, False), (2, True), (3, True))[0]}
    land(database, ONE_SERIES, {"series_id": "10"}, announced, fetched_at=NOW - 60 * DAY)
    land(database, INDEX, {}, an_index((1, True), (2, False)))
    with database.begin() as connection:
        word = landed_lists.index_says(connection, [(1, 10), (2, 10), (3, 10)])
    assert word.active == {1: True, 2: False}
    assert 3 in word.covered


def expires_at(database: Database) -> datetime:
    ((moment,),) = query(
        database, f"SELECT expires_at FROM iracing.responses WHERE endpoint = '{INDEX}'"
    )
    return moment


def expired(database: Database, *season_ids: int) -> bool:
    with database.begin() as connection:
        return landed_lists.expire_index_without(connection, season_ids)


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
    def state() -> landed_lists.IndexState:
        with database.begin() as connection:
            return landed_lists.index_state(connection)

    nothing = state()
    assert (nothing.fetched_at, nothing.expires_at, nothing.merged_at) == (None, None, None)
    assert (nothing.has_open_items, nothing.series) == (False, frozenset())
    land(database, INDEX, {}, [])
    rows = [{"series_id": 10, "series_name": "A"}, {"series_id": 20, "series_name": "B"}]
    merge(database, "first", Batch(table("series"), rows))
    put_aside(database, "series_id=30")
    with database.begin() as connection:
        note(connection, {landed_lists.INDEX_MERGED: (NOW - HOUR).isoformat()})
    found = state()
    assert (found.fetched_at, found.expires_at, found.merged_at) == (NOW, NOW + DAY, NOW - HOUR)
    assert (found.has_open_items, found.series) == (True, {10, 20})
    put_aside(database, read=[AnswerRead(INDEX, {})])
    assert not state().has_open_items
