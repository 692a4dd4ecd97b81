"""The page in a browser: the reader's own time, what can be raced with what is owned, any day.

Without a Chromium they are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iracing_pipeline.outputs.report import render
from iracing_pipeline.outputs.report.facts import Car
from iracing_pipeline_tests.support.browser import Browser
from iracing_pipeline_tests.support.report_facts import at, facts, season, week

HOSTILE = "<img src=x onerror=\"document.title='run'\">"
CARS = {
    1: Car("Free Car", 1, True),
    2: Car("Bought Car", 77, False),
    3: Car(HOSTILE, 78, None),
    4: Car("Priceless Car", None, None),
}
NEXT = at("2026-11-25 22:30")
SHOWN = """
    Array.from(document.querySelectorAll('%s')).filter((one) => one.offsetParent !== null)
        .map((one) => one.textContent.replace(/\\s+/g, ' ').trim())
"""
CELLS, ITEMS = SHOWN % "#grid td p", SHOWN % "#week li b"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of seasons that differ in what they need."""

    def one(number: int, **needs: object) -> object:
        weeks = (
            week(0, "2026-11-24", "2026-11-30", f"Now {number}", **needs),
            week(1, "2026-12-01", "2026-12-07", f"Then {number}", **{**needs, "cars": (1,)}),
        )
        return season(number, *weeks, series_name=f"Series {number}", next_session=NEXT)

    seasons = (
        one(1, is_free=True, cars=(1, 2)),
        one(2, is_free=True, cars=(2, 3, 4)),
        one(3, package=55, is_free=False, cars=(1,)),
        one(4, package=55, is_free=False, cars=(2,)),
        one(5, cars=(1,)),
        one(6, is_free=True, cars=()),
        season(7, week(0, "2026-11-24", "2026-11-30", HOSTILE, is_free=True, cars=(3,)), series_name=HOSTILE),
    )  # fmt: skip
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(render(facts(*seasons, cars=CARS)), encoding="utf-8")  # type: ignore[arg-type]
    return file.as_uri()


@pytest.fixture
def browser(address: str, tmp_path: Path) -> Iterator[Browser]:
    """Somebody in Berlin."""
    with Browser(tmp_path, zone="Europe/Berlin") as opened:
        opened.open(address)
        yield opened


def tick(browser: Browser, selector: str) -> None:
    browser.value(f"document.querySelector({selector!r}).click()")


def test_moments_are_told_in_the_readers_time_beside_utc(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    found = browser.value(SHOWN % "#week li small")
    assert (
        "next Wed 25 Nov 22:30 (23:30 here) · until Mon 30 Nov 23:45 (Tue 1 Dec 00:45 here)"
    ) in found
    assert "those of Europe/Berlin (here)." in browser.value("document.body.textContent")
    with Browser(tmp_path / "utc") as other:
        other.open(address)
        assert " here)" not in other.value("document.querySelector('#week').textContent")


def test_what_is_owned_is_kept_in_the_browser_and_decides_what_is_shown(
    address: str, tmp_path: Path
) -> None:
    with Browser(tmp_path) as today:
        today.open(address)
        assert len(today.value(ITEMS)) == 7
        tick(today, "#owned-only")
        # A track that is free and a car that is; of some seasons the other week's alone.
        assert today.value(ITEMS) == ["Series 1"]
        assert today.value(CELLS) == ["Now 1", "Then 1", "Then 2", "Then 6"]
        tick(today, '[data-package="55"]')
        assert today.value(ITEMS) == ["Series 1", "Series 3"]
        tick(today, '[data-package="77"]')
        assert today.value(ITEMS) == ["Series 1", "Series 2", "Series 3", "Series 4"]
    with Browser(tmp_path) as tomorrow:
        tomorrow.open(address)
        assert len(tomorrow.value(ITEMS)) == 4
        tick(tomorrow, '[data-package="55"]')
        assert tomorrow.value(ITEMS) == ["Series 1", "Series 2"]
        tick(tomorrow, "#owned-only")
        assert len(tomorrow.value(ITEMS)) == 7
        assert len(tomorrow.value(CELLS)) == 13
        # What is kept may be anybody's, and is no reason to break.
        for kept in ("{", "null", "[]", '{"packages": 7, "only": "x"}', '{"packages": [null, {}]}'):
            tomorrow.value(f"localStorage.setItem('iracing-pipeline-owned', '{kept}')")
            tomorrow.open(address)
            assert len(tomorrow.value(ITEMS)) == 7


def test_any_day_shows_the_weeks_that_are_raced_on_it(browser: Browser) -> None:
    def on(day: str) -> list[str]:
        browser.value(
            f"document.getElementById('date').value = '{day}';"
            "document.getElementById('date').dispatchEvent(new Event('input'))"
        )
        found: list[str] = browser.value(SHOWN % "#week li")
        return found

    assert len(on("2026-11-26")) == 7
    # The week ends at 00:45 of that day in Berlin, and the next has begun there.
    assert len(on("2026-12-01")) == 13
    (first, *more) = on("2026-12-03")
    assert len(more) == 5
    assert first == (
        "RSeries 1Then 1from Tue 1 Dec 00:00 (01:00 here) · until Mon 7 Dec 23:45 (Tue 8 Dec 00:45 here)"
        "Free Car"
    )
    assert browser.value("document.querySelector('#week h2').textContent") == (
        "On Thursday 3 December 2026"
    )
    tick(browser, "#owned-only")
    assert len(browser.value(ITEMS)) == 3
    tick(browser, "#now")
    assert browser.value(ITEMS) == ["Series 1"]


def test_names_are_text_whatever_the_script_does_with_them(browser: Browser) -> None:
    assert HOSTILE in browser.value(ITEMS)
    browser.value(
        "document.getElementById('date').value = '2026-11-26';"
        "document.getElementById('date').dispatchEvent(new Event('input'))"
    )
    assert HOSTILE in browser.value(ITEMS)
    assert (
        browser.value("document.querySelector('#day li:first-child .cars').textContent") == HOSTILE
    )
    assert browser.value("document.querySelectorAll('img').length") == 0
    assert browser.value("document.title").startswith("iRacing seasons")
