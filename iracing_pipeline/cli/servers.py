"""`demo`, `ui` and `simulate`: their flags, checked.

In: flags, the environment. Out: an exit status.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from iracing_pipeline.cli.flags import console
from iracing_pipeline.settings import value_of

LARGEST_WORLD = 1000
"""iRacing has had 600 series. The index of a thousand takes fifteen seconds to make up, once."""
NO_LIMIT = 1_000_000
"""As good as none, and a number that every client can read in a header."""


@click.command()
@click.option("--refresh", is_flag=True, help="Ask the simulated API again.")
def demo(refresh: bool) -> None:
    """Run the whole sync against the simulated API, in the embedded Postgres. Needs no account."""
    from iracing_pipeline.commands.demo import run_demo

    sys.exit(run_demo(console(), refresh=refresh))


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@click.option("--demo", is_flag=True, help="With the simulated API behind it.")
def ui(port: int, demo: bool) -> None:
    """Dagster's UI and daemon on 127.0.0.1, over the same data as every other command."""
    from iracing_pipeline.commands.ui import run_ui

    sys.exit(run_ui(console(), port=port, demo=demo))


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True)
@click.option(
    "--captures",
    type=click.Path(path_type=Path),
    help="Replay a folder of captured answers instead of the generated world.",
)
@click.option(
    "--series",
    type=click.IntRange(1, LARGEST_WORLD),
    help=f"How many series the generated world ever has, up to {LARGEST_WORLD}: 60 if you do not say. "
    "About six in ten run now.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="Another seed is another world; 2025."
)
@click.option(
    "--past-quarters",
    type=click.IntRange(0, 100),
    help="Quarters of history that a series has at most; all since 2008 if you do not say.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 lets other machines and containers in.",
)
@click.option(
    "--storage-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of the object host, where links lead; any free one if you do not say.",
)
@click.option(
    "--storage-url",
    metavar="URL",
    help="Where clients reach the object host, if not at that port of the host that they ask.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(0, NO_LIMIT),
    default=240,
    show_default=True,
    help="Requests a minute before it answers 429; 0 for no limit.",
)
@click.option(
    "--logins-per-hour",
    type=click.IntRange(0, NO_LIMIT),
    default=12,
    show_default=True,
    help="Full logins before it refuses them; 0 for no limit.",
)
def simulate(
    port: int,
    captures: Path | None,
    series: int | None,
    seed: int | None,
    past_quarters: int | None,
    host: str,
    storage_port: int,
    storage_url: str | None,
    rate_limit: int,
    logins_per_hour: int,
) -> None:
    """The simulated iRacing API alone, until ^C. Prints what to set to use it."""
    from iracing_pipeline.simulator import SimCredentials, WorldSource, serve

    sizes = {"series": series, "seed": seed, "past_quarters": past_quarters}
    world: dict[str, Any] = {name: value for name, value in sizes.items() if value is not None}
    if captures is not None and world:
        raise click.UsageError(
            "--series, --seed and --past-quarters are for the generated world; --captures replays what "
            "is in its folder."
        )
    names = ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")
    given = {f"IRACING_{name}": value_of(os.environ, f"IRACING_{name}") for name in names}
    # The object host takes any free port: the next one up may be another simulator.
    serve(
        port=port,
        captures=captures,
        source=None if captures else WorldSource(**world),
        host=host,
        storage_port=storage_port,
        storage_url=storage_url,
        rate_limit=rate_limit or NO_LIMIT,
        login_limit=logins_per_hour or NO_LIMIT,
        credentials=SimCredentials.from_environment({k: v for k, v in given.items() if v}),
    )
