"""JSON by fast parsers and by Python's own: the same values and the same text, and what only Python's can."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iracing_pipeline.core.json_text import read_json, write_json

# orjson and Python write 1e16 differently; either reads the other's.
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50, deadline=None)
@given(_VALUES)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    assert read_json(write_json(value)) == value
    assert read_json(json.dumps(value)) == value


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_another_order_of_keys_is_the_same_text(value: dict[str, Any]) -> None:
    assert write_json(dict(reversed(value.items()))) == write_json(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[NaN, Infinity, -Infinity]", ["NaN", "Infinity", "-Infinity"]),
        (f"[{2**80}]", [2**80]),
        ("9" * 5000, "9" * 5000),
        ('"\\ud800"', "\ud800"),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ("1e400", math.inf),
    ],
)
def test_what_only_python_reads_is_read(text: str, value: Any) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize("text", ["", "{", "<html>", '{"a": 1} x', "[1,]", "\x00"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize("value", [2**80, "\ud800", {1: 2}, {"b": 2**70, "a": {"d": 1, "c": 2}}])
def test_what_only_python_writes_is_written(value: Any) -> None:
    assert write_json(value).decode("utf-8", "surrogatepass") == json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json(value)
