"""Hours and weekdays in somebody's time zone, as people write them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from iracing_pipeline.outputs.calendars.times import UnknownTimes, times_of


@pytest.mark.parametrize(
    ("hours", "weekdays", "zone", "utc", "is_wanted"),
    [
        (None, None, None, "2026-03-03 04:00", True),
        ("18-23", None, None, "2026-03-03 18:00", True),
        ("18-23", None, None, "2026-03-03 22:59", True),
        ("18-23", None, None, "2026-03-03 23:00", False),
        ("18-24", None, None, "2026-03-03 23:59", True),
        ("22-2", None, None, "2026-03-03 01:59", True),
        ("22-2", None, None, "2026-03-03 02:00", False),
        ("0-24", None, None, "2026-03-03 12:00", True),
        ("6-8, 20-24", None, None, "2026-03-03 07:30", True),
        ("6-8, 20-24", None, None, "2026-03-03 19:30", False),
        # Summer time begins on 29 March: the same hour there is another in UTC.
        ("18-19", None, "Europe/Berlin", "2026-03-28 17:30", True),
        ("18-19", None, "Europe/Berlin", "2026-03-30 16:30", True),
        ("18-19", None, "Europe/Berlin", "2026-03-30 17:30", False),
        (None, "sat,sun", None, "2026-03-07 12:00", True),
        (None, "sat,sun", None, "2026-03-06 12:00", False),
        (None, "Friday-Monday", None, "2026-03-08 12:00", True),
        (None, "fri-mon", None, "2026-03-10 12:00", False),
        # Still Friday there.
        (None, "fri", "America/Los_Angeles", "2026-03-07 05:00", True),
    ],
)
def test_a_race_is_wanted_by_its_start_there(
    hours: str | None, weekdays: str | None, zone: str | None, utc: str, is_wanted: bool
) -> None:
    start = datetime.fromisoformat(utc).replace(tzinfo=timezone.utc)
    assert times_of(hours, weekdays, zone).admit(start) is is_wanted


@pytest.mark.parametrize(
    ("hours", "weekdays", "zone", "words"),
    [
        *((text, None, None, "are no hours") for text in ("18", "18-", "-3", "18-18", "9-25", "a-b", ",")),
        *((None, text, None, "are no weekdays") for text in ("caturday", "sat-", "s", "1-2", ",")),
        *((None, None, text, "There is no time zone") for text in ("Mars", "../etc", "Europe", "\0")),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_in_words(
    hours: str | None, weekdays: str | None, zone: str | None, words: str
) -> None:
    with pytest.raises(UnknownTimes, match=words):
        times_of(hours, weekdays, zone)
