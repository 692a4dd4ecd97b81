"""The examples of docs/build-on-it.md over an export of a generated world: a page, and a Discord bot."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.outputs.export.publish import Wanted, publish_export
from iracing_pipeline.outputs.export.schema import TABLES, VERSION
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.browser import Browser
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.webhook_receiver import Receiver

PAGE, BOT = ROOT / "examples/page", ROOT / "examples/bot/bot.py"
HOSTILE = "<img src=x onerror=alert(1)> **@everyone** [x](y)"


@pytest.fixture(scope="module")
def world(
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """The demo's world, smaller, in which the series that races next has a name that is hard to carry."""
    url, folder = new_database_url(template), tmp_path_factory.mktemp("world")
    with Simulator(WorldSource(series=25, past_quarters=1), rate_limit=100_000) as simulator:
        settings = Settings.from_environment(
            {**simulator.environment, "IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(folder)}
        )
        done = sync(settings)
        assert done.success, done.failures()
    database = Database(url, folder)
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"""UPDATE iracing.series SET series_name = '{HOSTILE}' WHERE series_id = (
                SELECT series_id
                FROM iracing.race_sessions(now() + interval '10 minutes', now() + interval '2 hours')
                JOIN iracing.seasons USING (season_id) ORDER BY start_time, series_id LIMIT 1)"""
        )
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def site(world: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with its data, as it is put on a server."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(PAGE, site, dirs_exist_ok=True)
    publish_export(world, str(site / "data"), Wanted(("json",), days=3), datetime.now(timezone.utc))
    return site


def ahead(world: Database, until: datetime) -> list[tuple[Any, ...]]:
    """(start, series, track) of the sessions from now on, as the database has them."""
    return query(
        world,
        f"""SELECT start_time, series_name, concat_ws(' - ', track_name, config_name)
            FROM (SELECT DISTINCT season_id, race_week_num, start_time
                  FROM iracing.race_sessions(now(), '{until}')) r
            JOIN iracing.season_calendar USING (season_id, race_week_num) ORDER BY 1, 2""",
    )


def test_examples_read_columns_that_the_schema_has_and_its_version() -> None:
    columns = {column.name for table in TABLES for column in table.columns}
    script, bot = (PAGE / "planner.js").read_text(), BOT.read_text()
    read = set(re.findall(r"\b(?:session|season|week|named|row)\??\.(\w+_\w+)", script))
    read |= set(re.findall(r"(?:\[|get\()\"([a-z]+(?:_[a-z]+)+)\"", bot))
    assert {"start_time", "race_week_num", "series_name", "car_ids"} <= read
    assert read <= columns | {"schema_version"}
    assert f"SCHEMA = {VERSION};" in script
    assert f"SCHEMA = {VERSION}\n" in bot


def test_the_page_plans_every_session_that_is_stored(world: Database, site: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    code = f"""
        import {{ readFileSync }} from "node:fs";
        const {{ load, plan }} = await import("{(site / "planner.js").as_uri()}");
        const data = await load(async (file) => JSON.parse(readFileSync("{site}/data/" + file)));
        console.log(JSON.stringify(plan(data, new Date())));
        await load(async () => ({{ schema_version: 99 }})).catch((error) => console.log(error.message));
    """
    done = subprocess.run(
        [node, "--input-type=module", "-"], input=code.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    races, refused = done.stdout.decode().splitlines()
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    planned = [
        (datetime.fromisoformat(race["start"].replace("Z", "+00:00")), race["name"], race["track"])
        for race in json.loads(races)
    ]
    stored = ahead(world, today + timedelta(days=4))
    assert sorted(planned)[-100:] == sorted(stored)[-100:]
    assert abs(len(planned) - len(stored)) < 20  # those that began in between
    assert all(race["cars"] and race["licence"] for race in json.loads(races))
    assert "schema 99" in refused


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_a_browser_shows_the_races_and_names_as_text(address: str, tmp_path: Path) -> None:
    with Browser(tmp_path) as browser:
        browser.open(address)
        told = browser.value(
            """new Promise((done) => { const look = () => {
                 const said = document.getElementById("state").textContent;
                 if (said === "Loading …") setTimeout(look, 20); else done(said); }; look(); })"""
        )
        assert re.fullmatch(r"\d+ races, data: simulated", told)
        rows = browser.value(
            "[...document.querySelectorAll('#races tr')].map((row) => row.cells[1].firstChild.textContent)"
        )
        assert len(rows) == 100
        assert HOSTILE in rows
        assert browser.value("document.querySelectorAll('img').length") == 0
        # One category alone.
        chosen = browser.value(
            """(() => { const select = document.getElementById("category");
                 select.value = "oval"; select.dispatchEvent(new Event("change"));
                 return document.getElementById("state").textContent; })()"""
        )
        assert 0 < int(chosen.split()[0]) < int(told.split()[0])


def bot(site: Path, *arguments: str, webhook: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, BOT, "--data", site / "data", *arguments],
        env={**os.environ, "DISCORD_WEBHOOK": webhook},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_bot_tells_of_each_race_once_and_mentions_nobody(world: Database, site: Path) -> None:
    stored = ahead(world, datetime.now(timezone.utc) + timedelta(hours=3))
    with Receiver(answers=[(429, {"Retry-After": "0"}), 503, 204]) as discord:
        done = bot(site, "--series", "everyone", webhook=discord.url)
        # Asked to wait, it waits; refused, it says so without the address, and has told nobody.
        assert (done.returncode, done.stderr) == (1, "Discord answered 503.\n")
        done = bot(site, "--series", "everyone", webhook=discord.url)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Told of ")
        again = bot(site, "--series", "everyone", webhook=discord.url)
        assert again.stdout == "Nothing new ahead.\n"
    (post,) = discord.acknowledged
    assert post.body["allowed_mentions"] == {"parse": []}
    first = next(row for row in stored if row[1] == HOSTILE)
    assert f"<t:{int(first[0].timestamp())}:R>" in post.body["content"]
    assert r"\<img src=x onerror=alert\(1\)\> \*\*\@everyone\*\*" in post.body["content"]
    assert len(post.body["content"]) <= 2000
    for path in (site / "data").glob("told.json"):
        path.unlink()


def test_without_a_webhook_the_bot_prints_what_it_would_post(site: Path) -> None:
    done = bot(site, "--hours", "24")
    assert done.returncode == 0, done.stderr
    assert 1 <= done.stdout.count("<t:") / 2 <= 20
    assert not (site / "data" / "told.json").exists()
    assert bot(site, "--series", "no such series").stdout == "Nothing new ahead.\n"
