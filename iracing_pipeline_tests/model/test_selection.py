"""Which series are meant, and which options contradict each other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from iracing_pipeline.core.naming import UnknownName, series_named
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


NAMES = {
    1: "GT Sprint",
    2: "GT Sprint Fixed",
    3: "Straße Cup",
    4: "Ring Meister - Ricmotech",
    5: "GT Endurance",
    6: "Twins",
    7: "twins",
}


@pytest.mark.parametrize(
    ("typed", "series_id"),
    [
        *((name, one) for one, name in NAMES.items() if one < 6),
        *((f" {name.upper()}\t", one) for one, name in NAMES.items() if one < 6),
        ("sprint  fixed", 2),
        ("ENDUR", 5),
        ("strasse", 3),
    ],
)
def test_a_name_means_the_series_that_has_it_or_else_the_only_one_that_it_is_part_of(
    typed: str, series_id: int
) -> None:
    assert series_named(typed, NAMES) == series_id


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("gt", "3 series have “gt” in their name: 1 (GT Sprint), 2 (GT Sprint Fixed), 5"),
        ("TWINS", "2 series have “TWINS” in their name: 6 (Twins), 7 (twins). Say more"),
        ("", "7 series have “” in their name"),
        ("GT Sprnit", "No series here has the name “GT Sprnit”, or a name that it is part of."),
        ("GT Sprnit", "Nearest: 1 (GT Sprint), 2"),
        ("Ringmaster", "Nearest: 4 (Ring Meister - Ricmotech)"),
    ],
)
def test_a_name_that_means_none_or_several_is_answered_with_those_it_may_mean(
    typed: str, words: str
) -> None:
    with pytest.raises(UnknownName, match=re.escape(words)):
        series_named(typed, NAMES)


def test_of_many_ids_the_nearest_are_named_with_their_names() -> None:
    names = {one: f"Series {one}" for one in range(100, 400)}
    with pytest.raises(UnknownSeries) as caught:
        select_series(names, series_ids=[1235], names=names)
    text = str(caught.value)
    assert text.startswith("Unknown series: 1235. Known here, the nearest of 300: ")
    for near in ("123 (Series 123)", "235 (Series 235)"):
        assert near in text
    assert text.count("(") == 5
