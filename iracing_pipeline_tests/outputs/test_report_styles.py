"""How the season report's page looks: contrast in both themes, order of its sections, the page on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest

from iracing_pipeline.outputs.report import render
from iracing_pipeline.outputs.report.facts import Health
from iracing_pipeline_tests.support.page_reader import Page
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.report_facts import (
    DAY,
    NOW,
    TUESDAY,
    asset,
    change,
    facts,
    season,
    week,
)
from iracing_pipeline_tests.support.stylesheet import colour, contrast, rules, themes

CSS = (ROOT / "iracing_pipeline" / "outputs" / "report" / "report.css").read_text()
# What text stands on, where its own rule does not say.
SURFACES = ("--bg", "--card", "--today", "--hatch")
# Text whose colour another rule gives: the badge's, where a licence class has only a background.
WHITE_UNLESS_SAID = re.compile(r"\.l\d")
# No text stands on these: bars, dots and the squares of legends.
NO_TEXT = re.compile(r"\.s\d|\.state:before|\.legend i")
LEAST = 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_a_contrast_of_4_5_to_what_it_stands_on(theme: str) -> None:
    variables = themes(CSS)[theme]
    assert colour("var(--bg)", variables) != colour("var(--ink)", variables)
    low, looked_at = {}, 0
    for rule in rules(CSS):
        ink = colour(rule.declarations.get("color", rule.declarations.get("fill", "")), variables)
        ground = colour(rule.declarations.get("background", ""), variables)
        for selector in rule.selectors:
            if NO_TEXT.search(selector) or not (ink or ground):
                continue
            inks = [ink or ("#ffffff" if WHITE_UNLESS_SAID.match(selector) else variables["--ink"])]
            if selector == ".badge":
                assert ink == "#ffffff"
            grounds = [ground] if ground else [colour(variables[name], {}) for name in SURFACES]
            for one, other in product(inks, grounds):
                assert other is not None
                looked_at += 1
                if (ratio := contrast(one, other)) < LEAST:
                    low[selector, one, other] = round(ratio, 2)
    assert low == {}
    assert looked_at > 60


def test_no_text_is_made_fainter_than_its_colour() -> None:
    for rule in rules(CSS):
        assert rule.declarations.get("opacity", "1") == "1", rule
        assert "filter" not in rule.declarations


def everything() -> Page:
    starts = [TUESDAY + (number - 3) * 7 * DAY for number in range(14)]
    weeks = [
        week(number, f"{start:%Y-%m-%d}", f"{start + 6 * DAY:%Y-%m-%d}")
        for number, start in enumerate(starts)
    ]
    assets = (asset("series"), asset("tracks", "stale"), asset("cars", max_age_seconds=None))
    return Page(
        render(
            facts(
                season(1, *weeks, license_group=2),
                changes=(change("track"),),
                health=Health(assets=assets),
            )
        )
    )


def values(page: Page, name: str) -> list[str]:
    """What an attribute says, wherever it stands."""
    return [one.attributes[name] for one in page.elements if name in one.attributes]


def test_sections_stand_in_the_order_of_the_links_to_them_whatever_the_width() -> None:
    page = everything()
    (nav,) = page.all("nav")
    links = [link.attributes["href"][1:] for link in page.all("a", within=nav)]
    assert links == [section.attributes["id"] for section in page.all("section")]
    for rule in rules(CSS):
        assert "order" not in rule.declarations, rule


def test_on_paper_nothing_sticks_and_the_grid_begins_with_the_current_week() -> None:
    printed = [rule for rule in rules(CSS) if rule.media == "print"]

    def on_paper(selector: str, name: str) -> str | None:
        found = [rule.declarations.get(name) for rule in printed if selector in rule.selectors]
        return next(filter(None, reversed(found)), None)

    for rule in rules(CSS):
        if rule.declarations.get("position") == "sticky":
            for selector in rule.selectors:
                assert on_paper(selector, "position") == "static", selector
    assert on_paper(".scroll", "overflow") == "visible"
    assert on_paper(".scroll", "max-height") == "none"
    assert on_paper(".scroll .past", "display") == on_paper(".scroll .later", "display") == "none"
    # The dark theme is the screen's.
    assert {rule.media for rule in rules(CSS) if "dark" in rule.media} == {
        "screen and (prefers-color-scheme:dark)"
    }
    page = everything()
    (head, *_) = page.all("thead")
    shown = [
        cell.text
        for cell in page.all("th", within=head)[1:]
        if not cell.classes & {"past", "later"}
    ]
    assert len(shown) == 8
    assert shown[0].startswith("24 Nov today")
    (row,) = page.all("tr", data_season="1")
    assert sum(not cell.classes & {"past", "later"} for cell in page.all("td", within=row)) == 8


def test_the_page_gives_moments_and_leaves_it_to_the_script_to_count() -> None:
    page = everything()
    assert " ago" not in page.all("body")[0].text.replace(page.all("script")[0].text, "")
    counted = values(page, "data-since")
    assert counted.count(NOW.isoformat()) == 1
    assert counted.count((NOW - DAY).isoformat()) == 4
    # Told by the script once it is due; what is stale already, or has no limit, is never due.
    due = values(page, "data-due")
    assert due == [(NOW - DAY + timedelta(seconds=388800)).isoformat()]


def test_rows_carry_the_words_that_they_are_found_by() -> None:
    page = everything()
    rows = [element for element in page.elements if "data-item" in element.attributes]
    assert len(rows) == 3
    for row in rows:
        groups = [parent for parent in row.parents if "data-group" in parent.attributes]
        words = " ".join(
            (one.attributes.get("data-words", "") for one in (row, *groups)),
        )
        if row.tag != "div":
            assert "Class D" in words
            assert "Oval" in words
    sections = ("grid", "week", "changes")
    for name in sections:
        (none,) = [
            one for one in page.all("p", within=page.section(name)) if "data-none" in one.attributes
        ]
        assert "hidden" in none.attributes
    assert page.all("span", id="found", role="status")
