"""Calendars by properties: whatever changes, in any order, a client that merges ends with what is true."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from iracing_pipeline.core.rows import Coverage
from iracing_pipeline.outputs.calendars.events import StoredEvent, events, refresh
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.merge.merging import merge_tables
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.examples import examples
from iracing_pipeline_tests.support.merging import season, seasons, week, weeks

TODAY = datetime(2026, 3, 3, tzinfo=timezone.utc)
NOW = TODAY + timedelta(hours=9)
UNTIL = TODAY + timedelta(days=15)
SLOTS = [TODAY + timedelta(days=day, hours=20) for day in (1, 2, 8, 9)]
STATE = st.dictionaries(
    st.integers(0, 1),
    st.fixed_dictionaries(
        {
            "times": st.lists(st.sampled_from(SLOTS), max_size=3),
            "track_name": st.sampled_from(["Spa", "Bowl", "new\nline; comma, \x1b[31m"]),
            "session_minutes": st.none() | st.sampled_from([30, 60]),
        }
    ),
    max_size=2,
)
"""The weeks of the season that are listed, and of each when it races where."""


def _store(connection: Connection, state: dict[int, dict[str, Any]], run_id: str) -> None:
    whole_season = Coverage(("season_id",), frozenset({(1,)}))
    merge_tables(
        connection,
        [
            TableBatch(table("series"), [{"series_id": 10, "series_name": "Tour"}]),
            seasons(season(1, active=True, complete=False)),
            weeks(
                *(
                    week(1, number, track_name=one["track_name"], week_end_time=UNTIL, series_id=10)
                    for number, one in state.items()
                ),
                coverage=whole_season,
            ),
            TableBatch(
                table("race_time_descriptors"),
                [
                    {
                        "season_id": 1,
                        "race_week_num": number,
                        "descriptor_num": 0,
                        "repeating": False,
                        "session_times": one["times"],
                        "session_minutes": one["session_minutes"],
                    }
                    for number, one in state.items()
                ],
                whole_season,
            ),
        ],
        run_id=run_id,
    )


class Client:
    """Keeps of each UID the version with the highest SEQUENCE, as calendars that are subscribed to do."""

    def __init__(self) -> None:
        self.known: dict[str, StoredEvent] = {}
        self.uid_of: dict[tuple[int, int, datetime], str] = {}

    def merge(self, feed: list[StoredEvent]) -> None:
        assert len({event.uid for event in feed}) == len(feed)
        for event in feed:
            session = (event.season_id, event.race_week_num, event.start_time)
            assert self.uid_of.setdefault(session, event.uid) == event.uid
            known = self.known.get(event.uid)
            if known is None or event.sequence > known.sequence:
                self.known[event.uid] = event
            else:
                # The same version says the same, and no version goes back.
                assert event == known

    def living(self) -> list[tuple[int, datetime]]:
        return sorted(
            (event.race_week_num, event.start_time)
            for event in self.known.values()
            if not event.is_cancelled
        )


@examples(12, 500)
@given(states=st.lists(STATE, min_size=1, max_size=6))
def test_a_client_that_merges_every_feed_ends_with_exactly_the_living_sessions(
    database: Database, states: list[dict[int, dict[str, Any]]]
) -> None:
    with database.begin() as connection:
        for name in ("calendar_events", "race_time_descriptors", "season_schedules", "seasons"):
            connection.exec_driver_sql(f"DELETE FROM iracing.{name}")
    client = Client()
    for number, state in enumerate(states):
        with database.begin() as connection:
            _store(connection, state, f"state {number}")
        moment = NOW + timedelta(minutes=number)
        with database.begin() as connection:
            refresh(connection, now=moment, since=TODAY, until=UNTIL)
        with database.begin() as connection:
            again = refresh(connection, now=moment, since=TODAY, until=UNTIL)
            assert again.written == 0
            client.merge(events(connection, since=TODAY, until=UNTIL))
        expected = sorted(
            (number, start) for number, one in state.items() for start in set(one["times"])
        )
        assert client.living() == expected
