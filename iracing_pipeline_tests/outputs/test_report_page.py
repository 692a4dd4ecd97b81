"""What the season report's page says: hand-written facts in, HTML out, read back element by element."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from iracing_pipeline.outputs.report import plots, render
from iracing_pipeline.outputs.report.facts import (
    CallsOfDay,
    Car,
    DriftItem,
    Example,
    Facts,
    Health,
    RunsOfDay,
    SetAsideItem,
    Week,
)
from iracing_pipeline_tests.support.page_reader import Page
from iracing_pipeline_tests.support.report_facts import (
    DAY,
    NOW,
    asset,
    at,
    change,
    facts,
    season,
    week,
)

HOSTILE = '<script>alert("1")</script>'


def cells(page: Page, season_id: int) -> list[str]:
    """The text of a season's cells, a column each."""
    (row,) = page.all("tr", data_season=str(season_id))
    return [cell.text for cell in page.all("td", within=row)]


def headings(page: Page) -> list[str]:
    (head, *_) = page.all("thead")
    return [heading.text for heading in page.all("th", within=head)][1:]


# -- the grid ------------------------------------------------------------------------------------


def test_a_race_week_stands_in_the_calendar_week_of_its_own_dates() -> None:
    page = Page(
        render(
            facts(
                season(1, week(0, "2026-11-17", "2026-11-23"), week(1, "2026-11-24", "2026-11-30")),
                # Two of a day each in one calendar week, then a gap, then fourteen days.
                season(
                    2,
                    week(0, "2026-11-18", "2026-11-18", "One"),
                    week(1, "2026-11-20", "2026-11-20", "Two"),
                    week(2, "2026-12-01", "2026-12-14", "Long"),
                ),
                # From Saturday to Friday.
                season(3, week(4, "2026-11-21", "2026-11-27", "Bowl")),
            )
        )
    )
    assert headings(page) == ["17 Nov", "24 Nov today · week 2", "1 Dec week 3", "8 Dec"]
    assert cells(page, 1) == ["Park", "Park", "", ""]
    assert cells(page, 2) == [
        "One Wed 18 Two Fri 20",
        "",
        "Long Tue 1 to Mon 14",
        "↪ Long until Mon 14",
    ]
    assert cells(page, 3) == ["Bowl Sat 21 to Fri 27", "↪ Bowl until Fri 27", "", ""]


def test_there_is_one_row_per_season_by_category_licence_and_name() -> None:
    weeks = (week(0, "2026-11-24", "2026-11-30"),)
    page = Page(
        render(
            facts(
                season(1, *weeks, category="dirt_oval"),
                season(2, *weeks, license_group=3, series_name="alpha"),
                season(3, *weeks, license_group=2, series_name="Beta"),
                season(4, *weeks, license_group=2, series_name="Alpha"),
                season(5, category=None, license_group=None),
            )
        )
    )
    rows = [row for row in page.all("tr") if "data-season" in row.attributes]
    assert [row.attributes["data-season"] for row in rows] == ["4", "3", "2", "1", "5"]
    badges = [
        element.text
        for row in rows
        for element in page.all("span", within=row)
        if "badge" in element.classes
    ]
    assert badges == ["D", "D", "C", "R", "?"]
    categories = [row.text for row in page.all("tr", class_="category")]
    assert categories == ["Oval 3", "Dirt oval 1", "No category known 1"]
    assert "no weeks known" in rows[-1].text


def test_todays_column_is_marked_in_every_row_and_what_races_now_is_framed() -> None:
    page = Page(
        render(
            facts(
                season(1, week(0, "2026-11-24", "2026-11-30"), week(1, "2026-12-01", "2026-12-07")),
                season(2, week(0, "2026-11-26", "2026-11-26")),
            )
        )
    )
    (heading,) = page.all("th", class_="today")
    assert heading.attributes["id"] == "today"
    assert heading.text.startswith("24 Nov today")
    for season_id in (1, 2):
        (row,) = page.all("tr", data_season=str(season_id))
        marks = ["today" in cell.classes for cell in page.all("td", within=row)]
        assert marks == [True, False]
    framed = [element.text for element in page.all("p") if "now" in element.classes]
    assert framed == ["Park"]


@pytest.mark.parametrize(
    ("moment", "racing"),
    [
        ("2026-11-24 00:00", ["0"]),
        ("2026-11-30 23:45", ["0"]),
        ("2026-11-30 23:46", []),
        ("2026-12-01 00:00", ["1"]),
    ],
)
def test_a_week_races_from_its_first_moment_to_its_last_inclusive(
    moment: str, racing: list[str]
) -> None:
    weeks = (
        week(0, "2026-11-24", "2026-11-30", "0"),
        week(1, "2026-12-01", "2026-12-07", "1"),
    )
    page = Page(render(facts(season(1, *weeks), made_at=at(moment))))
    assert [element.text for element in page.all("p") if "now" in element.classes] == racing


def test_weeks_of_a_few_long_seasons_do_not_widen_the_grid_but_are_counted() -> None:
    ordinary = [season(n, week(0, "2026-11-24", "2026-11-30")) for n in range(2, 42)]
    start = at("2026-11-03 00:00")
    starts = [start + 7 * DAY * number for number in range(40)]
    long = season(
        1,
        *(
            Week(number, first, first + 7 * DAY - timedelta(minutes=1), "Park", None, None)
            for number, first in enumerate(starts)
        ),
        Week(40, None, None, "Park", None, None),
    )
    page = Page(render(facts(long, *ordinary)))
    assert headings(page) == ["24 Nov today · week 1"]
    (row,) = page.all("tr", data_season="1")
    assert "3 before · 36 after · 1 week without dates" in row.text


def test_two_seasons_of_one_series_and_quarter_are_told_apart_by_their_names() -> None:
    one = season(1, week(0, "2026-11-24", "2026-11-30"), season_name="Cup - Fixed")
    two = replace(one, season_id=2, season_name="Cup - Open")
    page = Page(render(facts(one, two)))
    rows = [page.all("tr", data_season=number)[0].text for number in ("1", "2")]
    assert "Cup - Fixed" in rows[0]
    assert "Cup - Open" in rows[1]


def test_this_week_lists_series_track_and_next_session() -> None:
    page = Page(
        render(
            facts(
                season(
                    1,
                    week(0, "2026-11-24", "2026-11-30", config="Inner", rain=35),
                    next_session=at("2026-11-25 12:30"),
                ),
                season(2, week(0, "2026-11-28", "2026-12-04")),
                season(3, week(0, "2026-12-01", "2026-12-07")),
            )
        )
    )
    items = [item.text for item in page.all("li", within=page.section("week"))]
    assert items == [
        "R Series 1 Park Inner 35% next Wed 25 Nov 12:30 · until Mon 30 Nov 23:45",
        "R Series 2 Park from Sat 28 Nov 00:00 · no session in the next 7 days",
    ]


# -- what changed --------------------------------------------------------------------------------


def stories(page: Page) -> list[str]:
    return [story.text for story in page.all("article")]


def test_this_week_lists_cars_and_what_is_bought_is_counted_by_weeks() -> None:
    cars = {1: Car("Zeta", 6, False), 2: Car("Alpha", 7, True), 3: Car("Mid", 6, False)}
    first = {"package": 5, "is_free": False}
    page = Page(
        render(
            facts(
                season(
                    1,
                    week(0, "2026-11-24", "2026-11-30", "Park", cars=(1, 2), **first),
                    week(1, "2026-12-01", "2026-12-07", "Park 2", cars=(1, 2), **first),
                    week(2, "2026-12-08", "2026-12-14", "Bowl", cars=(1, 9), is_free=True),
                ),
                season(2, week(0, "2026-11-24", "2026-11-30", "Bowl", cars=(1, 2, 3, 9))),
                cars=cars,
            )
        )
    )
    few, many = page.all("li", within=page.section("week"))
    assert few.text.endswith("Alpha, Zeta")
    assert many.text.endswith("4 cars Alpha, car 9, Mid, Zeta".replace("cars A", "carsA"))
    assert few.attributes["data-track"] == "5"
    assert many.attributes["data-track"] == "?"
    # In the grid only what differs from most weeks of the season is said again.
    (row,) = page.all("tr", data_season="1")
    assert row.attributes["data-cars"] == "1 2"
    entries = [
        (one.attributes.get("data-track"), one.attributes.get("data-cars"))
        for one in page.all("p", within=row)
    ]
    assert entries == [("5", None), ("5", None), (None, "1 9")]
    assert [label.text for label in page.all("label", within=page.section("own"))] == [
        "Park, Park 2 2 weeks",
        "Mid, Zeta 5 weeks",
    ]


def test_changes_are_told_by_series_the_newest_first_tracks_before_rain() -> None:
    page = Page(
        render(
            facts(
                changes=(
                    change("chance of rain", lines=40, weeks=3),
                    change("track"),
                    change(
                        "week",
                        kind="retired",
                        series_id=20,
                        series_name="Tour",
                        newest=NOW - timedelta(hours=1),
                        examples=(Example(4, "week", "Park", None),),
                    ),
                )
            )
        )
    )
    assert stories(page) == [
        "Tour Wed 25 Nov 11:00 gone week 5: Park",
        "Rookie Cup Tue 24 Nov 12:00 changed week 4: track: Park → Bowl changed 3 weeks: chance of rain",
    ]
    assert "42 changes in 7 days" in page.all("header")[0].text


def test_a_new_season_is_one_line_whatever_it_brings() -> None:
    new = {"kind": "inserted", "season_id": 2, "season_name": "Season 2"}
    page = Page(
        render(
            facts(
                changes=(
                    change("season", **new, examples=(Example(None, "season", None, "Season 2"),)),
                    change(
                        "schedule",
                        **new,
                        examples=(Example(None, "schedule", None, "12 weeks from 2026-11-24"),),
                    ),
                    change("week", **new, lines=2),
                )
            )
        )
    )
    assert stories(page) == [
        "Rookie Cup Tue 24 Nov 12:00 new season: Season 2, 12 weeks from 2026-11-24"
    ]


def test_what_is_too_much_for_the_page_is_counted() -> None:
    many = tuple(
        change("track", series_id=n, series_name=f"Series {n:02}", season_id=n) for n in range(30)
    )
    page = Page(render(facts(changes=many)))
    assert len(stories(page)) == 25
    assert "And 5 more series" in page.section("changes").text
    topics = tuple(change(f"column_{n}") for n in range(9))
    (story,) = stories(Page(render(facts(changes=topics))))
    assert story.endswith("and 3 more")


# -- health --------------------------------------------------------------------------------------


def test_the_state_of_an_asset_is_said_in_words() -> None:
    health = Health(
        assets=(
            asset("series", "ok"),
            asset("current_seasons", "stale", succeeded_at=None),
            asset("tracks", "failed", status="failure", message="the API said no"),
            asset("cars", "killed", status="running"),
            asset("car_classes", "skipped", status="skipped"),
            asset("past_seasons", "partial", status="partial", message="2 series failed"),
            asset("housekeeping", "running", status="running"),
            asset("season_report", "stale"),
            asset("rebuild", "never", max_age_seconds=None),
        )
    )
    page = Page(render(facts(health=health)))
    states = {
        row.attributes["data-asset"]: [
            element.text for element in page.all("span", within=row) if "state" in element.classes
        ]
        for row in page.all("tr")
        if "data-asset" in row.attributes
    }
    assert states == {
        "series": ["fresh"],
        "current_seasons": ["stale"],
        "tracks": ["last run failed"],
        "cars": ["last run was cut off"],
        "car_classes": ["skipped for maintenance"],
        "past_seasons": ["fresh, with gaps"],
        "housekeeping": ["running now"],
        "rebuild": ["no full run yet"],
    }
    text = page.section("health").text
    (concerns,) = page.all("ul", class_="concerns")
    assert [item.text for item in page.all("li", within=concerns)] == [
        "Last run failed: tracks.",
        "Last run was cut off: cars.",
        "Stale: current_seasons.",
    ]
    assert "the API said no" in text
    assert "2 series failed" not in text
    assert "Not run yet: season_schedules, weather_forecasts, calendar_feeds." in text
    header = page.all("header")[0].text
    assert "3 to look at" in header
    assert "Last full sync" not in header


def test_a_stale_asset_whose_last_run_failed_shows_the_reason() -> None:
    failed = asset("tracks", "stale", status="failure", message="the API said no")
    text = Page(render(facts(health=Health(assets=(failed,))))).section("health").text
    assert "Stale: tracks." in text
    assert "the API said no" in text


def test_the_last_full_sync_is_that_of_the_least_fresh_of_the_core() -> None:
    assets = (
        asset("series", succeeded_at=NOW - 2 * DAY),
        asset("current_seasons", succeeded_at=NOW - 3 * DAY),
        asset("season_schedules", succeeded_at=NOW - 2 * DAY),
        asset("calendar_feeds", succeeded_at=NOW),
    )
    header = Page(render(facts(health=Health(assets=assets)))).all("header")[0].text
    assert "Last full sync Sun 22 Nov 12:00." in header


def test_a_healthy_sync_is_said_to_be_healthy() -> None:
    page = Page(render(facts(health=Health(assets=(asset("series"),)))))
    assert "✓ sync was healthy" in page.all("header")[0].text
    assert "no asset stale" in page.section("health").text
    assert "Every item could be read." in page.section("health").text


def full_health() -> Health:
    today = NOW.date()
    return Health(
        assets=(asset("series"),),
        runs=(RunsOfDay(today - DAY, 3, 1, 0, 0), RunsOfDay(today, 2, 0, 1, 1)),
        calls=(CallsOfDay(today, 9, 4, 1, 2, 7, 211),),
        set_aside=(SetAsideItem("series", "series_id=7", "no name", NOW),),
        set_aside_total=33,
        drift=(DriftItem("series/get", "new_type", "Series.logo", "object", NOW),),
        drift_total=1,
    )


def test_quarantine_drift_calls_and_budget_are_told() -> None:
    text = Page(render(facts(health=full_health()))).section("health").text
    for words in (
        "33 items in quarantine.",
        "2 requests refused with 429, too many requests.",
        "series series_id=7 no name since Wed 25 Nov 12:00",
        "and 32 more in iracing.quarantine",
        "series/get Series.logo new type: object",
        "9 requests made, 4 saved by landed responses, 1 failed, 2 refused with 429.",
        "The busiest minute used 7 of 240; the account had at least 211 left at any time.",
    ):
        assert words in text


PLOTS = (
    "Runs of assets per day",
    "Duration per asset",
    "Requests to the API per day",
    "Requests in one minute, of 240",
)


def titles(page: Page, plot: str) -> list[str]:
    """What is drawn in a plot: the title of each bar or dot."""
    (svg,) = page.all("svg", aria_label=plot, role="img")
    found = [element.text for element in page.all("title", within=svg)]
    assert len(page.all("rect", within=svg)) == len(found)
    return found


def labels(page: Page, plot: str, axis: str) -> list[str]:
    (svg,) = page.all("svg", aria_label=plot)
    (group,) = page.all("g", within=svg, class_=axis)
    return [element.text for element in page.all("text", within=group)]


def test_every_bar_and_dot_says_what_it_stands_for() -> None:
    page = Page(render(facts(health=full_health())))
    assert [svg.attributes["aria-label"] for svg in page.all("svg")] == list(PLOTS)
    runs, durations, calls, budget = PLOTS
    assert titles(page, runs) == [
        *("24 Nov: 3 success", "24 Nov: 1 partial"),
        *("25 Nov: 2 success", "25 Nov: 1 failure", "25 Nov: 1 not ended"),
    ]
    assert titles(page, durations) == ["series: 1.5 s p50", "series: 4.0 s p95"]
    assert titles(page, calls) == ["25 Nov: 9 made", "25 Nov: 4 saved by landed responses"]
    assert titles(page, budget) == ["25 Nov: 7 busiest minute", "25 Nov: 211 least left"]


def test_axes_are_labelled_by_week_and_in_round_numbers() -> None:
    page = Page(render(facts(health=full_health())))
    runs, durations, calls, budget = PLOTS
    for plot in (runs, calls, budget):
        assert labels(page, plot, "x") == ["27 Oct", "3 Nov", "10 Nov", "17 Nov", "24 Nov"]
    assert labels(page, runs, "y") == ["0", "1", "2", "3", "4"]
    assert labels(page, calls, "y") == ["0", "5", "10", "15"]
    assert labels(page, budget, "y") == ["0", "60", "120", "180", "240"]
    assert labels(page, durations, "x") == ["0.1 s", "1.0 s", "10 s"]
    assert labels(page, durations, "y") == ["series"]


def test_bars_of_a_day_stand_on_one_another_and_none_is_too_small_to_be_seen() -> None:
    today = NOW.date()
    found = [RunsOfDay(today - DAY, 50_000, 0, 1, 0), RunsOfDay(today, 100_000, 0, 0, 0)]
    plot = plots.runs_per_day(found, NOW, 30)
    half, failure, whole = plot.marks
    assert [mark.series for mark in plot.marks] == [0, 2, 0]
    assert half.y + half.height == whole.y + whole.height == plot.bottom
    assert failure.y + failure.height == half.y
    assert failure.height == 1
    assert whole.height == 2 * half.height == plot.bottom - plot.top
    assert half.x + half.width < whole.x < whole.x + whole.width < plot.right


def test_dots_stand_at_the_height_of_their_number_even_beyond_the_budget() -> None:
    today = NOW.date()
    within = plots.budget_per_day([CallsOfDay(today, 1, 0, 0, 0, 120, None)], NOW, 30)
    (dot,) = within.marks
    assert dot.y + dot.height / 2 == within.y[2].at
    assert within.y[2].label == "120"
    beyond = plots.budget_per_day([CallsOfDay(today, 1, 0, 0, 0, 900, 0)], NOW, 30)
    assert [tick.label for tick in beyond.y] == ["0", "500", "1,000"]
    assert all(beyond.top < mark.y + mark.height / 2 <= beyond.bottom for mark in beyond.marks)


def test_durations_are_drawn_the_longest_first_on_a_scale_of_factors() -> None:
    times = {"short": (0.0, 0.01), "a_name_longer_than_its_place": (1.0, 10.0), "days": (1.0, 4e5)}
    timed = [
        replace(asset(name), p50_seconds=p50, p95_seconds=p95) for name, (p50, p95) in times.items()
    ]
    plot = plots.durations([*timed, replace(asset("no run"), p50_seconds=None, p95_seconds=None)])
    assert [tick.label for tick in plot.y] == ["days", "a_name_longer_tha…", "short"]
    assert plot.x[-1].label == "3 d"
    _, days, second, ten_seconds, *short = plot.marks
    assert days.x + days.width == pytest.approx(plot.right)
    assert ten_seconds.width == pytest.approx(2 * second.width)
    assert [mark.width for mark in short] == [1, 1]
    assert [mark.title for mark in short] == ["short: 0.0 s p50", "short: 0.0 s p95"]


@pytest.mark.parametrize(
    "health",
    [
        Health(),
        Health(
            runs=(RunsOfDay(NOW.date(), 0, 0, 0, 0),),
            calls=(CallsOfDay(NOW.date() - 40 * DAY, 9, 4, 1, 2, 7, 211),),
        ),
    ],
    ids=["no facts", "zeros, and a day before the plot"],
)
def test_a_plot_of_nothing_has_axes_and_says_so(health: Health) -> None:
    never = replace(asset("series"), p50_seconds=None, p95_seconds=None)
    page = Page(render(facts(health=replace(health, assets=(never,)))))
    for plot in PLOTS:
        name = f"{plot}: Nothing in 30 days"
        assert titles(page, name) == []
        assert len(labels(page, name, "x")) >= 2
        (svg,) = page.all("svg", aria_label=name)
        assert "Nothing in 30 days" in svg.text
    assert labels(page, f"{PLOTS[0]}: Nothing in 30 days", "y") == ["0", "1"]


# -- the page as a whole -------------------------------------------------------------------------


def everything(name: str = "Rookie Cup") -> Facts:
    return facts(
        season(
            1,
            week(0, "2026-11-24", "2026-11-30", name, config=name, package=5, cars=(1, 2)),
            series_name=name,
            season_name=name,
            category=name,
        ),
        cars={1: Car(name, 6, False), 2: Car(f"{name} 2", 7, True)},
        changes=(
            change("track", series_name=name, examples=(Example(1, name, name, name),)),
            change("season", kind="inserted", series_name=name, season_name=name, season_id=9),
        ),
        health=replace(
            full_health(),
            assets=(asset(name, "failed", status="failure", message=name),),
            set_aside=(SetAsideItem(name, name, name, NOW),),
            drift=(DriftItem(name, "new_type", name, name, NOW),),
        ),
    )


def test_the_page_refers_to_nothing_outside_itself() -> None:
    html = render(everything())
    page = Page(html)
    assert page.open_at_end == []
    for element in page.elements:
        assert "src" not in element.attributes
        assert element.attributes.get("href", "#").startswith("#")
        assert "xlink:href" not in element.attributes
        assert element.tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
    assert "url(" not in html
    assert "@import" not in html
    assert "://" not in html


def test_links_within_the_page_lead_somewhere() -> None:
    page = Page(render(everything()))
    ids = {element.attributes.get("id") for element in page.elements}
    targets = {link.attributes["href"][1:] for link in page.all("a")}
    assert targets == {"grid", "week", "changes", "health"}
    assert targets <= ids


@pytest.mark.parametrize("name", [HOSTILE, "\"><img src=x onerror='alert(1)'>", "</style></svg>"])
def test_hostile_names_are_text_wherever_they_stand(name: str) -> None:
    html = render(everything(name))
    page = Page(html)
    assert name not in html
    for section in ("grid", "week", "own", "cars"):
        assert " ".join(name.split()) in page.section(section).text
    assert not page.all("img")
    assert len(page.all("style")) == 1
    # The one script is the page's own, and its policy lets no other run.
    (script,) = page.all("script")
    digest = base64.b64encode(hashlib.sha256("".join(script.pieces).encode()).digest()).decode()
    (policy,) = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_the_same_facts_give_the_same_page() -> None:
    assert render(everything()) == render(everything())


def test_simulated_data_is_marked_and_real_data_is_not() -> None:
    assert "SIMULATED" in render(facts(data_origin="simulated"))
    real = Page(render(facts(data_origin="iracing.com"))).all("header")[0].text
    assert "SIMULATED" not in real
    assert "from iRacing's data." in real
