"""How many examples a property is tried with, and JSON that is nearly what the API sends.

In: nothing. Out: settings of hypothesis, strategies. `make chaos` tries many, other runs the same few.
"""

from __future__ import annotations

import copy
import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from iracing_pipeline_tests.support.odd_values import ODD

_MANY = "CHAOS_SEED" in os.environ


def examples(few: int, many: int) -> settings:
    """So many of them; no deadline, because others use the machine too.

    The smallest example that fails is looked for where there is time.
    """
    quick = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
    return settings(
        phases=list(Phase) if _MANY else quick,
        max_examples=many if _MANY else few,
        derandomize=not _MANY,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


_SCALARS = st.one_of(
    # Copies: what is drawn may be changed further, and the next example is to find it as it was.
    st.sampled_from([value for name, value in ODD.items() if name != "10^400"]).map(copy.deepcopy),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(
        ["2026-03-17", "2026-03-17T00:45:00Z", "0001-01-01", "9999-12-31T23:59:59-14:00"]
    ),
)
ANY_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def nearly(draw: st.DrawFn, body: Any, most: int = 6) -> Any:
    """The body with some values changed, some gone, and some twice, anywhere in it."""
    changed = {"body": copy.deepcopy(body)}
    for _ in range(draw(st.integers(1, most))):
        holder: Any = changed
        step: Any = "body"
        # On the way down, the lists of items are as interesting as their last fields.
        while isinstance(holder[step], (dict, list)) and holder[step] and draw(st.integers(0, 5)):
            holder = holder[step]
            places = sorted(holder, key=str) if isinstance(holder, dict) else range(len(holder))
            step = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["other", "other", "gone", "twice"]))
        if how == "gone" and holder is not changed:
            del holder[step]
        elif how == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[step]))
        else:
            holder[step] = draw(ANY_JSON)
    return changed["body"]
