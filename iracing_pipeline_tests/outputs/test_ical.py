"""Calendars as files: what an event says, read back by two parsers; text that is hard to carry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

import icalendar
import pytest
import vobject

from iracing_pipeline.outputs.calendars.feeds import (
    OWN_FILE,
    STANDARD_FILE,
    feeds_of,
    license_code,
    license_group_of,
    window,
)
from iracing_pipeline.outputs.calendars.ical import Writer, as_component

START = datetime(2026, 3, 3, 19, 30, tzinfo=timezone.utc)
HARD = [
    'comma, semicolon; colon: quote " backslash \\ literal \\n',
    "two\nlines\n\nand a gap",
    "Nürburgring 🏁 Spielberg 日本 " * 12,
    "x" * 500,
    "BEGIN:VEVENT\nEND:VCALENDAR\nDTSTART:20260303T193000Z",
]


@dataclass(frozen=True)
class Told:
    """An event, as the model wants one."""

    uid: str = "5862-2-20260303T193000Z@iracing-pipeline"
    series_id: int = 10
    season_id: int = 5862
    license_group: int | None = 4
    start_time: datetime = START
    session_minutes: int | None = 45
    summary: str = "GT3 Sprint · week 3 · Spa - Grand Prix"
    location: str | None = "Spa - Grand Prix"
    description: str = "GT3 Sprint 2026 S1\nCars: BMW M4 GT3, Ferrari 296 GT3"
    categories: tuple[str, ...] = ("sports car", "Class B")
    sequence: int = 3
    last_modified: datetime = datetime(2026, 2, 28, 6, 0, 1, tzinfo=timezone.utc)
    is_cancelled: bool = False
    is_all_day: bool = False


def written(*events: Told, title: str = "iRacing · GT3 Sprint") -> bytes:
    return Writer().calendar(title, events)


def test_the_exact_text_of_an_event() -> None:
    assert written(Told()).decode().splitlines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//iracing_pipeline//race sessions//EN",
        "NAME:iRacing · GT3 Sprint",
        "X-WR-CALNAME:iRacing · GT3 Sprint",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "BEGIN:VEVENT",
        "SUMMARY:GT3 Sprint · week 3 · Spa - Grand Prix",
        "DTSTART:20260303T193000Z",
        "DURATION:PT45M",
        "DTSTAMP:20260228T060001Z",
        "UID:5862-2-20260303T193000Z@iracing-pipeline",
        "SEQUENCE:3",
        "CATEGORIES:sports car,Class B",
        r"DESCRIPTION:GT3 Sprint 2026 S1\nCars: BMW M4 GT3\, Ferrari 296 GT3",
        "LAST-MODIFIED:20260228T060001Z",
        "LOCATION:Spa - Grand Prix",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "URL:https://members-ng.iracing.com/web/racing/official/series-list/5862/go",
        " -racing",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_special_event_is_whole_days_of_which_the_last_is_named_by_the_day_after_it() -> None:
    days = replace(
        Told(), start_time=START.replace(hour=0, minute=0), session_minutes=2880, is_all_day=True
    )
    lines = written(days).decode().splitlines()
    assert "DTSTART;VALUE=DATE:20260303" in lines
    assert "DTEND;VALUE=DATE:20260305" in lines
    assert vobject.readOne(written(days).decode()).vevent.dtend.value == date(2026, 3, 5)


def test_a_cancelled_event_says_so_twice() -> None:
    (event,) = icalendar.Calendar.from_ical(written(Told(is_cancelled=True))).walk("VEVENT")
    assert (event["STATUS"], str(event["SUMMARY"])[:15]) == ("CANCELLED", "Cancelled: GT3 ")


def test_moments_of_other_zones_are_written_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    there = replace(Told(), start_time=START.astimezone(berlin))
    assert written(there) == written(Told())


@pytest.mark.parametrize("text", HARD)
def test_hard_text_survives_in_both_parsers(text: str) -> None:
    content = written(
        replace(Told(), summary=text, description=text, location=text, categories=(text, "x"))
    )
    line = " ".join(text.split("\n"))
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert (event["SUMMARY"], event["LOCATION"], event["DESCRIPTION"]) == (line, line, text)
    assert [str(one) for one in event["CATEGORIES"].cats] == [line, "x"]
    other = vobject.readOne(content.decode()).vevent
    assert (other.summary.value, other.location.value) == (line, line)
    assert other.description.value == text
    assert other.dtstart.value == START


def test_lines_are_at_most_75_octets_and_never_cut_a_character() -> None:
    content = written(*(replace(Told(), description=text, summary=text) for text in HARD))
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_characters_that_are_not_allowed_or_end_lines_in_parsers_are_left_out() -> None:
    content = written(replace(Told(), summary="a\x00b\x07\tc\u2028d\x85e\x0cf\r\ng"))
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert event["SUMMARY"] == "ab c d e f g"
    assert vobject.readOne(content.decode()).vevent.summary.value == "ab c d e f g"


def test_a_title_of_any_kind_is_read_by_both() -> None:
    for title in HARD:
        content = written(Told(), title=title)
        assert len(icalendar.Calendar.from_ical(content).walk("VEVENT")) == 1
        found = vobject.readOne(content.decode())
        assert found.x_wr_calname.value == " ".join(title.split("\n"))


def test_every_event_is_written_as_icalendar_would_write_it() -> None:
    events = [
        replace(Told(), uid=f"1-{n}", start_time=START + n * timedelta(hours=1), sequence=n % 3)
        for n in range(20)
    ]
    events += [replace(Told(), uid=f"2-{n}", description=text) for n, text in enumerate(HARD)]
    events += [
        replace(Told(), uid="3", session_minutes=None),
        replace(Told(), uid="4", location=None, categories=()),
        replace(Told(), uid="5", season_id=5863),
        replace(Told(), uid="6", session_minutes=1440, is_all_day=True),
    ]
    body = written(*events).partition(b"BEGIN:VEVENT")
    whole = b"".join(as_component(event).to_ical() for event in events)
    assert body[1] + body[2] == whole + b"END:VCALENDAR\r\n"


def test_a_calendar_without_events_is_one() -> None:
    assert icalendar.Calendar.from_ical(written()).walk("VEVENT") == []
    assert list(vobject.readOne(written().decode()).components()) == []


def test_feeds_are_of_series_that_run_or_have_events_and_of_licence_classes() -> None:
    events = [
        Told(uid="a"),
        Told(uid="b", series_id=20, license_group=1),
        Told(uid="c", license_group=None),
        Told(uid="d", series_id=20, license_group=8),
    ]
    found = feeds_of(events, {10: "GT3 Sprint", 30: "Rookie Cup"}, {(30, 3), (40, None)})
    assert [(feed.file, feed.title, [event.uid for event in feed.events]) for feed in found] == [
        ("series-10.ics", "GT3 Sprint", ["a", "c"]),
        ("series-20.ics", "Series 20", ["b", "d"]),
        ("series-30.ics", "Rookie Cup", []),
        ("series-40.ics", "Series 40", []),
        ("license-R.ics", "Rookie", ["b"]),
        ("license-C.ics", "Class C", []),
        ("license-B.ics", "Class B", ["a"]),
        ("license-8.ics", "Licence group 8", ["d"]),
    ]
    assert all(STANDARD_FILE.fullmatch(feed.file) for feed in found)
    assert not STANDARD_FILE.fullmatch("my-series-10.ics")
    assert not OWN_FILE.fullmatch("my-series-10.ics")


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("R", 1),
        ("rookie", 1),
        ("2", 2),
        ("class d", 2),
        ("A", 5),
        ("Pro", 6),
        ("wc", 7),
        ("Pro/WC", 7),
        ("8", None),
        ("", None),
        ("S", None),
    ],
)
def test_a_licence_class_is_known_by_letter_number_and_name(text: str, group: int | None) -> None:
    assert license_group_of(text) == group
    if group:
        assert license_group_of(license_code(group)) == group


def test_a_window_is_bounded_by_days_so_that_the_same_day_gives_the_same_feed() -> None:
    morning, night = START.replace(hour=0, minute=1), START.replace(hour=23, minute=59)
    assert window(morning, 14) == window(night, 14)
    assert window(night, 1).until - night > timedelta(days=1)
    assert window(morning, 1).since == datetime(2026, 3, 2, tzinfo=timezone.utc)


TODAY = START.replace(hour=0, minute=0)


def every(minutes: int, days: int, since: datetime = TODAY - timedelta(days=1)) -> list[Told]:
    """Races from yesterday on."""
    starts = (since + n * timedelta(minutes=minutes) for n in range(days * 24 * 60 // minutes))
    return [Told(uid=f"{start:%Y%m%dT%H%M}", start_time=start) for start in starts]


@pytest.mark.parametrize("minutes", [5, 15, 60, 240])
@pytest.mark.parametrize("most", [10_000, 30_000, 100_000, 1_000_000])
def test_a_feed_holds_the_whole_hours_that_fit(minutes: int, most: int) -> None:
    races, writer, title = every(minutes, 16), Writer(), "iRacing · Class D"
    fitting = writer.fitting(title, races, TODAY, most)
    assert fitting
    assert len(writer.calendar(title, fitting)) <= most
    if len(writer.calendar(title, races)) <= most:
        assert fitting == races
        return
    # From today on, and no hour is broken off.
    assert fitting == [race for race in races if race.start_time >= TODAY][: len(fitting)]
    following = races[races.index(fitting[-1]) + 1 :]
    assert following[0].start_time.minute == 0
    hour = following[0].start_time + timedelta(hours=1)
    next_hour = [race for race in following if race.start_time < hour]
    assert len(writer.calendar(title, [*fitting, *next_hour])) > most


def test_yesterday_is_the_first_day_to_go() -> None:
    races, writer = every(60, 3), Writer()
    ahead = [race for race in races if race.start_time >= TODAY]
    most = len(writer.calendar("x", races)) - 1
    assert writer.fitting("x", races, TODAY, most) == ahead
    assert writer.fitting("x", [], TODAY, 10) == []
