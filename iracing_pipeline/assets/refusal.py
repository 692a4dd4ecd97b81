"""The check `answer_is_whole`: red when an asset refused the API's answer, although the asset itself failed.

In: what an asset yields, or the failure it ends with. Out: the same, and a check result before the failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from dagster import AssetCheckResult, AssetCheckSeverity, AssetExecutionContext, Failure

ANSWER_CHECK = "answer_is_whole"
ResultT = TypeVar("ResultT")


def telling_refusals(
    context: AssetExecutionContext, work: Iterator[ResultT]
) -> Iterator[ResultT | AssetCheckResult]:
    """What `work` yields. Where it fails because an answer was refused, the check says so first.

    The other checks of a step that fails stay as they were: without this, an API that answers an empty
    list would leave nothing but green checks.
    """
    is_told = False
    try:
        for result in work:
            yield result
            is_told = True
    except Failure as failure:
        kind = failure.metadata.get("kind")
        # One that fails after it had its results has taken the answer they came from.
        if kind is not None and kind.value == "answer" and not is_told and _has_check(context):
            yield AssetCheckResult(
                check_name=ANSWER_CHECK,
                passed=False,
                severity=AssetCheckSeverity.ERROR,
                description=failure.description,
            )
        raise


def answer_taken(context: AssetExecutionContext) -> list[AssetCheckResult]:
    """The check as passed, for an asset that has it."""
    return [AssetCheckResult(check_name=ANSWER_CHECK, passed=True)] if _has_check(context) else []


def answer_not_read(context: AssetExecutionContext) -> list[AssetCheckResult]:
    """The check where nothing was asked, the API being in maintenance: neither green nor red."""
    if not _has_check(context):
        return []
    return [
        AssetCheckResult(
            check_name=ANSWER_CHECK,
            passed=False,
            severity=AssetCheckSeverity.WARN,
            description="Nothing was read: the API is in maintenance. A sensor tries again.",
        )
    ]


def _has_check(context: AssetExecutionContext) -> bool:
    return any(spec.name == ANSWER_CHECK for spec in context.assets_def.check_specs)
