"""The account: somebody who does not exist, with a licence in every category and some packages.

In: the body of member/info. Out: other members, whom this world does not have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iracing_pipeline.simulator.credentials import ACCOUNT_ID, ACCOUNT_NAME

from .dice import dice
from .lookups import licenses
from .names import CATEGORY_IDS

_PAINT = {"pattern": 1, "color1": "ffffff", "color2": "000000", "color3": "0a0a0a"}
_READ = "2024-09-25T16:18:14Z"


def member_info(
    seed: int, car_rows: list[dict[str, Any]], track_rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """The body of member/info. Owned is what comes free, and what dice have bought."""
    first, last = ACCOUNT_NAME.split()
    return {
        "cust_id": ACCOUNT_ID,
        "display_name": ACCOUNT_NAME,
        "first_name": first,
        "last_name": last,
        "on_car_name": last,
        "member_since": "2019-03-01",
        "flair_id": 1,
        "flair_name": "Unaffiliated",
        "flair_shortname": "",
        "flair_country_code": "",
        "last_login": _READ,
        "read_tc": _READ,
        "read_pp": _READ,
        "read_comp_rules": _READ,
        "flags": 0,
        "connection_type": "BROADBAND+",
        "download_server": "Default",
        "account": {"ir_dollars": 0, "ir_credits": 0, "status": "active", "country_rules": None},
        "helmet": {**_PAINT, "face_type": 0, "helmet_type": 0},
        "suit": {**_PAINT, "body_type": 0},
        "licenses": _licenses(),
        "car_packages": _packages(seed, car_rows, "car_id"),
        "track_packages": _packages(seed, track_rows, "track_id"),
        "other_owned_packages": [1, 2, 513],
        "dev": False,
        "alpha_tester": False,
        "rain_tester": False,
        "broadcaster": False,
        "restrictions": {},
        "has_read_comp_rules": True,
        "has_read_nda": False,
        "flags_hex": "0",
        "hundred_pct_club": False,
        "twenty_pct_discount": False,
        "last_season": 0,
        "has_additional_content": True,
        "has_read_tc": True,
        "has_read_pp": True,
    }


def _licenses() -> dict[str, dict[str, Any]]:
    """Class D in everything that can be raced today."""
    group = licenses()[1]
    level = group["levels"][1]
    names = [name for name in CATEGORY_IDS if name != "road"]
    return {
        name: {
            "category_id": CATEGORY_IDS[name],
            "category": name,
            "category_name": name.replace("_", " ").title(),
            "license_level": level["license_id"],
            "safety_rating": 2.5,
            "cpi": 10.10941,
            "irating": 1350,
            "tt_rating": 1350,
            "mpr_num_races": 0,
            "color": level["color"],
            "group_name": group["group_name"],
            "group_id": group["license_group"],
            "pro_promotable": False,
            "seq": seq,
            "mpr_num_tts": 0,
        }
        for seq, name in enumerate(names, 1)
    }


def _packages(seed: int, rows: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    packages: dict[int, list[int]] = {}
    for row in rows:
        package_id = row["package_id"]
        if row["free_with_subscription"] or dice(seed, "bought", package_id).random() < 0.3:
            packages.setdefault(package_id, []).append(row[key])
    return [{"package_id": one, "content_ids": packages[one]} for one in sorted(packages)]
