"""feeds.toml as people write it: what it chooses, and what is said of everything that cannot be meant."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from iracing_pipeline.outputs.calendars.choices import (
    Choice,
    ChoicesRefused,
    choices_of,
    read_choices,
)
from iracing_pipeline_tests.outputs.test_ical import Told
from iracing_pipeline_tests.support.places import ROOT

NAMES = {10: "GT3 Sprint", 20: "Oval Tour", 21: "Oval Tour Fixed"}
TUESDAY = datetime(2026, 3, 3, 19, 30, tzinfo=timezone.utc)
EVENT = replace(Told(), categories=("sports car", "Class B"), start_time=TUESDAY)


def the_feed(lines: str) -> Choice:
    found = choices_of(f'[[feed]]\nname = "mine"\n{lines}', "feeds.toml")
    assert found.refused == ()
    (choice,) = found.feeds
    return choice.with_known(NAMES, NAMES)


@pytest.mark.parametrize(
    ("lines", "admits"),
    [
        ("", True),
        ("series = 10", True),
        ("series = [20, 10]", True),
        ('series = "gt3 sprint"', True),
        ('series = ["Oval Tour", "sprint"]', True),
        # The exact name, though another one has it as a part.
        ('series = "Oval Tour"', False),
        ('licence = "B"', True),
        ('licence = ["R", 4]', True),
        ('licence = ["R", "D"]', False),
        ('category = "sports_car"', True),
        ('category = ["oval", "Sports car"]', True),
        ('category = "oval"', False),
        ('weekdays = "mon-wed"', True),
        ('weekdays = ["sat", "Tuesday"]', True),
        ('weekdays = ["sat", "sun"]', False),
        ("from = 19\nto = 20", True),
        ("from = 20", False),
        ("to = 19", False),
        ("from = 18", True),
        # 20:30 in Berlin; on Wednesday in Auckland.
        ('from = 20\nto = 21\ntimezone = "Europe/Berlin"', True),
        ('weekdays = "wed"\ntimezone = "Pacific/Auckland"', True),
        # All that is named has to hold.
        ('series = 10\nlicence = "D"', False),
        ('series = 10\nlicence = "B"\ncategory = "sports-car"\nweekdays = "tue"\nfrom = 18', True),
    ],
)
def test_an_event_is_in_a_feed_if_it_meets_all_that_is_named(lines: str, admits: bool) -> None:
    assert the_feed(lines).admits(EVENT) is admits


def test_a_feed_has_a_file_of_its_own_a_title_and_days_and_shares_a_time_zone() -> None:
    text = 'timezone = "Europe/Berlin"\n[[feed]]\nname = "Late_1"\ntitle = "Late"\ndays = 30\n'
    found = choices_of(text + '[[feed]]\nname = "b"\ntimezone = "UTC"', "feeds.toml")
    first, second = found.feeds
    assert (first.file, first.title, first.days) == ("own-Late_1.ics", "Late", 30)
    assert (second.file, second.title, second.days) == ("own-b.ics", "b", None)
    assert [one.times.zone.key for one in found.feeds] == ["Europe/Berlin", "UTC"]
    assert (found.days(14), found.days(60)) == (30, 60)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("licens = 1", "Feed “mine”: Unknown key 'licens'. Did you mean licence?"),
        ("license = 1", "Unknown key 'license'. Did you mean licence?"),
        ("zzz = 1", "Unknown key 'zzz'. There are: name, title, series, licence,"),
        ("from = 25", "from has to be a whole hour from 0 to 24, not 25."),
        ("from = -1", "from has to be a whole hour from 0 to 24, not -1."),
        ('to = "18"', "to has to be a whole hour from 0 to 24, not '18'."),
        ("from = 18:00:00", "from has to be a whole hour from 0 to 24, not 18:00:00."),
        ("from = 18.5", "from has to be a whole hour from 0 to 24, not 18.5."),
        ("from = true", "from has to be a whole hour from 0 to 24, not True."),
        ("from = 18\nto = 18", "'18-18' are no hours."),
        ("days = 0", "days has to be a whole number from 1 to 120, not 0."),
        ("days = 121", "days has to be a whole number from 1 to 120, not 121."),
        ("days = true", "days has to be a whole number from 1 to 120, not True."),
        ('weekdays = "caturday"', "'caturday' are no weekdays."),
        ("weekdays = 1", "weekdays has to be a text, not 1."),
        ("weekdays = []", "weekdays names nothing."),
        ('timezone = "Mars"', "There is no time zone 'Mars'."),
        ("timezone = 1", "timezone has to be a text, not 1."),
        ('licence = "Z"', "no licence class is called Z. There are: R (1, Rookie), D"),
        ("licence = [1, true]", "no licence class is called True."),
        ("licence = []", "licence names nothing."),
        ("series = [[10]]", "series, where it is no id, has to be a text, not [10]."),
        ("series = true", "series, where it is no id, has to be a text, not True."),
        ('series = ""', "series, where it is no id, has to be a text, not ''."),
        ("series = {id = 10}", "series, where it is no id, has to be a text, not {'id': 10}."),
        ("series = 0", "series has to be ids or names, and 0 is no id."),
        (f"series = {2**31}", "series has to be ids or names, and 2147483648 is no id."),
        ("series = 0x" + "f" * 5000, "and a number with too many digits is no id."),
        ("days = 0x" + "f" * 5000, "from 1 to 120, not a number with too many digits."),
        ("licence = 0x" + "f" * 5000, "no licence class is called a number with too many digits."),
        ("category = 1", "category has to be a text, not 1."),
        ("title = 1", "title has to be a text, not 1."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_feed_and_the_others_stay(
    lines: str, words: str
) -> None:
    text = f'[[feed]]\nname = "mine"\n{lines}\n[[feed]]\nname = "other"'
    found = choices_of(text, "feeds.toml")
    assert [choice.name for choice in found.feeds] == ["other"]
    (said,) = found.refused
    assert said.startswith("Feed “mine”: ")
    assert words in said
    with pytest.raises(ChoicesRefused, match=r"^feeds\.toml: Feed “mine”: "):
        found.require()


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "../evil", "a/b", "a\\\\b", ".hidden", "-x", "x.ics", "ü", "a\\nb", "x" * 65],
)
def test_a_name_that_is_none_for_a_file_is_refused(name: str) -> None:
    found = choices_of(f'[[feed]]\nname = "{name}"', "feeds.toml")
    assert found.feeds == ()
    (said,) = found.refused
    assert said.startswith("Feed 1: its name becomes that of a file")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[feed]\n", "It is not TOML: "),
        ("a = " + "[" * 5000, "It is not TOML"),
        ("a = " + "9" * 5000, "It is not TOML"),
        ('feed = "evenings"', "`feed` has to be tables: begin each feed with a line [[feed]]."),
        ("feed = [1]", "`feed` has to be tables"),
        ('[feed]\nname = "a"', "`feed` has to be tables"),
        ('[[feeds]]\nname = "a"', "Unknown key 'feeds'. Did you mean feed?"),
        ("[[feed]]\nseries = 1", "Feed 1: it has no name."),
        ("[[feed]]\nname = 7", "Feed 1: its name becomes that of a file"),
        ('timezone = "Mars"\n[[feed]]\nname = "a"', "Feed “a”: There is no time zone 'Mars'."),
        (
            '[[feed]]\nname = "a"\n[[feed]]\nname = "A"',
            "Feed “A”: another feed has this name already.",
        ),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    refused = choices_of(text, "feeds.toml").refused
    assert words in " ".join(refused)
    assert all("\n" not in one for one in refused)


def test_the_example_of_the_documentation_is_taken() -> None:
    page = (ROOT / "docs" / "calendars.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    found = choices_of(example, "feeds.toml")
    assert found.refused == ()
    assert [choice.file for choice in found.feeds] == ["own-evenings.ics", "own-weekend-ovals.ics"]


def test_unknown_series_and_categories_name_what_there_is() -> None:
    found = choices_of(
        '[[feed]]\nname = "a"\nseries = [10, 99]\n[[feed]]\nname = "b"\nseries = "oval"\n'
        '[[feed]]\nname = "c"\ncategory = "ovall"',
        "feeds.toml",
    )
    assert found.refused == ()
    unknown, several, category = found.feeds
    with pytest.raises(ChoicesRefused, match=r"“a”: Unknown series: 99\. Known here: 10 \(GT3 Spr"):
        unknown.with_known(NAMES, NAMES)
    with pytest.raises(ChoicesRefused, match=r"“b”: 2 series have “oval” in their name: 20 \("):
        several.with_known(NAMES, NAMES)
    with pytest.raises(
        ChoicesRefused, match=r"Unknown category: ovall\. Known here: oval, sports_car"
    ):
        category.with_known_categories({"oval", "sports car"})


def test_a_file_that_is_missing_is_refused_where_it_was_named(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    assert read_choices(file, may_lack=True).refused == ()
    assert "No such file" in read_choices(file, may_lack=False).refused[0]
    assert "cannot be read" in read_choices(tmp_path, may_lack=True).refused[0]
    file.write_bytes('[[feed]]\nname = "é"'.encode("latin-1"))
    assert "not UTF-8" in read_choices(file, may_lack=True).refused[0]
    file.write_bytes('\ufeff[[feed]]\r\nname = "a"\r\n'.encode())
    assert [one.name for one in read_choices(file, may_lack=True).feeds] == ["a"]
