"""The export, written where it differs: rows read at one moment, files replaced whole, the manifest last.

In: a database, a directory, the moment. Out: files, and what became of them. No request.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.core.wording import counted
from iracing_pipeline.outputs.export.formats import FORMATS, Rows
from iracing_pipeline.outputs.export.queries import read_tables
from iracing_pipeline.outputs.export.schema import NAME, TABLES, VERSION
from iracing_pipeline.outputs.files import EXPORT, Files, Output, open_directory
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, get_state
from iracing_pipeline.warehouse.locks import Lock, lock_for_transaction

MANIFEST = "export.json"
DEFAULT_FORMATS = ("json",)
DEFAULT_DAYS = 14


@dataclass(frozen=True)
class Wanted:
    """What the export is to hold."""

    formats: Sequence[str] = DEFAULT_FORMATS
    """Names of FORMATS."""
    days: int = DEFAULT_DAYS
    """Sessions of today and of so many days ahead."""
    history: bool = False
    """Past seasons and their weeks too."""


@dataclass
class Published:
    """What became of the files."""

    place: str
    rows: Mapping[str, int]
    """By table."""
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        return (
            f"{counted(self.rows['seasons'], 'season')}, {counted(self.rows['weeks'], 'week')}, "
            f"{counted(self.rows['sessions'], 'session')} in {self.place}: "
            f"{counted(len(self.written), 'file')} written, "
            f"{len(self.unchanged)} unchanged, {len(self.removed)} removed"
        )


def publish_export(
    database: Database, directory: str, wanted: Wanted, now: datetime, *, output: Output = EXPORT
) -> Published:
    """Write the calendar into a directory, local or a URL that fsspec knows.

    `output`: as messages name it.

    Raises ConfigurationError where there is no such format, or the directory cannot be used.
    """
    unknown = sorted(set(wanted.formats) - FORMATS.keys())
    if unknown or not wanted.formats:
        raise ConfigurationError(
            f"There is no format {', '.join(unknown) or 'named'}; the formats are {', '.join(FORMATS)}."
        )
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    until = since + timedelta(days=wanted.days + 1)
    files = open_directory(directory, output)
    with database.begin() as alone:
        # The last process to write has read the newest rows, all of one moment.
        lock_for_transaction(alone, Lock.CALENDAR_FILES)
        with database.begin() as connection:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            rows = read_tables(connection, since=since, until=until, history=wanted.history)
            origin = get_state(connection, DATA_ORIGIN)
        facts = {
            "schema": NAME,
            "schema_version": VERSION,
            "data": origin,
            "sessions_from": since.isoformat(),
            "sessions_until": until.isoformat(),
            "history": wanted.history,
        }
        done = Published(files.place, {name: len(found) for name, found in rows.items()})
        _write(files, _contents(rows, wanted), facts, done)
    return done


def _contents(rows: Rows, wanted: Wanted) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for name in sorted(set(wanted.formats)):
        contents.update(FORMATS[name](rows))
    return contents


def _write(
    files: Files, contents: Mapping[str, bytes], facts: Mapping[str, Any], done: Published
) -> None:
    there = files.sizes()
    before = _listed(files) if MANIFEST in there else []
    for name, content in {**contents, MANIFEST: _manifest(facts, contents, done)}.items():
        if there.get(name) == len(content) and files.read(name) == content:
            done.unchanged.append(name)
        else:
            files.write(name, content)
            done.written.append(name)
    # Of what is there, the last manifest says what is ours.
    for name in before:
        if name in there and name not in contents:
            files.remove(name)
            done.removed.append(name)


def _manifest(facts: Mapping[str, Any], contents: Mapping[str, bytes], done: Published) -> bytes:
    """What the files are, for whoever reads them: it is written last, and tells their sums."""
    document = {
        **facts,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in contents.items()
        },
        "tables": {
            table.name: {
                "meaning": table.meaning,
                "rows": done.rows[table.name],
                "key": table.key,
                "columns": {
                    column.name: {"type": column.kind.value, "meaning": column.meaning}
                    for column in table.columns
                },
            }
            for table in TABLES
        },
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _listed(files: Files) -> list[str]:
    """The files that the manifest names, if it is one of ours."""
    try:
        document = json.loads(files.read(MANIFEST))
        return sorted(document["files"]) if document["schema"] == NAME else []
    except (ValueError, KeyError, TypeError):
        return []
