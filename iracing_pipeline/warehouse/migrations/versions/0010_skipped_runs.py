"""An attempt may end as skipped: the API was in maintenance when a schedule asked."""

from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

COMMENT = (
    "running, success, partial (some items quarantined), failure, or skipped: the API was in "
    "maintenance and a schedule, not a person, had asked."
)
BEFORE = "running, success, partial (some items quarantined) or failure."


def _statuses(statuses: str, comment: str) -> None:
    op.drop_constraint("sync_runs_status_check", "sync_runs", schema="iracing")
    op.create_check_constraint(
        op.f("sync_runs_status_check"), "sync_runs", f"status IN ({statuses})", schema="iracing"
    )
    op.execute(f"COMMENT ON COLUMN iracing.sync_runs.status IS '{comment}'")


def upgrade() -> None:
    _statuses("'running', 'success', 'partial', 'failure', 'skipped'", COMMENT)


def downgrade() -> None:
    op.execute("UPDATE iracing.sync_runs SET status = 'failure' WHERE status = 'skipped'")
    _statuses("'running', 'success', 'partial', 'failure'", BEFORE)
