"""A headless Chromium, told what to do over a pipe: pages as a person uses them. None installed: no test.

In: addresses, expressions of JavaScript. Out: their values. Nothing but the browser is needed for it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from itertools import count
from pathlib import Path
from typing import Any

import pytest


class Browser:
    """`with Browser(profile, zone="Europe/Berlin") as browser:`; skips the test where there is none.

    Two of them with one profile, one after the other, are one person on two days.
    """

    def __init__(self, profile: Path, zone: str = "UTC") -> None:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            pytest.skip("no Chromium is installed")
        self._program, self._profile, self._zone = program, profile, zone
        self._numbers, self._session, self._rest = count(1), "", b""
        self._loaded = 0

    def __enter__(self) -> Browser:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe")

        def take_pipes() -> None:
            # The two that the browser looks for; a copy each first, as one may be in the other's place.
            spare = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self._process = subprocess.Popen(
            [self._program, *flags, f"--user-data-dir={self._profile}", "about:blank"],
            preexec_fn=take_pipes,
            close_fds=False,
            env={**os.environ, "TZ": self._zone},
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self._tell("Target.createTarget", url="about:blank")["targetId"]
        attached = self._tell("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._tell("Page.enable")
        return self

    def __exit__(self, *_: object) -> None:
        # As a person closes it: what pages have kept is written down.
        self._session = ""
        self._tell("Browser.close")
        self._process.wait(30)
        os.close(self._out)
        os.close(self._in)

    def open(self, address: str) -> None:
        before = self._loaded
        self._tell("Page.navigate", url=address)
        while self._loaded == before:
            self._hear()

    def value(self, expression: str) -> Any:
        """What the expression comes to on the page; a promise is waited for."""
        said = self._tell(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def look(
        self, file: Path, *, width: int = 1400, height: int = 1000, dark: bool = False
    ) -> None:
        """A picture of the page, for people."""
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._tell("Emulation.setEmulatedMedia", features=[theme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        self._tell("Emulation.setDeviceMetricsOverride", **size)
        taken = self._tell("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(taken["data"]))

    def print_to(self, file: Path) -> None:
        """The page on paper, as PDF."""
        printed = self._tell("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        file.write_bytes(base64.b64decode(printed["data"]))

    def _tell(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._hear()).get("id") != number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._in, 1 << 16)
            assert piece, "the browser has gone"
            self._rest += piece
        said, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(said)
        self._loaded += heard.get("method") == "Page.loadEventFired"
        return heard
