"""The page of faults in the docs is made from the table of those that are tried."""

from __future__ import annotations

from iracing_pipeline_tests.chaos.faults import FAULTS
from iracing_pipeline_tests.chaos.page import page
from iracing_pipeline_tests.support.places import ROOT


def test_the_page_is_made_from_the_table() -> None:
    assert (ROOT / "docs" / "reliability.md").read_text() == page(), "run `make reliability`"


def test_no_fault_stands_twice() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)
