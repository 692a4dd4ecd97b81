"""Tracks: packages with one to five configurations each, some of them retired one day.

In: the catalogue and the bodies of track/get and track/assets. Out: where is raced (seasons.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .calendar import index_of, midnight, stamp, start_of
from .dice import dice
from .names import (
    CATEGORY_IDS,
    DIRT_CONFIGS,
    ENDS,
    OVAL_CONFIGS,
    PLACES,
    RALLY_CONFIGS,
    ROAD_CONFIGS,
    STEMS,
    TRACK_KINDS,
)

PACKAGES = 90
_CONFIGS = {
    "road": ROAD_CONFIGS,
    "oval": OVAL_CONFIGS,
    "dirt_oval": DIRT_CONFIGS,
    "dirt_road": RALLY_CONFIGS,
}
_TYPES = {
    "road": (5, "Road Course"),
    "oval": (0, "Short Oval"),
    "dirt_oval": (7, "Dirt Oval Course"),
    "dirt_road": (6, "Dirt Road Course"),
}


@dataclass(frozen=True)
class Track:
    """One configuration. `retired_in`: the quarter from which on its name says [Retired]."""

    track_id: int
    package: int
    base_name: str
    config: str | None
    category: str
    retired_in: int | None

    def name(self, quarter: int) -> str:
        """As the API writes it in that quarter, on every season however old."""
        retired = self.retired_in is not None and quarter >= self.retired_in
        return f"[Retired] {self.base_name}" if retired else self.base_name

    def on_season(self, quarter: int) -> dict[str, Any]:
        """The three fields of past_seasons; config_name is absent where there is none."""
        body: dict[str, Any] = {"config_name": self.config} if self.config else {}
        return {**body, "track_id": self.track_id, "track_name": self.name(quarter)}

    def on_week(self, quarter: int) -> dict[str, Any]:
        """The `track` of a race week."""
        return {
            "category": self.category,
            "category_id": CATEGORY_IDS[self.category],
            **self.on_season(quarter),
        }


def build_tracks(seed: int) -> list[Track]:
    """The catalogue, ordered by id. One package retires every other year."""
    tracks: list[Track] = []
    stems = [stem + end for end in ENDS for stem in STEMS]
    roll = dice(seed, "tracks")
    roll.shuffle(stems)
    for package in range(PACKAGES):
        category = ("road", "oval", "road", "dirt_oval", "oval", "road", "dirt_road")[package % 7]
        pattern = roll.choice(TRACK_KINDS[category])
        name = pattern.format(stems[package])
        configs = _CONFIGS[category]
        count = roll.randint(1, min(5, len(configs)))
        # A lone configuration has no name, now and then.
        names = [None] if count == 1 and package % 2 else roll.sample(configs, count)
        # Every ninth package is one that retires: 2013, 2015, ... the last ones far ahead.
        retired_in = index_of(2013, 2) + 8 * (package // 9) if package % 9 == 8 else None
        for config in names:
            tracks.append(Track(len(tracks) + 1, package, name, config, category, retired_in))
    return tracks


def track_rows(seed: int, tracks: list[Track], quarter: int) -> list[dict[str, Any]]:
    """The body of track/get."""
    return [_row(seed, track, quarter) for track in tracks]


def _row(seed: int, track: Track, quarter: int) -> dict[str, Any]:
    package = dice(seed, "package", track.package)
    roll = dice(seed, "track", track.track_id)
    place, zone, latitude, longitude = PLACES[track.package % len(PLACES)]
    free = track.package % 9 == 0
    retired = track.retired_in is not None and quarter >= track.retired_in
    # Whole prices are ints on the wire, the others floats.
    price: float | int = 0 if free or retired else package.choice([11.95, 14.95, 5, 14.95])
    oval = track.category in ("oval", "dirt_oval")
    dirt = track.category.startswith("dirt")
    number, text = _TYPES[track.category]
    length = round(roll.uniform(0.25, 3.9), 2) if roll.random() > 0.05 else 1
    folder = f"/img/tracks/package{track.package}"
    opened = start_of(track.package % 60)
    row: dict[str, Any] = {
        "ai_enabled": roll.random() < 0.8,
        "allow_pitlane_collisions": True,
        "allow_rolling_start": True,
        "allow_standing_start": not oval,
        "award_exempt": free,
        "category": track.category,
        "category_id": CATEGORY_IDS[track.category],
        "closes": "2018-10-31",
        "config_name": track.config,
        "corners_per_lap": 4 if oval else roll.randint(7, 22),
        "created": stamp(midnight(opened)),
        "first_sale": stamp(midnight(opened)),
        "folder": folder,
        "free_with_subscription": free,
        "fully_lit": roll.random() < 0.3,
        "grid_stalls": roll.randint(24, 64),
        "has_opt_path": False,
        "has_short_parade_lap": roll.random() < 0.5,
        "has_start_zone": oval,
        "has_svg_map": True,
        "is_dirt": dirt,
        "is_oval": oval,
        "is_ps_purchasable": not free,
        "lap_scoring": 0,
        "latitude": round(latitude + track.package / 1000, 7),
        "location": place,
        "logo": f"{folder}-logo.png",
        "longitude": round(longitude + track.package / 1000, 7),
        "max_cars": roll.randint(24, 66),
        "night_lighting": roll.random() < 0.4,
        "nominal_lap_time": round(roll.uniform(14, 180), 6),
        "number_pitstalls": roll.randint(20, 60),
        "opens": "2018-04-01",
        "package_id": 100 + track.package,
        "pit_road_speed_limit": roll.choice([37, 45, 50, 55]),
        "price": price,
        "price_display": f"${price:.2f}",
        "priority": roll.randint(0, 9),
        "purchasable": not free,
        "qualify_laps": 2,
        "rain_enabled": not oval and not dirt,
        "restart_on_left": False,
        "retired": retired,
        "search_filters": track.category.replace("_", ""),
        "site_url": f"https://tracks.example.com/{track.package}",
        "sku": 0 if free else 10000 + track.package,
        "small_image": f"package{track.package}-small.jpg",
        "solo_laps": roll.randint(4, 15),
        "start_on_left": False,
        "supports_grip_compound": dirt,
        "tech_track": False,
        "time_zone": zone,
        "track_config_length": length,
        "track_dirpath": f"package{track.package}\\config{track.track_id}",
        "track_id": track.track_id,
        "track_name": track.name(quarter),
        "track_type": number,
        "track_type_text": text,
        "track_types": [{"track_type": track.category}] if roll.random() > 0.02 else [],
    }
    if oval and not dirt:
        row["banking"] = f"{roll.randint(3, 18)}&#176; - {roll.randint(19, 31)}&#176;"
    absent = {
        "config_name": track.config is None,
        "price_display": track.track_id % 25 == 0,
        "pit_road_speed_limit": dirt,
        "nominal_lap_time": track.track_id % 13 == 0,
        "site_url": track.track_id % 50 == 0,
    }
    return {key: value for key, value in row.items() if not absent.get(key)}


def track_assets(tracks: list[Track]) -> dict[str, Any]:
    """The body of track/assets."""
    layers = ("background", "inactive", "active", "pitroad", "start-finish", "turns")
    return {
        str(track.track_id): {
            "coordinates": "0,0",
            "detail_copy": f"<p>{track.base_name}</p>" if track.track_id % 7 else None,
            "detail_techspecs_copy": "null" if track.track_id % 5 == 0 else None,
            "detail_video": None,
            "folder": f"/img/tracks/package{track.package}",
            "gallery_images": "1,2,3" if track.track_id % 3 else None,
            "gallery_prefix": None,
            "large_image": f"package{track.package}-large.jpg",
            "logo": f"/img/logos/tracks/package{track.package}-logo.png",
            "north": None,
            "num_svg_images": 6,
            "small_image": f"package{track.package}-small.jpg",
            "track_id": track.track_id,
            "track_map": f"https://members-assets.iracing.com/public/track-maps/{track.track_id}/",
            "track_map_layers": {layer: f"{layer}.svg" for layer in layers},
        }
        for track in tracks
    }
