"""Arguments to a layer, and what pydantic finds wrong with them, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import ValidationError

from shapecalc.dims import Dim
from shapecalc.errors import SpecError, did_you_mean
from shapecalc.layers.making import maker
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.layers.layer import Layer

AnyLayer = TypeVar("AnyLayer", bound="Layer")


class Problem(NamedTuple):
    """An argument that a layer cannot take; ``field`` is None where it is about several."""

    field: str | None
    message: str
    missing: bool = False


class ArgumentError(SpecError):
    """Arguments that make no layer, all of them at once."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{subject}: {problems[0].message}", layer=subject)
        self.problems = list(problems)


def validate(cls: type[AnyLayer], config: Mapping[str, Any], subject: str) -> AnyLayer:
    """Make a layer of arguments by their names; raises `ArgumentError` in plain words."""
    makes = maker(cls)
    layer: AnyLayer | None = None if makes is None else makes.made(config)
    if layer is not None:
        return layer
    try:
        # As `model_validate` does, without its options.
        return cls.__pydantic_validator__.validate_python(config)  # type: ignore[no-any-return]
    except ValidationError as error:
        problems = [_problem_of(cls, details) for details in error.errors(include_url=False)]
    # A name that is misspelt says more than that the one which was meant is missing.
    raise ArgumentError(subject, sorted(problems, key=lambda problem: problem.missing))


def _problem_of(cls: type[Layer], details: Any) -> Problem:  # noqa: ANN401
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
