"""Dice that fall the same way for the same keys, on every Python and in every process.

In: seeded randomness. Out: what is rolled for (every other module of the world).
"""

from __future__ import annotations

import random
from typing import Any


def dice(*keys: Any) -> random.Random:
    """A generator seeded by the keys. A string seed goes through SHA-512: no PYTHONHASHSEED."""
    return random.Random("|".join(str(key) for key in keys))


def varied(number: float) -> float | int:
    """One decimal, an int where it is whole: iRacing's JSON writes 22.0 as 22."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded
