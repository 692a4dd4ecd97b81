"""All tables in one list, and look-up by name. Declarations live in the other files of this folder.

In: nothing. Out: ALL_TABLES, DATA_TABLES, table(). No connection is made here.
"""

from __future__ import annotations

from sqlalchemy import Table

from iracing_pipeline.warehouse.schema import ledger, notifications, reference, series
from iracing_pipeline.warehouse.schema.base import metadata

DATA_TABLES: tuple[Table, ...] = (*series.TABLES, *reference.TABLES)
LEDGER_TABLES: tuple[Table, ...] = (*ledger.TABLES, *notifications.TABLES)
ALL_TABLES: tuple[Table, ...] = (*DATA_TABLES, *LEDGER_TABLES)

_BY_NAME = {t.name: t for t in ALL_TABLES}

__all__ = ["ALL_TABLES", "DATA_TABLES", "LEDGER_TABLES", "metadata", "table"]


def table(name: str) -> Table:
    """The table of that name; KeyError for an unknown one."""
    return _BY_NAME[name]
