"""The demo keeps to its data directory, whatever the reader has set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iracing_pipeline.commands.demo_settings import DEMO_SETTINGS, Use, enter_demo
from iracing_pipeline.settings import Settings
from iracing_pipeline_tests.support.places import ROOT

SIMULATOR = {
    name: "http://127.0.0.1:8700" if name.endswith("_URL") else "simulated"
    for name, use in DEMO_SETTINGS.items()
    if use is Use.SIMULATED
}


def test_every_setting_has_a_place_in_the_demo() -> None:
    sources = (ROOT / "iracing_pipeline").rglob("*.py")
    named = re.compile(r'"((?:IRACING|DAGSTER)_[A-Z_]+)[":]')
    read = {name for source in sources for name in named.findall(source.read_text())}
    # Dagster's own switch, for which our storage has a default.
    assert read - {"DAGSTER_EVENT_BATCH_SIZE"} == set(DEMO_SETTINGS)


def test_the_reference_says_of_every_setting_what_the_demo_does_with_it() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| `[A-Z]+_", line)]
    told = {
        name: row[-1].removesuffix(" |")
        for row in rows
        for name in re.findall(r"`([A-Z]+_[A-Z_]+)`", re.sub(r"\(.*\)", "", row[0]))
    }
    assert told == {name: use.value for name, use in DEMO_SETTINGS.items()}


@pytest.mark.parametrize(
    "name",
    [
        *DEMO_SETTINGS,
        *(f"{name}_FILE" for name in DEMO_SETTINGS),
        "IRACING_OF_TOMORROW",
        "DAGSTER_PROJECT_ENV_FILE_PATHS",
        "PGHOSTADDR",
    ],
)
def test_no_setting_leads_out_of_the_data_directory(name: str, tmp_path: Path) -> None:
    kept = {
        "IRACING_DATA_DIR": str(tmp_path),
        "IRACING_CACHE_TTL": "77",
        "IRACING_LOCK_TIMEOUT": "7",
    }
    expected: dict[str, str] = dict(kept)
    enter_demo(expected, SIMULATOR)
    # Refused by Settings wherever it is looked at.
    given = {**kept, name: kept.get(name, "mysql://elsewhere")}
    ignored = enter_demo(given, SIMULATOR)
    setting = name if name in DEMO_SETTINGS else name.removesuffix("_FILE")
    if DEMO_SETTINGS.get(setting) is Use.KEPT:
        # It stays beside the variable, which wins.
        assert given.pop(name) == (expected[name] if name == setting else "mysql://elsewhere")
        given |= expected
    assert given == expected
    assert Settings.from_environment(given) == Settings.from_environment(expected)
    assert ignored == ([name] if DEMO_SETTINGS.get(setting) is Use.NOT_USED else [])
