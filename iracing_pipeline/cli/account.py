"""`login` and `owned`: their flags, checked.

In: flags. Out: an exit status.
"""

from __future__ import annotations

import sys

import click

from iracing_pipeline.cli.flags import console
from iracing_pipeline.core.errors import ConfigurationError


@click.command()
@click.option(
    "--redirect-uri",
    metavar="URI",
    default="http://127.0.0.1:8721/callback",
    show_default=True,
    help="Where the browser brings the answer: on this machine, and as it is registered for the client. "
    "Without a port, any free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the page to open.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=300,
    show_default=True,
    help="Seconds to wait for the answer.",
)
def login(redirect_uri: str, no_browser: bool, timeout: int) -> None:
    """Log in to iRacing with a browser, for a client id that is not of the kind password_limited."""
    try:
        from iracing_pipeline.commands.login import run_login
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("oauthlib"):
            raise
        raise ConfigurationError(
            "A login by browser needs oauthlib, which is not installed: pip install "
            "'iracing-pipeline[login]'."
        ) from None

    sys.exit(
        run_login(
            console(), redirect_uri=redirect_uri, with_browser=not no_browser, wait_seconds=timeout
        )
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The ids, for programs.")
@click.option("--forget", is_flag=True, help="Delete what is stored of it, without a request.")
def owned(as_json: bool, forget: bool) -> None:
    """Read which cars and tracks the account owns, and store their package ids: for what you can race."""
    from iracing_pipeline.commands import owned as owning

    if as_json and forget:
        raise click.UsageError("--forget prints no ids: leave --json out.")
    sys.exit(
        owning.run_forget(console()) if forget else owning.run_owned(console(), as_json=as_json)
    )
