"""What all assets share as Dagster sees them: retry policy, owner, kinds, checks; lineage.

In: what differs (name, group, dependencies). Out: keyword arguments for @asset. No work is done here.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from dagster import (
    AssetCheckSpec,
    AssetDep,
    AssetsDefinition,
    BetaWarning,
    Jitter,
    with_source_code_references,
)

from iracing_pipeline.assets.adapter import StepRetries
from iracing_pipeline.assets.metadata import DRIFT_CHECK, QUARANTINE_CHECK, RESPONSE_CHECK

OWNER = "team:iracing-pipeline"

# No concurrency pool: a run killed with -9 keeps its slots for hours, and the request budget is kept
# in the client, across processes, anyway.

# Three times after about a minute: outlasts a deploy, not a maintenance window (which is not retried).
RETRIES = StepRetries(max_retries=3, delay=60, jitter=Jitter.PLUS_MINUS)


def sync_asset_options(
    name: str,
    *,
    group: str,
    version: str,
    tables: Sequence[str],
    deps: Sequence[Any] = (),
    takes_responses: bool = True,
) -> dict[str, Any]:
    """Arguments of @asset. Raise `version` when the same response gives other rows than before.

    `takes_responses`: it has a check that is red when a response of the API was refused.
    """
    response_check = AssetCheckSpec(
        RESPONSE_CHECK,
        asset=name,
        description="The API's response was taken; red when it was empty, unreadable or cut short.",
    )
    return {
        **output_asset_options(name, group=group, version=version, tables=tables, deps=deps),
        # A dry run in a kept instance says what it found, and materializes nothing.
        "output_required": False,
        "check_specs": [
            AssetCheckSpec(
                QUARANTINE_CHECK,
                asset=name,
                description="Every item of the response could be read; red names those that could not.",
            ),
            AssetCheckSpec(
                DRIFT_CHECK,
                asset=name,
                description="No field came, went or changed its type; warns once, see table drift.",
            ),
            *([response_check] if takes_responses else []),
        ],
    }


def output_asset_options(
    name: str,
    *,
    group: str,
    version: str = "1",
    tables: Sequence[str] = (),
    deps: Sequence[Any] = (),
    kinds: Sequence[str] = ("python", "postgres"),
) -> dict[str, Any]:
    """Arguments of @asset for what is made of stored rows, or keeps the warehouse itself in order."""
    named = {"tables": ", ".join(f"iracing.{table}" for table in tables)} if tables else {}
    return {
        "name": name,
        "group_name": group,
        "code_version": version,
        "deps": list(deps),
        "kinds": set(kinds),
        "owners": [OWNER],
        "retry_policy": RETRIES,
        "metadata": named,
    }


def with_sources(assets: Sequence[AssetsDefinition]) -> list[Any]:
    """The assets, each with the place of its function: the UI links to it."""
    with warnings.catch_warnings():
        # Code references are beta as a whole; pyproject.toml holds Dagster to one minor version.
        warnings.simplefilter("ignore", BetaWarning)
        return list(with_source_code_references(assets))


def with_lineage(asset: AssetsDefinition, *upstream: AssetsDefinition) -> AssetsDefinition:
    """The asset with an edge from each of these in the graph, and no step that waits for them.

    For an upstream asset that tells Dagster of its partitions one by one and yields no output: Dagster
    skips, in a green run, every step that waits for one. The graph reads the spec's deps; steps are
    wired only where the op has an input, too.
    """
    attributes = asset.get_attributes_dict()
    attributes.pop("execution_type")  # beta, and at its default
    attributes["specs"] = [
        spec.replace_attributes(deps=[*spec.deps, *map(AssetDep, upstream)]) for spec in asset.specs
    ]
    return AssetsDefinition(**attributes)
