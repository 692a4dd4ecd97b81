"""Constants, licences, lookups of codes, and the service's documentation of itself.

In: the bodies of constants/*, lookup/* and doc. Out: everything that depends on the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iracing_pipeline.simulator.source import fresh_seconds

from .calendar import year_and_quarter
from .names import LICENSE_GROUPS

API = "https://members-ng.iracing.com/data"
CONSTANTS: dict[str, list[dict[str, Any]]] = {
    "categories": [
        {"label": "Oval", "value": 1},
        {"label": "Road", "value": 2},
        {"label": "Dirt oval", "value": 3},
        {"label": "Dirt road", "value": 4},
        {"label": "Sports car", "value": 5},
        {"label": "Formula car", "value": 6},
    ],
    "divisions": [
        {"label": "ALL", "value": -1},
        *({"label": f"Division {n + 1}", "value": n} for n in range(10)),
        {"label": "Rookie", "value": 10},
    ],
    "event_types": [
        {"label": "Practice", "value": 2},
        {"label": "Qualify", "value": 3},
        {"label": "Time Trial", "value": 4},
        {"label": "Race", "value": 5},
    ],
}
_COLORS = ("fc0706", "fc8a27", "feec04", "00c702", "0153db", "000000", "000000")
_WIND_SPEEDS: dict[str, list[dict[str, Any]]] = {
    "weather_wind_speed_max": [
        {"value": "30", "description": "Session weather max wind speed", "seq": 30}
    ],
    "weather_wind_speed_min": [
        {"value": "1", "description": "Session weather min wind speed", "seq": 0}
    ],
    "weather_wind_speed_units": [
        {"value": str(n), "name": unit, "description": "weather wind speed unit"}
        for n, unit in enumerate(("MPH", "KPH"))
    ],
}
_NUMBER = {"type": "number"}
_REQUIRED = {"type": "number", "required": True}
_PAST_NOTE = (
    "To look up past seasons use both a season_year and season_quarter.  "
    "Without both, the active seasons are returned."
)
_IMAGES = ["image paths are relative to https://images-static.iracing.com/"]
# service -> method -> (parameters, note)
ENDPOINTS: dict[str, dict[str, tuple[dict[str, Any], Any]]] = {
    "car": {"assets": ({}, _IMAGES), "get": ({}, None)},
    "carclass": {"get": ({}, None)},
    "constants": {
        name: ({}, "Constant; returned directly as an array of objects") for name in CONSTANTS
    },
    "league": {
        "seasons": ({"league_id": _REQUIRED, "retired": {"type": "boolean"}}, None),
    },
    "lookup": {
        "countries": ({}, None),
        "current_season": (
            {},
            "Changes at midnight UTC on a Tuesday in March, June, September, and December.",
        ),
        "flairs": ({}, "Icons are from https://github.com/lipis/flag-icons/"),
        "get": (
            {},
            "?weather=weather_wind_speed_units&weather=weather_wind_speed_max"
            "&weather=weather_wind_speed_min&licenselevels=licenselevels",
        ),
        "licenses": ({}, None),
    },
    "member": {"info": ({}, "Always the authenticated member.")},
    "season": {
        "list": ({"season_year": _REQUIRED, "season_quarter": _REQUIRED}, None),
        "race_guide": (
            {"from": {"type": "string"}, "include_end_after_from": {"type": "boolean"}},
            None,
        ),
        "spectator_subsessionids": ({"event_types": {"type": "numbers"}}, None),
        "spectator_subsessionids_detail": (
            {"event_types": {"type": "numbers"}, "season_ids": {"type": "numbers"}},
            None,
        ),
    },
    "series": {
        "assets": ({}, _IMAGES),
        "get": ({}, None),
        "past_seasons": (
            {"series_id": _REQUIRED},
            "Get all seasons for a series. Filter list by official:true for seasons with standings.",
        ),
        "seasons": (
            {
                "include_series": {"type": "boolean"},
                "season_year": {**_NUMBER, "note": _PAST_NOTE},
                "season_quarter": {**_NUMBER, "note": _PAST_NOTE},
            },
            None,
        ),
        "season_list": (
            {
                "include_series": {"type": "boolean"},
                "season_year": _NUMBER,
                "season_quarter": _NUMBER,
            },
            None,
        ),
        "season_schedule": ({"season_id": _REQUIRED}, None),
        "stats_series": (
            {},
            "To get series and seasons for which standings should be available, "
            "filter the list by official: true.",
        ),
    },
    "track": {"assets": ({}, _IMAGES), "get": ({}, None)},
}
SERVED = sorted(f"{service}/{name}" for service, methods in ENDPOINTS.items() for name in methods)


def doc(path: str = "") -> Any:
    """The body of doc, doc/<service> or doc/<service>/<method>. KeyError if there is none."""
    body: Any = {
        service: {name: _documented(service, name, *entry) for name, entry in methods.items()}
        for service, methods in ENDPOINTS.items()
    }
    for part in filter(None, path.split("/")):
        body = body[part]
    return body


def _documented(service: str, method: str, parameters: dict[str, Any], note: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"link": f"{API}/{service}/{method}"}
    if note:
        entry["note"] = note
    if parameters:
        entry["parameters"] = parameters
    entry["expirationSeconds"] = fresh_seconds(f"{service}/{method}")
    return entry


def lookup(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The body of lookup/get: `?tag=type&tag=type` asks for types of a tag; unknown ones are left out."""
    tags = {"licenselevels": {"licenselevels": _license_levels()}, "weather": _WIND_SPEEDS}
    return [
        {
            "lookups": [
                {"lookup_type": name, "lookup_values": values}
                for name, values in tags.get(tag, {}).items()
                if name in asked[tag].split(",")
            ],
            "tag": tag,
        }
        for tag in sorted(asked)
    ]


def _license_levels() -> list[dict[str, Any]]:
    levels = [level for group in licenses() for level in group["levels"]]
    return [
        {
            "value": str(level["license_id"]),
            "name": "{} ({})".format(*level["license"].rsplit(" ", 1)),
            "description": level["color"],
            "seq": level["license_id"],
        }
        for level in levels
    ]


def licenses() -> list[dict[str, Any]]:
    """The body of lookup/licenses."""
    rows = []
    for group, name in LICENSE_GROUPS.items():
        amateur = group < 5
        letter = "P" if group == 6 else "WC" if group == 7 else "RDCBA"[group - 1]
        row: dict[str, Any] = {
            "license_group": group,
            "group_name": name,
            "min_num_races": (2 if group == 1 else 4) if amateur else None,
            "participation_credits": 4 * group,
            "min_sr_to_fast_track": (300 if group == 1 else 400) if group < 6 else None,
            "levels": [
                {
                    "license_id": 4 * group - 4 + level,
                    "license_group": group,
                    "license": f"{name} {level}.0",
                    "short_name": f"{letter} {level}.0",
                    "license_letter": letter,
                    "color": _COLORS[group - 1],
                }
                for level in range(1, 5)
            ],
            "min_num_tt": 4 if amateur else None,
        }
        rows.append(row)
    return rows


def current_season(quarter: int) -> list[dict[str, Any]]:
    """The body of lookup/current_season: values are strings, `seq` the number."""
    year, number = year_and_quarter(quarter)
    pairs = (("season_year", year), ("season_quarter", number))
    return [
        {
            "tag": "current_season",
            "lookups": [
                {
                    "lookup_type": name,
                    "lookup_values": [{"description": name, "value": str(value), "seq": value}],
                }
                for name, value in pairs
            ],
        }
    ]
