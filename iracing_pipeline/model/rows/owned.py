"""member/info → the packages that the account owns.

In: the parsed JSON body. Out: ids. Everything else that the body holds is about a person, and is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iracing_pipeline.api.types.account import OwnedPackage
from iracing_pipeline.api.types.parsing import Parsed, UnusableResponse, expect_list, parse_items
from iracing_pipeline.core.endpoints import MEMBER_INFO
from iracing_pipeline.core.rows import Rejected


@dataclass(frozen=True)
class OwnedPackages:
    """Package ids, sorted, each once; and the items that could not be read."""

    cars: list[int]
    tracks: list[int]
    rejected: list[Rejected]

    @property
    def package_ids(self) -> list[int]:
        """All of them: a package may have cars and tracks."""
        return sorted({*self.cars, *self.tracks})


def owned_packages(body: Any) -> OwnedPackages:
    """What the account owns. Raises UnusableResponse for a body without packages of cars or of tracks.

    Every account owns some of both: those that come with the subscription.
    """
    cars, tracks = (_packages(body, name) for name in ("car_packages", "track_packages"))
    return OwnedPackages(_ids(cars), _ids(tracks), [*cars.rejected, *tracks.rejected])


def _packages(body: Any, name: str) -> Parsed[OwnedPackage]:
    parsed = parse_items(OwnedPackage, expect_list(body, MEMBER_INFO, name), ("package_id",))
    if not parsed.items:
        raise UnusableResponse(f"{MEMBER_INFO} names no package in {name}: nothing was stored.")
    return parsed


def _ids(packages: Parsed[OwnedPackage]) -> list[int]:
    return sorted(package.package_id for package in packages.items)
