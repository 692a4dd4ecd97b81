"""`db status` as a health report: exact figures of hand-written ledgers, and when it exits 1."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from iracing_pipeline.commands.status import remedy, run_status
from iracing_pipeline.core.cadence import BY_ASSET, CORE
from iracing_pipeline.outputs.report import render
from iracing_pipeline.outputs.report.queries import read_facts
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.queries.health import AssetHealth, Budget, Health, read_health
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.page_reader import Page
from iracing_pipeline_tests.support.places import RECORDED, ROOT

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=timezone.utc)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
MAX_AGES = {name: cadence.max_age for name, cadence in BY_ASSET.items()}


def enter(
    database: Database, asset: str, age: timedelta, status: str = "success", **more: Any
) -> None:
    """One row of sync_runs, begun `age` before NOW; `lasted` seconds, 60 unless it runs."""
    lasted = more.pop("lasted", None if status == "running" else 60)
    now = more.pop("now", NOW)
    row = {
        "run_id": f"{asset} {age}",
        "asset": asset,
        "started_at": now - age,
        "finished_at": None if lasted is None else now - age + lasted * SECOND,
        "status": status,
        "inserted": 0,
        **more,
    }
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO iracing.sync_runs ({', '.join(row)}) VALUES "
            f"({', '.join(f'%({name})s' for name in row)})",
            row,
        )


def call(database: Database, age: timedelta, endpoint: str = "series/get", **more: Any) -> None:
    """One row of api_calls."""
    row = {
        "at": NOW - age,
        "endpoint": endpoint,
        "params": "{}",
        "status": 200,
        "from_cache": False,
        "run_id": "r",
        **more,
    }
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO iracing.api_calls ({', '.join(row)}) VALUES "
            f"({', '.join(f'%({name})s' for name in row)})",
            row,
        )


def health(database: Database, now: datetime | None = NOW) -> Health:
    with database.begin() as connection:
        return read_health(connection, max_ages=MAX_AGES, required=CORE, now=now)


def of(database: Database, asset: str) -> AssetHealth:
    (found,) = [one for one in health(database).assets if one.name == asset]
    return found


def add_series(database: Database, *series_ids: int) -> None:
    with database.begin() as connection:
        for series_id in series_ids:
            connection.exec_driver_sql(
                "INSERT INTO iracing.series (series_id, series_name, first_seen_at, updated_at, run_id)"
                " VALUES (%s, 'S', now(), now(), 'r')",
                (series_id,),
            )


def test_before_the_first_sync_the_core_is_stale_and_nothing_else_is_expected(
    database: Database,
) -> None:
    found = health(database)
    assert found.stale == list(CORE)
    assert [asset.name for asset in found.assets] == list(CORE)
    assert found.assets[0] == AssetHealth(
        "series", "stale", True, None, None, None, None, None, 388800, 0, 0, None, 0, *[None] * 5
    )
    assert (found.endpoints, found.budget, found.has_run) == ([], Budget(None, None), False)


@pytest.mark.parametrize(("beyond", "is_stale"), [(0, False), (1, True)])
def test_an_asset_is_stale_from_the_second_on_at_which_it_is_older_than_it_may_be(
    database: Database, beyond: int, is_stale: bool
) -> None:
    for asset in (*CORE, "tracks", "past_seasons"):
        age = MAX_AGES[asset] + beyond * SECOND
        enter(database, asset, age, series_ids=[1] if asset == "past_seasons" else None)
    add_series(database, 1)
    found = health(database)
    assert found.stale == ([*CORE, "past_seasons", "tracks"] if is_stale else [])
    assert found.is_healthy is not is_stale
    assert of(database, "tracks").age_seconds == 8 * 86400 + beyond


def test_an_asset_that_never_succeeded_is_stale_only_if_it_is_of_the_core(
    database: Database,
) -> None:
    enter(database, "tracks", HOUR, "failure", message="no")
    enter(database, "current_seasons", HOUR, "failure", message="no")
    assert health(database).stale == list(CORE)
    assert of(database, "tracks").state == "failed"


def test_a_sync_of_some_series_refreshes_nothing(database: Database) -> None:
    enter(database, "current_seasons", 10 * DAY)
    enter(database, "current_seasons", HOUR, series_ids=[306])
    enter(database, "current_seasons", HOUR, series_ids=[])
    found = of(database, "current_seasons")
    assert (found.is_stale, found.succeeded_at) == (True, NOW - 10 * DAY)
    assert (found.status, found.started_at) == ("success", NOW - HOUR)


def test_a_partial_attempt_refreshes_what_it_landed(database: Database) -> None:
    enter(database, "season_schedules", HOUR, "partial", quarantined=2)
    found = of(database, "season_schedules")
    assert (found.state, found.is_stale, found.quarantined) == ("partial", False, 2)


def test_a_failed_last_attempt_is_shown_and_not_stale(database: Database) -> None:
    enter(database, "series", 2 * DAY)
    enter(database, "series", HOUR, "failure", message="The API is in maintenance.")
    found = of(database, "series")
    assert (found.state, found.status, found.is_stale) == ("failed", "failure", False)
    assert found.message == "The API is in maintenance."
    assert found.succeeded_at == NOW - 2 * DAY


def test_an_attempt_that_maintenance_turned_away_is_shown_and_counts_for_nothing(
    database: Database,
) -> None:
    enter(database, "series", 2 * DAY)
    enter(database, "series", HOUR, "skipped", message="The API is in maintenance.")
    found = of(database, "series")
    assert (found.state, found.is_stale, found.succeeded_at) == ("skipped", False, NOW - 2 * DAY)
    assert (found.attempts, found.successes, found.success_rate) == (1, 1, 1)


def test_past_seasons_are_as_fresh_as_the_least_fresh_living_series_they_ever_had(
    database: Database,
) -> None:
    add_series(database, 1, 2, 3, 4)
    enter(database, "past_seasons", 95 * DAY, series_ids=[1, 2, 3])
    enter(database, "past_seasons", 20 * DAY, series_ids=[1])
    found = of(database, "past_seasons")
    assert (found.is_stale, found.succeeded_at) == (True, NOW - 95 * DAY)
    # What one run of all partitions does, the runs of several stretches do too.
    enter(database, "past_seasons", 10 * DAY, series_ids=[2])
    assert of(database, "past_seasons").is_stale
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.series SET retired_at = now() WHERE series_id = 3"
        )
    found = of(database, "past_seasons")
    assert (found.is_stale, found.succeeded_at) == (False, NOW - 20 * DAY)


def test_what_nobody_expects_at_a_certain_time_is_never_stale(database: Database) -> None:
    enter(database, "rebuild", 700 * DAY)
    assert of(database, "rebuild").max_age_seconds is None
    assert of(database, "rebuild").state == "ok"


def test_the_figures_of_30_days_are_exact(database: Database) -> None:
    for minutes in range(1, 21):
        enter(database, "series", minutes * MINUTE, lasted=minutes)
    enter(database, "series", 5 * DAY, "failure", lasted=100)
    enter(database, "series", 6 * DAY, "running")
    enter(database, "series", 29 * DAY, "partial", lasted=90)
    enter(database, "series", 31 * DAY, "failure", lasted=1000)
    enter(database, "series", SECOND, "running")
    found = of(database, "series")
    assert (found.attempts, found.successes, found.killed) == (23, 21, 1)
    assert found.success_rate == 0.913
    assert (found.p50_seconds, found.p95_seconds) == (11, 90)
    assert found.state == "running"


def test_an_attempt_that_runs_for_more_than_four_hours_was_killed(database: Database) -> None:
    enter(database, "cars", 4 * HOUR, "running")
    assert of(database, "cars").state == "running"
    enter(database, "tracks", 4 * HOUR + SECOND, "running")
    found = of(database, "tracks")
    assert (found.state, found.attempts, found.successes, found.killed) == ("killed", 1, 0, 1)


def test_partitions_that_failed_are_no_attempts_of_their_own(database: Database) -> None:
    enter(
        database,
        "past_seasons",
        HOUR,
        "partial",
        partition="1...3",
        series_ids=[1, 2],
        message="two",
    )
    for key in ("1", "2"):
        enter(
            database,
            "past_seasons",
            HOUR,
            "failure",
            partition=key,
            inserted=None,
            message=f"no {key}",
        )
    found = of(database, "past_seasons")
    assert (found.attempts, found.successes, found.status) == (1, 1, "partial")


def test_endpoints_have_exact_counts_percentiles_and_the_least_that_was_left_of_the_budget(
    database: Database,
) -> None:
    for number in range(1, 101):
        call(database, number * MINUTE, milliseconds=number * 10, ratelimit_remaining=100 + number)
    call(database, 2 * DAY, status=429, error="too many", milliseconds=5, ratelimit_remaining=0)
    call(database, 2 * DAY, status=None, error="no answer")
    call(database, HOUR, status=None, from_cache=True)
    call(database, 31 * DAY, status=429, error="too many", ratelimit_remaining=-1)
    call(database, HOUR, "track/get", status=None, from_cache=True)
    found = health(database)
    series, tracks = found.endpoints
    assert (series.endpoint, series.made, series.saved, series.failed) == ("series/get", 102, 1, 2)
    assert (series.throttled, series.p50_ms, series.p95_ms) == (1, 500, 950)
    assert (tracks.endpoint, tracks.made, tracks.saved, tracks.p95_ms) == ("track/get", 0, 1, None)
    assert found.budget == Budget(low_24h=101, low_30d=0)


# -- the page ----------------------------------------------------------------------------------------


def on_the_page(database: Database, now: datetime = NOW) -> dict[str, str]:
    """The state that the season report's page shows, by asset."""
    page = Page(render(read_facts(database, now, max_ages=MAX_AGES, required=CORE)))
    return {
        row.attributes["data-asset"]: next(
            name
            for element in page.all("span", within=row)
            if "state" in element.classes
            for name in element.classes
            if name != "state"
        )
        for row in page.all("tr")
        if "data-asset" in row.attributes
    }


@pytest.mark.parametrize(
    ("state", "attempts"),
    [
        ("ok", [(HOUR, "success", None)]),
        ("partial", [(HOUR, "partial", None)]),
        ("running", [(DAY, "success", None), (HOUR, "running", None)]),
        ("running", [(HOUR, "running", None)]),
        ("failed", [(DAY, "success", None), (HOUR, "failure", None)]),
        ("killed", [(DAY, "success", None), (5 * HOUR, "running", None)]),
        ("skipped", [(DAY, "success", None), (HOUR, "skipped", None)]),
        ("stale", [(9 * DAY, "success", None)]),
        ("stale", [(9 * DAY, "success", None), (HOUR, "failure", None)]),
        ("stale", [(9 * DAY, "success", None), (HOUR, "success", [10])]),
        ("never", [(HOUR, "success", [10])]),
    ],
)
def test_the_page_and_db_status_show_the_same_state(
    database: Database, state: str, attempts: list[tuple[timedelta, str, list[int] | None]]
) -> None:
    for age, status, series_ids in attempts:
        enter(database, "tracks", age, status, series_ids=series_ids)
    assert of(database, "tracks").state == state
    assert on_the_page(database)["tracks"] == state


def test_past_seasons_are_as_fresh_on_the_page_as_the_least_fresh_of_their_series(
    database: Database,
) -> None:
    add_series(database, 1, 2)
    enter(database, "past_seasons", 95 * DAY, series_ids=[1, 2])
    enter(database, "past_seasons", 20 * DAY, series_ids=[1])
    assert on_the_page(database)["past_seasons"] == "stale"


def test_the_page_leaves_itself_out(database: Database) -> None:
    enter(database, "series", HOUR)
    enter(database, "season_report", 20 * DAY)
    assert of(database, "season_report").state == "stale"
    assert on_the_page(database) == {
        "series": "ok",
        "current_seasons": "stale",
        "season_schedules": "stale",
    }


# -- the command -------------------------------------------------------------------------------------


@pytest.fixture
def status(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any]]:
    """Runs `db status` on the test's database: (exit status, text or document)."""
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)

    def run(*, as_json: bool = False) -> tuple[int, Any]:
        output = io.StringIO()
        code = run_status(Console(file=output, width=200), as_json=as_json)
        return code, json.loads(capsys.readouterr().out) if as_json else output.getvalue()

    return run


def enter_core(database: Database, age: timedelta) -> None:
    for asset in CORE:
        enter(database, asset, age, now=datetime.now(timezone.utc))


def test_status_exits_0_when_healthy_and_says_so_last(
    database: Database, status: Callable[..., tuple[int, Any]]
) -> None:
    enter_core(database, HOUR)
    code, text = status()
    assert code == 0
    assert text.splitlines()[-1] == "Healthy."
    code, document = status(as_json=True)
    assert (code, document["healthy"], document["stale"], document["remedy"]) == (0, True, [], None)


def test_status_exits_1_when_stale_and_says_last_what_is_and_what_to_run(
    database: Database, status: Callable[..., tuple[int, Any]]
) -> None:
    enter_core(database, HOUR)
    enter(database, "tracks", 9 * DAY, now=datetime.now(timezone.utc))
    enter(database, "calendar_feeds", 9 * DAY, now=datetime.now(timezone.utc))
    code, text = status()
    assert code == 1
    assert text.splitlines()[-1] == (
        "Stale: calendar_feeds (9 d ago), tracks (9 d ago). Run: iracing-pipeline sync; "
        "iracing-pipeline feeds"
    )
    code, document = status(as_json=True)
    assert (code, document["healthy"]) == (1, False)
    assert document["stale"] == ["calendar_feeds", "tracks"]


def test_status_shows_what_failed_last_with_its_reason(
    database: Database, status: Callable[..., tuple[int, Any]]
) -> None:
    enter_core(database, HOUR)
    now = datetime.now(timezone.utc)
    enter(
        database, "series", MINUTE, "failure", now=now, message="The API [is] in maintenance.\nmore"
    )
    code, text = status()
    assert code == 0
    assert "\nfailed series: The API [is] in maintenance.\n" in text


def test_the_keys_of_the_json_document_are_stable_and_its_times_iso(
    database: Database, status: Callable[..., tuple[int, Any]]
) -> None:
    enter_core(database, HOUR)
    call(database, HOUR)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.api_calls SET at = now()")
    _, document = status(as_json=True)
    assert set(document) == {
        *("database", "remedy", "healthy", "stale", "checked_at", "assets", "endpoints", "budget"),
        *("quarantine_open", "drift_open", "index_fetched_at", "migration", "data_origin"),
        *("tables", "answers", "calls_made", "calls_saved", "calls_failed", "quarantined", "drift"),
        "history",
    }
    assert set(document["assets"][0]) == {
        *("name", "state", "is_stale", "status", "started_at", "finished_at", "succeeded_at"),
        *("age_seconds", "max_age_seconds", "attempts", "successes", "success_rate", "killed"),
        *("p50_seconds", "p95_seconds", "api_calls", "quarantined", "message"),
    }
    assert set(document["endpoints"][0]) == {
        *("endpoint", "made", "saved", "failed", "throttled", "p50_ms", "p95_ms", "budget_low")
    }
    assert set(document["budget"]) == {"low_24h", "low_30d"}
    for text in (document["checked_at"], document["assets"][0]["succeeded_at"]):
        assert "T" in text
        assert datetime.fromisoformat(text).tzinfo is not None


def test_after_an_old_full_sync_and_a_limited_one_the_page_names_what_db_status_names(
    database: Database, status: Callable[..., tuple[int, Any]]
) -> None:
    now = datetime.now(timezone.utc)
    enter_core(database, 10 * DAY)
    for asset in CORE:
        enter(database, asset, HOUR, now=now, series_ids=[10])
    _, document = status(as_json=True)
    assert document["stale"] == list(CORE)
    assert on_the_page(database, now) == dict.fromkeys(document["stale"], "stale")


@pytest.mark.parametrize(
    ("stale", "expected"),
    [
        ([], None),
        (["tracks"], "iracing-pipeline sync"),
        (["series", "current_seasons"], "iracing-pipeline sync --sync-seasons"),
        (["past_seasons", "series"], "iracing-pipeline sync --sync-seasons --sync-past-seasons"),
        (["housekeeping"], "iracing-pipeline db maintain"),
        (["season_report", "calendar_feeds"], "iracing-pipeline feeds; iracing-pipeline report"),
    ],
)
def test_the_remedy_is_the_least_that_refreshes_all_of_it(
    stale: list[str], expected: str | None
) -> None:
    assert remedy(stale) == expected


def test_a_real_sync_is_healthy_and_one_of_a_quarter_or_of_a_series_does_not_make_it_so(
    settings_for: Callable[..., Any], database: Database
) -> None:
    with Simulator(CaptureSource(RECORDED)) as simulator:
        settings = settings_for(simulator.environment)
        assert sync(settings, limit=1).success
        assert health(database, None).stale == list(CORE)
        ((year, quarter),) = query(
            database, "SELECT DISTINCT season_year, season_quarter FROM iracing.seasons"
        )
        assert sync(settings, season_year=year, season_quarter=quarter, refresh=True).success
        assert health(database, None).stale == ["current_seasons", "season_schedules"]
        assert sync(settings).success
    assert health(database, None).is_healthy


# -- for Prometheus ----------------------------------------------------------------------------------


def samples(text: str) -> dict[str, dict[str, float]]:
    """By metric, by its labels' values, as Prometheus's own parser reads it."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for one in family.samples:
            of_metric = found.setdefault(one.name.removeprefix("iracing_pipeline_"), {})
            labels = " ".join(one.labels.values())
            assert labels not in of_metric
            of_metric[labels] = one.value
    return found


def test_prometheus_is_told_the_figures_that_the_document_has(
    database: Database,
    status: Callable[..., tuple[int, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_core(database, HOUR)
    now = datetime.now(timezone.utc)
    enter(database, "tracks", 9 * DAY, now=now)
    enter(database, "series", MINUTE, "failure", now=now)
    call(database, HOUR, endpoint='odd "end\\point"\n')
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.api_calls SET at = now()")
    code, document = status(as_json=True)
    assert code == 1
    # The figures say so: a job that replaces the file by what this prints goes by its exit status.
    assert run_status(Console(), as_json=False, for_prometheus=True) == 0
    found = samples(capsys.readouterr().out)
    assets = {one["name"]: one for one in document["assets"]}
    assert found["healthy"] == {"": 0}
    assert found["asset_stale"] == {name: one["is_stale"] for name, one in assets.items()}
    assert found["asset_stale"]["tracks"] == 1
    assert found["asset_max_age_seconds"]["tracks"] == assets["tracks"]["max_age_seconds"]
    assert found["asset_last_attempt_failed"]["series"] == 1
    assert found["asset_last_success_timestamp_seconds"]["series"] == pytest.approx(
        datetime.fromisoformat(assets["series"]["succeeded_at"]).timestamp(), abs=0.001
    )
    (endpoint,) = document["endpoints"]
    assert found["api_calls_30d"] == {
        f"{endpoint['endpoint']} {result}": endpoint[result]
        for result in ("made", "saved", "failed", "throttled")
    }
    assert found["quarantine_open"] == {"": document["quarantine_open"]}
    assert found["drift_open"] == {"": document["drift_open"]}
    assert found["table_rows"] == {one["name"]: one["rows"] for one in document["tables"]}
    lows = {"24h": document["budget"]["low_24h"], "30d": document["budget"]["low_30d"]}
    assert found.get("budget_low", {}) == {k: v for k, v in lows.items() if v is not None}


def test_the_example_rules_ask_for_what_is_told(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    enter_core(database, HOUR)
    call(database, HOUR, ratelimit_remaining=7)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.api_calls SET at = now()")
    run_status(Console(), as_json=False, for_prometheus=True)
    told = {f"iracing_pipeline_{name}" for name in samples(capsys.readouterr().out)}
    (group,) = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())["groups"]
    asked = {
        name
        for rule in group["rules"]
        for name in re.findall(r"iracing_pipeline_\w+", rule["expr"])
    }
    assert asked <= told
    assert len(group["rules"]) == len({rule["alert"] for rule in group["rules"]})
