"""`iracing-pipeline calendar` as people start it: files, exit statuses, what is said of a mistake."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import icalendar
import pytest
import vobject
from sqlalchemy import make_url

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError, NotAllowedError
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support import shell
from iracing_pipeline_tests.support.dagster_sync import query

SEASON = {"season_id": 1, "series_id": 10, "season_name": "Cup 1 S1", "has_rules": True}
TOMORROW = datetime.combine(datetime.now(timezone.utc).date(), time(), timezone.utc) + timedelta(1)


@pytest.fixture
def stored(database: Database) -> Database:
    """Three seasons of three series, of two licence classes, with a race each: in 1, 2 and 20 days."""
    ahead = {1: 0, 2: 1, 3: 19}
    starts = {n: TOMORROW + timedelta(days=days, hours=1) for n, days in ahead.items()}
    with database.begin() as connection:
        merge_tables(
            connection,
            [
                TableBatch(
                    table("series"),
                    [{"series_id": n * 10, "series_name": f"Cup {n}"} for n in starts],
                ),
                TableBatch(
                    table("seasons"),
                    [
                        {
                            "season_id": n,
                            "series_id": n * 10,
                            "season_name": f"Cup {n} S1",
                            "license_group": min(n, 2),
                            "complete": False,
                            "active": True,
                        }
                        for n in starts
                    ],
                ),
                TableBatch(
                    table("season_schedules"),
                    [
                        {
                            "season_id": n,
                            "race_week_num": 0,
                            "track_name": "Park",
                            "track_id": 1,
                            "is_in_schedule": True,
                        }
                        for n in starts
                    ],
                ),
                TableBatch(
                    table("race_time_descriptors"),
                    [
                        {
                            "season_id": n,
                            "race_week_num": 0,
                            "descriptor_num": 0,
                            "repeating": False,
                            "session_times": [start],
                            "session_minutes": 30,
                        }
                        for n, start in starts.items()
                    ],
                ),
            ],
            run_id="first",
        )
    return database


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """No credentials: none are needed."""
    return {
        **os.environ,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(tmp_path / "data"),
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return shell.run("calendar", *arguments, environment=environment)


def events(content: str) -> list[tuple[str, str, int]]:
    """Read by two parsers, which have to agree."""
    found = [
        (str(event["SUMMARY"]), str(event["STATUS"]), int(event["SEQUENCE"]))
        for event in icalendar.Calendar.from_ical(content).walk("VEVENT")
    ]
    assert found == [
        (event.summary.value, event.status.value, int(event.sequence.value))
        for event in vobject.readOne(content).components()
    ]
    return found


def test_the_races_of_whatever_is_named_go_to_the_console_or_a_file(
    stored: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(environment, "--series-id", "10")
    assert done.returncode == 0, done.stderr
    assert events(done.stdout) == [("Cup 1 · week 1 · Park", "CONFIRMED", 0)]
    assert done.stderr == "1 race session.\n"

    # By name, whatever the case, or by a part of it; an id beside it.
    both = run(environment, "--series", " CUP 2", "--series", "1", "--series-id", "20")
    assert [name for name, *_ in events(both.stdout)] == [
        "Cup 1 · week 1 · Park",
        "Cup 2 · week 1 · Park",
    ]

    file = tmp_path / "mine.ics"
    arguments = ("--season-id", "1", "--license", "class d", "--days", "30", "-o", str(file))
    done = run(environment, *arguments)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == f"3 race sessions in {file}.\n"
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    assert calendar["X-WR-CALNAME"].to_ical().decode() == r"iRacing · Season 1\, Class D"
    first = (file.stat().st_ino, file.stat().st_mtime_ns)
    assert run(environment, *arguments).returncode == 0
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == first

    # Whoever asks again is told of a change as one.
    with stored.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET track_name = 'Bowl' WHERE season_id = 1"
        )
        connection.exec_driver_sql(
            "UPDATE iracing.seasons SET retired_at = now() WHERE season_id = 3"
        )
    done = run(environment, *arguments)
    assert done.stderr == f"3 race sessions, 1 of them cancelled in {file}.\n"
    assert events(file.read_bytes().decode()) == [
        ("Cup 1 · week 1 · Bowl", "CONFIRMED", 1),
        ("Cup 2 · week 1 · Park", "CONFIRMED", 0),
        ("Cancelled: Cup 3 · week 1 · Park", "CANCELLED", 1),
    ]
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["mine.ics"]


def test_all_of_them_and_none_within_the_days(
    stored: Database, environment: dict[str, str]
) -> None:
    assert len(events(run(environment, "--all").stdout)) == 2
    # They start at one, which is two in Lagos.
    there = ("--all", "--hours", "2-3", "--timezone", "Africa/Lagos")
    assert len(events(run(environment, *there).stdout)) == 2
    assert events(run(environment, *there[:3]).stdout) == []
    done = run(environment, "--series-id", "30", "--days", "5")
    assert (done.returncode, events(done.stdout)) == (0, [])
    assert done.stderr == "No race session within 5 days, by the schedules stored here.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say of what: --series, --series-id"),
        (("--all", "--series-id", "10"), "--all leaves nothing"),
        (
            ("--series-id", "99"),
            "Unknown series: 99. Known here: 10 (Cup 1), 20 (Cup 2), 30 (Cup 3).",
        ),
        (
            ("--season-id", "1", "--season-id", "77"),
            "Unknown season: 77. Not over: 1 (Cup 1 S1), 2 (Cup",
        ),
        (("--series", "cup"), "3 series have “cup” in their name: 10 (Cup 1), 20 (Cup 2), 30"),
        (
            ("--series", "cup 1", "--series", "Crup 3"),
            "“Crup 3”, or a name that it is part of. Near",
        ),
        (("--license", "Z"), "no licence class is called Z. There are: R (1, Rookie), D (2,"),
        (("--all", "--days", "121"), "1<=x<=120"),
        (("--all", "--hours", "25"), "'25' are no hours. Give hours as 18-23"),
        (("--all", "--timezone", "Mars"), "There is no time zone 'Mars'."),
        (("--all", "-o", "/dev/null/x.ics"), "/dev/null/x.ics cannot be written: Not a directory."),
    ],
)
def test_a_mistake_is_one_message_and_exit_2(
    stored: Database, environment: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    done = run(environment, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_is_stored_it_says_what_to_run(
    database: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(environment, "--all", "-o", str(tmp_path / "all.ics"))
    assert done.returncode == 2
    assert "iracing-pipeline sync --sync-seasons" in done.stderr
    assert not (tmp_path / "all.ics").exists()
    # What was synced lacks something: then it is that which is said, not to sync again.
    unread = {"season_id": 1, "race_week_num": 0, "track_name": "Park", "is_in_schedule": True}
    for name, row, words in (
        ("seasons", SEASON, "Seasons are stored (1), and no schedule of theirs"),
        ("season_schedules", unread, "Schedules are stored (weeks: 1), and none says when"),
    ):
        with database.begin() as connection:
            merge_tables(connection, [TableBatch(table(name), [row])], run_id="synced")
        done = run(environment, "--all")
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert "sync --sync-seasons" not in done.stderr
    assert query(database, "SELECT count(*) FROM iracing.calendar_events") == [(0,)]


@pytest.fixture
def reader(stored: Database, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a user who may only read."""
    name = f"reader_{uuid4().hex[:8]}"
    with stored.begin() as connection:
        for statement in (
            f"CREATE ROLE {name} LOGIN PASSWORD 'reads'",
            f"GRANT USAGE ON SCHEMA iracing TO {name}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA iracing TO {name}",
        ):
            connection.exec_driver_sql(statement)
    url = make_url(stored.url).set(username=name, password="reads")
    yield {**environment, "IRACING_DATABASE_URL": url.render_as_string(hide_password=False)}
    with stored.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


def test_a_user_who_may_only_read_is_told_in_one_line_what_is_needed_and_it_is_enough(
    stored: Database, reader: dict[str, str]
) -> None:
    done = run(reader, "--all")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "permission denied for table calendar_events" in line
    _, _, grant = line.partition("Its user needs this: ")
    with stored.begin() as connection:
        connection.exec_driver_sql(grant)
    done = run(reader, "--all")
    assert done.returncode == 0, done.stderr
    assert len(events(done.stdout)) == 2


def test_what_a_user_may_not_do_is_one_sentence(stored: Database, reader: dict[str, str]) -> None:
    database = Database(reader["IRACING_DATABASE_URL"], stored.data_dir)
    for statement, words in (
        ("DELETE FROM iracing.seasons", "permission denied for table seasons"),
        ("SELECT * FROM iracing_private.oauth_tokens", "permission denied for schema"),
    ):
        with pytest.raises(NotAllowedError) as caught, database.begin() as connection:
            connection.exec_driver_sql(statement)
        assert str(caught.value).count("\n") == 0
        assert words in caught.value.reason
        assert "reads@" not in str(caught.value)
    with (
        pytest.raises(DatabaseError, match="The database takes no writes") as refused,
        database.begin() as connection,
    ):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY; CREATE TABLE mine ()")
    assert not isinstance(refused.value, NotAllowedError)
    database.dispose()


def test_the_same_races_as_json(stored: Database, environment: dict[str, str]) -> None:
    chosen = ("--series-id", "10", "--license", "D")
    done = run(environment, *chosen, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["calendar"] == "iRacing · Cup 1, Class D"
    first, second = told["events"]
    assert (first["series_id"], first["summary"]) == (10, "Cup 1 · week 1 · Park")
    assert datetime.fromisoformat(first["start_time"]) == TOMORROW + timedelta(hours=1)
    assert (first["session_minutes"], first["is_cancelled"], first["sequence"]) == (30, False, 0)
    in_feed = icalendar.Calendar.from_ical(run(environment, *chosen).stdout).walk("VEVENT")
    assert [event["uid"] for event in (first, second)] == [str(event["UID"]) for event in in_feed]
    assert run(environment, *chosen, "--json").stdout == done.stdout
