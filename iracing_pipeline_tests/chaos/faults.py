"""The table of faults: everything that is tried, by family."""

from __future__ import annotations

from iracing_pipeline_tests.chaos.answers import ANSWERS
from iracing_pipeline_tests.chaos.connections import CONNECTIONS
from iracing_pipeline_tests.chaos.files import FILE_FAULTS
from iracing_pipeline_tests.chaos.items import ITEMS
from iracing_pipeline_tests.chaos.logins import LOGINS
from iracing_pipeline_tests.chaos.postgres import POSTGRES
from iracing_pipeline_tests.chaos.processes import PROCESSES
from iracing_pipeline_tests.chaos.promises import Fault

FAULTS: list[Fault] = [
    *ANSWERS,
    *LOGINS,
    *FILE_FAULTS,
    *CONNECTIONS,
    *ITEMS,
    *PROCESSES,
    *POSTGRES,
]
