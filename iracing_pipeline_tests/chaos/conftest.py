"""Worlds in which no time passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from iracing_pipeline.simulator import WorldSource


@pytest.fixture(scope="session")
def frozen() -> Callable[..., WorldSource]:
    """A world at a moment that stands still, so that every run finds the same."""

    def make(**options: Any) -> WorldSource:
        now = datetime.now(timezone.utc)
        return WorldSource(now=lambda: now, **options)

    return make
