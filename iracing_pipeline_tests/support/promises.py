"""What the project promises, and which tests hold each promise: the page docs/promises.md.

In: `@pytest.mark.promise(number)` in the test files. Out: Markdown. As a module: prints it (`make promises`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from iracing_pipeline_tests.support.places import ROOT

TESTS = ROOT / "iracing_pipeline_tests"
PROMISES = {
    1: (
        "Identity",
        "A week is (`season_id`, `race_week_num`). A track swap updates it and records one change; it never "
        "makes a second week. Names are never keys.",
    ),
    2: (
        "Idempotence",
        "The same input twice writes no data row the second time. Fields that move on every fetch do not "
        "count as change.",
    ),
    3: (
        "Retirement, not deletion",
        "What vanishes from a complete response is marked `retired_at`; what returns is restored. A response "
        "that is empty, or lacks more than half of what should still be there, fails the asset and retires "
        "nothing.",
    ),
    4: (
        "Isolation",
        "One bad week, season or series never stops the others. It is in quarantine with payload and reason, "
        "and the run ends red.",
    ),
    5: (
        "Atomicity",
        "Rows land in one transaction with their changes and their response. Killed at any point, a rerun "
        "ends in the same tables as an undisturbed run, and repeats no finished work.",
    ),
    6: (
        "Budget",
        "No request that a landed response can answer; completed seasons are fetched once in a lifetime. "
        "Budget headers are obeyed before the limit is reached.",
    ),
    7: (
        "Order does not matter",
        "Current then past, or past then current: identical tables. `past_seasons` never demotes the running "
        "season.",
    ),
    8: (
        "Secrets stay secret",
        "No password, token, client secret, database password or signed link in a log line, event, metadata, "
        "landed body or error. The bearer token goes to the API host only.",
    ),
    9: (
        "Drift is an event, never a crash",
        "A new field is landed and reported; a missing optional field is NULL; a missing required one costs "
        "its item alone.",
    ),
    10: (
        "Weeks are what the API says",
        "Never start + 7 n. Sessions are bounded by `week_end_time`, inclusive.",
    ),
}


def held() -> Iterator[tuple[int, Path, str]]:
    """(promise, file, test) of every test that is marked, file by file."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    if ast.unparse(decorator).startswith("pytest.mark.promise("):
                        assert isinstance(decorator, ast.Call)
                        yield int(ast.literal_eval(decorator.args[0])), path, node.name


def page() -> str:
    """The Markdown page."""
    lines = [
        "# Promises",
        "",
        "What users may rely on, and the tests that fail when it is broken. Made from the tests by "
        "`make promises`.",
    ]
    found = list(held())
    for number, (name, text) in PROMISES.items():
        lines += ["", f"## {number}. {name}", "", text, "", "| file | test |", "|---|---|"]
        for promise, path, test in found:
            if promise == number:
                words = test.removeprefix("test_").replace("_", " ")
                lines.append(f"| `{path.relative_to(TESTS)}` | {words} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
