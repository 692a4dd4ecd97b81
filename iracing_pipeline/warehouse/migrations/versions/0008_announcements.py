"""What goes to the webhook: messages, the changes they tell of, and how runs ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column(
            "announcement_id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Running number.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="schedule_changes, run_failure or run_recovered.",
        ),
        sa.Column(
            "idempotency_key",
            sa.Text(),
            nullable=False,
            comment="Sent along as Idempotency-Key, the same at every attempt.",
        ),
        sa.Column(
            "body",
            postgresql.JSONB(),
            nullable=False,
            comment="The message; Discord gets it in its own shape.",
        ),
        sa.Column("created_at", MOMENT, nullable=False, comment="When it was entered."),
        sa.Column(
            "attempts",
            sa.Integer(),
            nullable=False,
            server_default=sa.text("0"),
            comment="How often it was posted.",
        ),
        sa.Column("last_attempt_at", MOMENT, comment="When it was last posted."),
        sa.Column("not_before", MOMENT, comment="Until when the webhook asked to be left alone."),
        sa.Column(
            "problem",
            sa.Text(),
            comment="Why the last attempt was not acknowledged, for the reader.",
        ),
        sa.Column("acknowledged_at", MOMENT, comment="When the webhook took it; NULL until then."),
        sa.CheckConstraint(
            "kind IN ('schedule_changes', 'run_failure', 'run_recovered')",
            name=op.f("announcements_kind_check"),
        ),
        sa.PrimaryKeyConstraint("announcement_id", name=op.f("announcements_pkey")),
        sa.UniqueConstraint("idempotency_key", name=op.f("announcements_idempotency_key_key")),
        schema="iracing",
        comment="Messages to the webhook, entered before they are posted: what is not acknowledged is "
        "posted again, unchanged.",
    )
    op.create_index(
        "announcements_waiting_idx",
        "announcements",
        ["kind", "announcement_id"],
        schema="iracing",
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_table(
        "announced_changes",
        sa.Column(
            "change_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Change, see changes.",
        ),
        sa.Column(
            "announcement_id",
            sa.BigInteger(),
            comment="Message; NULL for a change that was there before a webhook was set.",
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["iracing.announcements.announcement_id"],
            name=op.f("announced_changes_announcement_id_fkey"),
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("announced_changes_pkey")),
        schema="iracing",
        comment="Which message tells of a change. What has no row here, and is above the fact "
        "announced_up_to, is still to be announced.",
    )
    op.create_table(
        "watched_runs",
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="Such as job daily, or asset series.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Dagster run."),
        sa.Column("ended_at", MOMENT, nullable=False, comment="When the run ended."),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="success, failure, or neutral: says nothing, such as maintenance.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            comment="Kind of the failure, such as credentials; bug where it is none we know.",
        ),
        sa.Column("failed_assets", sa.ARRAY(sa.Text()), comment="Assets that failed."),
        sa.Column("message", sa.Text(), comment="What went wrong, for the reader."),
        sa.CheckConstraint(
            "outcome IN ('success', 'failure', 'neutral')",
            name=op.f("watched_runs_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("subject", "run_id", name=op.f("watched_runs_pkey")),
        schema="iracing",
        comment="How Dagster's runs ended, a row per job, or per asset where no job ran: what alerts are "
        "made of.",
    )
    op.create_index(
        "watched_runs_subject_ended_at_idx",
        "watched_runs",
        ["subject", "ended_at"],
        schema="iracing",
    )


def downgrade() -> None:
    for table in ("watched_runs", "announced_changes", "announcements"):
        op.drop_table(table, schema="iracing")
