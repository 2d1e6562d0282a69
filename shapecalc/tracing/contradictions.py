"""What contradicts what: the earlier statement beside which a later one cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Contradiction, condition_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Facts, Truth
    from shapecalc.layers.scope import Scope
    from shapecalc.tracing.rows import Row

#: How many earlier statements are looked at to find the one that contradicts.
MAX_EARLIER: Final = 2000


def contradicts(given: Facts, truths: Sequence[Truth]) -> bool:
    """Return whether statements cannot hold together beside the given facts."""
    facts = given.copy()
    try:
        for truth in truths:
            facts.require(truth)
    except Contradiction:
        return True
    return False


def earlier_requirement(
    statement: Truth, scope: Scope, given: Facts, rows: Sequence[Row]
) -> list[str]:
    """Name the earlier layer that requires what cannot hold beside a statement."""
    if isinstance(statement, bool):
        return []
    asks = f"this requires {condition_text(statement)}"
    if contradicts(given, [statement]):
        return [f"{asks}, which the given facts rule out"]
    for required_by, truth in scope.required[:-MAX_EARLIER:-1]:
        if contradicts(given, [truth, statement]):
            if required_by == len(rows):
                return [f"{asks}, but it requires {condition_text(truth)} too"]
            name = rows[required_by].name if isinstance(required_by, int) else required_by
            return [f"{asks}, but {name} for {condition_text(truth)}"]
    return [f"{asks}, which the layers before it together rule out"]
