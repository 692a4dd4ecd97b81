"""Facts of the season report as tests write them: around one Wednesday, defaults for what does not matter.

In: what a test is about. Out: facts. No database.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from iracing_pipeline.outputs.report.facts import (
    Change,
    Example,
    Facts,
    Season,
    Week,
)
from iracing_pipeline.warehouse.queries.health import AssetHealth

UTC = timezone.utc
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
TUESDAY = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """`2026-11-25 12:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def week(number: int, first: str, last: str, track: str = "Park", **more: Any) -> Week:
    return Week(
        number,
        at(f"{first} 00:00"),
        at(f"{last} 23:45"),
        track,
        more.get("config"),
        more.get("rain"),
        more.get("package"),
        more.get("is_free"),
        more.get("cars", ()),
    )


def season(season_id: int = 1, *weeks: Week, **more: Any) -> Season:
    values = {
        "series_id": season_id * 10,
        "series_name": f"Series {season_id}",
        "season_name": f"Series {season_id} - 2026 Season 4",
        "season_year": 2026,
        "season_quarter": 4,
        "category": "oval",
        "license_group": 1,
        "fixed_setup": False,
        **more,
    }
    return Season(season_id=season_id, weeks=weeks, **values)


def facts(*seasons: Season, **more: Any) -> Facts:
    values = {"data_origin": "simulated", "days": 30, "change_days": 7, "session_days": 7, **more}
    return Facts(made_at=values.pop("made_at", NOW), seasons=seasons, **values)


def change(topic: str, **more: Any) -> Change:
    values = {
        "series_id": 10,
        "series_name": "Rookie Cup",
        "season_id": 1,
        "season_name": "Season 1",
        "kind": "updated",
        "newest": NOW - DAY,
        "lines": 1,
        "weeks": 1,
        "examples": (Example(3, topic, "Park", "Bowl"),),
        **more,
    }
    return Change(topic=topic, **values)


def asset(name: str, state: str = "ok", **more: Any) -> AssetHealth:
    values = {
        "is_stale": state == "stale",
        "status": "success",
        "started_at": NOW - DAY,
        "finished_at": NOW - DAY,
        "succeeded_at": NOW - DAY,
        "age_seconds": 86400,
        "max_age_seconds": 388800,
        "attempts": 3,
        "successes": 3,
        "success_rate": 1.0,
        "killed": 0,
        "p50_seconds": 1.5,
        "p95_seconds": 4.0,
        "api_calls": 0,
        "quarantined": 0,
        "message": None,
        **more,
    }
    return AssetHealth(name, state, **values)
