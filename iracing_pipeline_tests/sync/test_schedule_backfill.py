"""The whole history: in the fewest calls, whatever past quarters carry, in any order, after any failure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.simulator import CaptureSource, Simulator, WorldSource
from iracing_pipeline.sync.fetching import MOST_IN_A_ROW
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.places import CAPTURES
from iracing_pipeline_tests.support.sync_command import Command

NEVER_REACHED = 100_000
SCHEDULE = "series/season_schedule"
QUARTERS = "series/seasons?"


@pytest.fixture
def start(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., tuple[Command, Database]]]:
    """Makes (command, database) for a world; each call a simulator and a database of its own."""
    with ExitStack() as stack:

        def make(
            source: Any = None, *, rate_limit: int = NEVER_REACHED, **world: Any
        ) -> tuple[Command, Database]:
            source = source or WorldSource(**{"series": 8, "past_quarters": 4, **world})
            simulator = stack.enter_context(Simulator(source, rate_limit=rate_limit))
            url = new_database_url(template)
            database = Database(url, tmp_path)
            stack.callback(database.dispose)
            folder = tmp_path / url.partition("?")[0].rpartition("/")[2]
            return Command(simulator, url, folder, monkeypatch), database

        yield make


def by_quarter(simulator: Simulator, database: Database) -> Counter[tuple[int, int]]:
    """Past seasons per quarter, as stored."""
    return Counter(
        {
            (year, quarter): count
            for year, quarter, count in query(
                database,
                """SELECT season_year, season_quarter, count(*) FROM iracing.seasons
                   WHERE complete GROUP BY 1, 2""",
            )
        }
    )


@pytest.mark.promise(6)
def test_a_cold_history_takes_the_fewest_calls_whatever_past_quarters_carry(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    first = filled(*start(series=9, past_quarters=6, past_mode="full"), "full")
    for mode in ("list", "active", "empty"):
        other = filled(*start(series=9, past_quarters=6, past_mode=mode), mode)
        for name, rows in first.items():
            assert other[name] == rows, name


def filled(command: Command, database: Database, mode: str) -> dict[str, Any]:
    """The tables after a cold history, in the fewest calls for what past quarters carry, and none again."""
    done = command.fill()
    assert done.status == 0, done.text
    quarters = by_quarter(command.simulator, database)
    seasons = sum(quarters.values())
    assert seasons > 40
    if mode == "full":
        assert done.total <= 1.05 * (len(quarters) + 10)
        assert done.calls[QUARTERS] == sum(count > 1 for count in quarters.values())
        assert done.calls[SCHEDULE] == sum(count == 1 for count in quarters.values())
    else:
        assert done.total <= 1.02 * (seasons + 12)
        assert done.calls[QUARTERS] == 1
        assert done.calls[SCHEDULE] == seasons
    assert query(
        database, "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    ) == [(0,)]
    # Filling in is no change.
    assert (
        query(database, "SELECT table_name, key, kind, before, after FROM iracing.changes LIMIT 4")
        == []
    )

    again = command.fill()
    assert again.total == 0
    assert "0 rows written" in again.text
    before = dump(database)
    refreshed = command.fill(refresh=True)
    assert refreshed.status == 0
    assert (refreshed.calls[SCHEDULE], refreshed.calls[QUARTERS]) == (0, 0)
    assert dump(database) == before
    return before


def test_after_two_calls_of_a_cold_history_every_season_and_every_weeks_track_is_there(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    source = WorldSource(series=8, past_quarters=4)
    command, database = start(source)
    command.simulator.faults.add("maintenance", after=2)
    done = command.fill()
    assert done.status == 3
    assert [call.path for call in command.simulator.calls()[:2]] == [
        "/data/series/get",
        "/data/series/stats_series",
    ]
    weeks = [
        (series["series_id"], season["season_id"], week["race_week_num"], week["track"]["track_id"])
        for series in source.answer("series/stats_series")
        for season in series["seasons"]
        for week in season["race_weeks"]
    ]
    assert len(weeks) > 300
    assert query(
        database,
        """SELECT s.series_id, season_id, race_week_num, track_id
               FROM iracing.season_schedules JOIN iracing.seasons s USING (season_id)
               ORDER BY 1, 2, 3""",
    ) == sorted(weeks)
    # The rest comes as if nothing had been amiss.
    command.simulator.faults.clear()
    assert command.fill().status == 0
    undisturbed, other = start()
    assert undisturbed.fill().status == 0
    assert dump(database) == dump(other)


@pytest.mark.promise(7)
def test_current_then_past_or_past_then_current_ends_in_the_same_tables(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    tables = []
    ids = tuple(series.series_id for series in WorldSource(series=8, past_quarters=4).series)
    for steps in (
        [{"sync_past_seasons": False}, {}],
        [{}],
        [{"series_ids": ids[:2]}, {"sync_past_seasons": False}, {"limit": 4}, {}],
    ):
        command, database = start()
        for flags in steps:
            assert command.fill(**flags).status == 0
        tables.append(dump(database))
        assert query(database, "SELECT count(*) FROM iracing.quarantine") == [(0,)]
    for other in tables[1:]:
        for name, rows in tables[0].items():
            assert other[name] == rows, name


@pytest.mark.promise(7)
def test_past_seasons_never_demotes_the_running_season(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start()
    command.fill(sync_past_seasons=False)
    columns = "season_id, active, complete, max_weeks, start_date, race_week, updated_at"
    running = query(database, f"SELECT {columns} FROM iracing.seasons ORDER BY 1")
    weeks = query(database, "SELECT * FROM iracing.race_sessions(now(), now() + interval '7 days')")
    assert running
    assert weeks
    command.fill()
    ids = ", ".join(str(row[0]) for row in running)
    assert (
        query(
            database,
            f"SELECT {columns} FROM iracing.seasons WHERE season_id IN ({ids}) ORDER BY 1",
        )
        == running
    )
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


def test_a_season_that_leaves_the_list_becomes_complete_with_its_final_schedule(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    # The world begins thirteen weeks ago, so that its seasons have ended by our own clock too.
    begin = datetime.now(timezone.utc) - timedelta(weeks=16)
    world = WorldSource(series=13, past_quarters=2, past_mode="list", now=lambda: begin)
    command, database = start(world)
    assert command.fill().status == 0
    before = {
        row[0]: row[1:]
        for row in query(
            database,
            "SELECT season_id, active, complete, max_weeks FROM iracing.seasons "
            "WHERE has_rules AND NOT complete",
        )
    }
    assert before
    command.simulator.clock.advance(weeks=16)
    assert command.fill(refresh=True).status == 0
    ended = query(
        database,
        "SELECT season_id, active, complete, has_final_schedule, max_weeks FROM iracing.seasons "
        f"WHERE season_id IN ({', '.join(map(str, before))}) AND complete ORDER BY 1",
    )
    assert len(ended) >= 5
    for season_id, active, _, is_final, max_weeks in ended:
        assert (active, is_final, max_weeks) == (False, True, before[season_id][2])
    # Its final schedule has weeks 0, 2, 6 and 9. The others were raced as well: they stay as they were.
    (partial,) = [one.series_id for one in world.series if one.has("partial-schedule")]
    assert query(
        database,
        f"""SELECT count(*) FROM iracing.seasons s JOIN iracing.season_schedules w USING (season_id)
            WHERE s.series_id = {partial} AND season_id IN ({", ".join(map(str, before))})
              AND w.retired_at IS NULL AND w.week_end_time IS NOT NULL""",
    ) == [(12,)]
    # It is told as a change of the season, and asked for again never more.
    assert query(
        database,
        "SELECT count(DISTINCT key) FROM iracing.changes WHERE table_name = 'seasons' "
        "AND kind = 'updated' AND (after -> 'complete')::boolean",
    ) == [(len(ended),)]
    assert command.fill(refresh=True).calls[SCHEDULE] == 0
    # The next quarter has begun: its seasons are there, and the index knows them.
    assert query(
        database,
        "SELECT count(*) > 3 FROM iracing.seasons s WHERE NOT complete AND has_rules AND EXISTS "
        "(SELECT FROM iracing.season_schedules w WHERE w.season_id = s.season_id AND is_in_index)",
    ) == [(True,)]


@pytest.mark.promise(4)
def test_poisoned_seasons_and_series_stop_nobody_and_are_named(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start(past_mode="list")
    healthy, healthy_database = start(past_mode="list")
    assert healthy.fill().status == 0
    past = [
        row[0]
        for row in query(
            healthy_database,
            "SELECT season_id FROM iracing.seasons WHERE complete ORDER BY season_id",
        )
    ]
    failing, malformed = past[:3], past[10:13]
    sick = [
        row[0]
        for row in query(
            healthy_database,
            f"""SELECT series_id FROM iracing.seasons WHERE complete GROUP BY 1
                HAVING NOT bool_or(season_id IN ({", ".join(map(str, failing + malformed))}))
                ORDER BY 1 LIMIT 2""",
        )
    ]
    for status, season_id in zip((500, 400, 404), failing, strict=True):
        command.simulator.faults.add(
            "status", SCHEDULE, status=status, params={"season_id": season_id}
        )
    for status, series_id in zip((500, 404), sick, strict=True):
        command.simulator.faults.add(
            "status", "series/past_seasons", status=status, params={"series_id": series_id}
        )

    def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == SCHEDULE and int(params["season_id"]) in malformed:
            body["schedules"][0]["track"] = "a track"
        if endpoint == "series/stats_series":
            for series in body:
                if series["series_id"] in sick:
                    series["seasons"] = "none"
        return body

    command.simulator.faults.transform = spoil
    done = command.sync()
    assert done.status == 1
    for item in (*failing, *malformed):
        assert f"season {item}:" in done.text
    for item in sick:
        assert f"series {item}: series/past_seasons (series_id={item}):" in done.text
    well = dump(healthy_database, "season_schedules", "race_time_descriptors")
    spoiled = set(failing) | set(_of_series(healthy_database, sick, "true"))
    there = dump(database, "season_schedules", "race_time_descriptors")
    for name, rows in well.items():
        expected = [row for row in rows if row[0] not in spoiled | set(malformed)]
        assert [row for row in there[name] if row[0] not in spoiled | set(malformed)] == expected
    # Of a malformed season, everything but the week that cannot be read.
    assert query(
        database,
        f"SELECT count(*) FROM iracing.season_schedules WHERE season_id IN "
        f"({', '.join(map(str, malformed))}) AND NOT is_in_schedule",
    ) == [(len(malformed),)]

    command.simulator.faults.clear()
    healed = command.fill()
    assert healed.status == 0, healed.text
    assert healed.calls[SCHEDULE] == len(failing) + len(malformed) + len(
        _of_series(healthy_database, sick)
    )
    # The index could not be read as a whole, so it is asked for again; the sick series are in it. The list
    # is asked for the links of the forecasts, which were left out as the schedules had failed.
    assert healed.calls["series/seasons"] == 1
    assert healed.total == healed.calls[SCHEDULE] + healed.calls["series/stats_series"] + 1
    assert dump(database) == dump(healthy_database)
    assert query(database, "SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL") == [
        (0,)
    ]


def _of_series(database: Database, series_ids: list[int], condition: str = "complete") -> list[int]:
    wanted = ", ".join(map(str, series_ids))
    statement = (
        f"SELECT season_id FROM iracing.seasons WHERE {condition} AND series_id IN ({wanted})"
    )
    return [row[0] for row in query(database, statement)]


def test_a_dry_run_prints_the_plan_and_what_it_costs_and_leaves_nothing(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start(past_mode="list")
    done = command.sync(dry_run=True)
    assert done.status == 0
    assert done.calls[SCHEDULE] == done.calls[QUARTERS] == 0
    assert "Schedules of past seasons: " in done.text
    assert "one by one: " in done.text
    assert "of the account's whole budget" in done.text
    for table in ("seasons", "season_schedules", "responses", "sync_runs", "installation"):
        assert query(database, f"SELECT count(*) FROM iracing.{table}") == [(0,)]
    missing = int(re.findall(r"past seasons: ([\d,]+) missing", done.text)[0].replace(",", ""))
    assert command.fill().calls[SCHEDULE] == missing


@pytest.mark.parametrize("mode", ["full", "list", "active", "empty"])
def test_one_past_quarter_is_filled_whatever_the_api_answers_for_it(
    start: Callable[..., tuple[Command, Database]], mode: str
) -> None:
    command, database = start(past_mode=mode)
    assert command.fill(sync_past_seasons=False).status == 0
    world = command.simulator.source
    quarter = sorted({(s["season_year"], s["season_quarter"]) for s in past_of(world)})[-2]
    is_there = mode in {"full", "list"}
    # What goes on after a failure is for Dagster to say.
    run = command.fill if is_there else command.sync
    done = run(season_year=quarter[0], season_quarter=quarter[1])
    found = query(
        database,
        """SELECT season_year, season_quarter, count(*) FROM iracing.seasons s
           WHERE has_final_schedule GROUP BY 1, 2""",
    )
    assert [row[:2] for row in found] == [quarter], done.text
    if is_there:
        assert done.status == 0, done.text
    else:
        # What was asked for by name is not to be had: that is said, and the rest goes on.
        assert done.status == 1
        assert "current_seasons: series/seasons" in done.text
        assert "\nseason_schedules:" not in done.text
    # Once more, nothing is missing there.
    again = command.fill(season_year=quarter[0], season_quarter=quarter[1])
    assert again.calls[SCHEDULE] == 0
    assert again.status == done.status


def past_of(world: Any) -> list[Any]:
    """Seasons that the index of the world says are over."""
    return [
        season
        for series in world.answer("series/stats_series", {}, datetime.now(timezone.utc))
        for season in series["seasons"]
        if not season["active"]
    ]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [("maintenance", 3, "is in maintenance"), ("status", 1, "failed one after the other")],
)
def test_trouble_in_the_middle_of_a_history_stops_it_and_the_next_run_goes_on(
    start: Callable[..., tuple[Command, Database]],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    status: int,
    words: str,
) -> None:
    # Each failure is a few seconds of retries: fewer of them serve here.
    monkeypatch.setitem(MOST_IN_A_ROW, "transient", 4)
    command, database = start(past_mode="list")
    command.simulator.faults.add(fault, SCHEDULE, after=10)
    done = command.sync()
    assert done.status == status, done.text
    assert words in done.text
    assert "the next run goes on from there" in done.text
    stored = "SELECT count(*) FROM iracing.seasons WHERE has_final_schedule"
    ((finished,),) = query(database, stored)
    assert 0 < finished <= 10
    ((missing,),) = query(
        database, "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    )
    command.simulator.faults.clear()
    healed = command.fill()
    assert healed.status == 0, healed.text
    assert healed.calls[SCHEDULE] == missing


@pytest.mark.promise(4)
def test_a_season_that_a_quarter_brings_unreadable_is_asked_for_by_itself(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start(past_mode="full")
    healthy, healthy_database = start(past_mode="full")
    assert healthy.fill().status == 0
    sick: set[int] = set()

    def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == "series/seasons" and "season_year" in params:
            body[0]["schedules"][1]["track"] = None
            sick.add(body[0]["season_id"])
        if endpoint == SCHEDULE and int(params["season_id"]) in sick:
            body["schedules"][1]["track"] = None
        return body

    command.simulator.faults.transform = spoil
    done = command.fill()
    # Neither way can they be read, at first.
    assert done.status == 1
    ((missing,),) = query(
        database, "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    )
    assert 0 < missing <= len(sick)
    command.simulator.faults.clear()
    healed = command.fill()
    assert healed.status == 0, healed.text
    assert (healed.calls[SCHEDULE], healed.calls[QUARTERS]) == (missing, 0)
    assert query(database, "SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL") == [
        (0,)
    ]
    assert dump(database) == dump(healthy_database)


def test_what_is_met_while_one_quarter_is_read_and_another_written_is_all_counted(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start(series=9, past_quarters=6, past_mode="full")
    weeks = 0

    def widen(endpoint: str, params: dict[str, str], body: Any) -> Any:
        nonlocal weeks
        if endpoint == "series/seasons" and "season_year" in params:
            for week in (week for season in body for week in season["schedules"]):
                week["brand_new"] = True
                weeks += 1
        return body

    command.simulator.faults.transform = widen
    done = command.fill()
    assert (done.status, weeks > 100) == (0, True), done.text
    assert done.calls[QUARTERS] > 5
    assert query(
        database, "SELECT occurrences FROM iracing.drift WHERE field = 'Week.brand_new'"
    ) == [(weeks,)]


@pytest.mark.skipif(
    not (CAPTURES / "series_past_seasons__306.json").is_file(),
    reason="no folder of captured answers beside the checkout",
)
def test_the_captured_series_306_has_33_seasons_on_a_fresh_database(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    command, database = start(CaptureSource(CAPTURES))
    done = command.fill(series_ids=(306,))
    assert done.status == 1  # no schedule of its past seasons was captured
    assert done.calls["series/past_seasons"] == 1
    assert done.calls["series/stats_series"] == 0
    assert query(
        database,
        """SELECT count(*), min(season_year), max(season_year), count(*) FILTER (WHERE active)
           FROM iracing.seasons WHERE series_id = 306""",
    ) == [(33, 2017, 2025, 0)]
    # One week a season, mostly the first: the index says no more.
    assert query(
        database,
        """SELECT count(*), count(DISTINCT season_id), max(race_week_num)
           FROM iracing.season_schedules WHERE series_id = 306 AND NOT is_in_schedule""",
    ) == [(33, 33, 5)]


def test_an_unknown_series_is_named_with_those_that_exist(
    start: Callable[..., tuple[Command, Database]],
) -> None:
    world = WorldSource(series=8, past_quarters=2)
    command, _ = start(world)
    done = command.sync(series_ids=(99999,))
    assert done.status == 2
    assert "Unknown series: 99999." in done.text
    known = re.search(r"Known here: ([\d, ]+)\.", done.text)
    assert known
    named = {int(series_id) for series_id in known[1].split(",")}
    assert len(named) > 5
    assert named <= {series.series_id for series in world.series}
