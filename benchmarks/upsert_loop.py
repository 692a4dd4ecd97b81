"""A naive loop: every answer fetched one after another, and every row upserted by a statement of its own.

In: `python -m benchmarks.upsert_loop PLAN`, a JSON file with `calls`, `files`, `tables` and `schema`. Out:
rows in the equal tables of that schema. They come ready from the tables of ours, which costs it little.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.floor import fetch
from benchmarks.tables import columns_of, key_of


def upsert(plan: dict[str, Any]) -> None:
    """One transaction per table, which is kinder than one per row."""
    url = os.environ["IRACING_DATABASE_URL"]
    with psycopg.connect(url) as source, psycopg.connect(url) as connection:
        for name in plan["tables"]:
            columns, key = columns_of(source, name), key_of(name)
            texts = sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns
            )
            statement = _statement(plan["schema"], name, columns, key).as_string(connection)
            with source.cursor(f"rows_of_{name}") as rows:
                rows.execute(
                    sql.SQL("SELECT {} FROM {}").format(texts, sql.Identifier("iracing", name))
                )
                for row in rows:
                    connection.execute(statement.encode(), row)
            connection.commit()


def _statement(schema: str, name: str, columns: list[str], key: list[str]) -> sql.Composed:
    rest = [column for column in columns if column not in key]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
        sql.Identifier(schema, name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.SQL("%s") for _ in columns),
        sql.SQL(", ").join(map(sql.Identifier, key)),
        sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in rest),
    )


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    fetch({**plan, "threads": 1})
    upsert(plan)


if __name__ == "__main__":
    main()
