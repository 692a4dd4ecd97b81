"""Typed answers of the catalogue: tracks, cars, car classes, under the API's own names.

In: JSON objects. Out: pydantic objects: id and name are required, everything else may be absent. No rows.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.api.types.items import Day, Id, Int, Item, Moment, Money, Optional, Real


class CarType(Item):
    car_type: str


class TrackType(Item):
    track_type: str


class Track(Item):
    """track/get: one configuration of a track."""

    track_id: Id
    track_name: str
    config_name: Optional[str] = None
    category: Optional[str] = None
    category_id: Optional[Id] = None
    track_type: Optional[Int] = None
    track_type_text: Optional[str] = None
    track_types: Optional[list[TrackType]] = None
    package_id: Optional[Id] = None
    price: Optional[Money] = None
    price_display: Optional[str] = None
    sku: Optional[Id] = None
    purchasable: Optional[bool] = None
    is_ps_purchasable: Optional[bool] = None
    free_with_subscription: Optional[bool] = None
    award_exempt: Optional[bool] = None
    retired: Optional[bool] = None
    track_config_length: Optional[Real] = None
    corners_per_lap: Optional[Int] = None
    is_oval: Optional[bool] = None
    is_dirt: Optional[bool] = None
    banking: Optional[str] = None
    nominal_lap_time: Optional[Real] = None
    pit_road_speed_limit: Optional[Real] = None
    grid_stalls: Optional[Int] = None
    number_pitstalls: Optional[Int] = None
    max_cars: Optional[Int] = None
    qualify_laps: Optional[Int] = None
    solo_laps: Optional[Int] = None
    lap_scoring: Optional[Int] = None
    latitude: Optional[Real] = None
    longitude: Optional[Real] = None
    location: Optional[str] = None
    time_zone: Optional[str] = None
    opens: Optional[Day] = None
    closes: Optional[Day] = None
    created: Optional[Moment] = None
    first_sale: Optional[Moment] = None
    rain_enabled: Optional[bool] = None
    night_lighting: Optional[bool] = None
    fully_lit: Optional[bool] = None
    ai_enabled: Optional[bool] = None
    allow_pitlane_collisions: Optional[bool] = None
    allow_rolling_start: Optional[bool] = None
    allow_standing_start: Optional[bool] = None
    has_opt_path: Optional[bool] = None
    has_short_parade_lap: Optional[bool] = None
    has_start_zone: Optional[bool] = None
    has_svg_map: Optional[bool] = None
    start_on_left: Optional[bool] = None
    restart_on_left: Optional[bool] = None
    supports_grip_compound: Optional[bool] = None
    tech_track: Optional[bool] = None
    priority: Optional[Int] = None
    folder: Optional[str] = None
    logo: Optional[str] = None
    small_image: Optional[str] = None
    search_filters: Optional[str] = None
    site_url: Optional[str] = None
    track_dirpath: Optional[str] = None


class Car(Item):
    """car/get."""

    car_id: Id
    car_name: str
    car_name_abbreviated: Optional[str] = None
    car_make: Optional[str] = None
    car_model: Optional[str] = None
    categories: Optional[list[str]] = None
    car_types: Optional[list[CarType]] = None
    package_id: Optional[Id] = None
    price: Optional[Money] = None
    price_display: Optional[str] = None
    sku: Optional[Id] = None
    is_ps_purchasable: Optional[bool] = None
    free_with_subscription: Optional[bool] = None
    award_exempt: Optional[bool] = None
    retired: Optional[bool] = None
    hp: Optional[Real] = None
    car_weight: Optional[Real] = None
    min_power_adjust_pct: Optional[Real] = None
    max_power_adjust_pct: Optional[Real] = None
    max_weight_penalty_kg: Optional[Real] = None
    rain_enabled: Optional[bool] = None
    has_headlights: Optional[bool] = None
    has_multiple_dry_tire_types: Optional[bool] = None
    has_rain_capable_tire_types: Optional[bool] = None
    ai_enabled: Optional[bool] = None
    created: Optional[Moment] = None
    first_sale: Optional[Moment] = None
    patterns: Optional[Int] = None
    allow_number_colors: Optional[bool] = None
    allow_number_font: Optional[bool] = None
    allow_sponsor1: Optional[bool] = None
    allow_sponsor2: Optional[bool] = None
    allow_wheel_color: Optional[bool] = None
    paint_rules: Optional[dict[str, Any]] = None
    car_configs: Optional[list[Any]] = None
    car_config_defs: Optional[list[Any]] = None
    folder: Optional[str] = None
    logo: Optional[str] = None
    sponsor_logo: Optional[str] = None
    small_image: Optional[str] = None
    search_filters: Optional[str] = None
    forum_url: Optional[str] = None
    site_url: Optional[str] = None
    car_dirpath: Optional[str] = None


class ClassCar(Item):
    car_id: Id
    car_dirpath: Optional[str] = None
    rain_enabled: Optional[bool] = None
    retired: Optional[bool] = None


class CarClass(Item):
    """carclass/get."""

    car_class_id: Id
    name: str
    short_name: Optional[str] = None
    relative_speed: Optional[Int] = None
    rain_enabled: Optional[bool] = None
    cust_id: Optional[Id] = None
    # None: not said. One that cannot be read sets its class aside, so this does not forgive.
    cars_in_class: list[ClassCar] | None = None
