"""`iracing-pipeline db status --prometheus`: the figures of the status in Prometheus's text format.

In: the status as it was read. Out: text, for the textfile collector of node_exporter. What is stale is
warehouse/queries/health.py's to say; when to wake somebody is the alert rule's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from iracing_pipeline.warehouse.queries.status import Status

Sample = tuple[dict[str, str], float | int | bool | datetime | None]
_PREFIX = "iracing_pipeline"


def in_text_format(status: Status) -> str:
    """Every figure as a gauge, at most one sample for each set of labels; what is not known has none."""
    health = status.health
    assets = [({"asset": one.name}, one) for one in health.assets]
    calls = [
        ({"endpoint": one.endpoint, "result": result}, getattr(one, result))
        for one in health.endpoints
        for result in ("made", "saved", "failed", "throttled")
    ]
    low = health.budget
    families: list[tuple[str, str, Iterable[Sample]]] = [
        ("checked_timestamp_seconds", "When these figures were read.", [({}, health.checked_at)]),
        ("healthy", "1 unless an asset is stale.", [({}, health.is_healthy)]),
        (
            "asset_last_success_timestamp_seconds",
            "Start of the last success about everything.",
            [(labels, one.succeeded_at) for labels, one in assets],
        ),
        (
            "asset_max_age_seconds",
            "How old that success may be.",
            [(labels, one.max_age_seconds) for labels, one in assets],
        ),
        (
            "asset_stale",
            "1 if that success is older than it may be, or is missing.",
            [(labels, one.is_stale) for labels, one in assets],
        ),
        (
            "asset_last_attempt_failed",
            "1 if the last attempt failed or was killed.",
            [(labels, one.state in {"failed", "killed"}) for labels, one in assets],
        ),
        ("api_calls_30d", "Calls of 30 days, by what became of them.", calls),
        (
            "budget_low",
            "The fewest requests that were left of the account's window of a minute.",
            [({"window": "24h"}, low.low_24h), ({"window": "30d"}, low.low_30d)],
        ),
        ("quarantine_open", "Items set aside and not resolved.", [({}, health.quarantine_open)]),
        ("drift_open", "Fields that came, went or changed.", [({}, health.drift_open)]),
        (
            "table_rows",
            "Rows of a data table, retired ones included.",
            [({"table": one.name}, one.rows) for one in status.tables],
        ),
    ]
    return "".join(_family(*family) for family in families)


def _family(name: str, says: str, samples: Iterable[Sample]) -> str:
    lines = [
        f"{_PREFIX}_{name}{_labels(labels)} {_number(value)}\n"
        for labels, value in samples
        if value is not None
    ]
    head = f"# HELP {_PREFIX}_{name} {says}\n# TYPE {_PREFIX}_{name} gauge\n"
    return head + "".join(lines) if lines else ""


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    named = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(named) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float | int | bool | datetime) -> str:
    if isinstance(value, datetime):
        return f"{value.timestamp():.3f}"
    return f"{value:d}" if isinstance(value, int) else repr(value)
