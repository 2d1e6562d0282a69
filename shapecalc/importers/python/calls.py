"""A call: its arguments, and how they are bound to the parameters of what is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import UNKNOWN, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: Stands for an argument that must be given.
REQUIRED: Final = object()


class Call:
    """The arguments of a call, and where it stands."""

    __slots__ = ("args", "kwargs", "machine", "position")

    def __init__(
        self,
        machine: Machine,
        args: Sequence[Value],
        kwargs: Mapping[str, Value],
        position: Position | None,
    ) -> None:
        self.machine = machine
        self.args = list(args)
        self.kwargs = dict(kwargs)
        self.position = position

    def __iter__(self) -> Iterator[Value]:
        """Yield all arguments, those without names first."""
        yield from self.args
        yield from self.kwargs.values()

    def get(self, place: int, name: str, default: Value = None) -> Value:
        """Return the argument at a place or of a name."""
        if place < len(self.args):
            return self.args[place]
        return self.kwargs.get(name, default)

    def take(self, count: int) -> Any:  # noqa: ANN401
        """Return the first arguments, which must be given; raises as Python does."""
        if len(self.args) < count:
            self.fail(f"expected {count} arguments, got {len(self.args)}")
        return self.args[:count]

    def bind(self, parameters: str, function: str = "", **defaults: Value) -> dict[str, Value]:
        """Bind the arguments to parameters, ``"input dim=None *sizes"``; raises as Python does.

        A parameter without ``=`` must be given; the default of one with it is None, a number, or
        among the ``defaults``.
        """
        found, names = _defaults(parameters, defaults)
        variadic = next((name for name in names if name.startswith("*")), None)
        plain = [name for name in names if not name.startswith("*")]
        room = len(plain) if variadic is None else names.index(variadic)
        if variadic is not None:
            found[variadic[1:]] = tuple(self.args[room:])
        elif len(self.args) > room:
            self.fail(f"{function}() takes {room} arguments but {len(self.args)} were given")
        for name, value in zip(plain, self.args[:room], strict=False):
            found[name] = value
        taken = set(plain[: len(self.args)])
        for key, value in self.kwargs.items():
            if key in taken:
                self.fail(f"{function}() got multiple values for argument '{key}'")
            if key not in found:
                self.fail(f"{function}() got an unexpected keyword argument '{key}'")
            found[key] = value
        for name, value in found.items():
            if value is REQUIRED:
                self.fail(f"{function}() missing a required argument: '{name}'")
        return found

    def fail(self, message: str) -> None:
        """Raise the TypeError that Python would."""
        self.machine.fail("TypeError", message, self.position, rule="argument")


def _defaults(parameters: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    names = []
    for text in parameters.split():
        name, sign, default = text.partition("=")
        names.append(name)
        key = name.lstrip("*")
        if key in given:
            found[key] = given[key]
        elif sign:
            found[key] = _CONSTANTS[default] if default in _CONSTANTS else int(default)
        elif not name.startswith("*"):
            found[key] = REQUIRED
    return found, names


_CONSTANTS: Final[dict[str, Any]] = {"None": None, "True": True, "False": False, "?": UNKNOWN}
