"""What a fault is, and what may be promised of it.

In: nothing. Out: Fault, and the two ways in which a command under a fault may end. The table is faults.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iracing_pipeline_tests.chaos.bench import Bench, Ended

SEASONS = ("sync", "--sync-seasons")
HISTORY = ("sync", "--sync-seasons", "--sync-past-seasons")


@dataclass(frozen=True)
class Ends:
    """How the command ends. `status` 0: in the tables of an undisturbed run; else it says `words`.

    `then`: what the next command needs beside its arguments to end in those tables.
    """

    status: int = 0
    words: str = ""
    then: tuple[str, ...] = ()
    says: str = ""
    """For the page, where more is to be said than the words."""
    shown: str = ""
    """The exit status for the page, where it is another than that of what is played."""
    or_done: bool = False
    """Or nobody notices: the seed decides whether the fault is met."""


UNDISTURBED = Ends()


def fails(words: str, status: int = 1, *, refresh: bool = False, says: str = "") -> Ends:
    """The clear failure. `refresh`: what had landed is asked for again by `--refresh`, or when it expires."""
    return Ends(status, words, ("--refresh",) if refresh else (), says)


def nothing(bench: Bench) -> None:
    """Where the environment, or how the command is played, is the fault."""


@dataclass(frozen=True)
class Fault:
    """One line of the table."""

    family: str
    name: str
    inject: Callable[[Bench], None] = nothing
    ends: Ends = UNDISTURBED
    seconds: int = 10
    """How much longer than an undisturbed run it takes, at most."""
    command: tuple[str, ...] = SEASONS
    environment: Mapping[str, str] = field(default_factory=dict)
    is_second: bool = False
    """After an undisturbed sync, with `--refresh`: what is stored stays, whatever the command says."""
    play: Callable[[Bench], Ended] | None = None
    """How the fault is played, where it is more than a command to its end."""
    has_own_server: bool = False
    """On a Postgres of its own, which may be stopped."""
    is_kept: bool = False
    """With Dagster's own storage in the database, as it is outside of tests."""
    quick: bool = False
    """Tried by every `make test`."""

    @property
    def id(self) -> str:
        return f"{self.family}: {self.name}"
