"""Which of many like cases every run of the tests takes, and which only `-m slow`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def slow_but(first: int, cases: Iterable[Any]) -> Sequence[Any]:
    """``cases`` for `parametrize`: the first ones as they are, the others marked slow.

    A case of several values is a tuple of them.
    """
    found = []
    for number, case in enumerate(cases):
        values = case if isinstance(case, tuple) else (case,)
        found.append(pytest.param(*values, marks=() if number < first else pytest.mark.slow))
    return found
