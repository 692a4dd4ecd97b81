"""`iracing-pipeline db sql`: the rows of one query, for people or for programs.

In: settings, a query; no credentials are needed. Out: stdout, in one of FORMATS. Nothing is written.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import click
import psycopg
from psycopg import errors, pq
from psycopg.adapt import Loader
from psycopg.types.json import set_json_loads
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import RangeInfo
from psycopg.types.string import TextLoader
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE, MISUSE
from iracing_pipeline.warehouse.door import Door

FORMATS = ("table", "csv", "json", "jsonl")

# COPY, after white space and comments.
_COPY = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*copy\b", re.IGNORECASE | re.DOTALL)


class UnusableForm(ValueError):
    """The rows of this query have no such form. The text says what to do."""

    kind = "misuse"


def run_sql(console: Console, query: str, *, form: str = "table") -> int:
    """Print a query's rows. One statement, and read only: what writes is refused by Postgres.

    COPY … TO STDOUT goes to the console as it comes. Raises UnusableForm.
    """
    database = open_door(Door)
    database.ensure_current()
    with database.plain_connection() as connection:
        connection.autocommit = False
        try:
            # Not the session: behind a pooler it is somebody else's next.
            connection.execute("SET TRANSACTION READ ONLY")
            result = connection.cursor()
            _read_faithfully(result)
            if _COPY.match(query):
                if form != "table":
                    raise UnusableForm("COPY has a form of its own: leave --format out.")
                _copy_out(result, query)
                return DONE
            # In a pipeline the server itself refuses more than one statement.
            with connection.pipeline():
                result.execute(query.encode())
        except psycopg.Error as error:
            text = str(error).strip()
            if isinstance(error, errors.SyntaxError) and "multiple commands" in text:
                text = "One statement at a time, please: multiple commands are not run."
            click.echo(text, err=True)
            return MISUSE
        if result.description is None:
            return DONE
        names = [column.name for column in result.description]
        rows = result.fetchall()
    if form == "table":
        _print_table(console, names, rows)
    else:
        _WRITERS[form](names, rows)
    return DONE


def _copy_out(cursor: psycopg.Cursor[Any], query: str) -> None:
    # Several statements would be run together; parsing as one of them is refused by the server.
    parsed = cursor.connection.pgconn.prepare(b"", query.encode())
    state = parsed.error_field(pq.DiagnosticField.SQLSTATE)
    if state:
        raise errors.lookup(state.decode())(pq.error_message(parsed))
    with cursor.copy(query.encode()) as blocks:
        for block in blocks:
            sys.stdout.buffer.write(block)


class _Moment(str):
    """A date or time as Postgres writes it, in ISO 8601. No value of Python holds all: 'infinity', say."""


class _MomentLoader(Loader):
    def load(self, data: Any) -> _Moment:
        text = bytes(data).decode().replace(" ", "T", 1)
        # The connection's zone is UTC, and Postgres leaves its minutes out.
        return _Moment(re.sub(r"\+00(?=$| BC)", "+00:00", text))


def _read_faithfully(cursor: psycopg.Cursor[Any]) -> None:
    """No digit of a number and no moment is lost on the way through Python."""
    for name in ("timestamptz", "timestamp", "date", "time", "timetz"):
        cursor.adapters.register_loader(name, _MomentLoader)
    ranges = (RangeInfo, MultirangeInfo)
    found = [one.name for one in cursor.adapters.types if isinstance(one, ranges)]
    for name in ("interval", *found):
        # A month is no number of days; and what has no type in JSON is as Postgres writes it.
        cursor.adapters.register_loader(name, TextLoader)
    set_json_loads(partial(json.loads, parse_float=Decimal), context=cursor)


def _print_table(console: Console, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As a table where it fits, else one block per row, so that nothing is cut off."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    if sum(widths) + 3 * len(widths) < console.width:
        table = Table(*map(escape, names))
        for row in cells:
            table.add_row(*map(_marked, row))
        console.print(table)
    else:
        label = max(map(len, names))
        for number, row in enumerate(cells, start=1):
            console.print(f"[bold]row {number}[/]", highlight=False)
            for name, value in zip(names, row, strict=True):
                console.print(
                    f"{escape(name):<{label}}  {_marked(value)}", highlight=False, soft_wrap=True
                )
    console.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", highlight=False)


_NULL = "NULL"


def _marked(cell: str) -> str:
    return f"[dim]{_NULL}[/]" if cell is _NULL else escape(cell)


def _cell(value: Any) -> str:
    if value is None:
        return _NULL
    if isinstance(value, _Moment):
        return value.replace("T", " ", 1).replace("+00:00", "Z")
    return _text(value)


def _text(value: Any) -> str:
    """One value where everything is text; in JSON's form what has parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return str(Decimal(value))
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return as_json(value) if isinstance(value, (dict, list, tuple)) else str(value)


def as_json(value: Any) -> str:
    """JSON on one line, with every digit of a number as it was stored.

    What JSON has no number for (NaN, infinity) is text, and so is what it has no type for.
    """
    if isinstance(value, Mapping):
        inside = (f"{as_json(str(key))}: {as_json(item)}" for key, item in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(as_json, value))}]"
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, (bool, int, str)):
        return json.dumps(value, ensure_ascii=False)
    return as_json(_text(value))


def _write(text: str) -> None:
    # UTF-8 whatever the terminal's encoding is, and line ends as they are.
    sys.stdout.buffer.write(text.encode())


def _write_csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As Postgres itself writes CSV: what is NULL is empty, and an empty text is ""."""
    for row in (names, *rows):
        _write(",".join(map(_field, row)) + "\n")


_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def _field(value: Any) -> str:
    if value is None:
        return ""
    text = _text(value)
    if not text or _QUOTED.search(text) or text == "\\.":
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    lines = _objects(names, rows)
    _write("[" + ",".join(f"\n  {line}" for line in lines) + ("\n]\n" if rows else "]\n"))


def _write_lines(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    for line in _objects(names, rows):
        _write(f"{line}\n")


def _objects(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnusableForm(
            f"Several columns are called {', '.join(twice)}; in JSON each needs a name of its own: "
            "say `AS` in the query."
        )
    return [as_json(dict(zip(names, row, strict=True))) for row in rows]


_WRITERS: Mapping[str, Callable[[Sequence[str], Sequence[Sequence[Any]]], None]] = {
    "csv": _write_csv,
    "json": _write_json,
    "jsonl": _write_lines,
}
