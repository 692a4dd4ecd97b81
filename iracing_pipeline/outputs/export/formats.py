"""Rows of the schema as files: the same rows give the same bytes.

In: rows by table. Out: contents by file name. What is written where, and when: publish.py.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.outputs.export.schema import NAME, TABLES, VERSION, Column, Kind, Table

Rows = Mapping[str, Sequence[Sequence[Any]]]
SQLITE_FILE = "calendar.sqlite"


def as_json(rows: Rows) -> dict[str, bytes]:
    """A file per table: an array with an object on each line, so that a difference shows what changed."""
    return {f"{table.name}.json": _lines(table, rows[table.name]) for table in TABLES}


def _lines(table: Table, rows: Sequence[Sequence[Any]]) -> bytes:
    names = [column.name for column in table.columns]
    kinds = [column.kind for column in table.columns]
    lines = [
        json.dumps(
            {
                name: _plain(kind, value)
                for name, kind, value in zip(names, kinds, row, strict=True)
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row in rows
    ]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode() if lines else b"[]\n"


def as_sqlite(rows: Rows) -> dict[str, bytes]:
    """One database with a table each; `PRAGMA user_version` is the version of the schema."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / SQLITE_FILE
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            # No journal: nobody else knows the file yet.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("BEGIN")
            for table in TABLES:
                columns = ", ".join(
                    f"{column.name} {_SQLITE_TYPES[column.kind]}" for column in table.columns
                )
                key = ", ".join(table.key)
                connection.execute(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({key}))")
                marks = ", ".join("?" * len(table.columns))
                connection.executemany(
                    f"INSERT INTO {table.name} VALUES ({marks})",  # noqa: S608 - a constant
                    [_sqlite_row(table.columns, row) for row in rows[table.name]],
                )
            connection.execute("COMMIT")
        finally:
            connection.close()
        return {SQLITE_FILE: path.read_bytes()}


_SQLITE_TYPES = {
    Kind.INTEGER: "INTEGER",
    Kind.NUMBER: "REAL",
    Kind.BOOLEAN: "INTEGER",
    Kind.TEXT: "TEXT",
    Kind.MOMENT: "TEXT",
    Kind.INTEGERS: "TEXT",
}


def _sqlite_row(columns: Sequence[Column], row: Sequence[Any]) -> list[Any]:
    plain = [_plain(column.kind, value) for column, value in zip(columns, row, strict=True)]
    return [json.dumps(value) if isinstance(value, list) else value for value in plain]


def as_parquet(rows: Rows) -> dict[str, bytes]:
    """A file per table. Raises ConfigurationError where the extra `parquet` is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise ConfigurationError(
            "Parquet needs pyarrow, which is not installed: pip install 'iracing-pipeline[parquet]'."
        ) from None
    types = {
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.BOOLEAN: pyarrow.bool_(),
        Kind.TEXT: pyarrow.string(),
        Kind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
        Kind.INTEGERS: pyarrow.list_(pyarrow.int64()),
    }
    written = {}
    for table in TABLES:
        schema = pyarrow.schema(
            [(column.name, types[column.kind]) for column in table.columns],
            metadata={"schema": NAME, "schema_version": str(VERSION)},
        )
        values = {
            column.name: [
                row[at] if column.kind is Kind.MOMENT else _plain(column.kind, row[at])
                for row in rows[table.name]
            ]
            for at, column in enumerate(table.columns)
        }
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(values, schema=schema), buffer)
        written[f"{table.name}.parquet"] = buffer.getvalue()
    return written


FORMATS: Mapping[str, Callable[[Rows], dict[str, bytes]]] = {
    "json": as_json,
    "parquet": as_parquet,
    "sqlite": as_sqlite,
}


def _plain(kind: Kind, value: Any) -> Any:
    """The value as JSON and SQLite know it; a list that is not there is empty."""
    if kind is Kind.INTEGERS:
        return list(value or ())
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return value
