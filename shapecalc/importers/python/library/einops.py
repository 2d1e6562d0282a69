"""einops by its names."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.python.layers import flat, holds_unknown, run_layer, whole_size
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.patterned import Patterned, read_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_FUNCTIONS: Final = ("rearrange", "reduce", "repeat")
#: Arguments that are not lengths of axes.
_OTHERS: Final = frozenset({"pattern", "tensor", "reduction", "name"})


def _layer(
    m: Machine, pattern: Value, call: Call, function: str, title: str
) -> Patterned | Unknown:
    """Make the step of a pattern; one that cannot be read is refused."""
    if not isinstance(pattern, str):
        return pattern if isinstance(pattern, Unknown) else UNKNOWN
    lengths = {key: value for key, value in call.kwargs.items() if key not in _OTHERS}
    for key, value in lengths.items():
        if isinstance(value, Unknown):
            return value
        if not whole_size(value) or (isinstance(value, int) and value < 1):
            text = f"{title}: the length of {key} is a whole number from 1 on, not {value!r}"
            m.refuse(SpecError(text), call.position, rule="reshape")
    try:
        read_pattern(pattern, function)
    except ValueError as error:
        m.refuse(SpecError(f"{title} {error}"), call.position, rule="reshape")
    return Patterned(
        pattern=pattern, function=function, lengths=tuple(lengths.items()), title=title
    )


def _function(name: str) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        value, pattern = call.get(0, "tensor"), call.get(1, "pattern")
        lost = holds_unknown(value)
        if lost is not None:
            m.need(lost, call.position)
            return lost.lost()
        layer = _layer(m, pattern, call, name, f"einops.{name}")
        if isinstance(layer, Unknown):
            m.need(layer, call.position)
            return Unknown(layer.name or f"einops.{name}", call.position)
        tensors = flat(value)
        if not tensors:
            return UNKNOWN
        return _run(m, layer, tensors, call.position)

    return run


def _run(m: Machine, layer: Patterned, tensors: list[Tensor], where: Position | None) -> Tensor:
    library = "torch" if any(each.library == "torch" for each in tensors) else tensors[0].library
    (found,) = run_layer(m, layer, tensors, where, library=library)
    found.whole = tensors[0].whole
    return found


def _parse_shape(m: Machine, call: Call) -> Value:
    value, pattern = call.get(0, "x"), call.get(1, "pattern")
    if not isinstance(value, Tensor) or not isinstance(pattern, str):
        return UNKNOWN
    names = pattern.split()
    if len(names) != len(value.shape):
        text = f"einops.parse_shape takes {len(names)} axes, but gets {len(value.shape)}"
        m.fail("RuntimeError", text, call.position, rule="rank")
    pairs = zip(names, value.shape, strict=True)
    return {name: size for name, size in pairs if name != "_"}


def _einsum(m: Machine, call: Call) -> Value:
    """``einsum(a, b, "i j, j k -> i k")``: names of axes may be words."""
    pattern = call.kwargs.get("pattern", call.args[-1] if call.args else None)
    tensors = flat(call.args)
    if not isinstance(pattern, str) or not tensors:
        return UNKNOWN
    letters: dict[str, str] = {}

    def letter(name: str) -> str:
        if name == "...":
            return name
        if len(letters) >= len(ascii_letters) and name not in letters:
            return "?"
        return letters.setdefault(name, ascii_letters[len(letters)])

    left, arrow, right = pattern.partition("->")
    terms = ["".join(map(letter, term.split())) for term in left.split(",")]
    equation = ",".join(terms) + (f"->{''.join(map(letter, right.split()))}" if arrow else "")
    from shapecalc.importers.python.library.torchfunctions import function_of

    return m.call(function_of("einsum"), [equation, *tensors], {}, call.position)


# Layers.


def _construct(function: str, title: str) -> Callable[[Machine, Instance, Call], None]:
    def construct(m: Machine, instance: Instance, call: Call) -> None:
        layer = _layer(m, call.get(0, "pattern"), call, function, title)
        instance.payload = None if isinstance(layer, Unknown) else layer
        instance.made = instance.made or call.position

    return construct


def _construct_keras(function: str, title: str) -> Callable[[Machine, Instance, Call], None]:
    construct = _construct(function, title)

    def named(m: Machine, instance: Instance, call: Call) -> None:
        from shapecalc.importers.python.library.kerasmaking import named as name_of

        construct(m, instance, call)
        given = call.kwargs.get("name")
        instance.attrs["name"] = given if isinstance(given, str) else name_of(m, title)

    return named


def _classes(home: str) -> dict[str, LibraryClass]:
    """Return the layers of a framework."""
    base: LibraryClass
    construct: Any = _construct
    if home == "torch":
        from shapecalc.importers.python.library.torchmodules import MODULE as base  # noqa: N811
    else:
        from shapecalc.importers.python.library.keraslayers import LAYER as base  # noqa: N811

        construct = _construct_keras
    return {
        name: LibraryClass(
            f"einops.layers.{home}.{name}", base, construct=construct(name.lower(), name)
        )
        for name in ("Rearrange", "Reduce")
    }


_CLASSES: Final[dict[str, dict[str, LibraryClass]]] = {}


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    parts = name.split(".")
    last = parts[-1]
    if parts[:2] == ["einops", "layers"]:
        if len(parts) < 4:  # noqa: PLR2004  (a module)
            return Library(name)
        home = "torch" if parts[2] == "torch" else "keras"
        if home not in _CLASSES:
            _CLASSES[home] = _classes(home)
        return _CLASSES[home].get(last)
    if last in _FUNCTIONS:
        return Builtin(name, _function(last))
    if last in {"parse_shape", "einsum"}:
        return Builtin(name, _parse_shape if last == "parse_shape" else _einsum)
    if last == "asnumpy":
        return Builtin(
            name,
            lambda m, call: m.call(m.attribute(call.take(1)[0], "numpy"), [], {}, call.position),
        )
    return Library(name) if last == "einops" else None
