"""Calendar feeds: what subscribers were told is remembered, a change is told as one, and only once."""

from __future__ import annotations

import copy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import fsspec
import icalendar
import pytest
import vobject

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.calendars import events as calendar_events
from iracing_pipeline.outputs.calendars.events import Refreshed
from iracing_pipeline.outputs.calendars.publish import Wanted, publish_calendars
from iracing_pipeline.outputs.calendars.times import times_of
from iracing_pipeline.outputs.files import FEEDS, open_directory
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.dagster_sync import Sync, query, sync

DAY = timedelta(days=1)
TODAY = datetime(2026, 3, 3, tzinfo=timezone.utc)
NOW = TODAY + timedelta(hours=9, minutes=30)

SERIES = [
    {"series_id": 10, "series_name": "GT3 Sprint", "category": "sports_car"},
    {"series_id": 20, "series_name": "Oval Tour", "category": "oval"},
]
SEASONS = [
    {
        "season_id": 1,
        "series_id": 10,
        "season_name": "GT3 Sprint 2026 S1",
        "license_group": 4,
        "official": True,
        "fixed_setup": False,
        "reg_open_minutes": 30,
        "complete": False,
        "active": True,
        "multiclass": False,
        "driver_changes": False,
    },
    {
        "season_id": 2,
        "series_id": 20,
        "season_name": "Oval Tour 2026 S1",
        "license_group": 2,
        "official": False,
        "fixed_setup": True,
        "reg_open_minutes": None,
        "complete": False,
        "active": True,
        "multiclass": False,
        "driver_changes": False,
    },
]
SPA = {"track_id": 163, "track_name": "Spa", "config_name": "Grand Prix"}
WEEKS = [
    {
        "season_id": 1,
        "race_week_num": 2,
        "series_id": 10,
        **SPA,
        "start_date": TODAY.date(),
        "week_end_time": TODAY + 7 * DAY - timedelta(minutes=2),
        "race_lap_limit": 20,
        "race_time_limit": 45,
        "precip_chance_pct": 30,
        "category": "sports_car",
    },
    {
        "season_id": 2,
        "race_week_num": 0,
        "series_id": 20,
        "category": "oval",
        "track_id": 12,
        "track_name": "Bowl",
        "config_name": None,
        "start_date": TODAY.date(),
        "week_end_time": TODAY + 7 * DAY,
        "race_lap_limit": None,
        "race_time_limit": 60,
        "precip_chance_pct": None,
    },
]
SESSIONS = [
    {
        "season_id": 1,
        "race_week_num": 2,
        "descriptor_num": 0,
        "repeating": True,
        "session_minutes": 75,
        "super_session": False,
        "start_date": TODAY.date(),
        "day_offset": [0, 1, 2, 3, 4, 5, 6],
        "first_session_time": time(7),
        "repeat_minutes": 720,
        "session_times": None,
    },
    {
        "season_id": 2,
        "race_week_num": 0,
        "descriptor_num": 0,
        "repeating": False,
        "session_minutes": None,
        "super_session": True,
        "start_date": None,
        "day_offset": None,
        "first_session_time": None,
        "repeat_minutes": None,
        "session_times": [TODAY + timedelta(hours=20)],
    },
]
CARS = [{"car_id": 1, "car_name": "BMW M4 GT3"}, {"car_id": 2, "car_name": "Aston, Vantage; GT3"}]
FIRST = "1-2-20260303T070000Z@iracing-pipeline"
SECOND = "1-2-20260303T190000Z@iracing-pipeline"


@pytest.fixture
def stored(database: Database) -> Database:
    """A race week of two series: GT3 Sprint at 7:00 and 19:00 of each day, Oval Tour once."""
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(table("series"), SERIES),
                TableBatch(table("seasons"), SEASONS),
                TableBatch(table("season_car_classes"), [{"season_id": 1, "car_class_id": 7}]),
                TableBatch(table("season_schedules"), WEEKS),
                TableBatch(table("race_time_descriptors"), SESSIONS),
                TableBatch(table("cars"), CARS),
                TableBatch(table("car_classes"), [{"car_class_id": 7, "name": "GT3"}]),
                TableBatch(
                    table("car_class_cars"),
                    [
                        {"car_class_id": 7, "car_id": car["car_id"]}
                        for car in (*CARS, {"car_id": 9})
                    ],
                ),
            ],
            run_id="first",
        )
    return database


def change(database: Database, statement: str) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(statement)


def refresh(database: Database, now: datetime = NOW, days: int = 14) -> Refreshed:
    with database.begin() as connection:
        return calendar_events.refresh(
            connection, now=now, since=TODAY, until=TODAY + (days + 1) * DAY
        )


def states(database: Database, condition: str = "true") -> list[Any]:
    """(uid, sequence, whether it is cancelled)."""
    return query(
        database,
        "SELECT uid, sequence, cancelled_at IS NOT NULL FROM iracing.calendar_events "
        f"WHERE {condition} ORDER BY start_time, uid",
    )


def versions(database: Database) -> list[Any]:
    """Which version of each row is stored: another one if it was so much as touched."""
    return query(
        database, "SELECT uid, xmin::text, xmax::text FROM iracing.calendar_events ORDER BY 1"
    )


def test_a_session_is_told_with_series_week_track_cars_and_rules(stored: Database) -> None:
    assert refresh(stored) == Refreshed(15, 0, 0, 0, 0, 0)
    assert query(
        stored,
        """SELECT uid, series_id, season_id, race_week_num, start_time, session_minutes,
                  license_group, summary, location, description, categories, sequence,
                  last_modified, cancelled_at
           FROM iracing.calendar_events WHERE start_time::date = '2026-03-03'
           ORDER BY start_time OFFSET 1""",
    ) == [
        (
            *(SECOND, 10, 1, 2, TODAY + timedelta(hours=19), 75, 4),
            *("GT3 Sprint · week 3 · Spa - Grand Prix", "Spa - Grand Prix"),
            "GT3 Sprint 2026 S1\n"
            "Cars: Aston, Vantage; GT3, BMW M4 GT3, car 9\n"
            "Race: 20 laps or 45 minutes\n"
            "Class B, official, open set-up\n"
            "Chance of rain: 30 %\n"
            "Registration opens 30 minutes before the start",
            *(["sports car", "Class B"], 0, NOW, None),
        ),
        (
            *(
                "2-0-20260303T200000Z@iracing-pipeline",
                20,
                2,
                0,
                TODAY + timedelta(hours=20),
                60,
                2,
            ),
            *("Oval Tour · week 1 · Bowl", "Bowl"),
            "Oval Tour 2026 S1\nRace: 60 minutes\nClass D, unofficial, fixed set-up",
            *(["oval", "Class D", "fixed set-up", "super session"], 0, NOW, None),
        ),
    ]


@pytest.mark.promise(2)
def test_a_second_refresh_writes_no_row(stored: Database) -> None:
    refresh(stored)
    before = versions(stored)
    assert refresh(stored, NOW + timedelta(hours=1)) == Refreshed(0, 0, 0, 0, 15, 0)
    assert versions(stored) == before


def test_a_track_swap_raises_sequence_and_keeps_the_uid_of_what_has_not_begun(
    stored: Database,
) -> None:
    refresh(stored)
    uids = [uid for uid, _, _ in states(stored)]
    change(stored, "UPDATE iracing.season_schedules SET track_name = 'Monza' WHERE season_id = 1")
    assert refresh(stored, NOW + timedelta(hours=1)).changed == 13
    assert [uid for uid, _, _ in states(stored)] == uids
    assert states(stored, "season_id = 1")[:2] == [(FIRST, 0, False), (SECOND, 1, False)]
    assert query(
        stored,
        f"SELECT summary, last_modified FROM iracing.calendar_events WHERE uid = '{SECOND}'",
    ) == [("GT3 Sprint · week 3 · Monza - Grand Prix", NOW + timedelta(hours=1))]
    change(stored, "UPDATE iracing.season_schedules SET track_name = 'Spa' WHERE season_id = 1")
    assert refresh(stored).changed == 13
    assert states(stored, f"uid = '{SECOND}'") == [(SECOND, 2, False)]


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        ("season_schedules SET retired_at = now()", "season_schedules SET retired_at = NULL"),
        ("seasons SET retired_at = now()", "seasons SET retired_at = NULL"),
        ("seasons SET complete = true", "seasons SET complete = false"),
    ],
    ids=["week retired", "season retired", "season broken off"],
)
@pytest.mark.promise(3)
def test_what_vanished_is_cancelled_and_what_returns_is_confirmed(
    stored: Database, gone: str, back: str
) -> None:
    refresh(stored)
    change(stored, f"UPDATE iracing.{gone} WHERE season_id = 1")
    assert refresh(stored) == Refreshed(0, 0, 13, 0, 1, 0)
    assert states(stored, "season_id = 1")[:2] == [(FIRST, 0, False), (SECOND, 1, True)]
    before = versions(stored)
    assert refresh(stored) == Refreshed(0, 0, 0, 0, 1, 0)
    assert versions(stored) == before
    change(stored, f"UPDATE iracing.{back} WHERE season_id = 1")
    assert refresh(stored) == Refreshed(0, 0, 0, 13, 2, 0)
    assert states(stored, "season_id = 1")[:2] == [(FIRST, 0, False), (SECOND, 2, False)]


def test_a_start_that_moved_is_a_cancelled_session_and_a_new_one(stored: Database) -> None:
    refresh(stored)
    change(
        stored,
        "UPDATE iracing.race_time_descriptors SET session_times = ARRAY[timestamptz "
        "'2026-03-03 21:00Z'] WHERE season_id = 2",
    )
    assert refresh(stored) == Refreshed(1, 0, 1, 0, 14, 0)
    assert states(stored, "season_id = 2") == [
        ("2-0-20260303T200000Z@iracing-pipeline", 1, True),
        ("2-0-20260303T210000Z@iracing-pipeline", 0, False),
    ]


def test_a_shorter_span_says_nothing_of_what_lies_beyond_it(stored: Database) -> None:
    refresh(stored)
    change(stored, "UPDATE iracing.season_schedules SET retired_at = now()")
    assert refresh(stored, days=1).cancelled == 4
    assert len(states(stored, "cancelled_at IS NULL AND start_time > '2026-03-05'")) == 10
    assert refresh(stored).cancelled == 10


def test_what_is_over_is_forgotten_after_a_week(stored: Database) -> None:
    refresh(stored)
    later = TODAY + 7 * DAY + timedelta(hours=8, minutes=30)
    with stored.begin() as connection:
        done = calendar_events.refresh(
            connection, now=later, since=TODAY + 7 * DAY, until=later + DAY
        )
    assert done == Refreshed(0, 0, 0, 0, 0, 1)
    assert states(stored)[0] == (SECOND, 0, False)


def test_refreshes_at_once_tell_each_change_once(stored: Database, database_url: str) -> None:
    failures: list[BaseException] = []
    done: list[Refreshed] = []

    def work(barrier: threading.Barrier) -> None:
        mine = Database(database_url, Path("unused"))
        try:
            mine.ensure_current()
            barrier.wait(30)
            done.append(refresh(mine))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
            failures.append(error)
        finally:
            mine.dispose()

    for expected in (Refreshed(15, 0, 0, 0, 0, 0), Refreshed(0, 13, 0, 0, 2, 0)):
        done.clear()
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=work, args=(barrier,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert sorted(done, reverse=True)[0] == max(expected, Refreshed(0, 0, 0, 0, 15, 0))
        assert [one.written for one in sorted(done, key=lambda one: one.written)] == [
            *(0, 0, 0, expected.written)
        ]
        change(
            stored,
            "UPDATE iracing.season_schedules SET track_id = 1, track_name = 'Monza'"
            " WHERE season_id = 1",
        )


# The asset.


@pytest.fixture
def settings(settings_for: Callable[..., Settings]) -> Settings:
    return settings_for({})


def feeds(settings: Settings, now: datetime = NOW, **options: Any) -> Sync:
    return sync(settings, "calendar_feeds", clock=lambda: now, **options)


def read(folder: Path) -> dict[str, Any]:
    return {
        path.name: icalendar.Calendar.from_ical(path.read_bytes())
        for path in sorted(folder.iterdir())
    }


def test_a_feed_per_running_series_and_licence_class_without_credentials(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    done = feeds(settings)
    assert done.success, done.failures()
    found = read(tmp_path / "calendars")
    assert {name: len(one.walk("VEVENT")) for name, one in found.items()} == {
        "license-B.ics": 14,
        "license-D.ics": 1,
        "series-10.ics": 14,
        "series-20.ics": 1,
        "special-events.ics": 0,
    }
    assert found["series-10.ics"]["NAME"] == "iRacing · GT3 Sprint"
    metadata = done.metadata("calendar_feeds")
    assert metadata["directory"] == str(tmp_path / "calendars")
    assert (metadata["feeds_written"], metadata["events"], metadata["events_cancelled"]) == (
        5,
        15,
        0,
    )
    assert "| series-20.ics | Oval Tour | 1 | 2026-03-03 | written |" in metadata["feeds"]
    assert query(stored, "SELECT asset, status, inserted FROM iracing.sync_runs") == [
        ("calendar_feeds", "success", 15)
    ]


@pytest.mark.promise(2)
def test_a_second_run_writes_no_row_and_touches_no_file(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    feeds(settings)
    rows = versions(stored)
    files = touched(tmp_path / "calendars")
    metadata = feeds(settings, NOW + timedelta(hours=3)).metadata("calendar_feeds")
    assert (metadata["feeds_written"], metadata["feeds_unchanged"]) == (0, 5)
    assert versions(stored) == rows
    assert touched(tmp_path / "calendars") == files


def test_a_series_that_no_longer_runs_is_told_as_cancelled_then_its_file_goes(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "calendars"
    feeds(settings)
    (folder / "series-mine.ics").write_text("not ours")
    change(stored, "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2")
    feeds(settings)
    (event,) = read_one(folder / "series-20.ics")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    metadata = feeds(settings, NOW + 2 * DAY).metadata("calendar_feeds")
    assert metadata["removed"] == "license-D.ics, series-20.ics"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("license-B.ics", "series-10.ics", "series-mine.ics", "special-events.ics")
    ]


def special(database: Database, folder: Path, now: datetime = NOW) -> dict[str, tuple[Any, ...]]:
    """(first day, day after the last, SEQUENCE, STATUS) of the special events, by UID without the end."""
    published(database, folder, now)
    return {
        str(event["UID"]).partition("@")[0]: (
            *(f"{event[name].dt:%m-%d}" for name in ("DTSTART", "DTEND")),
            *(int(event["SEQUENCE"]), str(event["STATUS"])),
        )
        for event in read_one(folder / "special-events.ics")
    }


@pytest.mark.parametrize(
    ("statements", "days"),
    [
        # One that is no special event, though its season has one week so far.
        ([], None),
        # What iRacing calls so: the day of the session that is listed, or the days until its end.
        (["season_schedules SET special_event_type = 2"], ("03-03", "03-04")),
        (["seasons SET max_weeks = 1"], ("03-03", "03-04")),
        (
            ["seasons SET max_weeks = 1", "race_time_descriptors SET session_minutes = 1440"],
            ("03-03", "03-05"),
        ),
        # A race that ends at midnight takes no further day.
        (
            ["seasons SET max_weeks = 1", "race_time_descriptors SET session_minutes = 240"],
            ("03-03", "03-04"),
        ),
        # Team races, where they are long.
        (["seasons SET driver_changes = true"], None),
        (
            ["seasons SET driver_changes = true", "season_schedules SET race_time_limit = 120"],
            ("03-03", "03-04"),
        ),
        (["season_schedules SET race_time_limit = 120"], None),
        # Without sessions that are listed: the days of the week, or at least where its season begins.
        (
            ["seasons SET max_weeks = 1", "race_time_descriptors SET retired_at = now()"],
            ("03-03", "03-11"),
        ),
        (
            [
                "seasons SET max_weeks = 1, start_date = '2026-05-07T00:00Z'",
                "race_time_descriptors SET retired_at = now()",
                "season_schedules SET start_date = NULL, week_end_time = NULL",
            ],
            ("05-07", "05-08"),
        ),
        (
            ["seasons SET max_weeks = 1", "seasons SET complete = true"],
            None,
        ),
    ],
)
def test_special_events_are_whole_days(
    stored: Database, tmp_path: Path, statements: list[str], days: tuple[str, str] | None
) -> None:
    change(stored, "UPDATE iracing.season_schedules SET is_in_schedule = true")
    for statement in statements:
        change(stored, f"UPDATE iracing.{statement} WHERE season_id = 2")
    found = special(stored, tmp_path)
    assert found == ({} if days is None else {"special-2-0": (*days, 0, "CONFIRMED")})


def test_a_special_event_that_moves_keeps_its_uid_and_sequence_only_rises(
    stored: Database, tmp_path: Path
) -> None:
    change(stored, "UPDATE iracing.season_schedules SET special_event_type = 1 WHERE season_id = 2")
    assert special(stored, tmp_path)["special-2-0"] == ("03-03", "03-04", 0, "CONFIRMED")
    later, moved = NOW + 2 * DAY, "ARRAY[timestamptz '2026-03-08 20:00Z', '2026-03-09 09:00Z']"
    # It was over by then, and is put off: no session of what was is told anew.
    change(
        stored,
        f"UPDATE iracing.race_time_descriptors SET session_times = {moved} WHERE season_id = 2",
    )
    assert special(stored, tmp_path, later)["special-2-0"] == ("03-08", "03-10", 1, "CONFIRMED")
    assert special(stored, tmp_path, later)["special-2-0"][2] == 1
    change(stored, "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2")
    assert special(stored, tmp_path, later)["special-2-0"] == ("03-08", "03-10", 2, "CANCELLED")
    change(stored, "UPDATE iracing.seasons SET retired_at = NULL WHERE season_id = 2")
    # While it goes on it may still change, and it is in no other feed.
    last = NOW + 5 * DAY
    change(stored, "UPDATE iracing.season_schedules SET track_name = 'Park' WHERE season_id = 2")
    assert special(stored, tmp_path, last)["special-2-0"] == ("03-08", "03-10", 3, "CONFIRMED")
    assert all(
        str(event["UID"]).startswith("2-0-") for event in read_one(tmp_path / "series-20.ics")
    )


def published(
    database: Database, folder: Path, now: datetime, **wanted: Any
) -> dict[str, list[str]]:
    """The starts of each feed's events."""
    options = {"days": 14, "most_bytes": 1_000_000, "times": times_of(None, None, None), **wanted}
    publish_calendars(database, str(folder), Wanted(**options), now, lambda text: None)
    return {
        name: [f"{event['DTSTART'].dt:%d %H}" for event in calendar.walk("VEVENT")]
        for name, calendar in read(folder).items()
    }


def test_the_first_feed_begins_yesterday_as_every_other_does(
    stored: Database, tmp_path: Path
) -> None:
    later = NOW + 2 * DAY
    first = published(stored, tmp_path, later)
    assert first["series-10.ics"][:3] == ["04 07", "04 19", "05 07"]
    assert published(stored, tmp_path, later + timedelta(hours=12)) == first


def test_a_feed_ends_before_it_grows_too_large_and_holds_the_hours_that_are_wanted(
    stored: Database, tmp_path: Path
) -> None:
    later = NOW + 2 * DAY
    whole = published(stored, tmp_path, later)
    size = (tmp_path / "license-B.ics").stat().st_size
    cut = published(stored, tmp_path, later, most_bytes=size // 2)
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= size // 2
    assert cut["license-B.ics"] == whole["license-B.ics"][2:7]
    evenings = times_of("20-21", "thu-fri", "Europe/Berlin")
    assert published(stored, tmp_path, later, times=evenings)["license-B.ics"] == ["05 19", "06 19"]


MINE = """
timezone = "Europe/Berlin"
[[feed]]
name = "evenings"
series = "gt3"
from = 20
to = 21
weekdays = "thu-fri"
[[feed]]
name = "ovals"
category = "oval"
licence = "D"
days = 30
"""


def test_own_feeds_are_written_beside_the_standard_ones_and_removed_with_their_table(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text(MINE)
    done = feeds(settings, days=1)
    assert done.success, done.failures()
    found = read(tmp_path / "calendars")
    assert [event["DTSTART"].dt for event in found["own-ovals.ics"].walk("VEVENT")] == [
        TODAY + timedelta(hours=20)
    ]
    # Days ahead of their own or those of the run: two from Tuesday on, so Thursday is out of sight.
    assert found["own-evenings.ics"].walk("VEVENT") == []
    assert len(found["series-10.ics"].walk("VEVENT")) == 4
    assert (
        "| own-ovals.ics | ovals | 1 | 2026-03-03 | written |"
        in done.metadata("calendar_feeds")["feeds"]
    )
    feeds(settings)
    evenings = read_one(tmp_path / "calendars" / "own-evenings.ics")
    assert [f"{event['DTSTART'].dt:%d %H}" for event in evenings] == ["05 19", "06 19"]
    file.unlink()
    assert (
        feeds(settings).metadata("calendar_feeds")["removed"] == "own-evenings.ics, own-ovals.ics"
    )


def test_what_is_wrong_with_feeds_toml_fails_the_step_and_nothing_is_lost(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    file, folder = tmp_path / "feeds.toml", tmp_path / "calendars"
    file.write_text(MINE)
    feeds(settings)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    change(stored, "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2")
    for text, words in (
        ("[[feed", "It is not TOML"),
        (MINE.replace("gt3", "gt4"), "Feed “evenings”: No series here has the name “gt4”"),
        (
            MINE.replace('"oval"', '"ovall"'),
            "Unknown category: ovall. Known here: oval, sports_car.",
        ),
        (MINE.replace("from = 20", "from = 99"), "Feed “evenings”: from has to be a whole hour"),
        (MINE.replace('"evenings"', '"a b"'), "Feed 1: its name becomes that of a file"),
    ):
        file.write_text(text)
        message = feeds(settings).failures()["calendar_feeds"]
        assert message.startswith(f"{file}: ")
        assert words in message
        after = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert after.keys() == before.keys()
        assert after["own-evenings.ics"] == before["own-evenings.ics"]
        # What is not refused is up to date.
        assert b"CANCELLED" in after["series-20.ics"]
    assert query(stored, "SELECT DISTINCT status FROM iracing.sync_runs ORDER BY 1") == [
        ("failure",),
        ("success",),
    ]


def test_an_own_feed_that_would_be_too_large_ends_earlier_and_says_so(
    stored: Database, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nname = "all"')
    with stored.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.race_time_descriptors SET repeat_minutes = 10 WHERE season_id = 1"
        )
    done = feeds(settings, kilobytes=50).metadata("calendar_feeds")
    assert (tmp_path / "calendars" / "own-all.ics").stat().st_size <= 50_000
    last = read_one(tmp_path / "calendars" / "own-all.ics")[-1]["DTSTART"].dt
    assert done["notes"] == (
        f"own-all.ics would be larger than 50 kB, so it ends with the races of {last:%Y-%m-%d %H:%M} UTC. "
        "Choose fewer series, hours or days for it, or allow more kilobytes."
    )


def touched(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file stands under each name, and when it was last written."""
    stats = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (found.st_ino, found.st_mtime_ns) for name, found in stats.items()}


def read_one(path: Path) -> list[Any]:
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


def test_without_schedules_nothing_is_removed(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "calendars"
    folder.mkdir()
    (folder / "series-10.ics").write_text("of another database")
    done = feeds(settings)
    assert "materialize season_schedules, first" in done.failures()["calendar_feeds"]
    assert (folder / "series-10.ics").exists()


def test_feeds_go_wherever_fsspec_reaches(stored: Database, settings: Settings) -> None:
    memory = fsspec.filesystem("memory")
    done = feeds(settings, directory="memory://bucket/feeds")
    assert done.success, done.failures()
    assert done.metadata("calendar_feeds")["directory"] == "memory://bucket/feeds"
    content = memory.cat_file("/bucket/feeds/series-10.ics")
    assert len(icalendar.Calendar.from_ical(content).walk("VEVENT")) == 14
    again = feeds(settings, directory="memory://bucket/feeds").metadata("calendar_feeds")
    assert (again["feeds_written"], again["feeds_unchanged"]) == (0, 5)
    change(stored, "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 2")
    last = feeds(settings, NOW + 2 * DAY, directory="memory://bucket/feeds")
    assert last.metadata("calendar_feeds")["feeds_removed"] == 2
    assert not memory.exists("/bucket/feeds/series-20.ics")


def test_a_variable_names_the_directory(
    stored: Database, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = settings_for({}, IRACING_CALENDAR_DIR=str(tmp_path / "public"))
    assert feeds(settings).success
    assert (tmp_path / "public" / "series-10.ics").exists()


@pytest.mark.parametrize(
    ("directory", "words"),
    [
        ("s3://key:s3cret@bucket/feeds", "s3://bucket/feeds"),
        ("carrierpigeon://bob:s3cret@loft/feeds?token=s3cret", "carrierpigeon://loft/feeds"),
        ("/dev/null/feeds", "Set IRACING_CALENDAR_DIR"),
    ],
)
@pytest.mark.promise(8)
def test_a_place_that_cannot_be_used_is_one_message(
    stored: Database, settings: Settings, directory: str, words: str
) -> None:
    message = feeds(settings, directory=directory).failures()["calendar_feeds"]
    assert words in message
    assert "s3cret" not in message
    assert "\n" not in message.strip()


def test_without_fsspec_the_message_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['fsspec'] = sys.modules['fsspec.core'] = None\n"
        "from iracing_pipeline.outputs.files import FEEDS, open_directory\n"
        "open_directory('s3://bucket/feeds', FEEDS)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'iracing-pipeline[cloud]'" in done.stderr


def test_a_file_that_cannot_be_replaced_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="The feeds cannot be written to"):
        open_directory(str(tmp_path / "file"), FEEDS)
    files = open_directory(f"file://{tmp_path}/feeds", FEEDS)
    files.write("series-1.ics", b"old")
    files.write("series-1.ics", b"new")
    assert files.sizes() == {"series-1.ics": 3}
    assert files.read("series-1.ics") == b"new"


# A whole world.


@pytest.fixture(scope="module")
def moment() -> datetime:
    """Five weeks into the quarter, whatever today is: seasons run, and have weeks to come."""
    from iracing_pipeline.simulator.world.calendar import midnight, quarter_at, start_of

    return midnight(start_of(quarter_at(datetime.now(timezone.utc).date()))) + timedelta(
        weeks=5, hours=2
    )


@pytest.fixture
def world(moment: datetime) -> Iterator[Any]:
    from iracing_pipeline.simulator import Simulator, WorldSource

    with Simulator(
        WorldSource(series=8, past_quarters=1, now=lambda: moment), rate_limit=100_000
    ) as simulator:
        yield simulator


def test_two_parsers_read_every_feed_and_a_track_swap_raises_sequence_and_keeps_the_uid(
    world: Any,
    moment: datetime,
    settings_for: Callable[..., Settings],
    database: Database,
    tmp_path: Path,
) -> None:
    settings = settings_for(world.environment)

    def run(*assets: str, **options: Any) -> Sync:
        done = sync(settings, *assets, clock=lambda: moment, **options)
        assert done.success, done.failures()
        return done

    run()
    run("calendar_feeds", days=1)
    folder = tmp_path / "calendars"
    before = read_twice(folder)
    ((expected,),) = query(
        database,
        f"""SELECT count(DISTINCT (season_id, race_week_num, start_time))
            FROM iracing.race_sessions('{moment:%Y-%m-%d}'::date - 1, '{moment:%Y-%m-%d}'::date + 2)""",
    )
    by_series = [set(events) for name, events in before.items() if name.startswith("series-")]
    by_license = [set(events) for name, events in before.items() if name.startswith("license-")]
    for names in (by_series, by_license):
        assert len(set.union(*names)) == sum(map(len, names)) == expected > 50

    ((season_id, week, series_id),) = query(
        database,
        f"""SELECT season_id, race_week_num, series_id FROM iracing.calendar_events
            WHERE start_time > '{moment}' ORDER BY start_time, season_id LIMIT 1""",
    )

    def swap(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/seasons" and "season_year" not in params:
            body = copy.deepcopy(body)
            for season in body:
                for one in season["schedules"]:
                    if (season["season_id"], one["race_week_num"]) == (season_id, week):
                        one["track"] = {
                            **one["track"],
                            "track_id": 99999,
                            "track_name": "Elsewhere",
                        }
        return body

    world.faults.transform = swap
    run("current_seasons", "season_schedules", refresh=True)
    run("calendar_feeds", days=1)
    after = read_twice(folder)
    assert {name: set(events) for name, events in after.items()} == {
        name: set(events) for name, events in before.items()
    }
    moved = {
        uid
        for uid, event in after[f"series-{series_id}.ics"].items()
        if event["SEQUENCE"] != before[f"series-{series_id}.ics"][uid]["SEQUENCE"]
    }
    assert moved
    for uid in moved:
        event = after[f"series-{series_id}.ics"][uid]
        assert uid.startswith(f"{season_id}-{week}-")
        assert "Elsewhere" in event["SUMMARY"]
        assert (event["SEQUENCE"], event["STATUS"]) == (1, "CONFIRMED")
    others = {
        uid: event["SEQUENCE"]
        for events in after.values()
        for uid, event in events.items()
        if uid not in moved
    }
    assert set(others.values()) == {0}


def read_twice(folder: Path) -> dict[str, dict[str, Any]]:
    """Events by UID, file by file, read by icalendar; vobject has to read the same."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        events = {
            str(event["UID"]): event
            for event in icalendar.Calendar.from_ical(content).walk("VEVENT")
        }
        assert {uid: as_read(event) for uid, event in events.items()} == {
            other.uid.value: (
                *(other.summary.value, other.dtstart.value, other.duration.value),
                *(other.location.value, other.description.value, int(other.sequence.value)),
                *(other.status.value, other.dtstamp.value, other.categories.value),
            )
            for other in vobject.readOne(content.decode()).components()
        }
        found[path.name] = events
    return found


def as_read(event: Any) -> tuple[Any, ...]:
    return (
        *(str(event["SUMMARY"]), event["DTSTART"].dt, event["DURATION"].dt),
        *(str(event["LOCATION"]), str(event["DESCRIPTION"]), event["SEQUENCE"]),
        *(event["STATUS"], event["DTSTAMP"].dt, [str(one) for one in event["CATEGORIES"].cats]),
    )
