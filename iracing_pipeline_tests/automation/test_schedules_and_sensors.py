"""Schedules and sensors: when they tick, what they ask for, and that a second look asks for nothing."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetKey,
    DagsterInstance,
    DagsterRunStatus,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    build_schedule_context,
    build_sensor_context,
)
from dagster._utils.schedules import cron_string_iterator
from sqlalchemy import text

from iracing_pipeline.assets.adapter import SERIES_TAG, SKIPPED_TAG
from iracing_pipeline.automation import sensors as catching_up
from iracing_pipeline.automation.schedules import SCHEDULES
from iracing_pipeline.core.options import options_of
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.simulator.world.calendar import (
    midnight,
    quarter_at,
    start_of,
    year_and_quarter,
)
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import QUICK, query

TUESDAY = datetime(2026, 3, 3, 5, tzinfo=timezone.utc)
"""What the ticks of schedules are counted from."""


class Operated:
    """A deployment whose clock and API stand still until they are moved: ticks, runs, what came of them."""

    def __init__(self, simulator: Simulator, settings: Settings, instance: DagsterInstance) -> None:
        self.simulator = simulator
        self.instance = instance
        self.settings = settings
        self.engine = self._engine()
        self.cursors: dict[str, str | None] = {}
        self.keys: set[tuple[str, str]] = set()

    def _engine(self) -> GivenEngine:
        return GivenEngine(Services(self.settings, limits=QUICK, clock=self.simulator.clock))

    @property
    def resources(self) -> dict[str, GivenEngine]:
        return {"iracing": self.engine, "warehouse": self.engine}

    def tick(self, sensor: SensorDefinition) -> tuple[list[RunRequest], str]:
        """What a sensor asks for and says, as the daemon takes it: a run key counts once."""
        context = build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor.name),
            resources=self.resources,
        )
        found = sensor.evaluate_tick(context)
        self.cursors[sensor.name] = found.cursor
        requests = [
            request
            for request in found.run_requests
            if request.run_key is None or (sensor.name, request.run_key) not in self.keys
        ]
        self.keys |= {(sensor.name, str(request.run_key)) for request in requests}
        return requests, found.skip_message or ""

    def run(self, job: str, config: Any = None, **tags: str) -> Any:
        """A run as the daemon would start it, in this process."""
        self.engine.services().close()
        self.engine = self._engine()
        config = {**(config or {}), "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        done = (
            build_definitions(**self.resources)
            .resolve_job_def(job)
            .execute_in_process(
                run_config=config, instance=self.instance, tags=tags, raise_on_error=False
            )
        )
        self.failures = [
            event.step_failure_data.error_display_string
            for event in done.all_events
            if event.event_type_value == "STEP_FAILURE"
        ]
        return done

    def obey(self, sensor: SensorDefinition) -> list[Any]:
        """Tick, and run what was asked for."""
        requests, _ = self.tick(sensor)
        return [
            self.run(
                request.job_name or sensor.job_name,
                request.run_config,
                **{"dagster/sensor_name": sensor.name},
            )
            for request in requests
        ]

    def told(self, run: Any) -> list[str]:
        """What the assets of a run have said that the UI shows by default."""
        return [
            entry.user_message
            for entry in self.instance.all_logs(run.run_id)
            if not entry.is_dagster_event and entry.level == logging.INFO
        ]

    def calls(self) -> list[str]:
        return [call.path.removeprefix("/data/") for call in self.simulator.calls()]


@pytest.fixture
def operated(settings_for: Callable[..., Settings]) -> Iterator[Operated]:
    with (
        Simulator(WorldSource(series=8, past_quarters=2), rate_limit=100_000) as simulator,
        DagsterInstance.ephemeral() as instance,
    ):
        deployment = Operated(simulator, settings_for(simulator.environment), instance)
        yield deployment
        deployment.engine.services().close()


CURRENT = {"ops": {"season_schedules": {"config": {"sync_past_seasons": False}}}}


# -- schedules ----------------------------------------------------------------------------------------

TICKS = {
    "current_seasons_schedule": [
        *("2026-03-03 06:00", "2026-03-04 06:00", "2026-03-06 06:00", "2026-03-10 06:00"),
        *("2026-03-11 06:00", "2026-03-13 06:00", "2026-03-17 06:00", "2026-03-18 06:00"),
        *("2026-03-20 06:00", "2026-03-24 06:00"),
    ],
    "past_seasons_schedule": [
        *("2026-04-01 07:00", "2026-07-01 07:00", "2026-10-01 07:00", "2027-01-01 07:00"),
        *("2027-04-01 07:00", "2027-07-01 07:00", "2027-10-01 07:00", "2028-01-01 07:00"),
        *("2028-04-01 07:00", "2028-07-01 07:00"),
    ],
    "reference_schedule": [
        f"{datetime(2026, 3, 9, 5, 23) + timedelta(weeks=week):%Y-%m-%d %H:%M}"  # noqa: DTZ001
        for week in range(10)
    ],
    "maintenance_schedule": [
        f"{datetime(2026, 3, 4, 3, 41) + timedelta(days=day):%Y-%m-%d %H:%M}"  # noqa: DTZ001
        for day in range(10)
    ],
}


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_every_schedule_runs_by_default_at_its_ten_next_ticks(
    schedule: Any, operated: Operated
) -> None:
    assert schedule.default_status.value == "RUNNING"
    assert schedule.execution_timezone == "UTC"
    iterator = cron_string_iterator(TUESDAY.timestamp(), schedule.cron_schedule, "UTC")
    ticks = [next(iterator) for _ in range(10)]
    assert [f"{tick:%Y-%m-%d %H:%M}" for tick in ticks] == TICKS[schedule.name]
    job = build_definitions().resolve_job_def(schedule.job_name)
    for tick in ticks:
        with build_schedule_context(
            instance=operated.instance,
            scheduled_execution_time=tick,
            resources=operated.resources,
        ) as context:
            (request,) = schedule.evaluate_tick(context).run_requests
        # Each asset of the job takes its options; those that ask the API take none older than the tick.
        ops = request.run_config.get("ops", {})
        assert set(ops) <= {node.name for node in job.nodes}
        given = {name: op["config"]["as_of"] for name, op in ops.items() if "as_of" in op["config"]}
        assert all(datetime.fromisoformat(as_of) == tick for as_of in given.values())
        takers = {node.name for node in job.nodes if "as_of" in options_of(node.name)}
        assert set(given) == takers
        assert bool(ops) == (schedule.name != "maintenance_schedule")


def test_without_credentials_nothing_is_started_and_it_says_why(
    operated: Operated, database_url: str, tmp_path: Path
) -> None:
    environment = {"IRACING_DATABASE_URL": database_url, "IRACING_DATA_DIR": str(tmp_path)}
    operated.engine = GivenEngine(Services(Settings.from_environment(environment)))
    for schedule in SCHEDULES:
        with build_schedule_context(
            instance=operated.instance,
            scheduled_execution_time=TUESDAY,
            resources=operated.resources,
        ) as context:
            found = schedule.evaluate_tick(context)
        assert bool(found.run_requests) == (schedule.name == "maintenance_schedule")
        assert found.run_requests or "IRACING_CLIENT_ID" in str(found.skip_message)
    for sensor in catching_up.SENSORS:
        requests, said = operated.tick(sensor)
        assert requests == []
        assert "not set: the API cannot be asked" in said


def test_a_tick_is_never_served_by_an_answer_older_than_itself(operated: Operated) -> None:
    assert operated.run("sync_current_seasons", CURRENT).success, operated.failures
    before = len(operated.calls())
    # A landed response serves whoever asks by hand.
    assert operated.run("sync_current_seasons", CURRENT).success, operated.failures
    assert len(operated.calls()) == before
    tick = operated.simulator.clock()
    (schedule,) = (one for one in SCHEDULES if one.name == "current_seasons_schedule")
    with build_schedule_context(
        instance=operated.instance,
        scheduled_execution_time=tick,
        resources=operated.resources,
    ) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert operated.run("sync_current_seasons", request.run_config).success
    assert sorted(operated.calls()[before:]) == ["series/assets", "series/get", "series/seasons"]
    # And its answers serve its own retries.
    assert operated.run("sync_current_seasons", request.run_config).success
    assert len(operated.calls()) == before + 3


def test_as_of_that_is_no_moment_is_refused_with_an_example(operated: Operated) -> None:
    failed = operated.run("sync_series", {"ops": {"series": {"config": {"as_of": "tuesday"}}}})
    assert not failed.success
    (event,) = [event for event in failed.all_events if event.event_type_value == "STEP_FAILURE"]
    text = event.step_failure_data.user_failure_data.description
    assert "2026-03-17T06:00:00Z" in text
    assert "'tuesday'" in text


# -- an empty database --------------------------------------------------------------------------------


def test_an_empty_database_is_filled_at_once_and_what_every_tick_says_is_for_people(
    operated: Operated, database: Database
) -> None:
    said = []

    def look() -> None:
        for sensor in catching_up.SENSORS:
            requests, text = operated.tick(sensor)
            said.append((sensor.name, text))
            assert bool(requests) != bool(text)

    for sensor in catching_up.SENSORS[1:]:
        assert operated.tick(sensor)[0] == []
    (run,) = operated.obey(catching_up.first_sync)
    assert run.success, operated.failures
    for table in ("tracks", "season_schedules"):
        assert query(database, f"SELECT count(*) > 0 FROM iracing.{table}") == [(True,)]
    assert operated.tick(catching_up.first_sync)[0] == []
    look()
    look()  # what was asked for a moment ago
    for sensor in (catching_up.new_series, catching_up.missing_schedules):
        operated.cursors.clear()
        operated.keys.clear()
        assert all(run.success for run in operated.obey(sensor))
    look()
    operated.simulator.clock.advance(days=1)
    look()
    assert not [text for _, text in said if not _is_for_people(text)]


def _is_for_people(text: str) -> bool:
    """Sentences, without what only a program would write: counts of nothing, intervals, ISO dates."""
    odd = re.search(
        r"\b0 (of|[a-z])|\b1 [a-z]+s\b(?<!series)|\d:\d\d:\d\d|\d-\d\d-|None|[\[\]{}]", text
    )
    return not odd and (not text or (text[0].isalnum() and text.endswith(".")))


def test_a_first_sync_that_fails_is_tried_three_times_an_hour_apart(
    operated: Operated, database: Database
) -> None:
    operated.simulator.faults.add("status", "series/seasons", status=404)
    for attempt in range(3):
        requests, _ = operated.tick(catching_up.first_sync)
        assert len(requests) == 1
        if not attempt:
            assert not operated.run("fill_empty_database").success
        requests, said = operated.tick(catching_up.first_sync)
        assert requests == []
        operated.simulator.clock.advance(minutes=61)
    assert "started again at" not in said
    operated.simulator.clock.advance(days=3)
    requests, said = operated.tick(catching_up.first_sync)
    assert requests == []
    assert "have read no season" in said


# -- what sensors notice ------------------------------------------------------------------------------


def test_new_series_get_their_past_seasons_in_one_run_and_missing_schedules_theirs_in_another(
    operated: Operated, database: Database
) -> None:
    assert operated.run("sync_current_seasons", CURRENT).success, operated.failures
    keys = operated.instance.get_dynamic_partitions("series_id")
    assert len(keys) >= 6
    assert operated.tick(catching_up.missing_schedules)[0] == []
    (run,) = operated.obey(catching_up.new_series)
    assert run.success, operated.failures
    past = AssetKey("past_seasons")
    assert operated.instance.get_materialized_partitions(past) == set(keys)
    assert operated.tick(catching_up.new_series)[0] == []
    # A partition is a number: its series' name is in its metadata, and a tag of a run about it alone.
    names = dict(query(database, "SELECT series_id::text, series_name FROM iracing.series"))
    for record in operated.instance.fetch_materializations(past, limit=100).records:
        told = record.asset_materialization
        assert told.metadata["series_name"].value == names[told.partition]
    alone = operated.run("fill_past_seasons", **{"dagster/partition": keys[0]})
    found = operated.instance.get_runs(RunsFilter(tags={SERIES_TAG: names[keys[0]]}))
    assert [one.run_id for one in found] == [alone.run_id]
    (run,) = operated.obey(catching_up.missing_schedules)
    assert run.success, operated.failures
    assert [text for text in operated.told(run) if text.endswith(" past seasons")]
    assert operated.tick(catching_up.missing_schedules) == (
        [],
        "Every past season has its schedule.",
    )
    assert query(
        database, "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    ) == [(0,)]
    # One more, later.
    operated.instance.add_dynamic_partitions("series_id", ["9999"])
    ((request,), _) = operated.tick(catching_up.new_series)
    assert request.run_config == {"ops": {"past_seasons": {"config": {"series_ids": [9999]}}}}
    assert operated.tick(catching_up.new_series)[0] == []
    # It is tried again the next day, not the next minute.
    operated.simulator.clock.advance(days=1)
    assert len(operated.tick(catching_up.new_series)[0]) == 1


@pytest.mark.promise(4)
def test_a_partition_key_that_can_be_no_series_id_fails_alone_with_words(
    operated: Operated, database: Database
) -> None:
    odd = ["abc", "3000000000", "1" * 5000, "007", "1.5", "4\u0663"]
    operated.instance.add_dynamic_partitions("series_id", odd)
    run = operated.run("sync_past_seasons")
    (failed,) = [event for event in run.all_events if event.is_step_failure]
    keys = set(operated.instance.get_dynamic_partitions("series_id"))
    said = failed.step_failure_data.user_failure_data.description
    assert said.startswith(f"6 of {len(keys)} series failed; the others are stored.\n")
    assert "series abc: no series can have this id" in said
    done = operated.instance.get_materialized_partitions(AssetKey("past_seasons"))
    assert keys - done == set(odd)
    assert query(
        database,
        "SELECT count(*) FROM iracing.sync_runs WHERE status = 'failure' AND partition IS NOT NULL",
    ) == [(6,)]
    # The sensor asks for what is a series, and names the rest.
    requests, said = operated.tick(catching_up.new_series)
    assert requests == []
    assert said.startswith("The past seasons of every series have been read. No series can have")
    assert "'abc', '3000000000'" in said
    operated.instance.add_dynamic_partitions("series_id", ["9999"])
    ((request,), _) = operated.tick(catching_up.new_series)
    assert request.run_config == {"ops": {"past_seasons": {"config": {"series_ids": [9999]}}}}
    # A run about some series has nothing to do with them.
    config = {"ops": {"past_seasons": {"config": {"series_ids": [int(min(done))]}}}}
    assert operated.run("fill_past_seasons", config).success, operated.failures


def test_a_season_that_became_complete_gets_its_series_past_seasons_once(
    operated: Operated, database: Database
) -> None:
    operated.run("sync_current_seasons", CURRENT)
    requests, said = operated.tick(catching_up.completed_seasons)
    assert requests == []
    assert said == "No season has ended since the last look."
    ((season_id, series_id),) = query(
        database, "SELECT season_id, series_id FROM iracing.seasons WHERE active LIMIT 1"
    )
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.seasons SET complete = true, active = false WHERE season_id = %s",
            (season_id,),
        )
    ((request,), _) = operated.tick(catching_up.completed_seasons)
    assert request.run_config == {"ops": {"past_seasons": {"config": {"series_ids": [series_id]}}}}
    assert operated.tick(catching_up.completed_seasons)[0] == []
    # The sensors' memory is their cursor: it survives whatever the process does not.
    assert season_id not in json.loads(operated.cursors["completed_seasons"] or "")["unfinished"]


def test_past_seasons_that_could_not_be_read_when_a_season_ended_are_asked_for_the_next_day(
    operated: Operated, database: Database
) -> None:
    operated.run("sync_current_seasons", CURRENT)
    operated.obey(catching_up.new_series)
    operated.tick(catching_up.completed_seasons)
    with database.begin() as connection:
        connection.exec_driver_sql(
            """UPDATE iracing.seasons SET complete = true, active = false
               WHERE season_id = (SELECT season_id FROM iracing.seasons WHERE active LIMIT 1)"""
        )
        connection.exec_driver_sql(
            "UPDATE iracing.responses SET expires_at = now() - interval '1 day'"
        )
    operated.simulator.clock.advance(days=9)
    operated.simulator.faults.add("status", "series/past_seasons", status=400)
    (failed,) = operated.obey(catching_up.completed_seasons)
    assert not failed.success
    assert operated.tick(catching_up.completed_seasons)[0] == []
    operated.simulator.faults.clear()
    operated.simulator.clock.advance(days=1)
    (done,) = operated.obey(catching_up.completed_seasons)
    assert done.success, operated.failures
    operated.simulator.clock.advance(days=1)
    assert operated.tick(catching_up.completed_seasons)[0] == []


def test_a_season_without_a_schedule_is_a_failure_today_and_settled_tomorrow(
    operated: Operated, database: Database
) -> None:
    operated.simulator.source.past_mode = "empty"  # type: ignore[attr-defined]
    operated.run("sync_current_seasons", CURRENT)
    operated.obey(catching_up.new_series)
    ((season_id,),) = query(
        database, "SELECT season_id FROM iracing.seasons WHERE complete ORDER BY 1 LIMIT 1"
    )
    missing = "SELECT season_id FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    operated.simulator.faults.add(
        "status", "series/season_schedule", status=404, params={"season_id": season_id}
    )
    (run,) = operated.obey(catching_up.missing_schedules)
    assert not run.success
    assert f"season {season_id}: the API has no schedule of it" in operated.failures[0]
    assert query(database, missing) == [(season_id,)]
    operated.simulator.clock.advance(days=1)
    (run,) = operated.obey(catching_up.missing_schedules)
    assert run.success, operated.failures
    # Its weeks are those of the index, and nobody asks again.
    assert query(database, missing) == []
    assert query(
        database,
        f"""SELECT bool_and(is_in_index AND NOT is_in_schedule) FROM iracing.season_schedules
            WHERE season_id = {season_id}""",
    ) == [(True,)]
    operated.simulator.clock.advance(days=1)
    assert operated.tick(catching_up.missing_schedules)[0] == []


def test_a_run_that_was_killed_keeps_nobody_waiting_for_longer_than_a_run_may_take(
    operated: Operated,
) -> None:
    operated.run("sync_current_seasons", CURRENT)
    operated.instance.create_run_for_job(
        build_definitions(**operated.resources).resolve_job_def("fill_past_seasons"),
        status=DagsterRunStatus.STARTED,
    )
    assert "is under way" in operated.tick(catching_up.new_series)[1]
    with operated.instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        connection.execute(
            text(
                "UPDATE runs SET create_timestamp = datetime('now', '-5 hours') WHERE status = 'STARTED'"
            )
        )
    assert len(operated.tick(catching_up.new_series)[0]) == 1


def test_around_the_turn_the_list_is_asked_for_daily_until_the_next_quarter_is_there(
    operated: Operated, database: Database
) -> None:
    clock = operated.simulator.clock
    # A turn that is still ahead: what is fetched bears the real moment, which must not lie after it.
    coming = quarter_at(clock().date()) + 2
    clock.move_to(midnight(start_of(coming)) - timedelta(days=24, hours=-9))
    hide = start_of(coming) - timedelta(days=18)
    year, quarter = year_and_quarter(coming)

    def not_yet(endpoint: str, params: dict[str, str], body: Any) -> Any:
        """This quarter's seasons are announced late."""
        if endpoint != "series/seasons" or clock().date() >= hide:
            return body
        return [
            season
            for season in body
            if (season["season_year"], season["season_quarter"]) != (year, quarter)
        ]

    operated.simulator.faults.transform = not_yet
    assert operated.run("sync_current_seasons", CURRENT).success, operated.failures
    days = []
    for day in range(24, 14, -1):
        runs = operated.obey(catching_up.season_turn)
        assert all(run.success for run in runs), operated.failures
        days += [day] * len(runs)
        # Twice is once.
        assert operated.tick(catching_up.season_turn)[0] == []
        clock.advance(days=1)
    # From three weeks before it begins to the day on which it was announced.
    assert days == [21, 20, 19, 18]
    _, said = operated.tick(catching_up.season_turn)
    assert f"The seasons of {year} quarter {quarter} have appeared" in said
    found = query(
        database,
        f"""SELECT count(*) > 0 FROM iracing.seasons
            WHERE season_year = {year} AND season_quarter = {quarter} AND has_rules""",
    )
    assert found == [(True,)]


def half_an_hour_later(database: Database) -> None:
    """The books' moments are the database's: they are moved, not its clock."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.sync_runs SET started_at = started_at - interval '31 minutes'"
        )


# -- an API in maintenance ----------------------------------------------------------------------------


def test_a_scheduled_run_that_meets_maintenance_is_skipped_and_made_up_for_when_it_is_over(
    operated: Operated, database: Database
) -> None:
    simulator = operated.simulator
    simulator.faults.add("maintenance")
    scheduled = {"dagster/schedule_name": "current_seasons_schedule"}
    skipped = operated.run("sync_current_seasons", CURRENT, **scheduled)
    # No failure, and no success either: nothing is materialized, and the run says why.
    assert skipped.success
    assert skipped.asset_materializations_for_node("series") == []
    assert operated.instance.get_run_by_id(skipped.run_id).tags[SKIPPED_TAG] == "API in maintenance"
    ((status, message),) = query(
        database, "SELECT status, message FROM iracing.sync_runs WHERE asset = 'series'"
    )
    assert status == "skipped"
    assert "maintenance" in message
    logins, made = simulator.logins, len(operated.calls())
    # Left alone for half an hour, by everyone.
    for sensor in (*catching_up.SENSORS, *catching_up.SENSORS):
        requests, said = operated.tick(sensor)
        assert requests == []
        assert "left alone until" in said
    half_an_hour_later(database)
    # Still in maintenance: one more try, and quiet again.
    (again,) = operated.obey(catching_up.after_maintenance)
    assert again.success
    assert operated.tick(catching_up.after_maintenance)[0] == []
    assert len(operated.calls()) <= made + 2
    assert simulator.logins <= logins + 1
    simulator.faults.clear()
    half_an_hour_later(database)
    (done,) = operated.obey(catching_up.after_maintenance)
    assert done.asset_materializations_for_node("current_seasons") != []
    assert operated.tick(catching_up.after_maintenance)[0] == []
    assert query(
        database, "SELECT DISTINCT status FROM iracing.sync_runs WHERE asset = 'season_schedules'"
    ) == [("success",)]


def test_a_run_that_was_turned_away_is_not_made_good_by_one_about_less(
    operated: Operated, database: Database
) -> None:
    operated.simulator.faults.add("maintenance")
    scheduled = {"dagster/schedule_name": "current_seasons_schedule"}
    operated.run("sync_current_seasons", CURRENT, **scheduled)
    operated.simulator.faults.clear()
    half_an_hour_later(database)
    ((series_id,),) = [(one.series_id,) for one in operated.simulator.source.series[:1]]  # type: ignore[attr-defined]
    limited = {"config": {"series_ids": [series_id], "sync_past_seasons": False}}
    few = {"config": {"series_ids": [series_id]}}
    by_hand = operated.run(
        "sync_current_seasons",
        {"ops": {"series": few, "current_seasons": few, "season_schedules": limited}},
    )
    assert by_hand.success, operated.failures
    (done,) = operated.obey(catching_up.after_maintenance)
    assert done.success
    assert operated.tick(catching_up.after_maintenance)[0] == []


def test_whoever_asks_by_hand_is_told_of_maintenance_as_a_failure(
    operated: Operated, database: Database
) -> None:
    operated.simulator.faults.add("maintenance")
    assert not operated.run("sync_series").success
    assert query(database, "SELECT status FROM iracing.sync_runs") == [("failure",)]
    assert isinstance(catching_up.after_maintenance, SensorDefinition)
    requests, said = operated.tick(catching_up.after_maintenance)
    assert requests == []
    assert "No run was turned away" in said


def test_history_that_meets_maintenance_on_its_way_goes_on_later_without_a_failure(
    operated: Operated, database: Database
) -> None:
    operated.run("sync_current_seasons", CURRENT)
    operated.obey(catching_up.new_series)
    operated.simulator.faults.add("maintenance", after=1)
    (run,) = operated.obey(catching_up.missing_schedules)
    assert run.success, operated.failures
    missing = "SELECT count(*) FROM iracing.seasons WHERE complete AND NOT has_final_schedule"
    assert query(database, missing) != [(0,)]
    operated.simulator.faults.clear()
    operated.simulator.clock.advance(days=1)
    (run,) = operated.obey(catching_up.missing_schedules)
    assert run.success, operated.failures
    assert query(database, missing) == [(0,)]


# -- jobs ---------------------------------------------------------------------------------------------


def test_the_quarterly_job_is_one_run_over_every_partition_those_included_that_it_adds(
    operated: Operated, database: Database
) -> None:
    run = operated.run("sync_past_seasons")
    assert run.success, operated.failures
    keys = set(operated.instance.get_dynamic_partitions("series_id"))
    assert len(keys) >= 6
    assert operated.instance.get_materialized_partitions(AssetKey("past_seasons")) == keys
    assert query(
        database, "SELECT asset, partition FROM iracing.sync_runs ORDER BY started_at LIMIT 1"
    ) == [("series", None)]


def test_reference_and_series_are_jobs_of_their_own(operated: Operated) -> None:
    assert operated.run("sync_reference").success
    assert set(operated.calls()) == {"track/get", "car/get", "carclass/get"}
    assert operated.run("sync_series").success
    assert "series/seasons" not in operated.calls()
