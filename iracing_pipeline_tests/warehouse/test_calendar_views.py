"""The views people ask: a small calendar around now, and the exact rows of each view."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import query

TODAY = datetime.combine(datetime.now(timezone.utc).date(), time(), timezone.utc)
DAY = timedelta(days=1)

# Seasons: 1 runs, 2 is announced, 3 is over, 4 has ended although no list has said so yet, 5 has no weeks.
SERIES = [
    {"series_id": 10, "series_name": "Rookie Cup", "category": "sports_car"},
    {"series_id": 20, "series_name": "Oval Tour", "category": "oval"},
]
LICENSES = [
    {"series_id": 10, "license_group": 1, "group_name": "Rookie", "min_license_level": 1},
    {"series_id": 10, "license_group": 2, "group_name": "Class D", "min_license_level": 5},
    {"series_id": 20, "license_group": 2, "group_name": "Class D", "min_license_level": 5},
]
SEASONS = [
    {"season_id": 1, "series_id": 10, "complete": False, "active": True, "license_group": 1},
    {"season_id": 2, "series_id": 20, "complete": False, "active": False, "license_group": 2},
    {"season_id": 3, "series_id": 10, "complete": True, "active": False, "license_group": 1},
    {"season_id": 4, "series_id": 20, "complete": False, "active": True, "license_group": 2},
    {"season_id": 5, "series_id": 20, "complete": False, "active": True, "license_group": 2},
]
TRACKS = [
    {"track_id": 101, "track_name": "Park", "package_id": 1, "free_with_subscription": True},
    {
        "track_id": 102,
        "track_name": "Bowl",
        "package_id": 2,
        "free_with_subscription": False,
        "price": Decimal("11.95"),
    },
]
CARS = [
    {"car_id": 1, "car_name": "Free Car", "package_id": 11, "free_with_subscription": True},
    {
        "car_id": 2,
        "car_name": "Paid Car",
        "package_id": 12,
        "free_with_subscription": False,
        "price": Decimal("14.95"),
    },
    {
        "car_id": 3,
        "car_name": "Other Car",
        "package_id": 13,
        "free_with_subscription": False,
        "price": Decimal("2.95"),
    },
]
CLASSES = [{"car_class_id": 7, "name": "Both"}, {"car_class_id": 8, "name": "Other"}]
MEMBERS = [(7, 1), (7, 2), (8, 3)]


def week(season_id: int, number: int, first: int, days: int, track: int, **more: Any) -> Any:
    """A week that begins `first` days from today and lasts `days`, to its last second but one minute."""
    start = TODAY + first * DAY
    return {
        "season_id": season_id,
        "race_week_num": number,
        "start_date": start.date(),
        "week_end_time": start + days * DAY - timedelta(minutes=1),
        "track_id": track,
        "track_name": {101: "Park", 102: "Bowl"}[track],
        **more,
    }


WEEKS = [
    # A week of one day, a gap of two weeks, a week of ten days: never start + 7 x n.
    week(1, 0, -20, 1, 101),
    week(1, 1, -5, 10, 102, config_name="Inner", precip_chance_pct=30),
    week(1, 2, 5, 7, 101, race_week_car_class_ids=[8]),
    week(1, 3, 12, 7, 101, race_week_car_ids=[2, 3], precip_chance_pct=0),
    week(2, 0, 30, 7, 101),
    week(2, 1, 37, 7, 102),
    week(3, 0, -100, 7, 101),
    week(4, 0, -9, 7, 101, precip_chance_pct=80),
]


@pytest.fixture
def calendar(database: Database) -> Database:
    names = ("Rookie Cup S1", "Oval Tour S2", "Rookie Cup S0", "Oval Tour S1", "Oval Tour S3")
    seasons = [
        {**season, "season_name": name, "season_year": 2026, "season_quarter": 1}
        for season, name in zip(SEASONS, names, strict=True)
    ]
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(table("series"), SERIES),
                TableBatch(table("series_licenses"), LICENSES),
                TableBatch(table("seasons"), seasons),
                TableBatch(
                    table("season_car_classes"),
                    [{"season_id": season["season_id"], "car_class_id": 7} for season in SEASONS],
                ),
                TableBatch(table("season_schedules"), WEEKS),
                TableBatch(table("tracks"), TRACKS),
                TableBatch(table("cars"), CARS),
                TableBatch(table("car_classes"), CLASSES),
                TableBatch(
                    table("car_class_cars"),
                    [{"car_class_id": group, "car_id": car} for group, car in MEMBERS],
                ),
            ],
            run_id="first",
        )
    return database


def retire(database: Database, name: str, condition: str) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE iracing.{name} SET retired_at = now() WHERE {condition}"
        )


def test_a_season_is_future_active_or_complete_by_its_own_weeks(calendar: Database) -> None:
    rows = query(
        calendar,
        """SELECT season_id, series_name, status, weeks, weeks_left, first_week_start
           FROM iracing.season_status ORDER BY 1""",
    )
    assert rows == [
        (1, "Rookie Cup", "active", 4, 3, TODAY - 20 * DAY),
        (2, "Oval Tour", "future", 2, 2, TODAY + 30 * DAY),
        (3, "Rookie Cup", "complete", 1, 0, TODAY - 100 * DAY),
        (4, "Oval Tour", "complete", 1, 0, TODAY - 9 * DAY),
        (5, "Oval Tour", "active", 0, 0, None),
    ]


def test_the_current_week_is_that_of_the_apis_own_bounds(calendar: Database) -> None:
    current = """SELECT season_id, race_week_num, track_name, config_name, category, week_start,
                        week_end_time FROM iracing.current_weeks ORDER BY 1"""
    assert query(calendar, current) == [
        (
            *(1, 1, "Bowl", "Inner", "sports_car", TODAY - 5 * DAY),
            TODAY + 5 * DAY - timedelta(minutes=1),
        )
    ]
    retire(calendar, "season_schedules", "season_id = 1 AND race_week_num = 1")
    assert query(calendar, current) == []


def test_the_next_week_of_each_season(calendar: Database) -> None:
    assert query(
        calendar, "SELECT season_id, race_week_num, track_name FROM iracing.next_weeks ORDER BY 1"
    ) == [(1, 2, "Park"), (2, 0, "Park")]


def test_the_calendar_has_every_living_week(calendar: Database) -> None:
    weeks = "SELECT season_id, race_week_num FROM iracing.season_calendar ORDER BY 1, 2"
    assert query(calendar, weeks) == [(row["season_id"], row["race_week_num"]) for row in WEEKS]
    retire(calendar, "seasons", "season_id = 1")
    retire(calendar, "season_schedules", "season_id = 2 AND race_week_num = 1")
    assert query(calendar, weeks) == [(2, 0), (3, 0), (4, 0)]


def test_rain_is_told_of_weeks_that_are_not_over(calendar: Database) -> None:
    assert query(
        calendar, "SELECT season_id, race_week_num, precip_chance_pct FROM iracing.rain_weeks"
    ) == [(1, 1, 30)]


def test_the_grid_has_a_row_per_season_and_a_column_per_week(calendar: Database) -> None:
    assert query(
        calendar,
        """SELECT season_id, series_name, week_0, week_1, week_2, week_3, week_4, weeks
           FROM iracing.week_grid ORDER BY 1""",
    ) == [
        (1, "Rookie Cup", "Park", "Bowl - Inner", "Park", "Park", None, 4),
        (2, "Oval Tour", "Park", "Bowl", None, None, None, 2),
        (4, "Oval Tour", "Park", None, None, None, None, 1),
    ]
    # Seasons of a year have more weeks than columns.
    assert query(calendar, "SELECT week_13, tracks FROM iracing.week_grid WHERE season_id = 1") == [
        (None, {"0": "Park", "1": "Bowl - Inner", "2": "Park", "3": "Park"})
    ]


def test_the_cars_of_a_week_are_its_own_or_its_classes_or_the_seasons(calendar: Database) -> None:
    assert query(
        calendar,
        """SELECT race_week_num, array_agg(car_name ORDER BY car_id) FROM iracing.week_cars
           WHERE season_id = 1 GROUP BY 1 ORDER BY 1""",
    ) == [
        (0, ["Free Car", "Paid Car"]),
        (1, ["Free Car", "Paid Car"]),
        (2, ["Other Car"]),
        (3, ["Paid Car", "Other Car"]),
    ]


def test_series_by_licence_say_whether_they_run_now(calendar: Database) -> None:
    by_license = """SELECT license_group, group_name, series_id, runs_now
                    FROM iracing.series_by_license ORDER BY 1, 3"""
    assert query(calendar, by_license) == [
        (1, "Rookie", 10, True),
        (2, "Class D", 10, True),
        (2, "Class D", 20, False),
    ]
    retire(calendar, "series_licenses", "license_group = 1")
    retire(calendar, "series", "series_id = 20")
    assert query(calendar, by_license) == [(2, "Class D", 10, True)]


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ("", [(2, 0, ["Free Car"])]),
        ("2", [(1, 1, ["Free Car"]), (2, 0, ["Free Car"]), (2, 1, ["Free Car"])]),
        (
            "12, 13",
            [
                (1, 2, ["Other Car"]),
                (1, 3, ["Other Car", "Paid Car"]),
                (2, 0, ["Free Car", "Paid Car"]),
            ],
        ),
    ],
)
def test_what_somebody_can_race_who_owns_some_packages(
    calendar: Database, packages: str, expected: list[Any]
) -> None:
    assert (
        query(
            calendar,
            f"SELECT season_id, race_week_num, cars FROM iracing.playable_weeks('{{{packages}}}')",
        )
        == expected
    )


def test_whoever_owns_nothing_needs_to_name_nothing(calendar: Database) -> None:
    assert query(calendar, "SELECT season_id, track_name FROM iracing.playable_weeks()") == [
        (2, "Park")
    ]


@pytest.mark.parametrize(
    "owned",
    [
        "'{2, NULL}'",
        "ARRAY[2]",
        "ARRAY[2]::smallint[]",
        "ARRAY[2, 3000000000]::bigint[]",
        "ARRAY(SELECT 2::bigint)",
        "package_ids => '{2}'",
    ],
)
def test_owned_packages_are_any_array_of_integers(calendar: Database, owned: str) -> None:
    asked = f"SELECT season_id, race_week_num FROM iracing.playable_weeks({owned})"
    assert query(calendar, asked) == [(1, 1), (2, 0), (2, 1)]
    asked = f"SELECT season_id, race_week_num FROM iracing.missing_content({owned})"
    assert query(calendar, asked) == [(1, 2), (1, 3)]
    ranked = owned.replace("package_ids", "owned")
    assert query(calendar, f"SELECT package_id FROM iracing.package_ranking({ranked})") == [
        (13,),
        (12,),
    ]


def test_what_is_missing_and_what_it_costs(calendar: Database) -> None:
    asked = """
        SELECT season_id, race_week_num, packages_missing, track_package_id, track_price, car_package_ids,
               car_price FROM iracing.missing_content('{}')
    """
    bowl, cheap, dear = Decimal("11.95"), Decimal("2.95"), Decimal("14.95")
    assert query(calendar, asked) == [
        (1, 1, 1, 2, bowl, None, None),
        (1, 2, 1, None, None, [13], cheap),
        (1, 3, 1, None, None, [12, 13], cheap),
        (2, 1, 1, 2, bowl, None, None),
    ]
    assert query(calendar, "SELECT * FROM iracing.package_ranking('{}')") == [
        (13, ["Other Car"], cheap, 2, 1, 0),
        (2, ["Bowl"], bowl, 2, 2, 0),
        (12, ["Paid Car"], dear, 1, 1, 0),
    ]


def test_a_ranking_promises_what_playable_weeks_gives(calendar: Database) -> None:
    """Whatever somebody owns: bought packages open the weeks that were promised, and no week is forgotten."""
    shared = {"package_id": 14, "free_with_subscription": False}
    lost = {"track_id": 104, "track_name": "Lost", "free_with_subscription": None}
    rows = {
        "tracks": [{"track_id": 103, "track_name": "Both", **shared}, lost],
        "cars": [{"car_id": 4, "car_name": "Both", **shared}],
        "season_schedules": [
            # Two packages, or the one that has track and car; two in any case; what nobody can buy.
            {**week(2, 2, 50, 7, 101), "track_id": 103, "race_week_car_ids": [3, 4]},
            week(2, 3, 57, 7, 102, race_week_car_ids=[2, 3]),
            {**week(2, 4, 64, 7, 101), "track_id": 104, "race_week_car_ids": [1]},
        ],
    }
    with calendar.begin() as connection:
        merge_tables(
            connection, [TableBatch(table(name), found) for name, found in rows.items()], run_id="x"
        )

    def weeks(function: str, owned: tuple[int, ...]) -> set[tuple[int, int]]:
        listed = ", ".join(map(str, owned))
        asked = f"SELECT season_id, race_week_num FROM iracing.{function}('{{{listed}}}')"
        return {(row[0], row[1]) for row in query(calendar, asked)}

    packages = (2, 12, 13, 14)
    everything = weeks("playable_weeks", packages)
    assert len(everything) == 7
    for size in range(len(packages)):
        for owned in combinations(packages, size):
            playable = weeks("playable_weeks", owned)
            assert weeks("missing_content", owned) == everything - playable
            ranking = query(
                calendar,
                "SELECT package_id, weeks, weeks_with_another "
                f"FROM iracing.package_ranking('{{{', '.join(map(str, owned))}}}')",
            )
            left = set(packages) - set(owned)
            alone = {one: weeks("playable_weeks", (*owned, one)) - playable for one in left}
            found = {row[0]: row[1] for row in ranking}
            assert found == {one: len(opened) for one, opened in alone.items() if one in found}
            assert not any(alone[one] for one in left - found.keys())
            assert [row[1] for row in ranking] == sorted(found.values(), reverse=True)
            for one, _, with_another in ranking:
                pairs = [
                    weeks("playable_weeks", (*owned, one, other))
                    - playable
                    - alone[one]
                    - alone[other]
                    for other in left - {one}
                ]
                assert with_another == len(set().union(*pairs)), (owned, one)
