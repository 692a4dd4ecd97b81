"""Where the tests find things: the checkout, hand-written responses, captured ones.

In: nothing. Out: paths. The captures lie beside the checkout; where they are absent, tests that replay
them skip.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "iracing_pipeline_tests" / "recorded"
CAPTURES = ROOT.parent / "shared" / "captures"
