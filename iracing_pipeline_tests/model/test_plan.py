"""The fetch planner: which calls, in which order, at what price; what an answer turned out to carry."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from iracing_pipeline.model.plan import (
    FEW_SERIES,
    Carries,
    DetailsPlan,
    IndexPlan,
    MissingSchedule,
    QuarterAnswer,
    newest_first,
    plan_details,
    plan_index,
    read_quarter,
)

OLD, MIDDLE, NEW, NOW = (2019, 4), (2024, 1), (2024, 2), (2024, 3)
CARRIES: tuple[Carries | None, ...] = (
    None,
    "schedules",
    "list",
    "other seasons",
    "nothing",
    "refused",
)
USELESS = [carries for carries in CARRIES if carries not in (None, "schedules")]


def seasons(**by_quarter: int) -> list[MissingSchedule]:
    """`seasons(old=2, new=1)`: so many seasons of each quarter; ids rise with the quarter."""
    quarters = {"old": OLD, "middle": MIDDLE, "new": NEW, "now": NOW}
    return [
        MissingSchedule(position * 100 + number, number, quarters[name])
        for position, name in enumerate(quarters, start=1)
        for number in range(by_quarter.get(name, 0))
    ]


# -- the index ---------------------------------------------------------------------------------------


def test_a_few_series_are_asked_for_one_by_one_and_one_more_is_worth_the_index_of_all() -> None:
    few = list(range(1, FEW_SERIES + 1))
    assert plan_index(few, landed=[]) == IndexPlan(one_by_one=(1, 2, 3))
    assert plan_index([*few, 9], landed=[]) == IndexPlan(asks_for_all=True)


def test_what_has_landed_costs_nothing_and_does_not_count_towards_many() -> None:
    plan = plan_index([9, 1, 2, 3, 8], landed={9, 8, 7})
    assert plan == IndexPlan(from_landed=(8, 9), one_by_one=(1, 2, 3))
    plan = plan_index([9, 1, 2, 3, 4], landed=[9])
    assert plan == IndexPlan(from_landed=(9,), asks_for_all=True)


def test_series_are_asked_for_once_and_in_order_however_they_were_named() -> None:
    assert plan_index([3, 1, 3, 1], landed=[]) == IndexPlan(one_by_one=(1, 3))


def test_nothing_is_asked_for_when_all_has_landed_or_nothing_is_wanted() -> None:
    assert plan_index([2, 1], landed=[1, 2, 3]) == IndexPlan(from_landed=(1, 2))
    assert plan_index([], landed=[1]) == IndexPlan()


# -- details -----------------------------------------------------------------------------------------


def test_where_quarters_carry_schedules_one_call_serves_every_quarter_with_two_or_more() -> None:
    plan = plan_details(seasons(old=2, middle=1, new=3), "schedules")
    assert plan == DetailsPlan(
        quarters=(NEW, OLD), singles=(200,), is_probe=False, seasons=6, in_quarters=5
    )
    assert (plan.calls, plan.most_calls) == (3, 3)


def test_before_the_first_try_the_same_calls_are_planned_as_a_probe() -> None:
    plan = plan_details(seasons(old=2, middle=1, new=3), None)
    assert (plan.quarters, plan.singles, plan.is_probe) == ((NEW, OLD), (200,), True)
    assert plan.calls == 3
    # The one that is tried, then every season.
    assert plan.most_calls == 1 + 6


def test_without_a_quarter_worth_a_call_there_is_nothing_to_probe() -> None:
    plan = plan_details(seasons(old=1, middle=1), None)
    assert (plan.quarters, plan.is_probe) == ((), False)
    assert (plan.calls, plan.most_calls) == (2, 2)


def test_the_current_quarter_is_never_the_first_to_be_tried() -> None:
    plan = plan_details(seasons(new=2, now=2), None, current=NOW)
    assert (plan.quarters, plan.singles) == ((NEW,), (401, 400))
    alone = plan_details(seasons(now=2), None, current=NOW)
    assert (alone.quarters, alone.singles, alone.is_probe) == ((), (401, 400), False)


def test_the_current_quarter_is_asked_for_once_quarters_are_known_to_carry_schedules() -> None:
    plan = plan_details(seasons(new=2, now=2), "schedules", current=NOW)
    assert (plan.quarters, plan.singles) == ((NOW, NEW), ())


@pytest.mark.parametrize("carries", USELESS)
def test_where_quarters_bring_nothing_every_season_is_asked_for_singly_newest_first(
    carries: Carries,
) -> None:
    plan = plan_details(seasons(old=2, middle=1, new=3), carries)
    assert plan == DetailsPlan(singles=(302, 301, 300, 200, 101, 100), seasons=6)
    assert (plan.calls, plan.most_calls) == (6, 6)


@pytest.mark.parametrize("carries", [None, "schedules"])
def test_a_quarter_that_has_answered_lately_is_not_asked_again_for_what_it_did_not_bring(
    carries: Carries | None,
) -> None:
    plan = plan_details(seasons(old=2, new=2), carries, asked={NEW})
    assert (plan.quarters, plan.singles) == ((OLD,), (301, 300))
    nothing_to_try = plan_details(seasons(old=2, new=2), carries, asked={NEW, OLD})
    assert (nothing_to_try.quarters, nothing_to_try.is_probe) == ((), False)
    assert nothing_to_try.singles == (301, 300, 101, 100)


@pytest.mark.parametrize("carries", CARRIES)
def test_nothing_missing_is_no_call(carries: Carries | None) -> None:
    plan = plan_details([], carries, current=NOW, asked={OLD})
    assert plan == DetailsPlan()
    assert (plan.calls, plan.most_calls) == (0, 0)


def test_newest_first_goes_by_quarter_and_then_by_id() -> None:
    given = [
        MissingSchedule(7, 1, OLD),
        MissingSchedule(1, 1, NEW),
        MissingSchedule(9, 1, MIDDLE),
        MissingSchedule(2, 1, NEW),
    ]
    assert [season.season_id for season in newest_first(given)] == [2, 1, 9, 7]


@pytest.mark.parametrize("seed", range(60))
def test_any_plan_covers_every_season_once_and_is_never_dearer_than_one_call_each(
    seed: int,
) -> None:
    chance = random.Random(seed)
    quarters = [(year, quarter) for year in range(2020, 2025) for quarter in (1, 2, 3, 4)]
    ids = chance.sample(range(1, 7000), chance.randrange(80))
    wanted = [MissingSchedule(season_id, 1, chance.choice(quarters)) for season_id in ids]
    carries = chance.choice(CARRIES)
    current = chance.choice([None, *quarters])
    asked = set(chance.sample(quarters, chance.randrange(6)))

    plan = plan_details(wanted, carries, current=current, asked=asked)

    in_quarters = [season.season_id for season in wanted if season.quarter in plan.quarters]
    assert Counter([*in_quarters, *plan.singles]) == Counter(ids)
    assert (plan.seasons, plan.in_quarters) == (len(ids), len(in_quarters))
    assert plan.calls <= len(ids)
    assert plan.most_calls <= len(ids) + (1 if plan.is_probe else 0)
    assert list(plan.quarters) == sorted(set(plan.quarters), reverse=True)
    assert not asked.intersection(plan.quarters)
    assert carries in {None, "schedules"} or not plan.quarters
    assert carries == "schedules" or current not in plan.quarters
    assert plan.is_probe == (carries is None and plan.quarters != ())
    # The order in which seasons were found changes nothing.
    chance.shuffle(wanted)
    assert plan_details(wanted, carries, current=current, asked=asked) == plan


# -- in words ----------------------------------------------------------------------------------------


def test_nothing_missing_is_said_in_one_line() -> None:
    assert DetailsPlan().in_words() == "Schedules of past seasons: none is missing, 0 calls."


def test_quarters_and_singles_are_told_with_their_price() -> None:
    assert plan_details(seasons(old=2, middle=1, new=3), "schedules").in_words() == (
        "Schedules of past seasons: 6 missing.\n"
        "2 whole quarters, 1 season one by one: 3 calls, under a minute of the account's whole budget."
    )
    assert plan_details(seasons(new=2), "schedules").in_words() == (
        "Schedules of past seasons: 2 missing.\n"
        "1 whole quarter: 1 call, under a minute of the account's whole budget."
    )


def test_singles_alone_are_told_with_their_order() -> None:
    assert plan_details(seasons(old=2), "list").in_words() == (
        "Schedules of past seasons: 2 missing.\n"
        "One by one, newest first: 2 calls, under a minute of the account's whole budget."
    )


def test_a_probe_is_told_with_both_prices() -> None:
    assert plan_details(seasons(old=2, middle=1, new=3), None).in_words() == (
        "Schedules of past seasons: 6 missing.\n"
        "First 2024 quarter 2 is tried: if its answer carries schedules, 2 whole quarters, "
        "1 season one by one: 3 calls, under a minute of the account's whole budget; "
        "if not, every season one by one: 7 calls, under a minute of the account's whole budget."
    )


@pytest.mark.parametrize(
    ("calls", "price"),
    [
        (239, "239 calls, under a minute of"),
        (240, "240 calls, about 1 min of"),
        (6200, "6,200 calls, about 26 min of"),
    ],
)
def test_the_price_in_minutes_is_that_of_the_accounts_budget(calls: int, price: str) -> None:
    plan = DetailsPlan(singles=tuple(range(calls)), seasons=calls)
    assert f"{calls:,} missing." in plan.in_words()
    assert price in plan.in_words()


# -- what an answer for a quarter carries ------------------------------------------------------------

WEEKS = [{"race_week_num": 0}]


def season(season_id: Any, quarter: tuple[int, int] = OLD, **more: Any) -> dict[str, Any]:
    return {
        "season_id": season_id,
        "season_year": quarter[0],
        "season_quarter": quarter[1],
        **more,
    }


def test_of_an_answer_with_schedules_only_wanted_seasons_are_taken() -> None:
    other_weeks = [{"race_week_num": 5}]
    body = [
        season(1, schedules=WEEKS),
        season(2, schedules=other_weeks),
        season(3, schedules=WEEKS),
    ]
    assert read_quarter(body, OLD, {2, 3, 4}) == QuarterAnswer(
        "schedules", {2: other_weeks, 3: WEEKS}
    )


def test_a_wanted_season_filed_under_another_quarter_is_taken_all_the_same() -> None:
    assert read_quarter([season(1, NEW, schedules=WEEKS)], OLD, {1}) == QuarterAnswer(
        "schedules", {1: WEEKS}
    )


def test_one_wanted_season_with_weeks_among_others_without_is_an_answer_with_schedules() -> None:
    body = [season(1), season(2, schedules=[]), season(3, schedules=WEEKS)]
    assert read_quarter(body, OLD, {1, 2, 3}) == QuarterAnswer("schedules", {3: WEEKS})


@pytest.mark.parametrize(
    ("body", "carries"),
    [
        pytest.param([season(1), season(2)], "list", id="seasons without schedules"),
        pytest.param([season(1, schedules=[])], "list", id="empty schedules"),
        pytest.param([season(1, schedules={"0": {}})], "list", id="schedules that are no list"),
        pytest.param([season(1, NEW)], "list", id="a wanted season without a schedule"),
        pytest.param([season(8)], "list", id="a season of that quarter that is not wanted"),
        pytest.param(
            [season(8, NOW, schedules=WEEKS), season(9, NEW, schedules=WEEKS)],
            "other seasons",
            id="the active list",
        ),
        pytest.param(
            [season(8, NOW, schedules=WEEKS), season(9, NOW), season(10, schedules=WEEKS)],
            "other seasons",
            id="the active list, with a long season of that quarter in it",
        ),
        pytest.param(
            [season(8, schedules=WEEKS), season(9, schedules=WEEKS)],
            "schedules",
            id="schedules of that quarter, though of no season that is wanted",
        ),
        pytest.param([{}], "other seasons", id="a season that says nothing"),
        pytest.param([None, 3, "text", [season(1)]], "other seasons", id="members that are none"),
        pytest.param([], "nothing", id="empty list"),
        pytest.param(None, "nothing", id="null"),
        pytest.param({"seasons": [season(1, schedules=WEEKS)]}, "nothing", id="an object"),
        pytest.param("text", "nothing", id="text"),
    ],
)
def test_an_answer_without_wanted_schedules_is_recognised_for_what_it_is(
    body: Any, carries: Carries
) -> None:
    assert read_quarter(body, OLD, {1, 2}) == QuarterAnswer(carries)


@pytest.mark.parametrize("season_id", [True, "one", 1.5, 2**31 + 1, None, [1], {}])
def test_an_id_that_is_no_number_is_nobodys_id(season_id: Any) -> None:
    found = read_quarter([season(season_id, NEW, schedules=WEEKS)], OLD, {1})
    assert found == QuarterAnswer("other seasons")


def test_members_that_are_no_seasons_do_not_hide_those_that_are() -> None:
    body = [None, "text", season(True, schedules=WEEKS), season(1, schedules=WEEKS), 7]
    assert read_quarter(body, OLD, {1}) == QuarterAnswer("schedules", {1: WEEKS})
