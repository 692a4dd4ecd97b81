"""A Discord bot that tells a channel of the races ahead, from an export of the calendar. No library.

`python3 bot.py --data site --series "Iron Formula" --hours 3` posts them to the webhook of DISCORD_WEBHOOK;
without one it prints them. Run it from cron: a race that it has told of is not told again (`told.json`
beside the data).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

SCHEMA = 1
MOST_LINES, MOST_LETTERS = 20, 1900
ATTEMPTS = 3


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def races(folder: Path, now: datetime, hours: float, wanted: list[str]) -> list[dict[str, Any]]:
    """The races that start within so many hours, of series that have one of the texts in their name."""
    version = read(folder, "export")["schema_version"]
    if version != SCHEMA:
        raise SystemExit(f"{folder} has schema {version}, and this bot reads {SCHEMA}.")
    series = {one["series_id"]: one for one in read(folder, "series")}
    seasons = {one["season_id"]: one for one in read(folder, "seasons")}
    weeks = {(one["season_id"], one["race_week_num"]): one for one in read(folder, "weeks")}
    found = []
    for session in read(folder, "sessions"):
        start = datetime.fromisoformat(session["start_time"].replace("Z", "+00:00"))
        if not now <= start < now + timedelta(hours=hours):
            continue
        season = seasons[session["season_id"]]
        name = (
            series.get(season["series_id"], {}).get("series_name") or season["season_name"] or "?"
        )
        if wanted and not any(text.casefold() in name.casefold() for text in wanted):
            continue
        week = weeks.get((session["season_id"], session["race_week_num"]), {})
        track = " - ".join(filter(None, [week.get("track_name"), week.get("config_name")]))
        found.append(
            {
                "key": f"{session['season_id']}-{session['race_week_num']}-{session['start_time']}",
                "start": start,
                "name": name,
                "track": track or "track not known",
                "rain": week.get("precip_chance_pct"),
            }
        )
    return sorted(found, key=lambda race: (race["start"], race["name"]))


def plain(text: str) -> str:
    """Without a meaning in Discord's Markdown."""
    return re.sub(r"([\\*_~`|>#\[\]()<@-])", r"\\\1", text)


def line(race: dict[str, Any]) -> str:
    """Discord shows <t:…> in the reader's own time."""
    at = int(race["start"].timestamp())
    rain = f" · rain {race['rain']:g}%" if race["rain"] else ""
    return f"<t:{at}:t> (<t:{at}:R>) **{plain(race['name'])}** · {plain(race['track'])}{rain}"


def message(found: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One post, and the races that it tells of: as many as have room."""
    lines: list[str] = []
    for race in found[:MOST_LINES]:
        if sum(map(len, lines)) + len(lines) + len(line(race)) > MOST_LETTERS:
            break
        lines.append(line(race))
    content = "\n".join(lines)
    # Nobody is mentioned, whatever a series is called.
    return {"content": content, "allowed_mentions": {"parse": []}}, found[: len(lines)]


def post(url: str, body: dict[str, Any]) -> None:
    """Send it; wait where Discord says so. Exits with a message that does not quote the address."""
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "User-Agent": "DiscordBot (race reminders, 1)"},
    )
    for _ in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(request, timeout=20):
                return
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise SystemExit(f"Discord answered {error.code}.") from None
            time.sleep(min(60.0, float(error.headers.get("Retry-After", 1))))
        except OSError as error:
            raise SystemExit(f"Discord cannot be reached: {type(error).__name__}.") from None
    raise SystemExit("Discord asks for fewer messages.")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Races ahead, to a Discord channel.")
    parser.add_argument("--data", type=Path, required=True, help="where the export is")
    parser.add_argument("--series", action="append", default=[], help="part of a name; repeatable")
    parser.add_argument("--hours", type=float, default=3, help="how far ahead; default 3")
    given = parser.parse_args(arguments)

    now = datetime.now(timezone.utc)
    kept = given.data / "told.json"
    told = set(json.loads(kept.read_text())) if kept.exists() else set()
    found = races(given.data, now, given.hours, given.series)
    body, told_now = message([race for race in found if race["key"] not in told])
    if not told_now:
        print("Nothing new ahead.")
        return
    url = os.environ.get("DISCORD_WEBHOOK")
    if not url:
        print(body["content"])
        return
    post(url, body)
    ahead = {race["key"] for race in found}
    kept.write_text(json.dumps(sorted((told & ahead) | {race["key"] for race in told_now})))
    print(f"Told of {len(told_now)}.")


if __name__ == "__main__":
    sys.exit(main())
