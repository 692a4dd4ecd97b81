"""Drift as a run tells of it: entered in table drift, shown in metadata, warned of once by a check.

In: what the readers counted (api/drift.py). Out: rows, metadata, an asset check of severity WARN.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, MetadataValue

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from iracing_pipeline.assets.asset_run import AssetRun
    from iracing_pipeline.warehouse.ledger.drift import KnownFields

DRIFT_CHECK = "no_new_drift"
NEWS_KEY = "new_drift"


def enter_drift(run: AssetRun, connection: Connection, known: KnownFields | None) -> None:
    """Enter what the answers held that nobody foresaw, in the transaction of the rows.

    `known`: as it was when the attempt began; None to look it up.
    """
    from iracing_pipeline.core.drift import fields_known, findings
    from iracing_pipeline.warehouse.ledger.drift import Drifted, known_fields, note_drift

    if not run.drift:
        return
    known = known or known_fields(connection, run.asset)
    found: Counter[tuple[str, str, str, str]] = Counter()
    learned: dict[str, Any] = {}
    complete: list[str] = []
    for (endpoint, watches_fields), drift in run.drift.items():
        before = known.by_endpoint.get(endpoint, {})
        for item in findings(drift, before):
            found[endpoint, item.kind, item.field, item.found] += item.occurrences
        if watches_fields:
            complete += [f"{endpoint} {owner}" for owner in drift.objects]
            after = fields_known(drift, before)
            learned |= {endpoint: after} if after != before else {}
    if not (found or learned or known.misses_some):
        return
    news = note_drift(
        connection,
        asset=run.asset,
        run_id=run.run_id,
        found=[Drifted(*key, occurrences=count) for key, count in found.items()],
        fields=learned,
        complete=complete,
    )
    run.new_drift = [
        f"{item.endpoint}: {item.kind.replace('_', ' ')} {item.field}"
        + (f" ({item.found})" if item.found else "")
        for item in news
    ]


def drift_metadata(run: AssetRun) -> dict[str, Any]:
    """Fields nobody foresaw, and values of a new type, with how often; nothing where there are none."""
    found: Counter[str] = Counter()
    for drift in run.drift.values():
        found.update(drift.unknown_fields)
        for (name, kind), count in drift.unexpected_types.items():
            found[f"{name}: {kind}"] += count
    metadata: dict[str, Any] = {}
    if found:
        metadata["drift"] = MetadataValue.json(dict(sorted(found.items())))
    if run.new_drift:
        metadata[NEWS_KEY] = MetadataValue.md("\n".join(f"- {text}" for text in run.new_drift))
    return metadata


def drift_check(run: AssetRun) -> AssetCheckResult:
    """Warns of drift in the run that sees it first; it names it. Afterwards it is in table drift."""
    words = "\n".join(run.new_drift)
    return AssetCheckResult(
        check_name=DRIFT_CHECK,
        passed=not run.new_drift,
        severity=AssetCheckSeverity.WARN,
        description=(
            f"The API's answers changed; nothing is lost, landed bodies keep everything:\n{words}"
            if run.new_drift
            else None
        ),
        metadata={"new": len(run.new_drift)},
    )
