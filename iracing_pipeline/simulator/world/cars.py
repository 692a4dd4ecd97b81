"""Cars and car classes: one class per car, and some that hold several.

In: the catalogue and the bodies of car/get, car/assets and carclass/get. Out: who drives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .calendar import index_of, midnight, stamp, start_of
from .dice import dice
from .names import MAKES, MODELS

CARS = 96
_FIRST_LEGACY = index_of(2012, 1)
_PAINT = {
    "PaintCarAvailable": False,
    "Color1": "FF0000",
    "Color2": "00FF00",
    "Color3": "0000FF",
    "Sponsor1Available": False,
    "Sponsor2Available": False,
    "Sponsor1": "0",
    "Sponsor2": "0",
    "RulesExplanation": "This pattern cannot be painted.",
}


@dataclass(frozen=True)
class Car:
    """`legacy_in`: the quarter from which on its name says [Legacy]."""

    car_id: int
    base_name: str
    abbreviation: str
    category: str
    model: str
    legacy_in: int | None

    def legacy(self, quarter: int) -> bool:
        return self.legacy_in is not None and quarter >= self.legacy_in

    def name(self, quarter: int) -> str:
        """As the API writes it in that quarter, on everything however old."""
        return f"[Legacy] {self.base_name}" if self.legacy(quarter) else self.base_name

    @property
    def dirpath(self) -> str:
        return self.base_name.lower().replace(" ", "").replace("'", "")


@dataclass(frozen=True)
class CarClass:
    """`cars` are ids; all of one category."""

    car_class_id: int
    base_name: str
    category: str
    relative_speed: int
    cars: tuple[Car, ...]

    def name(self, quarter: int) -> str:
        """[L] once every car in it is legacy."""
        legacy = all(car.legacy(quarter) for car in self.cars)
        return f"[L] {self.base_name}" if legacy else self.base_name

    def on_season(self, quarter: int) -> dict[str, Any]:
        """As past_seasons lists it."""
        return {
            "car_class_id": self.car_class_id,
            "short_name": self.base_name,
            "name": self.name(quarter),
            "relative_speed": self.relative_speed,
        }


def build_cars(seed: int) -> list[Car]:
    """The catalogue, ordered by id. Every fourth car turns legacy, one a year."""
    cars = []
    categories = list(MODELS)
    for number in range(CARS):
        category = categories[number % len(categories)]
        turn = number // len(categories)
        models = MODELS[category]
        make = MAKES[(turn // len(models) + number) % len(MAKES)]
        model = models[turn % len(models)]
        legacy_in = _FIRST_LEGACY + 4 * (number // 4) if number % 4 == 3 else None
        name = f"{make} {model}"
        short = "".join(word[0] for word in make.split()) + model.replace(" ", "")[:5].upper()
        cars.append(Car(number + 1, name, short, category, model, legacy_in))
    return cars


def build_classes(seed: int, cars: list[Car]) -> list[CarClass]:
    """A class per car, then one per model with all its makes."""
    classes = []
    for car in cars:
        speed = dice(seed, "class", car.car_id).randint(40, 110)
        classes.append(CarClass(20 + car.car_id, car.base_name, car.category, speed, (car,)))
    number = 4000
    for category, models in MODELS.items():
        for model in models:
            members = tuple(car for car in cars if car.category == category and car.model == model)
            if len(members) > 1:
                number += 1
                name = f"{model} Class"
                classes.append(CarClass(number, name, category, 50 + number % 17, members))
    return classes


def class_rows(classes: list[CarClass], quarter: int) -> list[dict[str, Any]]:
    """The body of carclass/get."""
    return [
        {
            "car_class_id": item.car_class_id,
            "cars_in_class": [
                {
                    "car_dirpath": car.dirpath,
                    "car_id": car.car_id,
                    "rain_enabled": car.category == "sports_car",
                    "retired": car.legacy(quarter),
                }
                for car in item.cars
            ],
            "cust_id": 0,
            "name": item.name(quarter),
            "rain_enabled": item.category == "sports_car",
            "relative_speed": item.relative_speed,
            "short_name": item.base_name,
        }
        for item in classes
    ]


def car_rows(seed: int, cars: list[Car], quarter: int) -> list[dict[str, Any]]:
    """The body of car/get."""
    return [_row(seed, car, quarter) for car in cars]


def _row(seed: int, car: Car, quarter: int) -> dict[str, Any]:
    roll = dice(seed, "car", car.car_id)
    free = car.car_id % 11 == 0
    legacy = car.legacy(quarter)
    price: float | int = 0 if free else 2.95 if legacy else roll.choice([11.95, 11.95, 9.95, 5])
    created = stamp(midnight(start_of(car.car_id % 60)))
    make, _, model = car.base_name.partition(" ")
    row: dict[str, Any] = {
        "ai_enabled": roll.random() < 0.7,
        "allow_number_colors": roll.random() < 0.5,
        "allow_number_font": roll.random() < 0.5,
        "allow_sponsor1": True,
        "allow_sponsor2": True,
        "allow_wheel_color": True,
        "award_exempt": free,
        "car_config_defs": [
            {"carcfg": n, "cfg_subdir": None, "custom_paint_ext": None, "name": name}
            for n, name in enumerate(("Road", "Oval") if car.car_id % 20 == 0 else ())
        ],
        "car_configs": [{"carcfg": 1, "track_type": 0}] if car.car_id % 20 == 0 else [],
        "car_dirpath": car.dirpath,
        "car_id": car.car_id,
        "car_make": make,
        "car_model": model,
        "car_name": car.name(quarter),
        "car_name_abbreviated": car.abbreviation,
        "car_types": [{"car_type": car.category.replace("_", "")}, {"car_type": make.lower()}],
        "car_weight": roll.randint(950, 3600),
        "categories": [car.category],
        "created": created,
        "first_sale": created,
        "folder": f"/img/cars/{car.dirpath}",
        "forum_url": f"https://forums.example.com/categories/{car.dirpath}",
        "free_with_subscription": free,
        "has_headlights": roll.random() < 0.5,
        "has_multiple_dry_tire_types": False,
        "has_rain_capable_tire_types": car.category == "sports_car",
        "hp": roll.randint(60, 1050),
        "is_ps_purchasable": not free,
        "logo": None if car.car_id % 17 == 0 else f"/img/logos/partners/{make.lower()}-logo.png",
        "max_power_adjust_pct": 0,
        "max_weight_penalty_kg": 250,
        "min_power_adjust_pct": -5,
        # Some packages hold two cars.
        "package_id": 300 + car.car_id // 2 if car.car_id % 10 < 2 else 400 + car.car_id,
        "paint_rules": {
            **{str(pattern): dict(_PAINT) for pattern in range(1, 4)},
            "RestrictCustomPaint": True,
        },
        "patterns": roll.randint(3, 24),
        "price": price,
        "price_display": f"${price:.2f}",
        "rain_enabled": car.category == "sports_car",
        "retired": legacy,
        "search_filters": car.category.replace("_", ""),
        "site_url": f"https://cars.example.com/{car.dirpath}",
        "sku": 10000 + car.car_id,
        "small_image": f"{car.dirpath}-small.jpg",
        "sponsor_logo": None if car.car_id % 10 else f"/img/logos/{make.lower()}.png",
    }
    absent = {
        "price_display": car.car_id % 40 == 0,
        "car_make": car.car_id % 9 == 0,
        "car_model": car.car_id % 18 == 0,
        "forum_url": car.car_id % 35 == 0,
        "site_url": car.car_id % 3 == 0,
        "paint_rules": car.car_id % 2 == 0,
    }
    return {key: value for key, value in row.items() if not absent.get(key)}


def car_assets(cars: list[Car]) -> dict[str, Any]:
    """The body of car/assets."""
    return {
        str(car.car_id): {
            "car_id": car.car_id,
            "car_rules": [{"rule_category": "Setup", "text": "Fixed ballast"}],
            "detail_copy": f"<p>{car.base_name}</p>",
            "detail_screen_shot_images": "1,2,3",
            "detail_techspecs_copy": "<p>1 engine</p>",
            "folder": f"/img/cars/{car.dirpath}",
            "gallery_images": "1,2,3" if car.car_id % 4 else None,
            "gallery_prefix": None,
            "group_image": "null" if car.car_id == 1 else None,
            "group_name": None,
            "large_image": f"{car.dirpath}-large.jpg",
            "logo": None,
            "small_image": f"{car.dirpath}-small.jpg",
            "sponsor_logo": None,
            "template_path": f"car_templates/{car.car_id}_template.zip" if car.car_id % 6 else None,
        }
        for car in cars
    }
