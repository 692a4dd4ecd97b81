"""The baseline: all tables, from the .sql file beside this one.

It stands for revisions 0001 to 0011 and keeps the id of the last one: a database that they made is at it.
"""

from pathlib import Path

from alembic import op

from iracing_pipeline.warehouse.migrations.sql_files import execute

revision = "0011"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute(op.get_bind(), Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("Nothing comes before the baseline.")
