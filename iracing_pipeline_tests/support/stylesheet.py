"""A stylesheet as tests ask about it: its rules, the colours of a theme, the contrast of two colours.

In: CSS as this project writes it (no strings with braces). Out: rules, colours, ratios of WCAG 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    media: str
    """The condition it stands under; empty where it always holds."""
    selectors: tuple[str, ...]
    declarations: Mapping[str, str]


def rules(css: str) -> list[Rule]:
    """Every rule, in order."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = []
    for media, block, selectors, body in re.findall(
        r"@media ([^{]+)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}|([^{}]+)\{([^{}]*)\}", css
    ):
        if media:
            found += [rule._replace(media=media.strip()) for rule in rules(block)]
        else:
            declarations = dict(
                part.strip().split(":", 1) for part in body.split(";") if ":" in part
            )
            names = tuple(one.strip() for one in re.split(r",(?![^(]*\))", selectors))
            found.append(Rule("", names, declarations))
    return found


def themes(css: str) -> dict[str, dict[str, str]]:
    """The variables of :root in the light theme and in the dark one."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for rule in rules(css):
        if rule.selectors == (":root",) and "print" not in rule.media:
            (dark if "dark" in rule.media else light).update(rule.declarations)
    return {"light": light, "dark": {**light, **dark}}


def colour(value: str, variables: Mapping[str, str]) -> str | None:
    """`#rrggbb` of what a declaration says; None where that is no colour of its own."""
    found = re.fullmatch(r"var\((--[\w-]+)\)", value.strip())
    value = variables.get(found[1], "") if found else value.strip()
    short = re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", value)
    if short:
        return "#" + "".join(digit * 2 for digit in short.groups())
    return value if re.fullmatch(r"#[0-9a-f]{6}", value) else None


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(value: str) -> float:
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
