"""`iracing-pipeline owned`: the packages that the account owns, read now, stored as ids.

In: settings, with credentials. Out: the table owned_packages, the console or JSON. No name is read or stored.
"""

from __future__ import annotations

import json
from contextlib import closing

import click
from rich.console import Console

from iracing_pipeline.commands.door import open_door
from iracing_pipeline.core.errors import DONE, SOME_FAILED
from iracing_pipeline.core.wording import rejected_in_words
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.owned import read_owned
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.owned import forget_owned, reach


def run_owned(console: Console, *, as_json: bool) -> int:
    """Read, store and say what the account owns. SOME_FAILED where a package could not be read."""
    with closing(Services(Settings.from_environment())) as services:
        owned = read_owned(services)
        with services.database.begin() as connection:
            found = reach(connection)
    if as_json:
        document = {
            "package_ids": owned.package_ids,
            "car_package_ids": owned.cars,
            "track_package_ids": owned.tracks,
            "cars": found.cars,
            "tracks": found.tracks,
            "playable_weeks": found.weeks,
        }
        click.echo(json.dumps(document, indent=2))
    else:
        console.print(
            f"The account owns {len(owned.package_ids)} packages: {len(owned.cars)} of cars, "
            f"{len(owned.tracks)} of tracks. Their ids are in iracing.owned_packages now, and nothing else "
            "of the account.",
            highlight=False,
        )
        console.print(
            f"Of what is stored they open {found.cars} cars, {found.tracks} tracks with their "
            f"configurations, and {found.weeks} weeks that run or are to come."
            if found.cars or found.tracks
            else "Which cars and tracks these are is known after `iracing-pipeline sync`.",
            highlight=False,
        )
    if owned.rejected:
        click.echo(f"Not read:\n{rejected_in_words(owned.rejected)}", err=True)
    return SOME_FAILED if owned.rejected else DONE


def run_forget(console: Console) -> int:
    """Delete what is stored of it. Asks the API nothing."""
    database = open_door(Database)
    database.ensure_current()
    with database.begin() as connection:
        count = forget_owned(connection)
    console.print(f"{count} owned packages forgotten.", highlight=False)
    return DONE
