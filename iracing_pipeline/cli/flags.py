"""Flags that several verbs have, and the console that they print to.

In: what was typed. Out: click options, checked values.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from iracing_pipeline.outputs.calendars.feeds import LICENSES_IN_WORDS, license_group_of

Verb = TypeVar("Verb", bound=Callable[..., Any])


def each_once(_: click.Context, __: click.Parameter, value: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was given several times counts once."""
    return tuple(dict.fromkeys(value))


def series_options(text: str) -> Callable[[Verb], Verb]:
    """`--series-id` and `--series`: the series that a verb is about, by id and by name."""

    def add(command: Verb) -> Verb:
        by_name = click.option(
            "--series",
            "series_called",
            metavar="NAME",
            multiple=True,
            callback=each_once,
            help="The same by its name, or by a part of it that no other series has.",
        )
        by_id = click.option(
            "--series-id",
            "series_ids",
            type=click.IntRange(min=1),
            multiple=True,
            callback=each_once,
            help=text,
        )
        return by_id(by_name(command))

    return add


def times_options(command: Verb) -> Verb:
    """`--hours`, `--weekdays` and `--timezone`: when a race has to start."""
    for flag, text in (
        ("--timezone", "Whose hours and weekdays they are, such as Europe/Berlin; default UTC."),
        ("--weekdays", "Only races that start on these days, such as sat,sun or mon-fri."),
        ("--hours", "Only races that start in these hours, such as 18-23 or 6-8,20-24."),
    ):
        command = click.option(flag, help=text)(command)
    return command


def license_groups_of(
    _: click.Context, __: click.Parameter, value: tuple[str, ...]
) -> tuple[int, ...]:
    found = {text: license_group_of(text) for text in value}
    unknown = [text for text, number in found.items() if number is None]
    if unknown:
        raise click.BadParameter(
            f"no licence class is called {', '.join(unknown)}. There are: {LICENSES_IN_WORDS}."
        )
    return tuple(number for number in found.values() if number is not None)


def console(*, stderr: bool = False) -> Any:
    """Where a verb prints to; stderr where stdout is for one document alone."""
    from iracing_pipeline.cli.console import PlainConsole

    # Into a file or a pipe, a table is as wide as it needs to be.
    is_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return PlainConsole(stderr=stderr, width=None if is_terminal else 140)
