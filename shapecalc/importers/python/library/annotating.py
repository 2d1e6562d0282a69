"""``typing``, ``abc`` and ``contextlib``: what says something to readers, and nothing of shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def first(_m: Machine, call: Call) -> Value:
    """Return the first argument, as a decorator does that changes nothing."""
    return call.args[0] if call.args else UNKNOWN


SAME: Final = Builtin("same", first)


def _second(_m: Machine, call: Call) -> Value:
    return call.get(1, "val")


def _typed_dict(_m: Machine, _instance: Instance, call: Call) -> Value:
    return dict(call.kwargs)


# Contexts.


def _entering(_m: Machine, instance: Instance) -> Value:
    return Builtin("__enter__", lambda m, _call: _entered(m, instance))


def _entered(m: Machine, instance: Instance) -> Value:
    from shapecalc.importers.python.generators import GENERATOR
    from shapecalc.importers.python.generators import first as yielded

    value = instance.payload
    if isinstance(value, Instance) and value.cls is GENERATOR:
        return yielded(m, value)
    return value


#: What ``with`` enters, with ``payload`` as what it gives: a value, or a generator.
CONTEXT: Final = LibraryClass("contextlib.context", attributes={"__enter__": _entering})


def _context(payload: Value, call: Call) -> Instance:
    made = Instance(CONTEXT, call.position)
    made.payload = payload
    return made


def _context_manager(_m: Machine, call: Call) -> Value:
    function = call.get(0, "func")

    def enter(m: Machine, inner: Call) -> Value:
        return _context(m.call(function, inner.args, inner.kwargs, inner.position), inner)

    return Builtin("contextlib.contextmanager", enter)


_ABSTRACT: Final = [
    "Iterable",
    "Iterator",
    "Sequence",
    "Mapping",
    "MutableMapping",
    "MutableSequence",
    "Callable",
    "Hashable",
    "Sized",
    "Container",
    "Collection",
    "Set",
    "MutableSet",
    "Generator",
    "Awaitable",
    "Coroutine",
    "ByteString",
]  # fmt: skip
_HARMLESS: Final = [
    "Any",
    "Optional",
    "Union",
    "List",
    "Dict",
    "Tuple",
    "Type",
    "Literal",
    "Final",
    "ClassVar",
    "Annotated",
    "NoReturn",
    "Never",
    "Self",
    "TypeAlias",
    "Text",
    "AnyStr",
    "IO",
    "Pattern",
    "FrozenSet",
    "Deque",
    "DefaultDict",
    "Concatenate",
    "Required",
    "NotRequired",
    "Unpack",
    "TypeVarTuple",
    "ParamSpec",
    "TypeVar",
    "NewType",
    "Generic",
    "get_type_hints",
    "get_args",
    "get_origin",
    "SupportsFloat",
    "SupportsInt",
    "ForwardRef",
    "Counter",
    "OrderedDict",
    "TypeGuard",
    "Buffer",
]  # fmt: skip
_DECORATORS: Final = "overload final no_type_check runtime_checkable override dataclass_transform"

CLASSES: Final = {name: LibraryClass(f"typing.{name}") for name in _ABSTRACT}


def _property(_m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.values import Descriptor

    return Descriptor("property", call.get(0, "func"))


def _builtin(name: str, function: Callable[[Machine, Call], Value]) -> dict[str, Builtin]:
    return {name: Builtin(name, function)}


NAMES: Final[dict[str, Any]] = {
    **{f"typing.{name}": UNKNOWN for name in _HARMLESS},
    **{f"typing.{name}": cls for name, cls in CLASSES.items()},
    **{f"typing.{name}": SAME for name in _DECORATORS.split()},
    "typing.TYPE_CHECKING": False,
    "typing.Protocol": LibraryClass("typing.Protocol"),
    "typing.TypedDict": LibraryClass("typing.TypedDict", construct=_typed_dict),
    **_builtin("typing.cast", _second),
    "abc.ABC": LibraryClass("abc.ABC"),
    "abc.ABCMeta": UNKNOWN,
    "abc.abstractmethod": SAME,
    **_builtin("abc.abstractproperty", _property),
    **_builtin("contextlib.contextmanager", _context_manager),
    **_builtin("contextlib.nullcontext", lambda _m, call: _context(call.get(0, "x"), call)),
    "contextlib.AbstractContextManager": LibraryClass("contextlib.AbstractContextManager"),
    "contextlib.ContextDecorator": LibraryClass("contextlib.ContextDecorator"),
    "typing.io": Library("typing.io"),
}
