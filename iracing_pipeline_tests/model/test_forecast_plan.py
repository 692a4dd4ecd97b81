"""Which forecasts are due: every combination of what is known of a week and its link."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from iracing_pipeline.core.forecasts import ForecastLink, ForecastState
from iracing_pipeline.model.forecast_plan import DEAD_FOR, plan_forecasts

NOW = datetime(2026, 7, 14, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
FILE = "https://storage/season/1/rw0_20260714.json"
LINK = ForecastLink(f"{FILE}?X-Amz-Signature=s")
OLD_LINK = ForecastLink(f"{FILE}?X-Amz-Signature=s", is_current=False)


def is_due(state: ForecastState, link: ForecastLink = LINK, *, refreshes: bool = False) -> bool:
    return (1, 0) in plan_forecasts(
        {(1, 0): link}, {(1, 0): state}, now=NOW, fresh_since=NOW - HOUR, refreshes=refreshes
    )


@pytest.mark.parametrize("week_end", [NOW + HOUR, NOW, None])
@pytest.mark.parametrize("link", [LINK, OLD_LINK])
def test_a_week_that_is_not_over_is_due_when_its_forecast_is_old(
    week_end: datetime | None, link: ForecastLink
) -> None:
    for is_stored in (False, True):
        for fetched_at, due in ((None, True), (NOW - 2 * HOUR, True), (NOW - HOUR / 2, False)):
            state = ForecastState(7, week_end, is_stored, fetched_at)
            assert is_due(state, link) is due
            assert is_due(state, link, refreshes=True)


def test_a_week_that_is_over_is_due_once_and_by_the_current_list_only() -> None:
    over = NOW - HOUR / 60
    for is_stored, fetched, died, link, refreshes in itertools.product(
        (False, True),
        (None, NOW - 99 * HOUR),
        (None, NOW - 99 * HOUR),
        (LINK, OLD_LINK),
        (False, True),
    ):
        state = ForecastState(7, over, is_stored, fetched, died and "https://storage/other", died)
        was_asked = is_stored or fetched is not None or died is not None
        assert is_due(state, link, refreshes=refreshes) is (link is LINK and not was_asked)


def test_fifty_thousand_links_of_past_quarters_make_no_forecast_due() -> None:
    weeks = [(season_id, week) for season_id in range(1, 4001) for week in range(12)]
    links = dict.fromkeys(weeks, OLD_LINK)
    states = dict.fromkeys(weeks, ForecastState(7, NOW - HOUR, is_stored=False))
    assert plan_forecasts(links, states, now=NOW, fresh_since=NOW) == []


def test_a_dead_file_is_due_again_a_day_later_or_as_another_file() -> None:
    for age, due in ((HOUR, False), (DEAD_FOR - HOUR, False), (DEAD_FOR, True)):
        state = ForecastState(7, NOW + HOUR, False, None, FILE, NOW - age)
        assert is_due(state) is due
        assert is_due(state, ForecastLink(f"{FILE}?X-Amz-Signature=another")) is due
        assert is_due(state, ForecastLink(f"{FILE}.new?X-Amz-Signature=s"))
        assert is_due(state, refreshes=True)


def test_only_selected_weeks_with_a_link_are_due_those_that_end_first_before_the_others() -> None:
    states = {
        (1, 0): ForecastState(7, NOW + 3 * HOUR, False),
        (1, 1): ForecastState(7, NOW + HOUR, False),
        (2, 0): ForecastState(8, NOW + HOUR, False),
        (3, 0): ForecastState(7, NOW + 2 * HOUR, False),
    }
    links = {(1, 0): LINK, (1, 1): LINK, (2, 0): LINK, (9, 9): LINK}
    options = {"now": NOW, "fresh_since": NOW}
    assert plan_forecasts(links, states, selected={7}, **options) == [(1, 1), (1, 0)]
    assert plan_forecasts(links, states, **options) == [(1, 1), (2, 0), (1, 0)]
