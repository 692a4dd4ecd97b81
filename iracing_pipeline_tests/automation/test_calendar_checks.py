"""The calendar's checks, in real runs and without Dagster: quiet all year, red for each silent failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from dagster import AssetCheckSeverity

from iracing_pipeline.automation.calendar_findings import FINDINGS
from iracing_pipeline.model.expectations import LIST_CHECKS, TRACK_CHECKS, WEEK_CHECKS, Finding
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator, WorldSource
from iracing_pipeline.simulator.world.calendar import index_of, midnight, start_of
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import Sync
from iracing_pipeline_tests.support.dagster_sync import sync as run_assets
from iracing_pipeline_tests.support.engine_sync import ALL, EngineSync
from iracing_pipeline_tests.support.engine_sync import sync as sync_assets
from iracing_pipeline_tests.support.places import CAPTURES

CHECKS = {*LIST_CHECKS, *WEEK_CHECKS, *TRACK_CHECKS}
LIST = "series/seasons"
SEASONS = ("series", "current_seasons", "season_schedules")
QUARTER = midnight(start_of(index_of(2025, 3)))
NEXT = midnight(start_of(index_of(2025, 4)))
MID = QUARTER + timedelta(weeks=5, days=2, hours=2)
WEEK_13 = NEXT - timedelta(days=5, hours=-13)


@dataclass
class Judged:
    """A sync without Dagster, and what the checks find then; asked as a run is."""

    done: EngineSync
    findings: list[Finding]

    def failures(self) -> dict[str, str]:
        return self.done.failures()

    def warnings(self) -> dict[str, str]:
        found = {one.check: one.text for one in self.findings if not one.passed}
        return self.done.warnings() | {name: found[name] for name in found.keys() - red(self)}


class World:
    """A generated world whose clock the test moves, and with it that of the pipeline."""

    def __init__(self, settings: Settings, simulator: Simulator) -> None:
        self.simulator = simulator
        self.settings = settings
        self.now = MID

    def at(self, moment: datetime) -> World:
        self.now = moment
        self.simulator.clock.move_to(moment)
        return self

    def run(self, *assets: str, **options: Any) -> Sync:
        """One run of Dagster's, as jobs have it: the checks of the calendar are steps of it."""
        # What is missing of the past is no concern of these checks.
        options = {
            "refresh": True,
            "calendar_checks": True,
            "sync_past_seasons": False,
            **options,
        }
        return run_assets(self.settings, *assets, clock=lambda: self.now, **options)

    def sync(self, *assets: str) -> Judged:
        """The same without Dagster (default: what is of seasons)."""
        options = {"refresh": True, "sync_past_seasons": False}
        done = sync_assets(self.settings, *assets or SEASONS, clock=lambda: self.now, **options)
        services = Services(self.settings)
        with services.database.autocommit() as connection:
            found = [one for find in FINDINGS.values() for one in find(connection, self.now)]
        services.close()
        return Judged(done, found)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    source = WorldSource(series=30, past_quarters=1, now=lambda: MID)
    with Simulator(source, rate_limit=100_000) as running:
        yield running


@pytest.fixture(scope="module")
def synced(
    simulator: Simulator,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Name of a database in which the world is stored as it is in mid-season."""
    url = new_database_url(template)
    more = {"IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(tmp_path_factory.mktemp("synced"))}
    world = World(Settings.from_environment({**simulator.environment, **more}), simulator)
    assert world.at(MID).sync(*ALL).failures() == {}
    return urlsplit(url).path[1:]


@pytest.fixture
def prototype(synced: str) -> str:
    return synced


@pytest.fixture
def world(settings_for: Callable[..., Settings], simulator: Simulator) -> Iterator[World]:
    yield World(settings_for(simulator.environment), simulator).at(MID)
    simulator.faults.clear()


def found(done: Sync | Judged) -> dict[str, tuple[bool, str]]:
    """(passed, description) of the calendar's checks."""
    if isinstance(done, Judged):
        return {one.check: (one.passed, one.text) for one in done.findings}
    return {
        check.check_name: (check.passed, check.description or "")
        for check in done.result.get_asset_check_evaluations()
        if check.check_name in CHECKS
    }


def red(done: Sync | Judged) -> dict[str, str]:
    if isinstance(done, Judged):
        findings = [one for one in done.findings if not one.passed and one.severity == "ERROR"]
        return done.done.failed_checks() | {one.check: one.text for one in findings}
    return {
        check.check_name: check.description or ""
        for check in done.result.get_asset_check_evaluations()
        if not check.passed and check.severity == AssetCheckSeverity.ERROR
    }


def age(database: Database, hours: float, *endpoints: str) -> None:
    """The landed responses came earlier than they did."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            """UPDATE iracing.responses SET fetched_at = fetched_at - %(age)s::interval,
                      same_since = same_since - %(age)s::interval,
                      expires_at = expires_at - %(age)s::interval
               WHERE endpoint = ANY (%(endpoints)s)""",
            {"age": f"{hours} hours", "endpoints": list(endpoints)},
        )


def test_nothing_is_red_at_mid_season_in_week_13_and_on_the_first_day_of_the_next_quarter(
    world: World, database: Database
) -> None:
    seasons = {}
    for moment in (MID, WEEK_13, NEXT + timedelta(hours=13), NEXT + timedelta(days=3)):
        done = world.at(moment).sync()
        assert done.failures() == {}
        assert set(found(done)) == CHECKS
        assert red(done) == {}, moment
        assert done.warnings() == {}, moment
        (seasons[moment],) = [
            one.numbers["listed"] for one in done.findings if one.check == "seasons_as_expected"
        ]
    # Week 13 shrinks the list, which is what is expected then.
    assert seasons[WEEK_13] < seasons[MID] / 2


def test_a_list_without_one_category_turns_a_check_red(world: World, database: Database) -> None:
    with database.begin() as connection:
        before = connection.exec_driver_sql(
            "SELECT count(*) FROM iracing.series WHERE category = 'dirt_oval'"
        ).scalar_one()
    assert before > 2
    gone = set()

    def without(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint != LIST:
            return body
        kept = [s for s in body if s["track_types"][0]["track_type"] != "dirt_oval"]
        gone.update(s["season_id"] for s in body if s not in kept)
        return kept

    world.simulator.faults.transform = without
    done = world.run(*SEASONS)
    assert done.failures() == {}
    assert len(gone) > 2
    assert "dirt_oval" in red(done)["every_category_is_there"]
    # And it stays red: what has vanished is still known to have weeks now.
    world.now += timedelta(days=1)
    assert "every_category_is_there" in red(world.sync())
    world.simulator.faults.clear()
    assert red(world.sync()) == {}


def test_an_empty_list_turns_a_check_red(world: World) -> None:
    world.simulator.faults.add("body", LIST, body=[])
    assert "answer_is_whole" in red(world.run(*SEASONS))


def test_the_list_of_yesterday_for_three_days_turns_a_check_red(
    world: World, database: Database
) -> None:
    world.simulator.faults.add("stale", LIST)
    found_red = []
    for _ in range(4):
        done = world.sync()
        found_red.append("list_moves_on" in red(done))
        age(database, 24, LIST, "series/get")
    assert found_red == [False, False, True, True]
    world.simulator.faults.clear()
    assert red(world.sync()) == {}


def test_a_quarter_that_does_not_come_turns_a_check_red_a_day_later(world: World) -> None:
    # The API goes on with what it had in week 13, a few announced seasons among it.
    known: set[int] = set()

    def frozen(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint != LIST:
            return body
        if world.now == WEEK_13:
            known.update(season["season_id"] for season in body)
        return [season for season in body if season["season_id"] in known]

    world.simulator.faults.transform = frozen
    world.at(WEEK_13).sync()
    assert "next_quarter_is_there" not in red(world.at(NEXT + timedelta(hours=13)).sync())
    words = red(world.at(NEXT + timedelta(hours=30)).sync())["next_quarter_is_there"]
    assert words.startswith("2025 season 4 was expected to begin on 2025-09-16")
    world.simulator.faults.transform = None
    assert "next_quarter_is_there" not in red(world.sync())


def test_what_is_wrong_with_weeks_is_named(world: World) -> None:
    season_ids: list[int] = []

    def spoilt(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint != LIST:
            return body
        weekly = [s for s in body if len(s["schedules"]) == 12]
        hole, overlap, silent, bare, track = weekly[:5]
        season_ids[:] = [s["season_id"] for s in weekly[:5]]
        del hole["schedules"][7]
        overlap["schedules"][8]["week_end_time"] = overlap["schedules"][9]["week_end_time"]
        for week in silent["schedules"]:
            week["race_time_descriptors"] = [{"repeating": False, "session_times": []}]
        for week in bare["schedules"]:
            week["race_time_descriptors"] = []
        track["schedules"][11]["track"]["track_id"] = 999_999
        return body

    world.simulator.faults.transform = spoilt
    done = world.run()
    hole, overlap, silent, bare, _ = season_ids
    assert set(red(done)) == {
        "weeks_are_contiguous",
        "weeks_do_not_overlap",
        "current_week_has_sessions",
        "tracks_are_known",
    }
    assert _lines(red(done)["weeks_are_contiguous"], hole) == ["lacks week 7"]
    assert _lines(red(done)["weeks_do_not_overlap"], overlap) == [
        "week 9 begins before week 8 has ended"
    ]
    assert _lines(red(done)["current_week_has_sessions"], silent) == ["week 5"]
    assert "track 999999" in red(done)["tracks_are_known"]
    warned = done.warnings()["season_schedules"]
    assert _lines(warned, bare) == ["weeks 5, 6, 7, 8, 9, 10, 11"]


def _lines(text: str, season_id: int) -> list[str]:
    found = [line for line in text.splitlines() if line.startswith(f"{season_id} ")]
    return [line.rpartition(": ")[2] for line in found]


def test_a_new_track_is_a_warning_until_tracks_are_read_again(
    world: World, database: Database
) -> None:
    def elsewhere(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint == LIST:
            body[0]["schedules"][-1]["track"]["track_id"] = 999_999
        return body

    world.simulator.faults.transform = elsewhere
    age(database, 5, "track/get")
    done = world.run(*SEASONS)
    assert red(done) == {}
    assert "materialize tracks" in done.warnings()["season_schedules"]


def test_a_series_that_runs_without_a_season_in_the_list_is_named(world: World) -> None:
    dropped: list[int] = []

    def without(endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint != LIST:
            return body
        dropped[:] = [next(s["series_id"] for s in body if s["active"])]
        return [s for s in body if s["series_id"] != dropped[0]]

    world.simulator.faults.transform = without
    words = red(world.run(*SEASONS))
    assert set(words) == {"listed_series_have_a_season"}
    assert f"\n{dropped[0]} " in words["listed_series_have_a_season"]


def test_seasons_that_silently_go_missing_turn_a_check_red(world: World) -> None:
    def without(endpoint: str, params: dict[str, str], body: Any) -> Any:
        return [s for n, s in enumerate(body) if n % 5] if endpoint == LIST else body

    world.simulator.faults.transform = without
    assert "seasons_as_expected" in red(world.run(*SEASONS))


def test_a_run_of_an_asset_brings_its_checks_and_the_command_line_leaves_them_out(
    world: World,
) -> None:
    done = world.run(*SEASONS)
    # tracks_are_known waits for tracks, which is in no run of these alone: it is evaluated all the same.
    assert set(found(done)) == CHECKS
    assert set(found(world.run("current_seasons"))) == set(LIST_CHECKS)
    assert found(world.run("current_seasons", calendar_checks=False)) == {}


def test_a_job_over_assets_brings_their_checks() -> None:
    from dagster import AssetSelection, Definitions, define_asset_job

    from iracing_pipeline.definitions import build_definitions

    job = define_asset_job("job", AssetSelection.assets(*SEASONS, "tracks"))
    defs = Definitions.merge(build_definitions(), Definitions(jobs=[job]))
    steps = {node.name for node in defs.resolve_job_def("job").nodes}
    assert steps == {
        *SEASONS,
        "tracks",
        "checks_of_the_list",
        "checks_of_weeks",
        "checks_of_tracks",
    }
    assert not any(
        node.name.startswith("checks")
        for node in build_definitions(calendar_checks=False)
        .resolve_implicit_global_asset_job_def()
        .nodes
    )


def test_nothing_is_red_before_anything_has_landed(
    world: World, new_database_url: Callable[[str | None], str], template: str
) -> None:
    world.settings = replace(world.settings, database_url=new_database_url(template))
    done = world.run("season_schedules")
    assert not done.success
    assert red(world.run("series", "current_seasons")) == {}


captured = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures are not here")


@captured
@pytest.mark.parametrize("days", [0, 1, 6])
def test_nothing_is_red_with_the_captured_week_13(
    settings_for: Callable[..., Settings],
    new_database_url: Callable[[str | None], str],
    template: str,
    days: int,
) -> None:
    moment = datetime(2025, 9, 9, 12, tzinfo=timezone.utc) + timedelta(days=days)
    source = CaptureSource(CAPTURES)
    with Simulator(source, rate_limit=100_000) as simulator:
        empty = {"IRACING_DATABASE_URL": new_database_url(template)}
        world = World(settings_for(simulator.environment, **empty), simulator)
        world.now = moment
        for _ in range(2):
            done = world.sync(*SEASONS, "tracks")
            assert set(found(done)) == CHECKS
            assert red(done) == {}
            assert done.warnings() == {}
