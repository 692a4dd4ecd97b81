"""What a simulator can speak for: the interface of WorldSource and CaptureSource.

In: the questions the protocol asks a source, and the two ways a source says no. Out: HTTP,
tokens and links (protocol.py); where the data comes from (captures.py, world/).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

# A source writes this in front of a storage path inside its bodies; the protocol signs it anew at
# every answer, as iRacing does with `weather_url`.
STORAGE_SCHEME = "sim-storage://"

# Parameters without which iRacing answers 400.
REQUIRED: dict[str, tuple[str, ...]] = {
    "series/past_seasons": ("series_id",),
    "series/season_schedule": ("season_id",),
    "season/list": ("season_year", "season_quarter"),
    "league/seasons": ("league_id",),
}
NUMBERS = frozenset({"series_id", "season_id", "season_year", "season_quarter", "league_id"})
# Parameters that are comma-separated numbers.
NUMBER_LISTS = frozenset({"event_types", "season_ids"})
# What is about this very minute, and goes stale after one; everything else after a quarter of an hour.
MOVING = frozenset(
    {
        "season/race_guide",
        "season/spectator_subsessionids",
        "season/spectator_subsessionids_detail",
    }
)


def fresh_seconds(endpoint: str) -> int:
    """How long iRacing gives the same answer again."""
    return 60 if endpoint in MOVING else 900


class NotFoundError(LookupError):
    """No such endpoint, or no such thing behind it: 404."""


class BadRequestError(ValueError):
    """A required parameter is missing or not a number: 400."""


class Source:
    """Answers endpoints with bodies. Subclasses give `answer`; the rest has sensible defaults."""

    # Where the source wants its calendar time from; None leaves it to the simulator.
    now: Callable[[], datetime] | None = None

    @property
    def endpoints(self) -> list[str]:
        """What can be asked: named in the 404 of everything else."""
        return []

    def answer(
        self, endpoint: str, params: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Any:
        """The body of `/data/<endpoint>?<params>` as Python values.

        Signed links in it are `sim-storage://<path>`. Raises NotFoundError, BadRequestError.
        """
        raise NotImplementedError

    def answer_json(self, endpoint: str, params: Mapping[str, str], now: datetime) -> bytes:
        """The same as minified UTF-8 JSON; a source may keep these bytes."""
        return any_to_json(self.answer(endpoint, params, now))

    def file(self, path: str, now: datetime) -> bytes | None:
        """The object behind `sim-storage://<path>`, None if there is none (S3 answers 403)."""
        return None


def to_json(body: Any) -> bytes:
    """Minified, as the service sends it; eight times as fast as `any_to_json`, which knows NaN."""
    return orjson.dumps(body)


def any_to_json(body: Any) -> bytes:
    """The same of what only a broken service says: NaN, lone surrogates, numbers without end."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def checked(endpoint: str, params: Mapping[str, str]) -> dict[str, str]:
    """The parameters, after the checks iRacing makes. Raises BadRequestError."""
    for name in REQUIRED.get(endpoint, ()):
        if not params.get(name):
            raise BadRequestError(f"{endpoint} needs {name}")
    for name in NUMBERS & params.keys():
        if not _is_number(params[name]):
            raise BadRequestError(f"{name} is not a number")
    for name in NUMBER_LISTS & params.keys():
        if not all(_is_number(number) for number in params[name].split(",") if number):
            raise BadRequestError(f"{name} is not a list of numbers")
    return dict(params)


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 12
