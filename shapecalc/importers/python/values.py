"""The values of a program: Python's own where it has them, everything else is one of these."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.importers.python.notebooks import cells_of
from shapecalc.importers.python.order import after
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.unknowns import NONE, UNKNOWN, Number, Unknown, Whole

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from shapecalc.dims import Shape, Size, Truth
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.tape import Tape
    from shapecalc.network import Tensor as Port

__all__ = [
    "NONE", "UNCLEAR", "UNKNOWN", "Bound", "Builtin", "Class", "Comparison", "Descriptor",
    "Function", "Instance", "Library", "LibraryClass", "Method", "Module", "Native", "Number",
    "Partial", "Ratio", "Reach", "Super", "Tensor", "Unknown", "Value", "Whole", "method_of",
]  # fmt: skip

#: Any value of the program that is read.
Value = Any


#: Marks an object that something was done with which is not known.
UNCLEAR: Final = "?unclear"
#: Marks a model of a library of which only the output is known here.
HIDDEN: Final = "?hidden"


class Reach(NamedTuple):
    """How large the largest of whole numbers is, at least and at most."""

    least: Size
    most: Size


class Tensor:
    """A tensor or an array of a known shape.

    Attributes:
        shape: its sizes.
        library: whose functions it is made of: ``torch``, ``keras`` or ``numpy``.
        tape: where it is recorded, as ``port``; None for one that no model has read.
        whole: whether its numbers are whole numbers; None where that is not known.
        held: the name under which a module holds it, as a parameter or a buffer.
        classes: how many whole numbers from 0 on are in it, each at least once: those of labels.
        trained: whether it is a parameter, and ``frozen`` whether one that is not trained.
        numbers: its numbers, where they are few and known.
        reach: how far its whole numbers reach, where that is known.
        mask: whether its numbers are True and False.
        strides: how far apart its numbers lie along each axis; None where they lie in a row.
        open_letters: the letters of sizes that the framework does not know, where no tape says it.
    """

    __slots__ = (
        "classes", "frozen", "held", "library", "mask", "numbers", "open_letters", "port", "reach",
        "shape", "strides", "tape", "trained", "whole",
    )  # fmt: skip

    def __init__(
        self,
        shape: Sequence[Size],
        library: str,
        *,
        tape: Tape | None = None,
        port: Port | None = None,
        whole: bool | None = None,
        trained: bool = False,
        numbers: Sequence[Any] | None = None,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.library = library
        self.tape = tape
        self.port = port
        self.whole = whole
        self.trained = trained
        self.frozen = False
        self.classes: int | None = None
        self.held: str | None = None
        self.open_letters: set[str] | None = None
        self.numbers = numbers
        self.reach: Reach | None = None
        self.mask = False
        self.strides: Sequence[Size] | Unknown | None = None

    def again(self) -> Tensor:
        """Return another object that is the same tensor."""
        made = Tensor((), self.library)
        for name in self.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    def __repr__(self) -> str:
        return f"<Tensor {self.shape}>"


class _Parts:
    """What is equal to another one of its class that has the same parts."""

    __slots__: tuple[str, ...] = ()

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._parts()}"


class Ratio(_Parts):
    """A quotient of sizes that need not be a whole number."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Size, denominator: Size) -> None:
        self.numerator = numerator
        self.denominator = denominator


class Comparison(_Parts):
    """A comparison of sizes that letters leave open: what must hold, and what else does.

    Of each all statements hold that are there; None where it cannot be said.
    """

    __slots__ = ("otherwise", "truth")

    def __init__(self, truth: Sequence[Truth] | None, otherwise: Sequence[Truth] | None) -> None:
        self.truth = truth
        self.otherwise = otherwise


class Function:
    """A function or a lambda of the program."""

    __slots__ = ("args", "attrs", "body", "defaults", "kw_defaults", "module", "name", "outer")

    def __init__(
        self,
        name: str,
        args: ast.arguments,
        body: Sequence[ast.stmt] | ast.expr,
        outer: Frame,
        defaults: Sequence[Value],
        kw_defaults: Mapping[str, Value],
    ) -> None:
        self.name = name
        self.args = args
        self.body = body
        self.outer = outer
        self.module = outer.module
        self.defaults = list(defaults)
        self.kw_defaults = dict(kw_defaults)
        self.attrs: dict[str, Value] = {}


class Builtin(_Parts):
    """A function of a library, which works on a call."""

    __slots__ = ("function", "name")

    def __init__(self, name: str, function: Callable[[Machine, Call], Value]) -> None:
        self.name = name
        self.function = function


class Native(Builtin):
    """A function of Python itself, which counts what it goes through of what it is given."""

    __slots__ = ()

    def _parts(self) -> tuple[Any, ...]:
        return self.name, self.function


class Method(Builtin):
    """A method of a class of a library, bound to nothing; in a class of the program it is one."""

    __slots__ = ()


class Bound(_Parts):
    """A function of the program, or of a library, with the object that it is a method of."""

    __slots__ = ("function", "owner")

    def __init__(self, function: Value, owner: Value) -> None:
        self.function = function
        self.owner = owner


class Partial(_Parts):
    """A function with some of its arguments."""

    __slots__ = ("args", "function", "kwargs")

    def __init__(
        self, function: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value]
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs


class Descriptor(_Parts):
    """A function in a class that is not a plain method, such as ``property``.

    ``setter`` is what sets a property.
    """

    __slots__ = ("function", "kind", "setter")

    def __init__(self, kind: str, function: Value, setter: Value = None) -> None:
        self.kind = kind
        self.function = function
        self.setter = setter


class Library(_Parts):
    """A module of a library, by its name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Module:
    """A file of the program, or one beside it, with what stands in it.

    ``cells`` are the cells of one that was a notebook.
    """

    __slots__ = ("attrs", "cells", "is_hidden", "lines", "name", "path", "source")

    def __init__(self, name: str, path: str, source: str) -> None:
        self.name = name
        self.path = path
        self.source = source
        self.lines = source.split("\n")
        #: Whether it is a library that is read as a program, whose places are not shown.
        self.is_hidden = path.startswith("<")
        self.cells = cells_of(self.lines) if path.endswith(".ipynb") else []
        self.attrs: dict[str, Value] = {}


class LibraryClass:
    """A class of a library.

    Attributes:
        name: its full name.
        bases: the classes that it is made of.
        construct: what making an object does; what it gives that is not None is the object.
        apply: what calling an object does.
        plain: what calling one does past what the program says: ``super().forward(x)``.
        attributes: what objects have, each from the object.
        layer: the name of the layer that an object is; "" where it is none.
        derived: what becomes of a class of the program that is made of it.
    """

    def __init__(
        self,
        name: str,
        *bases: LibraryClass,
        construct: Callable[[Machine, Instance, Call], Value] | None = None,
        apply: Callable[[Machine, Instance, Call], Value] | None = None,
        plain: Callable[[Machine, Instance, Call], Value] | None = None,
        attributes: Mapping[str, Callable[[Machine, Instance], Value]] | None = None,
        layer: str = "",
        derived: Callable[[Class, Mapping[str, ast.expr]], None] | None = None,
    ) -> None:
        self.name = name
        self.derived = derived
        self.bases = bases
        self.construct = construct
        self.apply = apply
        self.plain = plain
        self.attributes = attributes or {}
        self.layer = layer

    @cached_property
    def mro(self) -> list[LibraryClass]:
        """The class and those that it is made of."""
        found = [self]
        for base in self.bases:
            found += [each for each in base.mro if each not in found]
        return found

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class Class:
    """A class of the program."""

    __slots__ = ("attrs", "bases", "fields", "module", "mro", "name", "position")

    def __init__(
        self, name: str, bases: Sequence[Value], attrs: dict[str, Value], position: Position
    ) -> None:
        self.name = name
        self.bases = tuple(bases)
        self.attrs = attrs
        self.position = position
        self.module = position.module
        self.mro: list[Value] = [self, *after(self.bases)]
        #: The fields of a dataclass or a named tuple, in order.
        self.fields: list[str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is made of something that is not known."""
        return any(isinstance(each, Unknown) for each in self.mro)

    @property
    def is_own(self) -> bool:
        """Whether the program says all that it is."""
        return not self.is_open and next(self.libraries, None) is None

    def find(self, name: str) -> Value:
        """Look up a name in the classes of the program that it is made of; raises `KeyError`."""
        for each in self.mro:
            if isinstance(each, Class) and name in each.attrs:
                return each.attrs[name]
        raise KeyError(name)

    @property
    def libraries(self) -> Iterator[LibraryClass]:
        """The classes of libraries that it is made of."""
        return (each for each in self.mro if isinstance(each, LibraryClass))

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class Instance:
    """An object of a class of the program or of a library; ``payload`` is what a library knows."""

    __slots__ = ("attrs", "cls", "is_ready", "made", "payload")

    def __init__(self, cls: Class | LibraryClass, made: Position | None) -> None:
        self.cls = cls
        #: Whether the constructor of a class of a library was called for it.
        self.is_ready = isinstance(cls, LibraryClass)
        self.attrs: dict[str, Value] = {}
        self.payload: Any = None
        self.made = made

    @property
    def is_part(self) -> bool:
        """Whether it is a module of torch, which another one can hold."""
        return any(each.name == "torch.nn.Module" for each in self.cls.mro)

    def is_a(self, cls: Value) -> bool:
        """Return whether it is an object of a class."""
        return cls in self.cls.mro

    def library(self) -> LibraryClass | None:
        """Return the first class of a library that it is an object of."""
        if isinstance(self.cls, LibraryClass):
            return self.cls
        return next(self.cls.libraries, None)

    def __repr__(self) -> str:
        return f"<{self.cls.name} object>"


class Super:
    """An object looked at as one of the classes behind one of its own."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: Class, owner: Value) -> None:
        self.cls = cls
        self.owner = owner


def method_of(
    function: Callable[[Machine, Instance, Call], Value],
) -> Callable[[Machine, Instance], Value]:
    """Return an attribute that is a method, from a function of the object and the call."""
    return lambda _m, instance: Builtin("method", lambda m, call: function(m, instance, call))
