"""Drift as a sync run records it: entered in table drift, and what of it is new, in words.

In: what the readers counted (core/drift.py). Out: rows, sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from iracing_pipeline.core.drift import Drift, fields_known, findings
from iracing_pipeline.core.wording import listed
from iracing_pipeline.warehouse.ledger.drift import Drifted, KnownFields, known_fields, note_drift

_NAMED = 5

DriftByEndpoint = Mapping[tuple[str, bool], Drift]
"""By endpoint, and whether a field that goes missing is noticed."""


def enter_drift(
    connection: Connection,
    found_by_endpoint: DriftByEndpoint,
    *,
    asset: str,
    run_id: str,
    known: KnownFields | None,
) -> list[str]:
    """Enter what the responses held that nobody foresaw; what is news of it, in words.

    In the transaction of the rows. `known`: as it was when the sync run began; None to look it up.
    """
    if not found_by_endpoint:
        return []
    known = known or known_fields(connection, asset)
    found: Counter[tuple[str, str, str, str]] = Counter()
    learned: dict[str, Any] = {}
    complete: list[str] = []
    for (endpoint, watches_fields), drift in found_by_endpoint.items():
        before = known.by_endpoint.get(endpoint, {})
        for item in findings(drift, before):
            found[endpoint, item.kind, item.field, item.found] += item.occurrences
        if watches_fields:
            complete += [f"{endpoint} {owner}" for owner in drift.objects]
            after = fields_known(drift, before)
            learned |= {endpoint: after} if after != before else {}
    if not (found or learned or known.misses_some):
        return []
    news = note_drift(
        connection,
        asset=asset,
        run_id=run_id,
        found=[Drifted(*key, occurrences=count) for key, count in found.items()],
        fields=learned,
        complete=complete,
    )
    return [
        f"{item.endpoint}: {item.kind.replace('_', ' ')} {item.field}"
        + (f" ({item.found})" if item.found else "")
        for item in news
    ]


def repetitions(found_by_endpoint: DriftByEndpoint) -> list[str]:
    """What stood in a response in several versions, in words: a sentence per endpoint."""
    said = []
    for (endpoint, _), drift in found_by_endpoint.items():
        if drift.repeated:
            named = "; ".join(listed(list(drift.repeated), _NAMED))
            said.append(
                f"{endpoint} holds these more than once, in versions that differ ({named}): of each the "
                "version that tells most was taken."
            )
    return said


def drift_counts(found_by_endpoint: DriftByEndpoint) -> dict[str, int]:
    """Fields nobody foresaw, and values of a new type, with how often."""
    found: Counter[str] = Counter()
    for drift in found_by_endpoint.values():
        found.update(drift.unknown_fields)
        for (name, kind), count in drift.unexpected_types.items():
            found[f"{name}: {kind}"] += count
    return dict(sorted(found.items()))
