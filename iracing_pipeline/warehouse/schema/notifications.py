"""What goes to the webhook: messages until they are acknowledged, what they tell of, the ends of runs.

In: facts of the pipeline's own work. Out: tables. The statements are in outbox.py, announced_changes.py
and run_history.py.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.warehouse.schema.base import (
    TIMESTAMPTZ,
    check,
    column,
    key,
    ledger_table,
    references,
    required,
)

announcements = ledger_table(
    "announcements",
    "Messages to the webhook, entered before they are posted: what is not acknowledged is posted again, unchanged.",
    Column(
        "announcement_id",
        BigInteger,
        Identity(always=True),
        primary_key=True,
        comment="Running number.",
    ),
    required("kind", Text, "schedule_changes, run_failure or run_recovered."),
    required("idempotency_key", Text, "Sent along as Idempotency-Key, the same at every attempt."),
    required("body", JSONB, "The message; Discord gets it in its own shape."),
    required("created_at", TIMESTAMPTZ, "When it was entered."),
    required("attempts", Integer, "How often it was posted.", server_default=text("0")),
    column("last_attempt_at", TIMESTAMPTZ, "When it was last posted."),
    column("not_before", TIMESTAMPTZ, "Until when the webhook asked to be left alone."),
    column("problem", Text, "Why the last attempt was not acknowledged, for the reader."),
    column("acknowledged_at", TIMESTAMPTZ, "When the webhook took it; NULL until then."),
    check("kind", "kind IN ('schedule_changes', 'run_failure', 'run_recovered')"),
    UniqueConstraint("idempotency_key"),
    Index(
        "announcements_waiting_idx",
        "kind",
        "announcement_id",
        postgresql_where=text("acknowledged_at IS NULL"),
    ),
)

announced_changes = ledger_table(
    "announced_changes",
    "Which message tells of a change. What has no row here, and is above the fact announced_up_to, is still to be announced.",
    key("change_id", BigInteger, "Change, see changes."),
    column(
        "announcement_id",
        BigInteger,
        "Message; NULL for a change that was there before a webhook was set.",
    ),
    references(["announcement_id"], [announcements.c.announcement_id]),
)

watched_runs = ledger_table(
    "watched_runs",
    "How Dagster's runs ended, a row per job, or per asset where no job ran: what alerts are made of.",
    key("subject", Text, "Such as job daily, or asset series."),
    key("run_id", Text, "Dagster run."),
    required("ended_at", TIMESTAMPTZ, "When the run ended."),
    required("outcome", Text, "success, failure, or neutral: says nothing, such as maintenance."),
    column("kind", Text, "Kind of the failure, such as credentials; bug where it is none we know."),
    column("failed_assets", ARRAY(Text), "Assets that failed."),
    column("message", Text, "What went wrong, for the reader."),
    check("outcome", "outcome IN ('success', 'failure', 'neutral')"),
    Index("watched_runs_subject_ended_at_idx", "subject", "ended_at"),
)

TABLES = (announcements, announced_changes, watched_runs)
