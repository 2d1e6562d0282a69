"""Asking the same of many cases in one test, which costs less than a test for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def failing(check: Callable[..., None], cases: Iterable[Any]) -> str:
    """What fails of the cases, each with its message; "" where nothing does.

    A case that is a tuple is the arguments of the check.
    """
    found: list[str] = []
    for case in cases:
        try:
            check(*case) if isinstance(case, tuple) else check(case)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  (any failure is one)
            found.append(f"{case}: {type(error).__name__}: {error}")
    return "\n".join(found)


def parts(cases: Iterable[Any], count: int) -> list[list[Any]]:
    """Divide cases among some tests, so that several processes can share them."""
    known = list(cases)
    return [known[place::count] for place in range(count)]
