"""Schedules of past seasons → exact rows, the same from either endpoint; what that makes of the season."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from iracing_pipeline.api.types.parsing import UnusableResponse
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.model.plan import MissingSchedule
from iracing_pipeline.model.rows.past_schedules import (
    SeasonDetails,
    season_details,
    weeks_of_schedule,
)
from iracing_pipeline.model.rows.schedules import current_schedule_rows, past_schedule_rows
from iracing_pipeline.model.rows.seasons import parse_seasons
from iracing_pipeline.warehouse.schema.base import key_columns, value_columns
from iracing_pipeline.warehouse.schema.tables import table
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

LAST_MOMENT = datetime(2026, 3, 30, 22, 45, tzinfo=timezone.utc)
BEFORE, AFTER = LAST_MOMENT - timedelta(days=1), LAST_MOMENT + timedelta(days=1)
WEEKS = "season_schedules"


@pytest.fixture
def weeks(answers: RecordedResponses) -> Any:
    """The two weeks of season 1001 of series 10 as series/seasons carries them."""
    return answers.season(1001)["schedules"]


def as_season_schedule(weeks: Any) -> Any:
    """The same weeks as series/season_schedule answers once the season is over."""
    found = copy.deepcopy(weeks)
    for week in found:
        for name in ("race_week_cars", "race_week_car_class_ids"):
            del week[name]
        del week["weather"]["weather_url"]
        week["race_week_car_classes"] = []
        week["qual_time_descriptors"] = []
        week["event_sessions"] = [{"type": 3, "type_name": "Open Practice", "minutes": 3}]
        week["event_options"] = {"restart_type": 1, "short_parade_lap": True}
    return found


def season_row_of(found: SeasonDetails) -> Any:
    """What a schedule says of its season's own row."""
    (row,) = found.weeks.updates["seasons"]
    return row


def rows_of(weeks: Any, drift: Drift | None = None) -> RowBatch:
    return past_schedule_rows(1001, 10, weeks, drift)


# -- rows --------------------------------------------------------------------------------------------


def test_both_endpoints_give_the_same_rows(weeks: Any) -> None:
    drift = Drift()
    carried, single = rows_of(weeks, drift), rows_of(as_season_schedule(weeks), drift)
    assert len(carried.rows[WEEKS]) == 2
    assert single.rows == carried.rows
    assert single.coverage == carried.coverage
    assert [*carried.rejected, *single.rejected] == []
    assert drift == Drift()


def test_a_past_week_has_what_a_current_one_has_except_what_only_the_current_list_says(
    answers: RecordedResponses, weeks: Any
) -> None:
    # Cars that vary by week are told while the season runs; that the past is silent erases nothing.
    only_current = {"race_week_car_ids", "race_week_car_class_ids"}
    current = current_schedule_rows(parse_seasons(answers["series/seasons"]))
    for name, rows in rows_of(weeks).rows.items():
        expected = [row for row in current.rows[name] if row["season_id"] == 1001]
        for row, current_row in zip(rows, expected, strict=True):
            left_out = current_row.keys() - row.keys()
            assert row == {column: current_row[column] for column in row}
            assert {current_row[column] for column in left_out - only_current} <= {None}
    columns = {*key_columns(table(WEEKS)), *value_columns(table(WEEKS))}
    left_out = columns - set(rows_of(weeks).rows[WEEKS][0])
    # What the week does not tell, such as rubber that is carried over, is not in its row.
    assert left_out == only_current | {
        "is_in_index",
        *(f"{session}_rubber_pct" for session in ("qualify", "warmup", "race")),
    }


def test_weeks_are_known_from_a_schedule(weeks: Any) -> None:
    assert [row["is_in_schedule"] for row in rows_of(weeks).rows[WEEKS]] == [True, True]


def test_weeks_that_do_not_name_season_and_series_are_those_of_the_season_asked_for(
    weeks: Any,
) -> None:
    expected = rows_of(weeks).rows
    for week in weeks:
        del week["season_id"], week["series_id"]
    assert rows_of(weeks).rows == expected


def test_silence_about_session_times_or_cars_retires_nothing_and_an_empty_list_does(
    weeks: Any,
) -> None:
    del weeks[0]["race_time_descriptors"]
    weeks[1]["car_restrictions"] = []
    complete = rows_of(weeks).coverage
    assert complete["race_time_descriptors"].keys == {(1001, 1)}
    assert complete["car_restrictions"].keys == {(1001, 0), (1001, 1)}


def test_a_schedule_without_weeks_is_no_rows() -> None:
    extract = rows_of([])
    assert extract.rows == {WEEKS: [], "race_time_descriptors": [], "car_restrictions": []}
    assert extract.rejected == []


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda weeks: weeks[1].pop("track"), "season_id=1001 race_week_num=1"),
        (lambda weeks: weeks[1].update(season_id=4711), "season_id=1001 race_week_num=1"),
        (lambda weeks: weeks[1].pop("race_week_num"), "season_id=1001 position=1"),
        (lambda weeks: weeks.__setitem__(1, "a week"), "season_id=1001 position=1"),
    ],
    ids=["no track", "another season's", "no number", "no object"],
)
@pytest.mark.promise(4)
def test_a_malformed_week_of_a_past_season_fails_alone(
    weeks: Any, spoil: Callable[[Any], Any], key: str
) -> None:
    spoil(weeks)
    extract = rows_of(weeks)
    assert [row["race_week_num"] for row in extract.rows[WEEKS]] == [0]
    assert [item.item_key for item in extract.rejected] == [key]
    assert extract.coverage["race_time_descriptors"].keys == {(1001, 0)}


def test_drift_of_many_seasons_is_counted_in_one_place(weeks: Any) -> None:
    drift = Drift()
    weeks[0]["brand_new"] = 1
    for season_id in (1, 2):
        past_schedule_rows(season_id, 10, [{**weeks[0], "season_id": season_id}], drift)
    assert drift.unknown_fields == {"Week.brand_new": 2}


# -- the answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "season_id": 1001, "schedules": [{"race_week_num": 0}]},
        {"schedules": [{"race_week_num": 0}]},
    ],
    ids=["as answered", "without its season_id"],
)
def test_the_weeks_are_found_inside_their_answer(body: Any) -> None:
    assert weeks_of_schedule(body, 1001) == [{"race_week_num": 0}]


def test_an_answer_may_hold_no_week() -> None:
    assert weeks_of_schedule({"season_id": 1001, "schedules": []}, 1001) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "without schedules"),
        ("text", "without schedules"),
        ([{"race_week_num": 0}], "without schedules"),
        ({"season_id": 1001}, "without schedules"),
        ({"season_id": 1001, "schedules": None}, "without schedules"),
        ({"season_id": 1001, "schedules": {"0": {}}}, "without schedules"),
        ({"season_id": 1002, "schedules": []}, "for another season"),
        ({"season_id": "1002", "schedules": []}, "for another season"),
    ],
)
def test_an_answer_without_the_seasons_weeks_is_refused(body: Any, words: str) -> None:
    with pytest.raises(UnusableResponse, match=rf"\(season_id=1001\) answered {words}"):
        weeks_of_schedule(body, 1001)


# -- weeks that a final schedule lacks ---------------------------------------------------------------

ENDED, TO_COME = AFTER - timedelta(days=9), AFTER + timedelta(days=9)


def lacking(
    weeks: Any, told: dict[int, datetime | None], complete: bool | None = True
) -> tuple[set[int], list[str]]:
    """race_week_num that go, and what is set aside, for a schedule of these weeks after those."""
    season = MissingSchedule(1001, 10, (2026, 2), complete, has_schedule=True, scheduled_weeks=told)
    found = season_details(season, weeks, AFTER, Drift()).weeks
    gone = {key[1] for key in found.coverage[WEEKS].keys}
    return gone, [item.reason for item in found.rejected]


@pytest.mark.parametrize("complete", [True, None])
def test_weeks_that_were_raced_stay_though_the_final_schedule_leaves_most_of_them_out(
    weeks: Any, complete: bool | None
) -> None:
    told: dict[int, datetime | None] = {0: ENDED, 1: ENDED, **dict.fromkeys(range(2, 11), ENDED)}
    assert lacking(weeks, told, complete) == (set(), [])
    assert lacking(weeks, {0: None, 1: None, 2: None, 3: None, 4: None}, complete) == (set(), [])


def test_weeks_to_come_of_a_season_that_was_broken_off_are_gone_with_it(weeks: Any) -> None:
    told: dict[int, datetime | None] = {0: ENDED, 1: ENDED, **dict.fromkeys(range(2, 12), TO_COME)}
    assert lacking(weeks, told) == (set(range(2, 12)), [])


def test_most_weeks_to_come_missing_from_a_season_not_known_to_be_over_is_not_believed(
    weeks: Any,
) -> None:
    told: dict[int, datetime | None] = {0: ENDED, 1: ENDED, **dict.fromkeys(range(2, 12), TO_COME)}
    gone, reasons = lacking(weeks, told, None)
    assert gone == set()
    assert "The season lacks 10 of 12 weeks" in reasons[0]


def test_an_empty_final_schedule_of_a_season_with_weeks_is_not_believed() -> None:
    gone, reasons = lacking([], {0: ENDED, 1: ENDED})
    assert gone == set()
    assert "The season lacks 2 of 2 weeks" in reasons[0]


# -- what it makes of the season ---------------------------------------------------------------------


def details(weeks: Any, complete: bool | None, now: datetime = AFTER) -> SeasonDetails:
    return season_details(MissingSchedule(1001, 10, (2026, 2), complete), weeks, now, Drift())


def test_details_are_the_rows_of_the_seasons_weeks(weeks: Any) -> None:
    found = details(weeks, True)
    assert found.season == MissingSchedule(1001, 10, (2026, 2), True)
    assert found.weeks.rows == rows_of(weeks).rows


@pytest.mark.parametrize("now", [BEFORE, AFTER])
@pytest.mark.parametrize("is_over", [True, False])
def test_what_is_known_of_its_end_is_not_asked_of_the_weeks(
    weeks: Any, is_over: bool, now: datetime
) -> None:
    found = details(weeks, is_over, now)
    assert (found.is_over, found.is_final) == (is_over, is_over)


@pytest.mark.parametrize(("now", "is_over"), [(BEFORE, False), (LAST_MOMENT, False), (AFTER, True)])
def test_a_season_not_known_to_be_over_is_so_after_the_last_moment_of_its_last_week(
    weeks: Any, now: datetime, is_over: bool
) -> None:
    weeks.reverse()
    found = details(weeks, None, now)
    assert (found.is_over, found.is_final) == (is_over, is_over)


def test_weeks_without_an_end_do_not_hide_one_that_has_it(weeks: Any) -> None:
    del weeks[0]["week_end_time"]
    assert details(weeks, None, BEFORE).is_over is False
    assert details(weeks, None, AFTER).is_over is True


def test_a_season_whose_weeks_state_no_end_is_not_over_while_its_last_week_runs(weeks: Any) -> None:
    for week in weeks:
        del week["week_end_time"]
    assert details(weeks, None, BEFORE).is_over is False
    assert details(weeks, None, AFTER).is_over is True


def test_without_a_single_date_the_index_is_believed_that_it_does_not_run(weeks: Any) -> None:
    for week in weeks:
        del week["week_end_time"], week["start_date"]
    assert details(weeks, None).is_over is True
    assert details([], None).is_final is True


def test_a_season_with_a_week_that_cannot_be_read_is_not_final(weeks: Any) -> None:
    del weeks[0]["track"]
    found = details(weeks, True)
    assert (found.is_over, found.is_final) == (True, False)
    assert season_row_of(found) == {
        "season_id": 1001,
        "active": False,
        "complete": True,
        "has_final_schedule": False,
    }


def test_a_week_that_cannot_be_read_might_be_yet_to_come(weeks: Any) -> None:
    del weeks[0]["track"]
    found = details(weeks, None)
    assert (found.is_over, found.is_final) == (None, False)
    assert season_row_of(found) == {"season_id": 1001, "has_final_schedule": False}


def test_the_row_of_a_season_that_is_over_says_so(weeks: Any) -> None:
    assert season_row_of(details(weeks, True)) == {
        "season_id": 1001,
        "active": False,
        "complete": True,
        "has_final_schedule": True,
    }


def test_the_row_of_a_season_that_is_not_over_says_nothing_of_its_running(weeks: Any) -> None:
    assert season_row_of(details(weeks, None, BEFORE)) == {
        "season_id": 1001,
        "complete": False,
        "has_final_schedule": False,
    }
