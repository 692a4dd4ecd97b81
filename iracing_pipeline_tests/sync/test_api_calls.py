"""`api_calls` has a row for every request that the service has counted, however many threads make them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync import past_seasons, schedule_backfill, weather_forecasts
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync

BATCH_SIZES = (
    (past_seasons, "_SERIES_PER_BATCH"),
    (schedule_backfill, "_SEASONS_PER_BATCH"),
    (weather_forecasts, "_FILES_PER_BATCH"),
)


@pytest.mark.promise(6)
def test_every_request_has_its_row_while_eight_threads_fetch_in_batches_of_any_size(
    settings_for: Callable[..., Settings], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(10**6)
    for module, name in BATCH_SIZES:
        seed += 1
        monkeypatch.setattr(module, name, random.Random(seed).randint(1, 20))
    # Past quarters carry nothing, and there is no index of all series: everything is asked for singly.
    world = WorldSource(series=12, past_quarters=4, past_mode="active")
    with Simulator(world, rate_limit=100_000) as simulator:
        simulator.faults.add("status", "series/stats_series", status=404, times=1_000)
        done = sync(
            settings_for(simulator.environment),
            "series",
            "past_seasons",
            "current_seasons",
            "season_schedules",
            "weather_forecasts",
            concurrency=8,
        )
        assert done.success, done.failures()
        counted = len(simulator.calls())
        singles = len(simulator.calls("series/season_schedule"))
    assert counted > singles > 20
    ((rows,),) = query(database, "SELECT count(*) FROM iracing.api_calls WHERE NOT from_cache")
    ((told,),) = query(database, "SELECT sum(api_calls) FROM iracing.sync_runs")
    assert (rows, told) == (counted, counted), f"seed {seed}"
