"""Small hand-written answers, one per endpoint, in the shapes of iracing-api's recorded ones.

In: nothing. Out: RecordedResponses, to be changed by a test and served by a simulator as its source.
"""

from __future__ import annotations

import json
import re
from typing import Any

from iracing_pipeline.simulator.source import STORAGE_SCHEME
from iracing_pipeline_tests.support.places import RECORDED

_FILE = re.compile(r'https://objects\.example/([^"?]*)[^"]*')


class RecordedResponses:
    """The answers as mutable JSON: `answers["series/seasons"][0]["drops"] = 3`."""

    def __init__(self) -> None:
        self._bodies = {
            path.stem.replace("_", "/", 1): json.loads(path.read_text())
            for path in sorted(RECORDED.glob("*.json"))
        }

    def __getitem__(self, endpoint: str) -> Any:
        return self._bodies[endpoint]

    def __setitem__(self, endpoint: str, body: Any) -> None:
        self._bodies[endpoint] = body

    def transform(self, endpoint: str, params: dict[str, str], body: Any) -> Any:
        """As a simulator's `faults.transform`: these bodies instead of the world's."""
        if endpoint not in self._bodies:
            return body
        # The simulator's own links: a host that does not exist is asked for several times, for seconds.
        text = _FILE.sub(rf"{STORAGE_SCHEME}\1", json.dumps(self._bodies[endpoint]))
        return json.loads(text)

    def season(self, season_id: int) -> Any:
        """The season of that id in series/seasons."""
        return next(s for s in self["series/seasons"] if s["season_id"] == season_id)
