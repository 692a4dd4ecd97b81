"""Every query that the documentation shows runs."""

from __future__ import annotations

import re

import pytest

from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.places import ROOT

PAGES = (
    "README.md",
    "docs/calendars.md",
    "docs/queries.md",
    "docs/operations.md",
    "docs/webhooks.md",
)


def statements() -> list[tuple[str, str]]:
    return [
        (page, statement.strip())
        for page in PAGES
        for block in re.findall(r"```sql\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
        for statement in re.sub(r"--[^\n]*", "", block).split(";")
        if statement.strip()
    ]


def test_there_are_such_queries() -> None:
    assert {page for page, _ in statements()} == set(PAGES)


@pytest.mark.parametrize(("page", "statement"), statements())
def test_a_documented_query_runs(database: Database, page: str, statement: str) -> None:
    with database.dry_run() as connection:
        connection.exec_driver_sql(statement)
