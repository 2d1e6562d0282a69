"""What pydantic finds wrong with arguments, in plain words; only a refusal imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim
from shapecalc.errors import did_you_mean
from shapecalc.layers.base import Problem, parameters

if TYPE_CHECKING:
    from shapecalc.layers.base import Layer


def problem_of(cls: type[Layer], details: Any) -> Problem:  # noqa: ANN401
    """Say one of pydantic's errors for a layer of this class."""
    known = parameters(cls)
    field = str(details["loc"][0]) if details["loc"] else None
    if details["type"] == "extra_forbidden":
        names = ", ".join(name for name in known if name != "input_shape")
        hint = did_you_mean(str(field), known)
        return Problem(field, f"there is no parameter {field}; " + (hint or f"it takes {names}"))
    if field is None:
        return Problem(None, str(details.get("ctx", {}).get("error", details["msg"])))
    expects = known[field].kind.expects
    if details["type"] == "missing":
        return Problem(field, f"{field} is missing, {expects}", missing=True)
    reason = str(details.get("ctx", {}).get("error", ""))
    if reason:
        return Problem(field, f"{field} {reason}")
    return Problem(field, f"{field} takes {expects}, not {_shown(details['input'])}")


def _shown(value: Any) -> str:  # noqa: ANN401
    """Write a value as Python does, letters as in specs, and numbers without end as such."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Dim):
        return str(value)
    try:
        return repr(value)
    except ValueError:
        return "a number of too many digits"
