"""What all assets have in common as Dagster sees them: retry policy, owner, kinds, check.

In: what differs (name, group, dependencies). Out: keyword arguments for @asset. No work is done here.
"""

from collections.abc import Sequence
from typing import Any

from dagster import AssetCheckSpec, Jitter

from iracing_pipeline.assets.drift import DRIFT_CHECK
from iracing_pipeline.assets.failures import StepRetries
from iracing_pipeline.assets.metadata import QUARANTINE_CHECK
from iracing_pipeline.assets.refusal import ANSWER_CHECK

OWNER = "team:iracing-pipeline"

# No concurrency pool: a run killed with -9 keeps its slots for hours, and the request budget is kept
# in the client, across processes, anyway.

# Three times after about a minute: outlasts a deploy, not a maintenance window (which is not retried).
RETRIES = StepRetries(max_retries=3, delay=60, jitter=Jitter.PLUS_MINUS)


def asset_options(
    name: str,
    *,
    group: str,
    version: str,
    tables: Sequence[str],
    deps: Sequence[Any] = (),
    asks_api: bool = False,
) -> dict[str, Any]:
    """Arguments of @asset. Raise `version` when the same answer gives other rows than before.

    `asks_api`: it takes answers of the API, and has a check that is red when one was refused.
    """
    answer_check = AssetCheckSpec(
        ANSWER_CHECK,
        asset=name,
        description="The API's answer was taken; red when it was empty, unreadable or cut short.",
    )
    return {
        "name": name,
        "group_name": group,
        "code_version": version,
        "deps": list(deps),
        "kinds": {"python", "postgres"},
        "owners": [OWNER],
        "retry_policy": RETRIES,
        # A dry run in a kept instance says what it found, and materializes nothing.
        "output_required": False,
        "metadata": {"tables": ", ".join(f"iracing.{table}" for table in tables)},
        "check_specs": [
            AssetCheckSpec(
                QUARANTINE_CHECK,
                asset=name,
                description="Every item of the answer could be read; red names those that could not.",
            ),
            AssetCheckSpec(
                DRIFT_CHECK,
                asset=name,
                description="No field came, went or changed its type; warns once, see table drift.",
            ),
            *([answer_check] if asks_api else []),
        ],
    }
