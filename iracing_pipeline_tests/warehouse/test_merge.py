"""The one merge: what is written, what is left alone, what is recorded. On a real Postgres."""

from __future__ import annotations

import threading
from operator import itemgetter
from typing import Any

import pytest

from iracing_pipeline.core.rows import Counts, Coverage
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import DuplicateKey, merge_tables
from iracing_pipeline.warehouse.schema.base import key_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.model.test_rows import batches as row_batches
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

SEASON = {"season_id": 1, "series_id": 10, "season_name": "Rookie Cup"}


def week(number: int, track_id: int = 101, **more: Any) -> dict[str, Any]:
    return {"season_id": 1, "race_week_num": number, "track_id": track_id, **more}


def merge(database: Database, run_id: str, *batches: TableBatch) -> dict[str, Counts]:
    with database.begin() as connection:
        return merge_tables(connection, batches, run_id=run_id)


def load(
    database: Database, weeks: list[dict[str, Any]], run_id: str = "load"
) -> dict[str, Counts]:
    return merge(
        database,
        run_id,
        TableBatch(table("seasons"), [SEASON]),
        TableBatch(table("season_schedules"), weeks),
    )


def rows(database: Database, query: str) -> list[Any]:
    with database.begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def changes(database: Database) -> list[Any]:
    return rows(
        database,
        "SELECT table_name, key, kind, before, after, run_id FROM iracing.changes ORDER BY change_id",
    )


def test_counts_say_what_was_inserted_updated_and_unchanged(database: Database) -> None:
    assert load(database, [week(0), week(1)])["season_schedules"] == Counts(2, 0, 0, 0, living=2)
    assert load(database, [week(0), week(1, 102), week(2)])["season_schedules"] == Counts(
        1, 1, 1, 0, living=3
    )


@pytest.mark.promise(1)
def test_a_track_swap_updates_the_week_and_records_one_change(
    database: Database,
) -> None:
    load(database, [week(0), week(1)])
    load(database, [week(0), week(1, 102)], run_id="swap")
    assert rows(database, "SELECT count(*) FROM iracing.season_schedules") == [(2,)]
    assert changes(database) == [
        (
            "season_schedules",
            {"season_id": 1, "race_week_num": 1},
            "updated",
            {"track_id": 101},
            {"track_id": 102},
            "swap",
        )
    ]


@pytest.mark.promise(2)
def test_the_same_rows_again_write_nothing(database: Database) -> None:
    weeks = [week(n, temp_c=20.0, simulated_time_offsets_minutes=[15, 35]) for n in range(12)]
    load(database, weeks)
    before = rows(database, "SELECT xmin, ctid, * FROM iracing.season_schedules ORDER BY 4")
    result = load(database, list(reversed(weeks)), run_id="again")
    assert result["season_schedules"] == Counts(0, 0, 12, 0, living=12)
    assert result["season_schedules"].written == 0
    # Not even a new row version: no lock, no WAL, no updated_at.
    assert rows(database, "SELECT xmin, ctid, * FROM iracing.season_schedules ORDER BY 4") == before
    assert changes(database) == []


def test_there_and_back_again_is_two_changes(database: Database) -> None:
    load(database, [week(0)])
    load(database, [week(0, 102)])
    load(database, [week(0, 101)])
    assert [(before, after) for _, _, _, before, after, _ in changes(database)] == [
        ({"track_id": 101}, {"track_id": 102}),
        ({"track_id": 102}, {"track_id": 101}),
    ]


def test_filling_an_empty_table_is_a_load_and_later_rows_are_changes(database: Database) -> None:
    load(database, [week(0)])
    assert changes(database) == []
    load(database, [week(0), week(1)], run_id="later")
    (change,) = changes(database)
    assert change[1:4] == ({"season_id": 1, "race_week_num": 1}, "inserted", None)
    assert change[4]["track_id"] == 101


def test_history_that_is_filled_in_is_no_change(database: Database) -> None:
    load(database, [week(0)])
    merge(database, "history", TableBatch(table("season_schedules"), [week(1)], is_load=True))
    assert changes(database) == []


def test_columns_that_rows_do_not_carry_stay_as_they_are(database: Database) -> None:
    load(database, [week(0, schedule_name="hourly", temp_c=20.5)])
    merge(database, "partial", TableBatch(table("season_schedules"), [week(0, 102)]))
    assert rows(
        database, "SELECT track_id, schedule_name, temp_c FROM iracing.season_schedules"
    ) == [(102, "hourly", 20.5)]


def test_rows_with_different_columns_can_share_a_batch(database: Database) -> None:
    result = load(database, [week(0, temp_c=20.0), week(1)])
    assert result["season_schedules"] == Counts(2, 0, 0, 0, living=2)
    assert changes(database) == []  # still a load: the table was empty before both


def restrictions(*car_ids: int) -> TableBatch:
    return TableBatch(
        table("car_restrictions"),
        [
            {"season_id": 1, "race_week_num": 0, "car_id": car_id, "weight_penalty_kg": 0.0}
            for car_id in car_ids
        ],
        Coverage(("season_id", "race_week_num"), frozenset({(1, 0)})),
    )


@pytest.mark.promise(3)
def test_what_vanishes_from_a_complete_list_is_retired_and_comes_back(
    database: Database,
) -> None:
    load(database, [week(0), week(1)])
    assert merge(database, "a", restrictions(1, 2))["car_restrictions"].inserted == 2
    assert merge(database, "b", restrictions(1))["car_restrictions"] == Counts(0, 0, 1, 1, living=1)
    assert rows(
        database, "SELECT car_id FROM iracing.car_restrictions WHERE retired_at IS NOT NULL"
    ) == [(2,)]
    assert merge(database, "c", restrictions(1))["car_restrictions"].written == 0
    assert merge(database, "d", restrictions(1, 2))["car_restrictions"] == Counts(
        0, 1, 1, 0, living=2
    )
    assert [(kind, run) for _, _, kind, _, _, run in changes(database)] == [
        ("retired", "b"),
        ("restored", "d"),
    ]
    alive = "SELECT car_id FROM iracing.car_restrictions WHERE retired_at IS NULL ORDER BY 1"
    assert rows(database, alive) == [(1,), (2,)]
    # What is back is as good as what never went: the same answer again writes nothing.
    assert merge(database, "e", restrictions(1, 2))["car_restrictions"].written == 0


def test_an_empty_complete_list_retires_all_of_that_parent_and_nothing_else(
    database: Database,
) -> None:
    load(database, [week(0), week(1)])
    other = {"season_id": 1, "race_week_num": 1, "car_id": 1, "weight_penalty_kg": 0.0}
    merge(database, "a", restrictions(1, 2), TableBatch(table("car_restrictions"), [other]))
    assert merge(database, "b", restrictions())["car_restrictions"] == Counts(0, 0, 0, 2, living=1)


def test_every_type_survives_the_round_trip(database: Database) -> None:
    for extract in row_batches(RecordedResponses()):
        batches = [TableBatch(table(name), extract.rows[name]) for name in extract.rows]
        merge(database, "first", *batches)
        for name, counts in merge(database, "second", *batches).items():
            assert counts.written == 0, name
        for name, expected in extract.rows.items():
            columns, keys = list(expected[0]), ", ".join(key_columns(table(name)))
            quoted = ", ".join(f'"{column}"' for column in columns)
            stored = rows(database, f"SELECT {quoted} FROM iracing.{name} ORDER BY {keys}")
            wanted = sorted(expected, key=itemgetter(*key_columns(table(name))))
            # An empty list and NULL are one state.
            assert stored == [
                tuple(None if row[column] == [] else row[column] for column in columns)
                for row in wanted
            ], name


def test_two_rows_with_one_key_are_refused(database: Database) -> None:
    with pytest.raises(DuplicateKey, match=r"season_schedules: two rows with key \(1, 0\)"):
        load(database, [week(0), week(0, 102)])


def test_an_unknown_column_is_a_programming_error_with_a_name(database: Database) -> None:
    with pytest.raises(KeyError, match="wether"):
        load(database, [week(0, wether="fine")])


@pytest.mark.promise(5)
def test_an_error_in_one_table_leaves_all_untouched(database: Database) -> None:
    orphan = {"season_id": 99, "race_week_num": 0, "track_id": 1}
    with pytest.raises(Exception, match="season_schedules_season_id_fkey"):
        merge(
            database,
            "broken",
            TableBatch(table("seasons"), [SEASON]),
            TableBatch(table("season_schedules"), [orphan]),
        )
    assert rows(database, "SELECT count(*) FROM iracing.seasons") == [(0,)]
    assert changes(database) == []


def test_two_writers_with_the_same_new_rows_both_succeed_and_record_once(
    database: Database,
) -> None:
    load(database, [week(0)])
    new = [week(n) for n in range(1, 200)]
    barrier, results = threading.Barrier(2), []

    def write(run_id: str) -> None:
        barrier.wait()
        results.append(merge(database, run_id, TableBatch(table("season_schedules"), new)))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert sorted(result["season_schedules"].inserted for result in results) == [0, 199]
    assert rows(database, "SELECT count(*) FROM iracing.changes") == [(199,)]
