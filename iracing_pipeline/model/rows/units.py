"""Units of the weather fields, brought to Celsius and metres per second.

In: a value and the API's unit code. Out: SI values, rounded so that a repetition is no change.
"""

from __future__ import annotations

FAHRENHEIT, CELSIUS = 0, 1
MILES_PER_HOUR, KILOMETRES_PER_HOUR = 0, 1

_MS_PER_MPH = 0.44704
_MS_PER_KMH = 1 / 3.6


def celsius(value: float | None, units: int | None) -> float | None:
    """Degrees Celsius; None where the value or its unit is unknown."""
    if value is None or units not in {FAHRENHEIT, CELSIUS}:
        return None
    return round((value - 32) * 5 / 9, 2) if units == FAHRENHEIT else float(value)


def metres_per_second(value: float | None, units: int | None) -> float | None:
    """Metres per second; None where the value or its unit is unknown."""
    if value is None or units not in {MILES_PER_HOUR, KILOMETRES_PER_HOUR}:
        return None
    factor = _MS_PER_MPH if units == MILES_PER_HOUR else _MS_PER_KMH
    return round(value * factor, 3)
