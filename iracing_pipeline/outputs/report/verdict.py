"""How the sync is, judged: which assets are fresh, which stale, what somebody should look at.

In: health facts, the cadence of the assets, the moment. Out: a state per asset, and sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from iracing_pipeline.core.cadence import BY_ASSET, Cadence
from iracing_pipeline.outputs.report.facts import AssetHealth, Health
from iracing_pipeline.outputs.report.words import count

# The page is no judge of itself: it says when it was made.
_ITSELF = "season_report"

FRESH, STALE, FAILED = "fresh", "stale", "failed"


@dataclass(frozen=True)
class AssetState:
    """`failed`: the last attempt did, although what is stored may still be fresh."""

    health: AssetHealth
    state: str
    cadence: Cadence | None


@dataclass(frozen=True)
class Verdict:
    assets: tuple[AssetState, ...]
    not_run: tuple[str, ...]
    """Assets that are meant to run and never have."""
    concerns: tuple[str, ...]
    """What somebody should look at, in sentences; empty where all is well."""


def judge(health: Health, now: datetime, cadences: Mapping[str, Cadence] = BY_ASSET) -> Verdict:
    """Every asset that has run, those of the cadence in its order, and what is not as it should be."""
    order = list(cadences)
    known = sorted(
        (asset for asset in health.assets if asset.asset != _ITSELF),
        key=lambda a: (order.index(a.asset) if a.asset in order else len(order), a.asset),
    )
    assets = tuple(_state(asset, cadences.get(asset.asset), now) for asset in known)
    have_run = {asset.asset for asset in known}
    return Verdict(
        assets,
        tuple(name for name in order if name not in have_run and name != _ITSELF),
        tuple(_concerns(health, assets)),
    )


def _state(asset: AssetHealth, cadence: Cadence | None, now: datetime) -> AssetState:
    if asset.status == "failure":
        state = FAILED
    elif asset.succeeded_at is None:
        # Its first attempt is at work, or was killed.
        state = STALE
    elif cadence is not None and now - asset.succeeded_at > cadence.max_age:
        state = STALE
    else:
        state = FRESH
    return AssetState(asset, state, cadence)


def _concerns(health: Health, assets: tuple[AssetState, ...]) -> list[str]:
    found = []
    for state, words in ((FAILED, "The last run failed of"), (STALE, "Stale:")):
        names = [asset.health.asset for asset in assets if asset.state == state]
        if names:
            found.append(f"{words} {', '.join(names)}.")
    if health.set_aside_total:
        found.append(f"{count(health.set_aside_total, 'item')} in quarantine.")
    if health.drift_total:
        found.append(
            f"The API's answers are not what the tables foresee: {count(health.drift_total, 'finding')}."
        )
    refused = sum(day.refused for day in health.calls)
    if refused:
        found.append(f"{count(refused, 'request')} refused with 429, too many requests.")
    return found
