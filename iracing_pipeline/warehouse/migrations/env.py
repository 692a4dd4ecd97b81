"""Alembic's entry point: runs on the connection that upgrade.py hands over. No offline mode.

In: config.attributes["connection"]. Out: migrations run inside the caller's transaction.
"""

from alembic import context

from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.schema.tables import metadata

connection = context.config.attributes["connection"]
if connection is None:
    raise SystemExit("Run `iracing-pipeline db upgrade` instead of the alembic command.")

context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
