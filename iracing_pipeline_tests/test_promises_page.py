"""The table of promises in the docs is what the tests are marked with."""

from __future__ import annotations

from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.promises import PROMISES, held, page


def test_every_promise_has_tests() -> None:
    assert {number for number, _, _ in held()} == set(PROMISES)


def test_the_page_is_made_from_the_marks() -> None:
    assert (ROOT / "docs" / "promises.md").read_text() == page(), "run `make promises`"
