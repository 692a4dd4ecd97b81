"""Announcements of changes: every one arrives, none twice once acknowledged, and no sync ever waits."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.notifications import discord
from iracing_pipeline.outputs.notifications.announced_changes import Line
from iracing_pipeline.outputs.notifications.announcing import changes_message
from iracing_pipeline.outputs.notifications.webhook import Webhook
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.announcing import announce, merge, store
from iracing_pipeline_tests.support.dagster_sync import query, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import fork
from iracing_pipeline_tests.support.webhook_receiver import TOKEN, Receiver

NOTHING = "Nothing new to announce."


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def settings(hook: Receiver, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for({"IRACING_WEBHOOK_URL": hook.url})


@pytest.fixture
def watched(database: Database, settings: Settings) -> Database:
    """A database with 120 weeks, of which nothing has been announced, and a sensor that has begun."""
    store(database, dict.fromkeys(range(120), 20))
    assert announce(settings) == (
        "From now on changes are announced. What there was before is not."
    )
    return database


def told(hook: Receiver) -> list[int]:
    """The changes of the posts that were acknowledged."""
    return [change_id for post in hook.acknowledged for change_id in post.change_ids]


def changes(database: Database) -> list[int]:
    return [row[0] for row in query(database, "SELECT change_id FROM iracing.changes ORDER BY 1")]


def mark(database: Database) -> Any:
    return query(database, "SELECT value FROM iracing.installation WHERE name = 'announced_up_to'")[
        0
    ][0]


def test_what_changes_is_posted_once_with_both_values(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    store(watched, {3: 25})
    assert announce(settings) == "Announced 1 change in 1 message; 0 left."
    (post,) = hook.posts
    assert post.headers["content-type"] == "application/json"
    (change_id,) = changes(watched)
    line = post.body["changes"][0]
    assert isinstance(line.pop("changed_at"), str)
    assert line == {
        "change_id": change_id,
        "series_id": 10,
        "series_name": "Rookie Cup",
        "season_id": 1,
        "season_name": "Rookie Cup S1",
        "race_week_num": 3,
        "kind": "updated",
        "what": "race laps",
        "old": "20",
        "new": "25",
    }
    assert post.body["type"] == "schedule_changes"
    assert post.body["version"] == 1
    assert post.body["batch"] == post.key
    assert post.body["first_change_id"] == post.body["last_change_id"] == change_id
    assert post.body["text"] == (
        "1 schedule change:\nRookie Cup, season 1, week 3: race laps: 20 → 25"
    )
    # A second tick, and a second process, have nothing to say.
    assert announce(settings) == NOTHING
    assert announce(settings) == NOTHING
    assert len(hook.posts) == 1


def test_without_a_webhook_the_sensor_skips_and_later_starts_from_then(
    database: Database, settings_for: Callable[..., Settings], hook: Receiver
) -> None:
    store(database, {0: 20})
    store(database, {0: 21})
    assert announce(settings_for({})).startswith("IRACING_WEBHOOK_URL is not set")
    settings = settings_for({"IRACING_WEBHOOK_URL": hook.url})
    announce(settings)
    assert announce(settings) == NOTHING
    store(database, {0: 22})
    announce(settings)
    assert told(hook) == changes(database)[1:]


def test_a_webhook_that_fails_three_times_delays_what_arrives_in_order(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    store(watched, dict.fromkeys(range(120), 30))
    hook.answers = [503, 500, "drop"]
    for _ in range(3):
        assert "Announced 0 changes in 0 messages; 120 left." in announce(settings)
    assert announce(settings) == "Announced 120 changes in 2 messages; 0 left."
    assert told(hook) == changes(watched)
    # What was not acknowledged came again as it was, under the same key.
    assert len({post.key for post in hook.posts}) == 2
    assert all(post.body == hook.posts[0].body for post in hook.posts[:4])


def test_killed_between_two_batches_every_change_arrives_and_acknowledged_ones_once(
    watched: Database,
    settings: Settings,
    hook: Receiver,
    database_url: str,
    tmp_path: Path,
    prepared: None,
) -> None:
    store(watched, dict.fromkeys(range(120), 30))
    hook.answers = [503, 503, 503, 204, "hold"]
    for _ in range(3):
        announce(settings)
    killed = fork(
        "import runpy; runpy.run_module('iracing_pipeline_tests.support.announcing', run_name='__main__')",
        program="python",
        environment={
            **os.environ,
            "IRACING_DATABASE_URL": database_url,
            "IRACING_DATA_DIR": str(tmp_path),
            "IRACING_WEBHOOK_URL": hook.url,
        },
    )
    deadline = time.monotonic() + 60
    while len(hook.posts) < 5:  # its second batch is under way
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait(30)
    first, held = hook.posts[3:]
    while (words := announce(settings)).startswith("Another process"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert words == "Announced 20 changes in 1 message; 0 left."
    assert told(hook) == changes(watched)
    assert len(hook.acknowledged) == 2
    again = hook.posts[-1]
    assert (again.key, again.body) == (held.key, held.body)
    assert first.key != held.key


def test_a_lower_number_that_commits_later_is_not_lost(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    with watched.begin() as slow:
        slow.exec_driver_sql(
            """INSERT INTO iracing.changes (table_name, key, kind, before, after, changed_at, run_id)
               VALUES ('season_schedules', '{"season_id": 1, "race_week_num": 0}', 'updated',
                       '{"race_lap_limit": 20}', '{"race_lap_limit": 19}', now(), 'slow')"""
        )
        store(watched, {5: 40})
        before = mark(watched)
        assert announce(settings) == "Announced 1 change in 1 message; 0 left."
        assert announce(settings) == NOTHING
        assert mark(watched) == before
    announce(settings)
    lower, higher = changes(watched)
    assert told(hook) == [higher, lower]
    assert announce(settings) == NOTHING
    assert mark(watched) == higher


def test_what_is_being_written_when_the_webhook_is_set_is_announced(
    database: Database, settings: Settings, hook: Receiver
) -> None:
    store(database, {0: 20, 1: 20})
    store(database, {0: 21})
    with database.begin() as slow:
        merge(slow, {1: 30})
        announce(settings)
        assert announce(settings) == NOTHING
    announce(settings)
    assert told(hook) == changes(database)[1:]
    announce(settings)
    # Nothing is kept of what was there before, once the mark is above it.
    assert query(database, "SELECT change_id FROM iracing.announced_changes") == [
        (changes(database)[1],)
    ]


def test_all_lines_of_a_change_are_in_one_message(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    # Three lines each: 33 changes are 99 lines, the next would make them 102.
    store(watched, dict.fromkeys(range(40), 30), practice_length=5, qualify_length=8)
    announce(settings)
    assert [len(set(post.change_ids)) for post in hook.posts] == [33, 7]
    assert [len(post.change_ids) for post in hook.posts] == [99, 21]


def test_two_ticks_at_once_post_nothing_twice(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    store(watched, dict.fromkeys(range(120), 30))
    words: list[str] = []
    hook.after = lambda post: words.append(announce(settings)) if len(hook.posts) == 1 else None
    ticks = [threading.Thread(target=lambda: words.append(announce(settings))) for _ in range(2)]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join(60)
    announce(settings)
    assert "Another process is posting at this moment." in words
    assert told(hook) == changes(watched)
    assert len(hook.posts) == 2


def test_the_webhook_is_left_alone_for_as_long_as_it_asks(
    watched: Database, settings: Settings, hook: Receiver
) -> None:
    store(watched, {0: 30})
    hook.answers = [(429, {"retry-after": "0.01"}), (429, {"retry-after": "86400"})]
    assert "answered 429: it wants fewer messages" in announce(settings)
    assert len(hook.posts) == 2
    assert "Not before" in announce(settings)
    assert len(hook.posts) == 2
    ((seconds,),) = query(
        watched, "SELECT extract(epoch FROM not_before - now())::int FROM iracing.announcements"
    )
    assert 3000 < seconds <= 3600


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "answered 404: check IRACING_WEBHOOK_URL"),
        (401, "answered 401: check IRACING_WEBHOOK_URL"),
        (400, "answered 400: it does not take this message"),
        (302, "answered 302: it has moved"),
    ],
)
def test_a_refusal_says_what_to_do_and_drops_nothing(
    watched: Database, settings: Settings, hook: Receiver, status: int, words: str
) -> None:
    store(watched, {0: 30})
    hook.answers = [(status, {"location": f"{hook.address}/elsewhere"})]
    assert words in announce(settings)
    assert len(hook.posts) == 1
    announce(settings)
    assert told(hook) == changes(watched)


def test_a_dead_webhook_fails_no_sync(
    answers: RecordedResponses, settings_for: Callable[..., Settings], hook: Receiver
) -> None:
    hook.default = 500
    with Simulator(CaptureSource(RECORDED)) as simulator:
        simulator.faults.transform = answers.transform
        settings = settings_for(simulator.environment, IRACING_WEBHOOK_URL=hook.url)
        announce(settings)
        assert sync(settings).success
        answers.season(1001)["drops"] = 3
        assert sync(settings, refresh=True).success
        assert "answered 500" in announce(settings)
        answers.season(1002)["drops"] = 2
        assert sync(settings, refresh=True).success
    nobody = settings_for({"IRACING_WEBHOOK_URL": f"http://127.0.0.1:9/{TOKEN}"})
    assert "The webhook at http://127.0.0.1:9 does not answer" in announce(nobody)
    hook.default = 200
    announce(settings)
    announced = [line for post in hook.acknowledged for line in post.body["changes"]]
    assert [(line["season_id"], line["what"], line["new"]) for line in announced] == [
        (1001, "drops", "3"),
        (1002, "drops", "2"),
    ]
    assert hook.acknowledged[-1].body["data_origin"] == "simulated"


@pytest.mark.promise(8)
def test_only_scheme_and_host_of_the_webhook_are_ever_told(
    watched: Database,
    settings: Settings,
    hook: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    store(watched, {0: 30})
    hook.answers = [500, 404, 302, "drop", 429]
    words = [announce(settings) for _ in range(6)]
    assert words[0].endswith(
        f"The webhook at {hook.address} answered 500: it is in trouble. It is tried again."
    )
    out, err = capfd.readouterr()
    stored = query(watched, "SELECT a::text FROM iracing.announcements a")
    everything = "\n".join([*words, caplog.text, out, err, repr(settings), str(stored)])
    assert TOKEN not in everything
    assert "/hooks" not in everything
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"IRACING_WEBHOOK_URL": f"ftp://example.com/{TOKEN}"})
    assert "IRACING_WEBHOOK_URL must be an http(s) URL" in str(caught.value)
    assert TOKEN not in str(caught.value)


def line(number: int, **more: Any) -> Line:
    values: dict[str, Any] = {
        "changed_at": datetime(2026, 11, 25, tzinfo=timezone.utc),
        "series_id": 10,
        "series_name": "Rookie Cup",
        "season_id": 1,
        "season_name": "Rookie Cup S1",
        "race_week_num": number,
        "kind": "updated",
        "what": "track",
        "old": "The Bowl",
        "new": "Limestone Park",
        **more,
    }
    return Line(change_id=number, **values)


NASTY = "@everyone `code` **bold** [link](https://evil.example/x) <@1> # \\ " * 70
LENGTHS = [
    [line(0)],
    [line(number, old=NASTY, new=NASTY, what=NASTY, series_name=NASTY) for number in range(50)],
    [line(0, what=f"column_{number}", old=NASTY) for number in range(400)],
    [line(number, old="🏎" * 4000, new="🏁" * 4000) for number in range(50)],
]


@pytest.mark.parametrize("lines", LENGTHS, ids=["short", "nasty", "many of one change", "wide"])
def test_discord_gets_no_more_than_it_takes(lines: list[Line]) -> None:
    message = discord.discord_message(changes_message(lines, "key", None))
    assert 0 < len(message["content"]) <= discord.MOST_CONTENT
    assert 0 < len(message["embeds"]) <= discord.MOST_EMBEDS
    descriptions = [embed["description"] for embed in message["embeds"]]
    assert all(discord.length(text) <= discord.MOST_DESCRIPTION for text in descriptions)
    assert sum(discord.length(text) for text in descriptions) <= discord.MOST_IN_EMBEDS
    assert message["allowed_mentions"] == {"parse": []}
    text = "\n".join(descriptions)
    assert "@everyone" not in text
    assert "https://" not in text
    assert "<@" not in text.replace("\\<@", "")
    assert text.replace("\\`", "").count("`") == 0


def test_discord_is_posted_to_in_its_own_shape(
    watched: Database,
    settings_for: Callable[..., Settings],
    hook: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hook.address)  # the receiver stands in for Discord
    settings = settings_for(
        {"IRACING_WEBHOOK_URL": f"http://ptb.discord.com/api/webhooks/7/{TOKEN}"}
    )
    store(watched, dict.fromkeys(range(120), 30))
    hook.default = 204
    assert announce(settings).startswith("Announced 120 changes in ")
    assert hook.posts[0].path.startswith("http://ptb.discord.com/api/webhooks/7/")
    first = hook.posts[0].body
    assert first["content"].endswith("schedule changes")
    assert first["embeds"][0]["description"].startswith(
        "**Rookie Cup**\n• season 1, week 0: race laps: 20 → 30\n"
    )
    bullets = [
        row
        for post in hook.posts
        for embed in post.body["embeds"]
        for row in embed["description"].splitlines()
        if row.startswith("•")
    ]
    assert len(bullets) == 120


@pytest.mark.parametrize(
    ("url", "is_discord"),
    [
        ("https://discord.com/api/webhooks/1/x", True),
        ("https://canary.discord.com/api/v10/webhooks/1/x?thread_id=2", True),
        ("https://discordapp.com/api/webhooks/1/x", True),
        ("https://discord.com.example.org/api/webhooks/1/x", False),
        ("https://notdiscord.com/api/webhooks/1/x", False),
        ("https://example.com/api/webhooks/1/x", False),
    ],
)
def test_discord_is_known_by_its_address(url: str, is_discord: bool) -> None:
    assert Webhook(url).is_discord is is_discord
