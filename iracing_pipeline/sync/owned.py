"""What the account owns, read on demand: one request, of which package ids alone are kept.

In: services. Out: OwnedPackages, stored. No sync run, no asset: nothing that runs by itself asks this.
"""

from __future__ import annotations

from iracing_pipeline.core.endpoints import MEMBER_INFO
from iracing_pipeline.model.rows.owned import OwnedPackages, owned_packages
from iracing_pipeline.sync.run import prepare
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.ledger.owned import replace_owned
from iracing_pipeline.warehouse.ledger.runs import enter_calls

RUN_ID = "owned"
"""Whose request it is, in `api_calls`."""


def read_owned(services: Services) -> OwnedPackages:
    """Ask, and store the answer in place of the last one. The body itself is not landed.

    Raises ConfigurationError, UnusableResponse, and what the client raises.
    """
    prepare(services, Session(services.now()))
    try:
        response = services.client.get(MEMBER_INFO)
    finally:
        with services.database.begin() as connection:
            enter_calls(connection, services.calls.take(), run_id=RUN_ID)
    owned = owned_packages(response.body)
    with services.database.begin() as connection:
        replace_owned(connection, owned.package_ids, response.fetched_at)
    return owned
