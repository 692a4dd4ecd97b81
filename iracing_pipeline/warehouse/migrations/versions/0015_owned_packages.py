"""A table for the packages that the account owns: for the functions of 0014, and for joins."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE iracing.owned_packages (
            package_id integer NOT NULL,
            read_at timestamptz NOT NULL,
            PRIMARY KEY (package_id)
        )
        """
    )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
