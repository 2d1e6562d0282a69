"""The kinds of arguments that only Keras's layers take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from shapecalc.dims import Size
from shapecalc.errors import did_you_mean
from shapecalc.layers.arguments import ArgumentKind, choice, number, size, switch
from shapecalc.layers.keras.activations import ACTIVATIONS
from shapecalc.layers.keras.stored import CONSTRAINTS, INITIALIZERS, REGULARIZERS

if TYPE_CHECKING:
    from collections.abc import Sequence


def _activation(value: Any) -> Any:  # noqa: ANN401
    if value is None or value in ACTIVATIONS or (isinstance(value, dict) and value):
        return value
    raise ValueError


def _named(what: str, names: Sequence[str]) -> ArgumentKind:
    """Return an initializer, regularizer or constraint: a name, or Keras's own way to store one."""

    def check(value: Any) -> Any:  # noqa: ANN401
        if value is None or value in names or (isinstance(value, dict) and "class_name" in value):
            return value
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004  (what pydantic reads)
        meant = did_you_mean(value, names)
        hint = meant or f"the names are {', '.join(name for name in names if name.islower())}"
        raise ValueError(f"takes the name of {what}, not {value!r}; {hint}")

    return ArgumentKind(f"the name of {what}, or None", check)


def no_bool(value: Any) -> Any:  # noqa: ANN401
    """Refuse True and False, which some parameters do not take for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return value


Count = Annotated[Size, size(), BeforeValidator(no_bool)]
OptionalNumber = Annotated[float | None, number().or_none()]
UseBias = Annotated[bool, switch(off=("nobias",))]
Activation = Annotated[
    str | dict[str, Any] | None,
    ArgumentKind(
        "the name of an activation, or None", _activation, {name: name for name in ACTIVATIONS}
    ),
]
#: An activation that no bare word stands for, because the layer has another one that it does.
InnerActivation = Annotated[
    str | dict[str, Any] | None, ArgumentKind("the name of an activation, or None", _activation)
]
Stored = str | dict[str, Any] | None
Initializer = Annotated[Stored, _named("an initializer", INITIALIZERS)]
Regularizer = Annotated[Stored, _named("a regularizer", REGULARIZERS)]
Constraint = Annotated[Stored, _named("a constraint", CONSTRAINTS)]
DataFormat = Annotated[
    str | None,
    choice(
        "channels_last",
        "channels_first",
        None,
        also={"cl": "channels_last", "cf": "channels_first"},
        any_case=True,
    ),
]
