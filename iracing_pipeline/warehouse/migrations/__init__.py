"""Alembic's scripts; HEAD stands here so that a current database is recognised without Alembic."""

HEAD = "0015"
