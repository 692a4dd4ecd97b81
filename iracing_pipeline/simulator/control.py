"""The remote control under /_simulator, for tests in other processes and in other languages.

In: reading the request log, switching faults, moving the clocks, over HTTP. Out: what they do
(faults.py, clock.py). It asks for no token: a simulator listens on the loopback unless told
otherwise, and guards nothing.

    GET    /_simulator                {"now": ..., "logins": 1, "refreshes": 0, "requests": 12}
    GET    /_simulator/requests       [{"origin", "method", "path", "params", "status", "at", ...}]
    DELETE /_simulator/requests
    GET    /_simulator/faults         what is switched on
    POST   /_simulator/faults         {"kind": "status", "endpoint": "series/get", "status": 503,
                                       "times": 2}  (fields and kinds: faults.py)
    DELETE /_simulator/faults
    POST   /_simulator/clock          {"now": "2025-09-16T00:00:00Z"} moves the calendar there;
                                      {"advance_seconds": 604800} moves it on;
                                      {"wire_advance_seconds": 700} lets tokens and links age
    POST   /_simulator/spend          {"requests": 200}: somebody else uses up the budget
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import json_answer
from .clock import parse_moment
from .errors import SimulatorError

if TYPE_CHECKING:
    from .server import Simulator


def control_routes(simulator: Simulator) -> list[Route]:
    """The routes, with their whole paths."""

    def state() -> dict[str, Any]:
        return {
            "now": simulator.clock().isoformat(),
            "wire_now": simulator.wire_clock().isoformat(),
            "logins": simulator.logins,
            "refreshes": simulator.refreshes,
            "requests": len(simulator.log),
        }

    async def overview(request: Request) -> Response:
        return json_answer(state())

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            simulator.log.clear()
        return json_answer([row.as_json() for row in simulator.log])

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            simulator.faults.clear()
        elif request.method == "POST":
            try:
                simulator.faults.add(**await _posted(request))
            except (SimulatorError, TypeError, ValueError) as error:
                return json_answer({"error": str(error)}, 400)
        return json_answer(simulator.faults.as_json())

    async def clock(request: Request) -> Response:
        try:
            posted = await _posted(request)
            if "now" in posted:
                simulator.clock.move_to(parse_moment(posted["now"]))
            simulator.clock.advance(seconds=float(posted.get("advance_seconds", 0)))
            simulator.wire_clock.advance(seconds=float(posted.get("wire_advance_seconds", 0)))
        except (TypeError, ValueError) as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer(state())

    async def spend(request: Request) -> Response:
        try:
            verdict = simulator.budget.spend(int((await _posted(request)).get("requests", 0)))
        except (TypeError, ValueError) as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer({"remaining": verdict.remaining, "reset": verdict.reset})

    return [
        Route("/_simulator", overview, methods=["GET"]),
        Route("/_simulator/requests", requests, methods=["GET", "DELETE"]),
        Route("/_simulator/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/_simulator/clock", clock, methods=["POST"]),
        Route("/_simulator/spend", spend, methods=["POST"]),
    ]


async def _posted(request: Request) -> dict[str, Any]:
    posted = json.loads(await request.body() or b"{}")
    if not isinstance(posted, dict):
        raise ValueError("a JSON object is expected")
    return posted
