"""The order in which Python looks through the classes that a class is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def after(bases: Sequence[Any]) -> list[Any]:
    """Return the classes that bases are made of, each behind all that are made of it."""
    chains = [list(base.mro) if _is_class(base) else [base] for base in bases]
    chains.append(list(bases))
    found: list[Any] = []
    while chains := [chain for chain in chains if chain]:
        head = next(
            (c[0] for c in chains if not any(c[0] in other[1:] for other in chains)), chains[0][0]
        )
        found.append(head)
        chains = [[each for each in chain if each is not head] for chain in chains]
    return found


def _is_class(value: Any) -> bool:  # noqa: ANN401
    return isinstance(getattr(value, "mro", None), list)
