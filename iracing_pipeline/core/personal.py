"""What iRacing says of persons, and cutting it out of JSON before anything of it is kept.

In: parsed JSON. Out: a copy that may be landed. Pure. The one list of personal fields stands here; signatures
of links are redact.py's.
"""

from __future__ import annotations

from typing import Any

from iracing_pipeline.core.redact import strip_signatures

PERSONAL_FIELDS = frozenset(
    {
        # Who may take part in a season for members only.
        "allowed_season_members",
        # Members, wherever one is named: makers of car classes and heats, leagues, results, the account.
        *("cust_id", "cust_ids", "display_name", "nick_name", "car_num", "car_number", "helmet"),
        *("iracing_cust_id", "iracing_name", "username", "first_name", "last_name", "email"),
        *(
            "driver_id",
            "driver_name",
            "winner_id",
            "winner_name",
            "creator_cust_id",
            "creator_name",
        ),
        *("owner", "owner_id", "owner_cust_id", "owner_name", "host", "host_cust_id", "host_name"),
        *("admins", "members", "roster", "reg_drivers_list"),
        *("friends", "watched", "watched_members", "spectators"),
    }
)
"""Fields whose values are about persons, at any depth. None of them is a race, a car or a track."""


def landable(body: Any) -> Any:
    """A copy of parsed JSON that may be kept: without signatures and personal data, and storable as jsonb."""
    return strip_personal(strip_signatures(body))


def strip_personal(obj: Any) -> Any:
    """A copy in which every personal field that says something is None.

    So is an object of members by their ids. The field itself stays: it has not gone from the API's answers.
    What names nobody stays as it is: null, false, an empty text or list, and 0, which is iRacing's `cust_id`.
    """
    if type(obj) is dict:
        if obj and all(map(_is_member, obj.values())):
            return None
        return {
            name: None if value and name in PERSONAL_FIELDS else strip_personal(value)
            for name, value in obj.items()
        }
    if type(obj) is list:
        return [strip_personal(value) for value in obj]
    return obj


def _is_member(value: Any) -> bool:
    return type(value) is dict and bool(value.get("display_name"))
