"""Feeds as calendar programs read them: every session of race_sessions(), at its time, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import icalendar
import pytest

from iracing_pipeline.outputs.calendars.choices import choices_of
from iracing_pipeline.outputs.calendars.publish import Wanted, publish_calendars
from iracing_pipeline.outputs.calendars.times import times_of
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import ROOT

INSTALLED = ROOT / ".clients"
HOW = "`make test-clients` installs it"
DAYS = 3
NOW = datetime.now(timezone.utc).replace(microsecond=0)
SINCE = NOW.replace(hour=0, minute=0, second=0) - timedelta(days=1)
UNTIL = SINCE + timedelta(days=DAYS + 2)

Seen = dict[str, list[dict[str, Any]]]
"""What a client shows of each file."""


@pytest.fixture(scope="module")
def database(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """A world in which a season was broken off after subscribers had been told of it."""
    url, folder = new_database_url(template), tmp_path_factory.mktemp("world")
    with Simulator(WorldSource(series=25, past_quarters=1), rate_limit=100_000) as simulator:
        settings = Settings.from_environment(
            {**simulator.environment, "IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(folder)}
        )
        done = sync(settings)
        assert done.success, done.failures()
    opened = Database(url, folder)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def calendars(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calendars")
    own = choices_of('[[feed]]\nname = "ovals"\ncategory = "oval"\nfrom = 18', "feeds.toml")

    def publish() -> None:
        wanted = Wanted(DAYS, 10_000_000, times_of(None, None, None), own)
        publish_calendars(database, str(folder), wanted, NOW, lambda text: None)

    publish()
    ((season_id,),) = query(
        database,
        f"SELECT season_id FROM iracing.race_sessions('{NOW}', '{UNTIL}') ORDER BY 1 LIMIT 1",
    )
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE iracing.seasons SET complete = true WHERE season_id = {season_id}"
        )
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET special_event_type = 1,"
            "  track_name = E'N\\u00fcrb; a, \"b\": ' || repeat('\u65e5', 40)"
            " WHERE (season_id, race_week_num) IN"
            f" (SELECT season_id, race_week_num FROM iracing.race_sessions('{NOW}', '{UNTIL}'))"
        )
    publish()
    return folder


@pytest.fixture(scope="module")
def in_javascript(calendars: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What ical.js and node-ical show, to somebody in Los Angeles."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    if not (INSTALLED / "node_modules/node-ical").exists():
        pytest.skip(f"node-ical is not installed: {HOW}")
    script = Path(__file__).with_name("read_calendars.mjs")
    done = subprocess.run(
        [node, script, INSTALLED, calendars],
        env={**os.environ, "TZ": "America/Los_Angeles"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(done.stdout)
    return told


def as_said(moment: Any) -> str:
    """As JavaScript writes it."""
    if not isinstance(moment, datetime):
        return str(moment)
    return f"{moment.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}"


def recurring_ical_events(calendars: Path) -> Seen:
    sys.path.append(str(INSTALLED / "python"))
    try:
        expand = import_module("recurring_ical_events")
    except ImportError:
        pytest.skip(f"recurring-ical-events is not installed: {HOW}")
    finally:
        sys.path.pop()

    return {
        path.name: [
            {
                "uid": str(event["UID"]),
                "start": as_said(event.start),
                "end": as_said(event.end),
                "sequence": int(event["SEQUENCE"]),
                "status": str(event["STATUS"]),
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]),
                "location": str(event["LOCATION"]) if "LOCATION" in event else None,
                "url": str(event["URL"]),
            }
            for event in expand.of(icalendar.Calendar.from_ical(path.read_bytes())).between(
                SINCE - timedelta(days=400), UNTIL + timedelta(days=400)
            )
        ]
        for path in sorted(calendars.iterdir())
    }


@pytest.mark.parametrize("client", ["ical.js", "node-ical", "recurring-ical-events"])
def test_a_client_shows_every_session_at_its_time_and_nothing_else(
    client: str, calendars: Path, database: Database, request: pytest.FixtureRequest
) -> None:
    if client == "recurring-ical-events":
        seen = recurring_ical_events(calendars)
    else:
        read = request.getfixturevalue("in_javascript")
        seen = {file: shown[client] for file, shown in read.items()}
    # Those that have begun stay as they were told, also of the season that was broken off since.
    expected: dict[str, list[tuple[str, str]]] = {}
    for series_id, _, _, start, end in query(
        database,
        f"""SELECT s.series_id, season_id, race_week_num, start_time, max(end_time)
            FROM iracing.race_sessions('{NOW + timedelta(seconds=1)}', '{UNTIL}')
            JOIN iracing.seasons s USING (season_id) WHERE s.complete IS NOT TRUE
            GROUP BY 1, 2, 3, 4""",
    ):
        expected.setdefault(f"series-{series_id}.ics", []).append((as_said(start), as_said(end)))
    by_series = {file: events for file, events in seen.items() if file.startswith("series-")}
    confirmed = {
        file: sorted(
            (one["start"], one["end"])
            for one in events
            if one["status"] == "CONFIRMED" and one["start"] > as_said(NOW)
        )
        for file, events in by_series.items()
    }
    assert {file: moments for file, moments in confirmed.items() if moments} == {
        file: sorted(moments) for file, moments in expected.items()
    }
    assert sum(map(len, expected.values())) > 100
    # What was broken off is told as cancelled, by a higher SEQUENCE.
    cancelled = [
        one for events in by_series.values() for one in events if one["status"] != "CONFIRMED"
    ]
    assert {(one["status"], one["sequence"]) for one in cancelled} == {("CANCELLED", 1)}
    # Text that is hard to carry arrives, and every other feed says the same of each event.
    stored = {
        uid: {"uid": uid, "description": description, "location": location, "sequence": sequence}
        for uid, description, location, sequence in query(
            database, "SELECT uid, description, location, sequence FROM iracing.calendar_events"
        )
    }
    for events in seen.values():
        for one in events:
            assert stored[one["uid"]] == {name: one[name] for name in stored[one["uid"]]}
            season_id = one["uid"].removeprefix("special-").partition("-")[0]
            assert one["url"].endswith(f"/series-list/{season_id}/go-racing")
    assert seen["own-ovals.ics"]
    # Whole days, wherever it is read.
    days = {one["uid"]: (one["start"], one["end"]) for one in seen["special-events.ics"]}
    assert days == {
        uid: (str(first), str(last))
        for uid, first, last in query(
            database,
            """SELECT uid, (start_time AT TIME ZONE 'UTC')::date,
                      ((start_time + session_minutes * interval '1 minute') AT TIME ZONE 'UTC')::date
               FROM iracing.calendar_events WHERE uid LIKE 'special-%%'""",
        )
    }
    assert days
