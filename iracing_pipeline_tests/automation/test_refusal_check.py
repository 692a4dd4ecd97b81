"""The check `answer_is_whole`: green with an answer, red in the run that refused one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest
from dagster import AssetCheckEvaluation, AssetCheckKey, AssetKey, DagsterInstance

from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline_tests.support.dagster_sync import ALL, sync

CHECK = "answer_is_whole"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(WorldSource(series=12, past_quarters=1), rate_limit=100_000) as running:
        yield running


@pytest.fixture
def settings(simulator: Simulator, settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    yield settings_for(simulator.environment)
    simulator.faults.clear()


@pytest.fixture
def kept() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


def evaluations(instance: DagsterInstance, asset: str) -> list[tuple[bool, str]]:
    """(passed, description) of the check as the instance has it, newest first."""
    key = AssetCheckKey(AssetKey(asset), CHECK)
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    found = [record.event.dagster_event.event_specific_data for record in records if record.event]
    # One that was not evaluated is only planned.
    return [
        (check.passed, check.description or "")
        for check in found
        if isinstance(check, AssetCheckEvaluation)
    ]


def test_every_asset_that_asks_the_api_says_that_it_took_the_answer(
    settings: Settings, kept: DagsterInstance
) -> None:
    assert sync(settings, instance=nullcontext(kept)).success
    assert {asset: evaluations(kept, asset) for asset in ALL} == {
        asset: [(True, "")] for asset in ALL
    }


@pytest.mark.parametrize(
    ("body", "words"),
    [([], "without a single usable item"), ({"no": "list"}, "series/seasons")],
)
def test_an_answer_that_is_refused_turns_the_check_red(
    settings: Settings,
    simulator: Simulator,
    kept: DagsterInstance,
    body: object,
    words: str,
) -> None:
    sync(settings, "series", "current_seasons", instance=nullcontext(kept))
    simulator.faults.add("body", "series/seasons", body=body)
    done = sync(settings, "current_seasons", instance=nullcontext(kept), refresh=True)
    assert not done.success
    (newest, before) = evaluations(kept, "current_seasons")
    assert before == (True, "")
    assert not newest[0]
    assert words in newest[1]
    # It is the message that the failure has.
    assert newest[1] == done.failures()["current_seasons"]


def test_an_answer_that_did_not_come_is_no_answer_refused(
    settings: Settings, simulator: Simulator, kept: DagsterInstance
) -> None:
    simulator.faults.add("status", "series/get", status=500)
    assert not sync(settings, "series", instance=nullcontext(kept)).success
    assert evaluations(kept, "series") == []


def test_only_assets_that_ask_the_api_have_the_check() -> None:
    graph = build_definitions().resolve_asset_graph()
    having = {key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == CHECK}
    assert having == {*ALL, "past_seasons"}
