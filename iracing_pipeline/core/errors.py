"""Kinds of failure: what each means for the exit status, the retry, the other items and the reader.

In: an exception. Out: its kind, from one table. Every exception that the pipeline raises on purpose names
its kind in an attribute `kind`; an exception without one is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DONE, SOME_FAILED, MISUSE, API_UNAVAILABLE = 0, 1, 2, 3
"""Exit statuses of the command line."""
INTERRUPTED = 130


@dataclass(frozen=True)
class FailureKind:
    """One kind of failure."""

    name: str
    advice: str
    """What the reader should do."""
    exit_status: int = SOME_FAILED
    is_retried: bool = False
    """A later attempt of the same step may succeed: it is left to the step's retry policy."""
    stops_everything: bool = False
    """Every further request or item would fail in the same way: none is tried."""
    concerns_one_response: bool = False
    """Other endpoints may answer all the same: a caller with another way may take it."""
    is_alerted: bool = True
    """False: it passes by itself, or somebody wanted it; neither counts as a failure in a row."""


_FALLBACK = FailureKind("items", "See docs/operations.md, When something fails.")
KINDS: Mapping[str, FailureKind] = {
    kind.name: kind
    for kind in (
        FailureKind(
            "configuration",
            "Set or correct the variable it names, and start the processes again.",
            exit_status=MISUSE,
            stops_everything=True,
        ),
        FailureKind(
            "credentials",
            "Check IRACING_CLIENT_ID, IRACING_CLIENT_SECRET, IRACING_USERNAME and "
            "IRACING_PASSWORD (or the token that is set instead), and start the processes again.",
            exit_status=MISUSE,
            stops_everything=True,
        ),
        FailureKind(
            "database",
            "Check IRACING_DATABASE_URL, and that the server runs, lets this user in and has room.",
            exit_status=MISUSE,
            stops_everything=True,
        ),
        FailureKind(
            "misuse",
            "The options of the run contradict each other, or something it needs is not stored yet: "
            "do what the message says.",
            exit_status=MISUSE,
        ),
        FailureKind(
            "maintenance",
            "Wait: iRacing is in maintenance. The next run goes on where this one stopped.",
            exit_status=API_UNAVAILABLE,
            stops_everything=True,
            is_alerted=False,
        ),
        FailureKind(
            "unreachable",
            "iRacing, or the network to it, is down. Check that this machine reaches the API; "
            "the next run goes on where this one stopped.",
            exit_status=API_UNAVAILABLE,
            is_retried=True,
            stops_everything=True,
        ),
        FailureKind(
            "limited",
            "The account's requests or logins are used up: wait, and see what else uses the account. The "
            "next run goes on where this one stopped.",
            is_retried=True,
            stops_everything=True,
        ),
        FailureKind(
            "transient",
            "iRacing answers with errors. Usually it passes; if not, see which endpoint it is and "
            "whether others have the same trouble.",
            is_retried=True,
            concerns_one_response=True,
        ),
        FailureKind(
            "permanent",
            "iRacing refuses this request for good. See docs/operations.md, When something fails.",
            concerns_one_response=True,
        ),
        FailureKind(
            "answer",
            "iRacing's response cannot be used, and nothing was written. See docs/operations.md, When "
            "something fails: if the response is right, it can be forced.",
            concerns_one_response=True,
        ),
        FailureKind(
            "unusable",
            "iRacing's response must not be taken as it is: the message says why. See "
            "docs/operations.md, When something fails.",
            concerns_one_response=True,
        ),
        FailureKind(
            "database_gone",
            "The connection to the database broke: check that the server runs and has room on its "
            "disk.",
            is_retried=True,
        ),
        FailureKind(
            "contention",
            "Other sessions of the database hold, or write, what the run needs. Run it again; if it comes "
            "back, see who they are (pg_stat_activity).",
            is_retried=True,
            stops_everything=True,
        ),
        FailureKind(
            "locked",
            "Another session of the database holds a lock on what the run needs: end its transaction, or "
            "wait for it, and run it again. IRACING_LOCK_TIMEOUT says how long a run waits.",
            stops_everything=True,
        ),
        FailureKind(
            "interrupted",
            "Run it again: it goes on from what is stored.",
            stops_everything=True,
            is_alerted=False,
        ),
        FailureKind(
            "broke_off",
            "The run's process died or was never started: look at its log in Dagster, and at this "
            "machine's memory.",
        ),
        FailureKind(
            "bug",
            "It looks like an error in iracing_pipeline: the traceback is in Dagster's log of the run.",
        ),
        _FALLBACK,
    )
}


def failure_kind(name: str | None) -> FailureKind:
    """The kind of that name; a kind without any flag for one that is not known."""
    return KINDS.get(name or "bug", _FALLBACK)


class ConfigurationError(Exception):
    """Something the person who started the pipeline has to set or correct. The text is for that person."""

    kind = "configuration"


class Interrupted(Exception):
    """The run was told to stop; nothing of the asset at hand was written."""

    kind = "interrupted"

    def __str__(self) -> str:
        return "Interrupted. What had landed before stays; run it again to go on."


# By name: core imports no driver, and a process that has not imported one meets none of its errors.
_CONNECTION_ERRORS = {("psycopg", "OperationalError"), ("psycopg", "InterfaceError")}
_OWN_FAULT = {("psycopg.errors", "ProgramLimitExceeded")}
_NO_ROOM = {("psycopg.errors", "DiskFull"), ("psycopg2.errors", "DiskFull")}
_READ_ONLY = {
    ("psycopg.errors", "ReadOnlySqlTransaction"),
    ("psycopg2.errors", "ReadOnlySqlTransaction"),
}


def kind_of(error: BaseException | None) -> str | None:
    """The kind of a failure, or None for a bug."""
    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind
    classes = _classes(error)
    if classes & _READ_ONLY:
        return "database"
    is_connection = bool(classes & _CONNECTION_ERRORS) and not classes & _OWN_FAULT
    return "database_gone" if is_connection else None


def _classes(error: BaseException | None) -> set[tuple[str, str]]:
    # COPY and the merge speak to psycopg directly, the rest through SQLAlchemy.
    reason = getattr(error, "orig", None) or error
    return {(one.__module__, one.__name__) for one in type(reason).__mro__}


def message_of(error: BaseException) -> str:
    """What happened, for the reader: one message, never a stack of causes."""
    if _classes(error) & _READ_ONLY:
        return (
            "The database takes no writes: it is a standby, or default_transaction_read_only is on for "
            "it or for this user. Use the primary, or ask its administrator."
        )
    if _classes(error) & _NO_ROOM:
        return (
            f"The disk of the database is full: {_first_line(error)}. Make room on it; what had landed "
            "before is stored."
        )
    kind = kind_of(error)
    if kind == "database_gone":
        return f"The connection to the database broke: {_first_line(error)}"
    if kind is None:
        return f"Unexpected {type(error).__name__}: {_first_line(error)}"
    return str(error)


def _first_line(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def exit_status(kinds: Iterable[str | None]) -> int:
    """The exit status of a command with failures of these kinds; DONE for none at all.

    What the reader has to put right comes first: with a wrong password, nothing else matters.
    """
    found = {failure_kind(kind).exit_status for kind in kinds}
    for status in (MISUSE, API_UNAVAILABLE, SOME_FAILED):
        if status in found:
            return status
    return DONE
