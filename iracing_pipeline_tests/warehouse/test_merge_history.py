"""Merges as history needs them: loads, updates, flags, rows of several shapes, what comes back."""

from __future__ import annotations

import pytest

from iracing_pipeline.core.rows import Counts, Coverage
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.queries import seasons as history
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.merging import (
    NOW,
    changes,
    merge,
    one,
    retire,
    season,
    seasons,
    week,
    weeks,
)

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
    everything = Coverage(("season_id",), frozenset({(1,)}))
    first, second = week(1, 0, is_in_index=True), week(1, 1, is_in_index=True)
    merge(database, "first", seasons(season(1)), weeks(first))
    merge(database, "new", weeks(first, second))
    merge(database, "gone", weeks(first, coverage=everything))
    merge(database, "back", weeks(first, {**second, "is_in_index": False}, coverage=everything))
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
    everything = Coverage(("season_id",), frozenset({(1,)}))
    merge(database, "first", seasons(season(1)), weeks(week(1, 0, track_id=1, skies=2)))
    merge(database, "gone", weeks(coverage=everything))
    merge(database, "back", weeks(week(1, 0, track_id=1), week(1, 1, skies=3)))
    assert query(
        database,
        """SELECT race_week_num, track_id, skies, retired_at IS NULL
           FROM iracing.season_schedules ORDER BY 1""",
    ) == [(0, 1, 2, True), (1, None, 3, True)]


@pytest.mark.promise(3)
def test_what_was_retired_with_a_row_comes_back_with_it(
    database: Database,
) -> None:
    def sessions(*numbers: int) -> TableBatch:
        rows = [
            week(1, one, descriptor_num=0, repeating=False, session_times=[NOW]) for one in numbers
        ]
        return TableBatch(table("race_time_descriptors"), rows)

    def forecasts(*numbers: int) -> TableBatch:
        rows = [week(1, one, time_offset=0) for one in numbers]
        return TableBatch(table("weather_forecasts"), rows)

    classes = TableBatch(table("season_car_classes"), [{"season_id": 1, "car_class_id": 7}])
    both = seasons(season(1), season(2))
    stored = (weeks(week(1, 0), week(1, 1), week(1, 2)), sessions(0, 1, 2), forecasts(0, 1, 2))
    merge(database, "first", both, *stored, classes)
    # One week went before its season did, and one that came back later is not in the list any more.
    merge(
        database,
        "week",
        weeks(coverage=Coverage(("season_id", "race_week_num"), frozenset({(1, 2)}))),
    )
    merge(database, "gone", seasons(season(2), coverage=Coverage((), frozenset({()}))))
    weeks_of = (
        "(SELECT array_agg(race_week_num ORDER BY 1) FROM iracing.{} WHERE retired_at IS NULL)"
    )
    living = f"""SELECT (SELECT count(*) FROM iracing.seasons WHERE retired_at IS NULL),
        {weeks_of.format("season_schedules")}, {weeks_of.format("race_time_descriptors")},
        {weeks_of.format("weather_forecasts")},
        (SELECT count(*) FROM iracing.season_car_classes WHERE retired_at IS NULL)"""
    assert query(database, living) == [(1, None, None, None, 0)]
    complete = Coverage(("season_id",), frozenset({(1,)}))
    counts = merge(
        database,
        "back",
        both,
        TableBatch(table("season_car_classes"), [], coverage=complete),
        weeks(week(1, 0), coverage=complete),
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
    everything = Coverage(("season_id",), frozenset({(1,)}))
    merge(database, "first", seasons(season(1)), weeks(week(1, 0), week(1, 1)))
    counts = merge(
        database,
        "second",
        weeks(week(1, 0, track_id=None), week(1, 2, track_id=3), coverage=everything),
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


def test_what_vanishes_from_history_is_retired_and_no_change_either(database: Database) -> None:
    merge(database, "a", seasons(season(1)), weeks(week(1, 0)))
    gone = Coverage(("season_id",), frozenset({(1,)}))
    merge(database, "load", weeks(coverage=gone, is_load=True))
    assert changes(database) == []
    assert query(
        database, "SELECT count(*) FROM iracing.season_schedules WHERE retired_at IS NULL"
    ) == [(0,)]
