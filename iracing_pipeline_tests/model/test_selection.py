"""Which series are meant, and which options contradict each other."""

from __future__ import annotations

from typing import Any

import pytest

from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.model.selection import UnknownSeries, select_series


def test_without_options_all_series_are_meant() -> None:
    assert select_series([3, 1, 2]) is None


def test_a_limit_means_the_lowest_ids_so_that_every_asset_means_the_same() -> None:
    assert select_series([30, 10, 20], limit=2) == {10, 20}
    assert select_series([30, 10], limit=5) == {10, 30}


def test_named_series_come_before_the_limit() -> None:
    assert select_series([1, 2, 3, 4], series_ids=[4, 3], limit=1) == {3}


def test_an_unknown_series_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownSeries, match=r"Unknown series: 7, 9\. Known here: 1, 2\."):
        select_series([2, 1], series_ids=[9, 1, 7])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": 0}, "limit must be at least 1"),
        ({"season_year": 2024}, "go together"),
        ({"season_quarter": 1}, "go together"),
        ({"season_year": 2007, "season_quarter": 1}, "2008 or later"),
        ({"season_year": 2024, "season_quarter": 5}, "1, 2, 3 or 4"),
        ({"concurrency": 11}, "1 to 10"),
        ({"as_of": "yesterday"}, "a moment such as 2026-03-17T06:00:00Z, not 'yesterday'"),
    ],
)
def test_options_that_cannot_be_meant_are_named(options: dict[str, Any], words: str) -> None:
    assert words in " ".join(SyncOptions.of(options).problems())


def test_good_options_have_no_problems() -> None:
    assert SyncOptions(limit=1, season_year=2024, season_quarter=4).problems() == []
