"""Numbers, moments and names as people read them. Pure: the moment to compare with is passed in.

In: values of facts. Out: short texts, not yet escaped.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# In the order of iRacing's own menus; what it does not have comes last.
CATEGORIES = {
    "oval": "Oval",
    "sports_car": "Sports car",
    "formula_car": "Formula car",
    "road": "Road",
    "dirt_oval": "Dirt oval",
    "dirt_road": "Dirt road",
}
NO_CATEGORY = "No category known"

LICENSES = {1: "R", 2: "D", 3: "C", 4: "B", 5: "A", 6: "Pro", 7: "WC"}
LICENSE_NAMES = {
    1: "Rookie",
    2: "Class D",
    3: "Class C",
    4: "Class B",
    5: "Class A",
    6: "Pro",
    7: "Pro/WC",
}


def category_name(category: str | None) -> str:
    """`sports_car` → `Sports car`."""
    if not category:
        return NO_CATEGORY
    return CATEGORIES.get(category, category.replace("_", " ").capitalize())


def category_rank(category: str | None) -> tuple[int, str]:
    """Where a category stands on the page."""
    known = list(CATEGORIES)
    return (known.index(category) if category in known else len(known), category or "~")


def license_mark(license_group: int | None) -> str:
    """The badge: R, D, C, B, A, Pro, WC; a question mark where it is not known."""
    return LICENSES.get(license_group or 0, "?")


def license_name(license_group: int | None) -> str:
    return LICENSE_NAMES.get(license_group or 0, "Licence not known")


def day(moment: datetime) -> str:
    """`15 Sep`."""
    return f"{moment.day} {moment:%b}"


def moment(at: datetime) -> str:
    """`Wed 25 Nov 04:45`, in UTC as everything on the page."""
    return f"{at:%a} {at.day} {at:%b %H:%M}"


def full_moment(at: datetime) -> str:
    """`Wed 25 Nov 2026, 04:45`."""
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


def span(length: timedelta) -> str:
    """`40 s`, `12 min`, `3 h`, `5 d`: the largest unit of which there are two."""
    total = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if total >= size * 2:
            return f"{total // size} {unit}"
    return f"{total} s"


def limit(length: timedelta) -> str:
    """A length to the hour: `4 d 12 h`."""
    hours = int(length.total_seconds()) // 3600
    parts = [f"{hours // 24} d" if hours >= 24 else "", f"{hours % 24} h" if hours % 24 else ""]
    return " ".join(part for part in parts if part) or span(length)


def seconds(value: float | None) -> str:
    """A duration: `0.4 s`, `38 s`, `26 min`."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash for people
    return f"{value:.1f} s" if value < 10 else span(timedelta(seconds=value))


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 season`, `1,204 seasons`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shortened(text: str, longest: int) -> str:
    """The text, cut with an ellipsis where it is longer."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
