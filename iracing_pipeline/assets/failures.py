"""From an exception to what the reader of a run sees: one message, its kind, retry or not.

In: any exception of api, warehouse, model, settings. Out: dagster.Failure. Never a stack of causes.
"""

from __future__ import annotations

import sys
from typing import Any

from dagster import DagsterExecutionInterruptedError, Failure, MetadataValue, RetryPolicy

INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)
"""What ^C and SIGTERM become, outside and inside a Dagster step."""


class StepRetries(RetryPolicy):
    """A retry policy that does not take ^C for a failure to be waited out.

    Dagster asks the policy for a delay also when a step was interrupted, and would sleep it, deaf to
    further signals. So the delay is none then, and the step's next attempt ends at once.
    """

    told_to_stop = False
    """Whether this process was interrupted inside a step. It does not come back from that."""

    def calculate_delay(self, attempt_num: int) -> Any:
        if isinstance(sys.exc_info()[1], INTERRUPTS):
            StepRetries.told_to_stop = True
            return 0
        return super().calculate_delay(attempt_num)


class Interrupted(Exception):
    """The run was told to stop; nothing of the asset at hand was written."""

    kind = "interrupted"

    def __str__(self) -> str:
        return "Interrupted. What had landed before stays; run it again to go on."


# kind → whether a later attempt of the same step may help.
RETRY_HELPS = {"transient": True, "unreachable": True, "database_gone": True}


def kind_of(error: BaseException | None) -> str | None:
    """The kind of a failure we know, or None for a bug."""
    import psycopg
    from psycopg import errors
    from sqlalchemy import exc

    from iracing_pipeline.api.types.parsing import UnusableAnswer

    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind
    if isinstance(error, UnusableAnswer):
        return "answer"
    # COPY and the merge speak to psycopg directly, the rest through SQLAlchemy.
    reason = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(reason, (psycopg.OperationalError, psycopg.InterfaceError)):
        return None if isinstance(reason, errors.ProgramLimitExceeded) else "database_gone"
    return None


def as_failure(error: BaseException, *, retries_steps: bool) -> Failure:
    """The failure to raise. Only what a later attempt may mend is left to the step's retry policy."""
    kind = kind_of(error)
    return Failure(
        description=message_of(error, kind),
        metadata={"kind": MetadataValue.text(kind or "bug")},
        allow_retries=retries_steps and RETRY_HELPS.get(kind or "bug", False),
    )


def message_of(error: BaseException, kind: str | None) -> str:
    """What happened, for the reader."""
    if kind == "database_gone":
        return f"The database broke off: {_first_line(error)}"
    if kind is None:
        return f"Unexpected {type(error).__name__}: {_first_line(error)}"
    return str(error)


def _first_line(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
