"""The turn of a quarter: from what is stored to which quarter runs, which comes, and whether it is there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest

from iracing_pipeline.model.quarters import Rollover, following, rollover
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.queries.quarters import StoredQuarter, stored_quarters
from iracing_pipeline.warehouse.schema.tables import table

S3 = date(2025, 6, 17)
S4 = date(2025, 9, 16)


def at(today: date, *quarters: tuple[int, int, date | None, int]) -> Rollover | None:
    return rollover([StoredQuarter(*quarter) for quarter in quarters], today)


def test_quarters_follow_each_other_over_the_year() -> None:
    assert following((2025, 3)) == (2025, 4)
    assert following((2025, 4)) == (2026, 1)


@pytest.mark.parametrize(
    ("today", "is_near"),
    [
        (date(2025, 8, 25), False),
        (date(2025, 8, 26), True),
        (date(2025, 9, 16), True),
        (date(2025, 12, 1), True),
    ],
)
def test_the_next_quarter_is_expected_13_weeks_after_the_one_that_runs(
    today: date, is_near: bool
) -> None:
    found = at(today, (2025, 3, S3, 164), (2025, 2, date(2025, 3, 18), 150))
    assert found == Rollover((2025, 3), (2025, 4), S4, False, is_near, 164, 0)


def test_seasons_announced_early_are_not_yet_the_quarter() -> None:
    before, on = S4 - timedelta(days=1), S4
    few = (2025, 4, S4, 40)
    assert at(before, (2025, 3, S3, 164), few) == Rollover(
        (2025, 3), (2025, 4), S4, False, True, 164, 40
    )
    assert at(on, (2025, 3, S3, 164), few) == Rollover(
        (2025, 3), (2025, 4), S4, False, True, 164, 40
    )
    enough = (2025, 4, S4, 41)
    assert at(before, (2025, 3, S3, 164), enough) == Rollover(
        (2025, 3), (2025, 4), S4, True, True, 164, 41
    )
    assert at(on, (2025, 3, S3, 164), enough) == Rollover(
        (2025, 4), (2026, 1), date(2025, 12, 16), False, False, 41, 0
    )


def test_a_quarter_of_14_weeks_is_announced_by_its_successor() -> None:
    late = S4 + timedelta(days=7)
    found = at(S4, (2025, 3, S3, 100), (2025, 4, late, 90))
    assert found is not None
    assert (found.current, found.expected_start, found.has_appeared) == ((2025, 3), late, True)


def test_a_quarter_of_14_weeks_ends_a_week_later() -> None:
    found = rollover([StoredQuarter(2025, 3, S3, 100, weeks=14)], S4)
    assert found == Rollover((2025, 3), (2025, 4), S4 + timedelta(days=7), False, True, 100, 0)


def test_a_quarter_without_ordinary_seasons_has_no_first_day() -> None:
    # As in a list of week 13: long seasons of earlier quarters, and few that tell of the one that ends.
    found = at(date(2025, 9, 9), (2025, 3, S3, 21), (2025, 2, None, 3), (2025, 1, None, 11))
    assert found == Rollover((2025, 3), (2025, 4), S4, False, True, 21, 0)


def test_nothing_is_said_where_no_quarter_has_begun() -> None:
    assert at(S3) is None
    assert at(S3, (2025, 4, S4, 5), (2025, 1, None, 11)) is None


def season(season_id: int, quarter: int, **more: object) -> dict[str, object]:
    return {
        "season_id": season_id,
        "series_id": season_id,
        "season_name": f"Season {season_id}",
        "season_year": 2025,
        "season_quarter": quarter,
        "complete": False,
        "active": True,
        "has_rules": True,
        **more,
    }


def weeks(season_id: int, first: date, count: int, every: int = 7) -> list[dict[str, object]]:
    starts = [first + timedelta(days=every * number) for number in range(count)]
    return [
        {
            "season_id": season_id,
            "race_week_num": number,
            "start_date": start,
            "week_end_time": datetime.combine(start, time(23, 58), timezone.utc)
            + timedelta(days=every - 1),
            "is_in_schedule": True,
        }
        for number, start in enumerate(starts)
    ]


def test_a_stored_quarter_begins_with_most_of_its_ordinary_seasons(database: Database) -> None:
    seasons = [
        *(season(number, 3) for number in (1, 2, 3, 4, 5)),
        season(6, 3, complete=True, active=False),
        # Only the index announces it; of this one, that it is over.
        season(7, 4, has_rules=False),
        season(8, 3, has_rules=False, complete=None, active=False),
        season(9, 1),
    ]
    schedules = [
        *weeks(1, S3, 12),
        *weeks(2, S3, 13),
        # A season that begins midweek, a short one, one-day weeks of week 13, one that is over.
        *weeks(3, S3 + timedelta(days=2), 12),
        *weeks(4, S3 - timedelta(days=7), 4),
        *weeks(5, S4 - timedelta(days=7), 7, every=1),
        *weeks(6, S3, 12),
        # Runs for most of the year.
        *weeks(9, date(2025, 2, 11), 38),
    ]
    with database.begin() as connection:
        batches = [
            TableBatch(table("seasons"), seasons),
            TableBatch(table("season_schedules"), schedules),
        ]
        merge_tables(connection, batches, run_id="test")
        assert stored_quarters(connection) == [
            StoredQuarter(2025, 4, None, 0),
            StoredQuarter(2025, 3, S3, 7),
            StoredQuarter(2025, 1, None, 1),
        ]
        assert stored_quarters(connection, newest=1) == [StoredQuarter(2025, 4, None, 0)]
        connection.exec_driver_sql("UPDATE iracing.seasons SET retired_at = now()")
        assert stored_quarters(connection) == []


def test_weeks_beyond_the_thirteenth_make_a_quarter_of_14(database: Database) -> None:
    def store(*season_ids: int) -> list[StoredQuarter]:
        with database.begin() as connection:
            batches = [
                TableBatch(table("seasons"), [season(number, 4) for number in season_ids]),
                TableBatch(
                    table("season_schedules"),
                    [
                        *weeks(1, S4, 13),
                        # One is late, others run in week 13, which is the fourteenth here.
                        *(
                            row
                            for number in season_ids
                            if number > 1
                            for row in weeks(number, S4 + timedelta(days=91), 7, every=1)
                        ),
                    ],
                ),
            ]
            merge_tables(connection, batches, run_id="test")
            return stored_quarters(connection)

    assert store(1, 2) == [StoredQuarter(2025, 4, S4, 2, weeks=13)]
    assert store(1, 2, 3) == [StoredQuarter(2025, 4, S4, 3, weeks=14)]
