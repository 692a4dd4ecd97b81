"""Each asset is offered the options that mean something to it, and no others."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from dagster import AssetsDefinition

from iracing_pipeline.core.options import SyncOptions, options_of
from iracing_pipeline.definitions import ASSETS
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync.result import SyncResult
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline_tests.support.engine_sync import QUICK, WORK

NAMES = {one.name for one in fields(SyncOptions)}


@dataclass(frozen=True)
class Watched(SyncOptions):
    """Options that remember who looked at them."""

    def __getattribute__(self, name: str) -> Any:
        if name in NAMES:
            # The two go together: where there is no year, nobody looks at the quarter.
            LOOKED_AT.update({name, "season_quarter"} if name == "season_year" else {name})
        return super().__getattribute__(name)

    def problems(self) -> list[str]:
        return []  # looks at all of them


LOOKED_AT: set[str] = set()


def test_what_an_asset_is_offered_is_what_its_sync_looks_at(
    settings_for: Callable[..., Settings],
) -> None:
    found: dict[str, set[str]] = {}
    with Simulator(WorldSource(series=4, past_quarters=1), rate_limit=100_000) as simulator:
        services = Services(settings_for(simulator.environment), limits=QUICK)
        session = Session(services.now())
        for asset in WORK:
            if asset == "past_seasons":
                # As where the index is not available: the series are asked one by one.
                simulator.faults.add("status", "series/stats_series", status=404)
                with services.database.begin() as connection:
                    connection.exec_driver_sql(
                        "UPDATE iracing.responses SET fetched_at = now() - interval '30 days', "
                        "expires_at = now() - interval '9 days' WHERE endpoint = 'series/stats_series'"
                    )
            LOOKED_AT.clear()
            run = SyncRun.of(services, session, RunInfo(f"{uuid.uuid4()}", asset), Watched())
            *_, last = WORK[asset](run)
            assert isinstance(last, SyncResult)
            # Whoever shows the run's progress looks at this one, whatever the asset.
            found[asset] = {*LOOKED_AT, "verbose"}
            simulator.faults.clear()
        services.close()
    assert found == {asset: set(options_of(asset)) for asset in WORK}


def test_the_launchpad_offers_just_these() -> None:
    for asset in ASSETS:
        assert isinstance(asset, AssetsDefinition)
        name = asset.key.path[-1]
        if name in WORK:
            offered = asset.op.config_schema.as_field().config_type.fields  # type: ignore[attr-defined]
            assert tuple(offered) == options_of(name)
