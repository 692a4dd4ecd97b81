"""What is missing to buy, and what to buy first; owned packages as any integer array. No table changes.

The functions are made anew from their files at every upgrade.
"""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing but that."""


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
