"""What is read of the account itself: which packages it owns. No name, and nothing else of a person.

In: JSON objects. Out: pydantic objects. No rows.
"""

from __future__ import annotations

from iracing_pipeline.api.types.items import Id, Item


class OwnedPackage(Item):
    """An item of member/info's car_packages and track_packages."""

    package_id: Id
