"""A season turn of real size is a handful of posts: a line for each season that came or ended."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

from iracing_pipeline.core.rows import RowBatch
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.model.rows.seasons import season_rows
from iracing_pipeline.outputs.notifications import announcing, discord
from iracing_pipeline.simulator import WorldSource
from iracing_pipeline.simulator.world.calendar import midnight, quarter_at, start_of
from iracing_pipeline.sync.current_seasons import parse_list
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.merging import merge
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.webhook_receiver import Receiver

A_HANDFUL = 5
NOW = datetime(2026, 5, 6, tzinfo=timezone.utc)


def store(database: Database, source: WorldSource, moment: datetime, known: set[int]) -> set[int]:
    """The lists of a moment, each asset's rows in a transaction of its own; the seasons that are listed."""
    parsed, _ = parse_list(source.answer("series/seasons", {"include_series": "true"}, moment))
    series = [
        {name: row[name] for name in ("series_id", "series_name")}
        for row in source.answer("series/get", {}, moment)
    ]
    listed = {season.season_id for season in parsed.items}
    over = [{"season_id": one, "complete": True, "active": False} for one in sorted(known - listed)]
    for batches in (
        [RowBatch(rows={"series": series})],
        [season_rows(parsed), RowBatch(updates={"seasons": over})],
        [current_schedule_rows(parsed)],
    ):
        with database.begin() as connection:
            merge(connection, batches, run_id=f"{moment}")
    return listed


def test_a_turn_of_a_hundred_seasons_is_a_handful_of_posts_and_loses_no_change(
    database: Database,
) -> None:
    source = WorldSource(now=lambda: NOW, series=240, past_quarters=1)
    turn = midnight(start_of(quarter_at(NOW.date()) + 1)) + timedelta(hours=6)
    with Receiver() as hook:
        before = store(database, source, turn - timedelta(days=12), set())
        announcing.announce(database, hook.url)
        store(database, source, turn + timedelta(days=1), before)
        said = announcing.announce(database, hook.url)
    assert said.endswith("; 0 left.")
    ((came, ended),) = query(
        database,
        """SELECT count(*) FILTER (WHERE kind = 'inserted'), count(*) FILTER (WHERE new = 'over')
           FROM iracing.schedule_changes WHERE what = 'season'""",
    )
    assert min(came, ended) > 70
    assert came + ended > 160
    assert query(database, "SELECT count(*) > 2000 FROM iracing.changes") == [(True,)]

    bodies = [post.body for post in hook.posts]
    assert len(bodies) <= A_HANDFUL
    told = [line for body in bodies for line in body["changes"]]
    # One line of each season that came or ended, and the schedule of one that came is in it.
    seasons = Counter(
        (line["season_id"], line["kind"]) for line in told if line["what"] == "season"
    )
    assert set(seasons.values()) == {1}
    assert len(seasons) == came + ended
    new = {line["season_id"]: line["new"] for line in told if line["kind"] == "inserted"}
    assert sum(" weeks from 20" in text for text in new.values()) > 70
    assert "schedule" not in {line["what"] for line in told}
    # What changed of what was there has its own lines.
    changed = query(
        database,
        """SELECT change_id, what FROM iracing.schedule_changes
           WHERE kind = 'updated' AND importance = 'high'""",
    )
    assert Counter(
        (line["change_id"], line["what"]) for line in told if line["kind"] == "updated"
    ) == (Counter(changed))
    # The same posts in Discord's shape leave nothing out.
    for body in bodies:
        text = "\n".join(one["description"] for one in discord.discord_message(body)["embeds"])
        assert text.count("\n• ") == len(body["changes"])
