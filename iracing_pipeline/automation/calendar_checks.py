"""The calendar's asset checks: what is stored against what the calendar leads one to expect.

In: findings (calendar_findings.py). Out: asset checks of current_seasons and season_schedules. No check
blocks: the assets themselves refuse what would do harm.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from iracing_pipeline.assets.adapter import check_failure
from iracing_pipeline.core.errors import kind_of
from iracing_pipeline.model.expectations import LIST_CHECKS, TRACK_CHECKS, WEEK_CHECKS, Finding
from iracing_pipeline.resources import WarehouseResource


def _checks(
    name: str,
    asset: str,
    checks: Mapping[str, str],
    after: str | None = None,
) -> AssetChecksDefinition:
    """Checks of one asset that read the same facts, as one step. `after`: an asset to wait for."""

    @multi_asset_check(
        name=name,
        specs=[
            AssetCheckSpec(
                check, asset=asset, description=text, additional_deps=[after] if after else None
            )
            for check, text in checks.items()
        ],
        can_subset=True,
    )
    def evaluate(
        context: AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[AssetCheckResult]:
        from iracing_pipeline.automation.calendar_findings import FINDINGS

        try:
            services = warehouse.services()
            with services.database.autocommit() as connection:
                findings = list(FINDINGS[name](connection, services.now()))
        except Exception as error:  # noqa: BLE001 - one message, as the assets give it
            raise check_failure(error) from (error if kind_of(error) is None else None)
        chosen = context.selected_asset_check_keys
        for finding in findings:
            if AssetCheckKey(AssetKey(asset), finding.check) in chosen:
                yield _result(asset, finding)

    return evaluate


def _result(asset: str, finding: Finding) -> AssetCheckResult:
    metadata: dict[str, Any] = dict(finding.numbers)
    return AssetCheckResult(
        asset_key=asset,
        check_name=finding.check,
        passed=finding.passed,
        severity=AssetCheckSeverity[finding.severity],
        description=finding.text or None,
        metadata=metadata,
    )


CALENDAR_CHECKS = [
    _checks("checks_of_the_list", "current_seasons", LIST_CHECKS),
    _checks("checks_of_weeks", "season_schedules", WEEK_CHECKS),
    # A new track is in both lists at once: it is looked for when both have been read.
    _checks("checks_of_tracks", "season_schedules", TRACK_CHECKS, after="tracks"),
]
