"""Where the tests find things: the checkout, hand-written responses, captured ones, the fastest disk.

In: nothing. Out: paths. The captures lie beside the checkout; where they are absent, tests that replay
them skip.
"""

import contextlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "iracing_pipeline_tests" / "recorded"
CAPTURES = ROOT.parent / "shared" / "captures"


def fast_disk() -> Path:
    """Memory, if there is enough of it and programs start there: databases are made thrice as fast."""
    memory = Path("/dev/shm")
    with contextlib.suppress(OSError):
        disk = os.statvfs(memory)
        is_roomy = disk.f_bavail * disk.f_frsize > 4 * 2**30
        if is_roomy and not disk.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK):
            return memory
    return roomy_disk()


def roomy_disk() -> Path:
    """Shorter than what a TMPDIR may be, and open to others: sockets and service accounts need both."""
    short = Path("/tmp")
    return short if short.is_dir() else Path(tempfile.gettempdir())
