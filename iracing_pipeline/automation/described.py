"""Schedules and sensors say in the UI what their docstrings say.

In: Dagster's decorator and its options. Out: a decorator.
"""

from collections.abc import Callable
from inspect import getdoc
from typing import Any


def described(make: Callable[..., Any], **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """`@described(sensor, job=…)`: as `@sensor(job=…)`, with the function's docstring as description."""
    return lambda function: make(description=getdoc(function), **options)(function)
