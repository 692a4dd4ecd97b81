"""What iRacing says of persons: the one list of such fields. landable.py cuts them out of what is kept."""

from __future__ import annotations

from typing import Any

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


def is_member(value: Any) -> bool:
    """Whether a JSON value is about one person, such as those in an object of members by their ids."""
    return type(value) is dict and bool(value.get("display_name"))
