"""CaptureSource: replays a folder of captured answers.

In: which file answers which request, and signed links made live again. Out: HTTP (protocol.py);
the captures themselves, which belong to whoever took them.

    series_get.json                         series/get
    series_past_seasons__306.json           series/past_seasons?series_id=306
    season_list__2025_3.json                season/list?season_year=2025&season_quarter=3
    series_seasons__season_year=2025&season_quarter=3.json       spelled out
    series_stats_series__first3.json        series/stats_series: `first3` is a label
    data_doc.json                           doc
    weather_url_body.json                   every weather file

The capture with exactly the request's identifying parameters answers. Otherwise, if the request
has none, the capture without parameters does. `series/seasons` and `series/season_list` of a year
and quarter without a capture of their own get the capture without parameters too, the active list:
that is what iRacing itself answered for the then-current quarter. The rest is 404.
Folders inside (such as `envelopes/`) and files that are not .json are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .errors import SimulatorError
from .source import (
    NUMBERS,
    STORAGE_SCHEME,
    NotFoundError,
    Source,
    any_to_json,
    checked,
)

POSITIONAL = {
    "series/past_seasons": ("series_id",),
    "series/season_schedule": ("season_id",),
    "season/list": ("season_year", "season_quarter"),
    "series/seasons": ("season_year", "season_quarter"),
    "series/season_list": ("season_year", "season_quarter"),
    "league/seasons": ("league_id",),
}
_ACTIVE_LIST = ("series/seasons", "series/season_list")
_LONG_SERVICES = ("driver_stats_by_category", "time_attack")
_WEATHER_FILE = "weather_url_body"
_SIGNED = ("X-Amz-Signature=", "AWSAccessKeyId=")

Params = frozenset[tuple[str, str]]


class CaptureSource(Source):
    """Answers from the files of `folder`, read once. SimulatorError if it cannot."""

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise SimulatorError(f"no folder with captures at {self.folder}")
        self._bodies: dict[tuple[str, Params], Any] = {}
        self._json: dict[tuple[str, Params], bytes] = {}
        self._weather: bytes | None = None
        labelled: dict[str, Any] = {}
        for path in sorted(self.folder.glob("*.json")):
            body = _read(path)
            if path.stem == _WEATHER_FILE:
                self._weather = any_to_json(body)
                continue
            endpoint, params, label = parse_name(path.stem)
            body = _with_live_links(body)
            if label and not params:
                labelled.setdefault(endpoint, body)
            else:
                self._bodies[endpoint, frozenset(params.items())] = body
        for endpoint, body in labelled.items():
            self._bodies.setdefault((endpoint, frozenset()), body)
        if not self._bodies:
            raise SimulatorError(f"no captures (*.json) in {self.folder}")

    @property
    def endpoints(self) -> list[str]:
        """What can be asked."""
        return sorted({endpoint for endpoint, _ in self._bodies})

    def answer(
        self, endpoint: str, params: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Any:
        return self._bodies[self._key(endpoint, params or {})]

    def answer_json(self, endpoint: str, params: Mapping[str, str], now: datetime) -> bytes:
        key = self._key(endpoint, params)
        if key not in self._json:
            self._json[key] = any_to_json(self._bodies[key])
        return self._json[key]

    def file(self, path: str, now: datetime) -> bytes | None:
        return self._weather

    def _key(self, endpoint: str, params: Mapping[str, str]) -> tuple[str, Params]:
        if endpoint not in self.endpoints:
            raise NotFoundError(endpoint)
        asked = checked(endpoint, params)
        key = (endpoint, frozenset((n, str(int(v))) for n, v in asked.items() if n in NUMBERS))
        if key in self._bodies:
            return key
        bare = (endpoint, Params())
        if bare in self._bodies and endpoint in _ACTIVE_LIST:
            return bare
        values = " and ".join(f"{name} {value}" for name, value in sorted(key[1]))
        raise NotFoundError(
            f"capture of {endpoint} {'for ' + values if values else 'without parameters'}"
        )


def parse_name(stem: str) -> tuple[str, dict[str, str], bool]:
    """File name without `.json` -> endpoint, parameters, whether it carries a label."""
    name, *suffixes = stem.split("__")
    endpoint = _endpoint(name)
    names = POSITIONAL.get(endpoint, ())
    params: dict[str, str] = {}
    label = False
    for suffix in suffixes:
        values = suffix.split("_")
        if "=" in suffix:
            params.update(parse_qsl(suffix))
        elif names and len(values) == len(names) and all(value.isdigit() for value in values):
            params.update(zip(names, (str(int(value)) for value in values), strict=True))
        else:
            label = True
    return endpoint, {key: value for key, value in params.items() if key in NUMBERS}, label


def _endpoint(name: str) -> str:
    if name == "data_doc":
        return "doc"
    for service in _LONG_SERVICES:
        if name.startswith(service + "_"):
            return f"{service}/{name[len(service) + 1 :]}"
    service, _, method = name.partition("_")
    return f"{service}/{method}" if method else service


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SimulatorError(f"{path} is not JSON: {error}") from error


def _with_live_links(body: Any) -> Any:
    """Every signed link becomes a path that the simulator signs anew at every answer."""
    if isinstance(body, dict):
        return {key: _with_live_links(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_with_live_links(value) for value in body]
    if isinstance(body, str) and body.startswith("http") and any(mark in body for mark in _SIGNED):
        path = unquote(urlsplit(body).path).lstrip("/")
        return STORAGE_SCHEME + re.sub(r"[^\w./-]", "_", path)
    return body
