"""Whether the list of current seasons has been merged before, for databases in which it has."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FACT = """
    INSERT INTO iracing.installation (name, value, updated_at)
    SELECT '{name}', to_jsonb(now()), now() FROM iracing.{table}
    WHERE {condition} LIMIT 1
    ON CONFLICT (name) DO NOTHING
"""


def upgrade() -> None:
    op.execute(
        _FACT.format(
            name="current_list_merged", table="seasons", condition="has_rules AND NOT complete"
        )
    )
    op.execute(
        _FACT.format(
            name="current_weeks_merged", table="season_schedules", condition="is_in_schedule"
        )
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
