"""The page that the benchmarks write: its figures, its plot, and that it says what is missing."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from benchmarks.document import (
    IMAGE,
    MISSING,
    Page,
    Section,
    median,
    ratio,
    rendered,
    seconds,
    whole,
)
from benchmarks.plot import plot


def page(*sections: Section) -> str:
    return rendered(Page("make bench", [], "2 cores", "Python 3.12", "2026-01-31", 3.4, sections))


def test_ratios_and_medians_of_what_was_not_measured_are_dashes() -> None:
    assert [ratio(3, 2), ratio(0, 2)] == ["1.50", "0.00"]
    assert {ratio(None, 2), ratio(3, None), ratio(3, 0), seconds(None), whole(None)} == {MISSING}
    assert (median([5, 1, 3]), median([])) == (3, None)
    assert [seconds(0.123), seconds(12.34), seconds(1234.5)] == ["0.12", "12.3", "1,234"]


def test_a_table_is_markdown_whatever_its_cells_hold() -> None:
    text = page(Section("Merge", "How fast?", ("", "s"), [("a|b\nc", "1.0"), ("d", "2.0")]))
    assert "|  | s |\n|---|---:|\n| a\\|b c | 1.0 |\n| d | 2.0 |\n" in text
    assert "Not complete" not in text


def test_what_failed_is_said_above_and_at_its_place() -> None:
    text = page(
        Section(
            "History", "How long?", ("", "s"), [("ours", "1")], failures=["dlt: ended\nwith 1"]
        ),
        Section("Merge", "How fast?", notes=["a note"]),
    )
    assert "**Not complete**: History." in text
    assert "| ours | 1 |" in text
    assert "* **Not measured**: dlt: ended with 1\n" in text
    assert "\n\n\n" not in text


def test_the_plot_is_an_image_of_every_line_with_points_in_its_frame() -> None:
    lines = {"floor": [(100, 0.2), (1000, 0.9)], "ours <cold>": [(1000, 3), (100, 2)], "dlt": []}
    image = ElementTree.fromstring(plot(lines, "rows", "seconds"))  # noqa: S314 our own text
    _, _, width, height = map(float, image.attrib["viewBox"].split())
    space = "{http://www.w3.org/2000/svg}"
    drawn = image.findall(f"{space}polyline")
    assert len(drawn) == 2
    for line in drawn:
        corners = [tuple(map(float, corner.split(","))) for corner in line.attrib["points"].split()]
        assert corners == sorted(corners)
        assert all(0 < x < width and 0 < y < height for x, y in corners)
    texts = [text.text or "" for text in image.findall(f"{space}text")]
    assert {"floor", "ours <cold>", "rows", "seconds"} <= set(texts)
    assert any(re.fullmatch(r"1,000", text) for text in texts)
    assert IMAGE in page(Section("Growth", "How?", image="<svg/>"))
    with pytest.raises(ValueError, match="points"):
        plot({"dlt": []}, "rows", "seconds")
