"""Freshness, in one place: how old an asset may be before Dagster shows it as stale.

In: assets, core/cadence.py. Out: the same assets with a policy each.
"""

from collections.abc import Sequence
from typing import Any

from dagster import AssetSpec, FreshnessPolicy, apply_freshness_policy, map_asset_specs

from iracing_pipeline.core.cadence import BY_ASSET


def with_freshness(assets: Sequence[Any]) -> list[Any]:
    """Stale when the longest healthy age is exceeded; the UI warns a little before."""

    def fresh(spec: AssetSpec) -> AssetSpec:
        cadence = BY_ASSET.get(spec.key.path[-1])
        if cadence is None:
            return spec
        policy = FreshnessPolicy.time_window(
            fail_window=cadence.max_age, warn_window=cadence.max_age * 0.95
        )
        return apply_freshness_policy(spec, policy, overwrite_existing=False)

    return list(map_asset_specs(fresh, assets))
