"""`owned`: the account's packages become rows, and nothing else of the account is kept anywhere.

In: a generated world with an account in it, commands. Out: what the functions over packages answer
(warehouse/test_calendar_views.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from iracing_pipeline.model.rows.owned import owned_packages
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.shell import run

OWNED = "SELECT package_id FROM iracing.owned_packages ORDER BY 1"


@pytest.fixture(scope="module")
def world(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Simulator, dict[str, str]]]:
    """A synced world, and the environment that leads to it."""
    folder = tmp_path_factory.mktemp("owned")
    with Simulator(WorldSource(series=20, past_quarters=0), rate_limit=100_000) as simulator:
        environment = {
            **os.environ,
            **simulator.environment,
            "IRACING_DATABASE_URL": new_database_url(template),
            "IRACING_DATA_DIR": str(folder),
            "COLUMNS": "140",
        }
        assert sync(Settings.from_environment(environment)).failed == {}
        yield simulator, environment


@pytest.fixture
def account(world: tuple[Simulator, dict[str, str]]) -> Iterator[dict[str, Any]]:
    """What member/info says, to be changed by a test."""
    simulator, _ = world
    said = simulator.source.answer("member/info")
    simulator.faults.transform = lambda endpoint, params, body: (
        said if endpoint == "member/info" else body
    )
    yield said
    simulator.faults.clear()


@pytest.fixture
def environment(world: tuple[Simulator, dict[str, str]]) -> dict[str, str]:
    return world[1]


def rows(environment: dict[str, str], statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(environment["IRACING_DATABASE_URL"]) as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.mark.promise(8)
def test_package_ids_are_stored_and_nobodys_name(
    environment: dict[str, str], account: dict[str, Any]
) -> None:
    account |= {"display_name": "Vera Nowhere-Real", "cust_id": 77001234, "email": "v@example.com"}
    done = run("owned", "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    given = {
        name: sorted(package["package_id"] for package in account[f"{name}_packages"])
        for name in ("car", "track")
    }
    assert {name: told[f"{name}_package_ids"] for name in given} == given
    assert told["package_ids"] == sorted({*given["car"], *given["track"]})
    assert rows(environment, OWNED) == [(one,) for one in told["package_ids"]]

    tables = rows(
        environment,
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname IN ('iracing', 'iracing_private')",
    )
    everything = str([rows(environment, f"SELECT x::text FROM {name} x") for (name,) in tables])
    said = done.stdout + done.stderr + everything
    assert "owned" in everything  # the request stands in api_calls
    for personal in ("Nowhere-Real", "77001234", "v@example.com"):
        assert personal not in said


def test_what_is_owned_opens_weeks_and_ranks_the_rest(environment: dict[str, str]) -> None:
    said = run("owned", environment=environment).stdout
    mine = "ARRAY(SELECT package_id FROM iracing.owned_packages)"
    free, playable, missing = (
        rows(environment, f"SELECT count(*) FROM iracing.{call}")[0][0]
        for call in ("playable_weeks()", f"playable_weeks({mine})", f"missing_content({mine})")
    )
    assert f"{playable} weeks" in said
    assert 0 <= free < playable
    assert missing > 0
    ranked = rows(environment, f"SELECT package_id FROM iracing.package_ranking({mine})")
    assert {*ranked}.isdisjoint(rows(environment, OWNED))


def test_reading_it_again_stores_what_is_owned_now(
    environment: dict[str, str], account: dict[str, Any]
) -> None:
    assert run("owned", environment=environment).returncode == 0
    (car, track) = (account[name][0] for name in ("car_packages", "track_packages"))
    account["car_packages"] = [{"package_id": 99_001}, car, {"package_id": 99_001}]
    account["track_packages"] = [track]
    assert run("owned", environment=environment).returncode == 0
    now = sorted({99_001, car["package_id"], track["package_id"]})
    assert [package_id for (package_id,) in rows(environment, OWNED)] == now


@pytest.mark.promise(4)
def test_a_package_that_cannot_be_read_is_named_and_the_others_are_stored(
    environment: dict[str, str], account: dict[str, Any]
) -> None:
    for odd in ({"package_id": "x"}, {"package_id": 2**40}, {}, None, 7):
        account["car_packages"] = [odd, {"package_id": 12}]
        done = run("owned", environment=environment)
        assert done.returncode == 1
        assert "Not read:" in done.stderr
        assert (12,) in rows(environment, OWNED)


@pytest.mark.promise(3)
def test_an_answer_without_packages_takes_nothing_away(
    environment: dict[str, str], account: dict[str, Any]
) -> None:
    assert run("owned", environment=environment).returncode == 0
    before = rows(environment, OWNED)
    good = dict(account)
    for change in ({"car_packages": []}, {"track_packages": None}, {"car_packages": [{}]}):
        account |= {**good, **change}
        done = run("owned", environment=environment)
        assert done.returncode == 1, change
        assert "Traceback" not in done.stderr
        assert rows(environment, OWNED) == before


def test_what_was_read_can_be_forgotten_without_a_request(
    world: tuple[Simulator, dict[str, str]], environment: dict[str, str]
) -> None:
    assert run("owned", environment=environment).returncode == 0
    simulator = world[0]
    before = len(simulator.requests)
    nobody = {name: value for name, value in environment.items() if name != "IRACING_PASSWORD"}
    done = run("owned", "--forget", environment=nobody)
    assert done.returncode == 0
    assert done.stdout.endswith("owned packages forgotten.\n")
    assert rows(environment, OWNED) == []
    assert len(simulator.requests) == before
    assert run("owned", "--forget", "--json", environment=environment).returncode == 2
    assert run("owned", environment=nobody).returncode == 2


def test_before_the_first_sync_the_ids_are_stored_all_the_same(
    environment: dict[str, str],
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
) -> None:
    elsewhere = {
        **environment,
        "IRACING_DATABASE_URL": new_database_url(template),
        "IRACING_DATA_DIR": str(tmp_path),
    }
    done = run("owned", environment=elsewhere)
    assert done.returncode == 0
    assert "iracing-pipeline sync" in done.stdout
    assert rows(elsewhere, OWNED)
    assert rows(elsewhere, "SELECT endpoint FROM iracing.api_calls") == [("member/info",)]
    assert rows(elsewhere, "SELECT * FROM iracing.responses") == []


def test_a_package_with_cars_and_tracks_counts_once() -> None:
    both = {"package_id": 5, "content_ids": [1]}
    body = {"car_packages": [both, {"package_id": 3}], "track_packages": [both]}
    assert owned_packages(body).package_ids == [3, 5]
