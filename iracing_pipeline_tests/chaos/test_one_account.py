"""Several workers on one account: inside its budget together, and no slower than one of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline_tests.chaos.bench import bench, tables
from iracing_pipeline_tests.chaos.processes import ended, started
from iracing_pipeline_tests.chaos.promises import HISTORY
from iracing_pipeline_tests.chaos.test_faults import SEED, same_tables

LIMIT, WINDOW_SECONDS = 100, 20.0
START_SECONDS = 15
"""In which four processes on two cores have begun, beside what else is tested there."""


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.promise(6)
def test_four_workers_fill_history_within_the_budget_and_as_fast_as_one(
    prepared: None,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
    frozen: Callable[..., WorldSource],
) -> None:
    world = frozen(series=30, past_quarters=10, past_mode="list")
    seconds: dict[int, float] = {}
    left = []
    for workers in (1, 4):
        url, folder = new_database_url(template), tmp_path / str(workers)
        limits = {"rate_limit": LIMIT, "window_seconds": WINDOW_SECONDS}
        with bench(world, url, folder, SEED, **limits) as place:
            began = time.monotonic()
            running = [started(place, *HISTORY) for _ in range(workers)]
            for process in running:
                done = ended(process, began)
                assert done.status == 0, done.text
            seconds[workers] = time.monotonic() - began
            asked = place.simulator.calls()
            refused = sum(one.status == 429 for one in asked)
            assert len(asked) > 2 * LIMIT, "no window was used up"
            assert refused <= 0.01 * len(asked)
            left.append(tables(place))
    same_tables(left[1], left[0])
    assert seconds[4] <= 1.1 * seconds[1] + START_SECONDS
