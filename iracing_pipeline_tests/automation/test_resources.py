"""The two resources as Dagster users meet them: fields, secrets, assets of their own, lineage."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterEventType, DagsterInstance, Definitions, EnvVar
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

from iracing_pipeline import IRacingResource, WarehouseResource
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync.services import Services
from iracing_pipeline_tests.support.dagster_sync import QUICK
from iracing_pipeline_tests.support.places import ROOT

SECRETS = {
    "client_secret": "cl1ent-s3cret",
    "password": "hunter-2-hunter",
    "access_token": "acc3ss-tok3n",
    "refresh_token": "r3fresh-tok3n",
}
URL = "postgresql://racing:dat4base-s3cret@db.example/racing"
VARIABLES = {
    *("IRACING_API_URL", "IRACING_OAUTH_URL", "IRACING_CLIENT_ID", "IRACING_CLIENT_SECRET"),
    *("IRACING_USERNAME", "IRACING_PASSWORD", "IRACING_ACCESS_TOKEN", "IRACING_REFRESH_TOKEN"),
    *("IRACING_CACHE_TTL", "IRACING_DATABASE_URL", "IRACING_DATA_DIR"),
}


def snapshot(definitions: Definitions) -> str:
    """Everything that the UI is told of a code location."""
    return str(serialize_value(RepositorySnap.from_def(definitions.get_repository_def())))


def test_every_field_says_which_variable_it_stands_for() -> None:
    fields = [
        field
        for resource in (IRacingResource, WarehouseResource)
        for field in resource.model_fields.values()
    ]
    named = [(field.description or "").partition(":")[0] for field in fields]
    assert sorted(named) == sorted(VARIABLES)
    text = snapshot(build_definitions())
    for variable in VARIABLES:
        assert f"{variable}:" in text


@pytest.mark.promise(8)
def test_secrets_that_are_given_are_shown_nowhere() -> None:
    iracing = IRacingResource(client_id="me", username="me@example.com", **SECRETS)
    warehouse = WarehouseResource(database_url=URL)
    text = snapshot(build_definitions(iracing=iracing, warehouse=warehouse))
    shown = f"{text} {iracing!r} {iracing} {warehouse!r} {warehouse}"
    assert "me@example.com" in shown
    for secret in (*SECRETS.values(), "dat4base-s3cret"):
        assert secret not in shown
    services = warehouse.services(iracing)
    assert services.settings.credentials.password == SECRETS["password"]
    assert services.settings.database_url == URL


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRACING_USERNAME", "variable@example.com")
    monkeypatch.setenv("IRACING_CACHE_TTL", "7200")
    monkeypatch.setenv("MY_PASSWORD", "from-a-variable")
    iracing = IRacingResource(username="given@example.com", password=EnvVar("MY_PASSWORD"))
    settings = WarehouseResource(database_url=URL).services(iracing).settings
    assert settings.credentials.username == "given@example.com"
    assert settings.credentials.password == "from-a-variable"
    assert settings.cache_ttl == 7200


def test_the_resources_work_in_assets_of_your_own_as_documented(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "resources.md").read_text(), re.DOTALL
    )
    own, given, whole = blocks
    with Simulator(WorldSource(series=6, past_quarters=0), rate_limit=100_000) as simulator:
        for name, value in {**simulator.environment, "IRACING_DATA_DIR": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
        names: dict[str, Any] = {"__name__": "own_location"}
        exec(own, names)  # noqa: S102 - the documented code is what is tested
        job = names["defs"].resolve_implicit_global_asset_job_def()
        with DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance)
        assert result.success
        assert result.output_for_node("member_cars") > 50
        assert result.output_for_node("running_series") == 0
    exec(given, {})  # noqa: S102
    exec(whole, {})  # noqa: S102


def test_past_seasons_come_before_the_schedules_and_a_series_that_fails_skips_nothing(
    settings_for: Callable[..., Settings],
) -> None:
    definitions = build_definitions()
    graph = definitions.resolve_asset_graph()
    assert AssetKey("past_seasons") in graph.get(AssetKey("season_schedules")).parent_keys
    with Simulator(WorldSource(series=8, past_quarters=1), rate_limit=100_000) as simulator:
        broken = simulator.source.answer("series/stats_series")[0]

        def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
            if endpoint == "series/stats_series":
                for series in body:
                    if series["series_id"] == broken["series_id"]:
                        series["seasons"][0]["season_name"] = None
            return body

        simulator.faults.transform = spoil
        services = Services(settings_for(simulator.environment), limits=QUICK)
        engine = GivenEngine(services)
        job = build_definitions(iracing=engine, warehouse=engine).resolve_job_def(
            "sync_past_seasons"
        )
        with DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance, raise_on_error=False)
        services.close()
    ended = [
        (event.event_type, event.step_key)
        for event in result.all_events
        if event.event_type
        in {
            DagsterEventType.STEP_SUCCESS,
            DagsterEventType.STEP_FAILURE,
            DagsterEventType.STEP_SKIPPED,
        }
        and event.step_key in {"series", "current_seasons", "past_seasons", "season_schedules"}
    ]
    order = [step for _, step in ended]
    assert order.index("past_seasons") < order.index("season_schedules")
    assert {step: kind for kind, step in ended} == {
        "series": DagsterEventType.STEP_SUCCESS,
        "current_seasons": DagsterEventType.STEP_SUCCESS,
        "past_seasons": DagsterEventType.STEP_FAILURE,
        "season_schedules": DagsterEventType.STEP_SUCCESS,
    }
