"""The health of the sync in words: what a state means, and what somebody should look at.

In: facts, whose assets warehouse/queries/health.py has judged. Out: short texts. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Sequence

from iracing_pipeline.outputs.report.facts import Health
from iracing_pipeline.outputs.report.words import count
from iracing_pipeline.warehouse.queries.health import AssetHealth

STATES = {
    "ok": "fresh",
    "partial": "fresh, with gaps",
    "running": "running now",
    "failed": "last run failed",
    "killed": "last run was cut off",
    "skipped": "skipped for maintenance",
    "stale": "stale",
    "never": "no full run yet",
}


def concerns(health: Health, assets: Sequence[AssetHealth]) -> list[str]:
    """Sentences; none where all is well. `assets`: those that the page shows."""
    found = []
    for state in ("failed", "killed", "stale"):
        names = [asset.name for asset in assets if asset.state == state]
        if names:
            found.append(f"{STATES[state].capitalize()}: {', '.join(names)}.")
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
