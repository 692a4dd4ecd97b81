"""What is expected of the calendar: where each finding turns, and how it names the offenders."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from iracing_pipeline.model import expectations as expect
from iracing_pipeline.model.expectations import ERROR, WARN, Finding, RunningSeason
from iracing_pipeline.model.quarters import Rollover

NOON = datetime(2025, 8, 20, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
S3 = datetime(2025, 6, 17, tzinfo=timezone.utc)


def running(count: int, category: str = "oval", listed: int | None = None) -> list[RunningSeason]:
    shown = count if listed is None else listed
    return [(n, f"Season {n}", category, n < shown, None, None) for n in range(count)]


def turn(seasons: int, coming: int = 0, has_appeared: bool = False) -> Rollover:
    return Rollover((2025, 3), (2025, 4), date(2025, 9, 16), has_appeared, True, seasons, coming)


@pytest.mark.parametrize(
    ("count", "listed", "passed"), [(3, 0, False), (3, 1, True), (2, 0, True), (40, 0, False)]
)
def test_a_category_of_three_seasons_or_more_must_not_be_gone(
    count: int, listed: int, passed: bool
) -> None:
    found = expect.every_category_is_there([*running(50), *running(count, "dirt_road", listed)])
    assert found.passed is passed
    assert found.numbers == {"oval": 50, "dirt_road": listed}
    assert passed or f"dirt_road: {count} seasons have weeks now" in found.text


@pytest.mark.parametrize(
    ("count", "listed", "passed"),
    [(150, 150, True), (150, 135, True), (150, 134, False), (10, 8, True), (10, 7, False)],
)
def test_a_tenth_of_the_running_seasons_may_be_missing(
    count: int, listed: int, passed: bool
) -> None:
    found = expect.seasons_as_expected(running(count, listed=listed), None, 0, None, NOON)
    assert found.passed is passed
    assert found.numbers == {"expected": count, "listed": listed}


@pytest.mark.parametrize(
    ("seasons", "before", "days", "passed"),
    [
        (153, 181, 30, True),
        (108, 181, 30, False),
        (109, 181, 30, True),
        (363, 181, 30, False),
        # On the first day and in week 13 nothing is concluded; nor from a quarter that is hardly known.
        (50, 181, 0.5, True),
        (50, 181, 85, True),
        (5, 19, 30, True),
    ],
)
def test_a_quarter_has_about_as_many_seasons_as_the_one_before(
    seasons: int, before: int, days: float, passed: bool
) -> None:
    now = S3 + timedelta(days=days)
    found = expect.seasons_as_expected(running(5), turn(seasons), before, S3, now)
    assert found.passed is passed


@pytest.mark.parametrize(
    ("hours", "has_appeared", "passed"),
    [(0, False, True), (23.9, False, True), (24, False, False), (24, True, True)],
)
def test_the_next_quarter_may_be_a_day_late(hours: float, has_appeared: bool, passed: bool) -> None:
    now = datetime(2025, 9, 16, tzinfo=timezone.utc) + hours * HOUR
    found = expect.next_quarter_is_there(turn(164, 12, has_appeared), now)
    assert (found.passed, found.severity) == (passed, ERROR)
    assert passed or found.text == (
        "2025 season 4 was expected to begin on 2025-09-16; of its seasons 12 are stored, of 2025 "
        "season 3 164."
    )


@pytest.mark.parametrize(("hours", "passed"), [(0, True), (36, True), (36.1, False)])
def test_the_very_same_list_for_a_day_and_a_half_is_stale(hours: float, passed: bool) -> None:
    found = expect.list_moves_on(running(50), NOON, NOON - hours * HOUR)
    assert found.passed is passed


@pytest.mark.parametrize(("lagging", "passed"), [(0, True), (20, True), (21, False), (40, False)])
def test_a_list_of_which_most_seasons_are_in_last_weeks_week_is_stale(
    lagging: int, passed: bool
) -> None:
    seasons: list[RunningSeason] = [
        (n, "S", "oval", True, 4 if n < lagging else 5, 5) for n in range(40)
    ]
    found = expect.list_moves_on(seasons, NOON, NOON)
    assert found.passed is passed
    # One that is ahead of its dates does not lag; of two alone nothing is concluded.
    assert expect.list_moves_on([(1, "S", "oval", True, 6, 5)] * 9, NOON, NOON).passed
    assert expect.list_moves_on([(1, "S", "oval", True, 4, 5)] * 2, NOON, NOON).passed


@pytest.mark.parametrize(("hours", "severity"), [(-24, WARN), (-0.5, ERROR), (1, ERROR)])
def test_a_list_of_seasons_that_is_older_than_the_series_only_warns(
    hours: float, severity: str
) -> None:
    found = expect.listed_series_have_a_season([(7, "Cup")], NOON, NOON + hours * HOUR)
    assert (found.passed, found.severity) == (False, severity)
    assert found.text.splitlines()[1:] == ["7 Cup"]


@pytest.mark.parametrize(
    ("weeks", "max_weeks", "passed", "severity"),
    [
        ([0, 1, 2], 3, True, ERROR),
        ([0, 1, 2], None, True, ERROR),
        ([0, 2], 3, False, ERROR),
        ([1, 2], 3, False, ERROR),
        ([0, 1], 3, False, WARN),
        ([], 12, False, WARN),
        ([], None, True, ERROR),
    ],
)
def test_a_hole_between_weeks_is_red_and_a_short_season_a_warning(
    weeks: list[int], max_weeks: int | None, passed: bool, severity: str
) -> None:
    found = expect.weeks_are_contiguous([(1, "Cup", weeks, max_weeks)])
    assert found.passed is passed
    assert passed or found.severity == severity


@pytest.mark.parametrize(
    ("is_past", "read", "severity"), [(False, 1, ERROR), (True, 1, WARN), (False, -24, WARN)]
)
def test_an_unknown_track_is_red_where_the_newest_tracks_lack_it(
    is_past: bool, read: int, severity: str
) -> None:
    found = expect.tracks_are_known([(9, None, 3, is_past)], 461, NOON + read * HOUR, NOON)
    assert (found.passed, found.severity) == (False, severity)
    assert "track 9 (no name): 3" in found.text


def test_the_first_ten_are_named_and_how_many_more() -> None:
    found = expect.weeks_without_sessions([(n, "Cup", 0) for n in range(12)])
    assert found.severity == WARN
    lines = found.text.splitlines()
    assert lines[1] == "0 Cup: week 0"
    assert len(lines) == 12
    assert lines[-1] == "and 2 more"


def test_nothing_is_found_where_there_is_nothing_to_judge() -> None:
    findings = [
        expect.every_category_is_there([]),
        expect.seasons_as_expected([], None, 0, None, NOON),
        expect.listed_series_have_a_season([], None, None),
        expect.next_quarter_is_there(None, NOON),
        expect.list_moves_on([], None, None),
        expect.weeks_are_contiguous([]),
        expect.weeks_do_not_overlap([]),
        expect.tracks_are_known([(9, None, 3, False)], 0, None, None),
        expect.current_week_has_sessions(0, []),
        expect.weeks_without_sessions([]),
    ]
    assert all(isinstance(found, Finding) and found.passed for found in findings)
