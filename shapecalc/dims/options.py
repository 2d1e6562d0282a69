"""The text of conditions as they are asked, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims.conditions import AnyOf, Condition
from shapecalc.dims.domain import EVERY
from shapecalc.dims.expression import Dim
from shapecalc.dims.single import satisfying

if TYPE_CHECKING:
    from shapecalc.dims.conditions import Truth

#: The values of a letter are said where their text is no longer than this.
LONGEST: Final = 40


def condition_text(truth: Truth) -> str:
    """Say a statement in Python, what is on a single letter by the values of that letter."""
    if isinstance(truth, bool):
        return str(truth)
    if isinstance(truth, Condition):
        return _option_text(truth)
    return _apart(truth) or " or ".join(map(_option_text, truth.options))


def _option_text(option: Condition) -> str:
    names = option.letters
    if len(names) > 1:
        return str(option)
    (name,) = names
    values = satisfying(option, name, EVERY)
    texts = [] if values is None or values.empty else values.conditions(name)
    return texts[0] if len(texts) == 1 and len(texts[0]) <= LONGEST else str(option)


def _apart(truth: AnyOf) -> str | None:
    """``x >= y + 1 or y >= x + 1`` as x != y; None where nothing else is said."""
    if len(truth.options) != 2 or any(option.exact for option in truth.options):  # noqa: PLR2004
        return None
    above, below = truth.options
    # x - y - 1 and y - x - 1 come to -2.
    if above.expr + below.expr != -2:  # noqa: PLR2004
        return None
    apart = above.expr + 1
    assert isinstance(apart, Dim)  # noqa: S101  (it has the letters of the option)
    return str(Condition(apart, exact=True)).replace(" == ", " != ")
