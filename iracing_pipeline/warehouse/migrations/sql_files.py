"""Views and functions, each created from the .sql file of its name.

In: a connection, names such as views/current_weeks. Out: the objects with their comments, in place of
older ones of that name. Which revision creates which of them is in versions/.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def create(connection: Connection, *names: str) -> None:
    """Run the files in this order: each has to come after those it needs."""
    for name in names:
        statements = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
        # Without parameters, % is a character like any other and a file may hold several statements.
        connection.exec_driver_sql(statements, execution_options={"no_parameters": True})
