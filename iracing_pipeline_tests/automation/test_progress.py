"""What a run tells while it goes on: enough for whoever watches, and not more."""

from __future__ import annotations

import random

import pytest

from iracing_pipeline.assets.adapter import Milestones


@pytest.mark.parametrize("seed", range(20))
def test_of_many_reports_a_tenth_of_the_way_or_half_a_minute_is_told(seed: int) -> None:
    chance = random.Random(seed)
    now, total = 0.0, chance.choice([1, 7, 90, 6200])
    milestones = Milestones(lambda: now)
    told = [(0.0, 0.0)]
    for done in range(1, total + 1):
        before, now = now, now + chance.expovariate(1 / chance.choice([0.01, 1, 40]))
        if milestones.is_due(done / total):
            told.append((now, done / total))
        else:
            # What is left out is little, in time and in work.
            assert now - told[-1][0] < 30
            assert done / total - told[-1][1] < 0.1
        assert before <= now
    assert len(told) <= 1 + 10 + now / 30
