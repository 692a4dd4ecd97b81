"""Whether a season is over: every rule of it, and which of two rules comes first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from iracing_pipeline.core.seasons import UNKNOWN, CurrentList, StoredSeason
from iracing_pipeline.model.lifecycle import current_list_of, is_complete

NOW = datetime(2025, 9, 9, 12, tzinfo=timezone.utc)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
BEFORE, THIS, NEXT = (2025, 2), (2025, 3), (2025, 4)

NO_LIST = CurrentList()
LISTED = CurrentList(frozenset({1}), THIS)
NOT_LISTED = CurrentList(frozenset({2}), THIS)


@pytest.mark.parametrize(
    ("present", "quarter", "active", "stored", "over"),
    [
        pytest.param(LISTED, THIS, True, UNKNOWN, False, id="listed: it is not over"),
        pytest.param(
            LISTED,
            BEFORE,
            False,
            StoredSeason(True, True, PAST),
            False,
            id="listed: whatever else is said",
        ),
        pytest.param(
            NOT_LISTED, THIS, True, StoredSeason(complete=True), True, id="over once: over for good"
        ),
        pytest.param(
            NO_LIST,
            NEXT,
            None,
            StoredSeason(True, True, FUTURE),
            True,
            id="over once: before its weeks",
        ),
        pytest.param(
            NOT_LISTED, THIS, False, StoredSeason(active=True), True, id="it ran and no longer does"
        ),
        pytest.param(
            NOT_LISTED,
            NEXT,
            False,
            StoredSeason(active=True, last_week_end=FUTURE),
            False,
            id="the index alone ends no season with weeks to come",
        ),
        pytest.param(
            NO_LIST,
            THIS,
            False,
            StoredSeason(active=True),
            True,
            id="it ran: without any list, too",
        ),
        pytest.param(
            NOT_LISTED, BEFORE, False, UNKNOWN, True, id="inactive, of an earlier quarter"
        ),
        pytest.param(
            NOT_LISTED, (2024, 4), False, UNKNOWN, True, id="inactive, of an earlier year"
        ),
        pytest.param(NOT_LISTED, NEXT, False, UNKNOWN, False, id="inactive, announced for later"),
        pytest.param(
            NOT_LISTED,
            BEFORE,
            False,
            StoredSeason(False, False, FUTURE),
            False,
            id="inactive, of an earlier quarter, with weeks to come",
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            False,
            StoredSeason(False, False, PAST),
            True,
            id="inactive, this quarter: its weeks are over",
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            False,
            StoredSeason(False, False, FUTURE),
            False,
            id="inactive, this quarter: its weeks are to come",
        ),
        pytest.param(NOT_LISTED, THIS, False, UNKNOWN, None, id="inactive, this quarter, no weeks"),
        pytest.param(NO_LIST, BEFORE, False, UNKNOWN, None, id="inactive, no list to compare with"),
        pytest.param(
            NO_LIST,
            BEFORE,
            False,
            StoredSeason(last_week_end=PAST),
            True,
            id="no list, weeks are over",
        ),
        pytest.param(
            NOT_LISTED, BEFORE, True, UNKNOWN, None, id="active: the quarter decides nothing"
        ),
        pytest.param(
            NOT_LISTED, BEFORE, None, UNKNOWN, None, id="not said: the quarter decides nothing"
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            None,
            StoredSeason(active=True),
            None,
            id="it ran, and nobody says more",
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            True,
            StoredSeason(True, False, PAST),
            True,
            id="active, weeks are over",
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            True,
            StoredSeason(True, False, FUTURE),
            False,
            id="active, weeks to come",
        ),
        pytest.param(
            NOT_LISTED,
            THIS,
            None,
            StoredSeason(last_week_end=NOW),
            False,
            id="its last moment is now",
        ),
    ],
)
def test_whether_a_season_is_over(
    present: CurrentList,
    quarter: tuple[int, int],
    active: bool | None,
    stored: StoredSeason,
    over: bool | None,
) -> None:
    assert is_complete(1, quarter, active, stored, present, NOW) is over


def test_the_present_quarter_is_that_of_most_active_seasons() -> None:
    seasons = [
        (1, *BEFORE, True),
        (2, *THIS, True),
        (3, *THIS, True),
        (4, *NEXT, False),
        (5, *NEXT, False),
        (6, *NEXT, None),
    ]
    assert current_list_of(seasons) == CurrentList(frozenset({1, 2, 3, 4, 5, 6}), THIS)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_quarters_with_as_many_seasons_the_later_one_is_present(order: int) -> None:
    seasons = [(1, 2024, 4, True), (2, 2025, 1, True)][::order]
    assert current_list_of(seasons).quarter == (2025, 1)


@pytest.mark.parametrize(
    "season",
    [(1, None, 3, True), (1, 2025, None, True), (1, 2025, 3, False), (1, 2025, 3, None)],
    ids=["no year", "no quarter", "not active", "not said"],
)
def test_a_season_that_says_nothing_of_the_quarter_is_listed_all_the_same(
    season: tuple[int, int | None, int | None, bool | None],
) -> None:
    assert current_list_of([season]) == CurrentList(frozenset({1}), None)


def test_without_a_list_nothing_is_known() -> None:
    assert current_list_of([]) == CurrentList(frozenset(), None)
