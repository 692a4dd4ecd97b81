"""What Dagster is told: whatever changes there is seen in a difference, and the UI leads to the source."""

from __future__ import annotations

import json
from pathlib import Path

from iracing_pipeline.definitions import ASSETS, defs
from iracing_pipeline_tests.support.definitions_snapshot import snapshot
from iracing_pipeline_tests.support.places import ROOT

SNAPSHOT = Path(__file__).with_name("definitions.json")


def test_the_definitions_are_those_of_the_snapshot() -> None:
    """`make definitions` writes it anew, after an intended change."""
    assert snapshot(defs) == json.loads(SNAPSHOT.read_text())


def test_nothing_leads_nowhere_without_a_reason() -> None:
    found = snapshot(defs)
    leads = {dep for asset in found["assets"].values() for dep in asset["deps"]}
    run = {name for job in found["jobs"].values() for name in job}
    assert set(found["assets"]) - run == set()
    # What leaves the warehouse, or keeps it in order.
    ends = {"calendar_feeds", "calendar_export", "season_report", "housekeeping"}
    assert set(found["assets"]) - leads == ends


def test_every_asset_leads_to_its_function() -> None:
    places = {}
    for asset in ASSETS:
        for key, metadata in asset.metadata_by_key.items():
            (place,) = metadata["dagster/code_references"].code_references
            places[key.path[-1]] = Path(place.file_path).relative_to(ROOT).as_posix()
            lines = Path(place.file_path).read_text().splitlines()
            assert (
                "asset(" in lines[place.line_number - 1] or "def " in lines[place.line_number - 1]
            )
    assert places["cars"] == "iracing_pipeline/assets/reference.py"
    assert places["past_seasons"] == "iracing_pipeline/assets/past_seasons.py"
    assert len(places) == len(json.loads(SNAPSHOT.read_text())["assets"])
