"""Layers as objects of a program: made of its arguments, applied to its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.errors import ShapecalcError, ShapeError
from shapecalc.importers.python.library.torchkinds import check_kinds
from shapecalc.importers.python.machine import APPLY
from shapecalc.importers.python.rewrites import split_otherwise
from shapecalc.importers.python.signals import MAX_LENGTH, OverBudget
from shapecalc.importers.python.strides import lay_out
from shapecalc.importers.python.training import compare
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Function,
    Instance,
    LibraryClass,
    Ratio,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.layer import Layer, called
from shapecalc.layers.parameters import parameters
from shapecalc.layers.scope import Scope
from shapecalc.network import PLAINLY, Called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.layers.dialect import Dialect

#: Kinds of findings by the message of a layer.
_RULES: Final = (
    ("channels", "channels"),
    ("features", "features"),
    ("input_size", "features"),
    ("window", "window"),
    ("kernel", "window"),
    ("groups", "groups"),
    ("heads", "heads"),
    ("joins", "merge"),
    ("broadcast", "merge"),
    ("numbers", "reshape"),
    ("state", "states"),
    ("axes", "rank"),
    ("-D", "rank"),
)


def rule_of(error: ShapecalcError) -> str:
    """Return the kind of finding that the refusal of a layer is."""
    from shapecalc.errors import RankError

    if isinstance(error, RankError):
        return "rank"
    return next((rule for word, rule in _RULES if word in error.message), "merge")


def flat(value: Value) -> list[Tensor]:
    """Return the tensors in a structure of lists and dicts, in order."""
    return [value] if isinstance(value, Tensor) else _flat_parts(_parts_of(value), {})


def _parts_of(value: Value) -> Sequence[Value]:
    """Return the values in a structure, which may be tensors."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, Instance) and "?fields" in value.attrs:
        # A named tuple, or the dataclass in which a model gives its outputs.
        return [value.attrs[name] for name in value.attrs["?fields"]]
    return ()


def _flat_parts(parts: Sequence[Value], known: dict[int, list[Tensor]]) -> list[Tensor]:
    """Return the tensors in parts; a list that stands in many places is looked through once."""
    found: list[Tensor] = []
    for each in parts:
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, (list, tuple, dict, Instance)):
            if id(each) not in known:
                known[id(each)] = []
                known[id(each)] = _flat_parts(_parts_of(each), known)
            found += known[id(each)]
            if len(found) > MAX_LENGTH:
                raise OverBudget(f"more than {MAX_LENGTH:,} parts are not followed", None)
    return found


def holds_unknown(value: Value, seen: set[int] | None = None) -> Unknown | None:
    """Return what is not known in a structure of lists and dicts."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return None
    for each in value:
        if isinstance(each, Unknown):
            return each
        if isinstance(each, (list, tuple, dict)):
            seen = set() if seen is None else seen
            if id(each) not in seen:
                seen.add(id(each))
                found = holds_unknown(each, seen)
                if found is not None:
                    return found
    return None


def config_of(
    m: Machine, cls: type[Layer], call: Call, drop: frozenset[str], spare: int = 0
) -> dict[str, Any] | None:
    """Bind the arguments of a constructor to the parameters of a layer; None where one is unknown.

    ``drop`` are parameters that change no shape, whose values are left out where they are objects;
    ``spare`` is how many arguments may stand behind the others: devices and types.
    """
    known = parameters(cls)
    names = [name for name in known if name != "name" or name in cls.positional]
    found: dict[str, Any] = {}
    args = list(call.args)
    place = 0
    while args and place < len(names):
        name = names[place]
        if known[name].kind.variadic and not isinstance(args[0], list | tuple):
            found[name] = tuple(args)
            args = []
        else:
            found[name] = args.pop(0)
        place += 1
    if len(args) > spare:
        count = len(call.args)
        call.fail(f"{cls.__name__}() takes {len(names)} arguments but {count} were given")
    for name, value in call.kwargs.items():
        if name in found:
            call.fail(f"{cls.__name__}() got multiple values for argument '{name}'")
        found[name] = value
    config: dict[str, Any] = {}
    for name, value in found.items():
        made = plain_value(value)
        if isinstance(made, Unknown):
            if name in drop or name.endswith(_OBJECTS):
                continue
            made = _said(m, made, name, names.index(name), call)
            if made is None:
                return None
        config[name] = made
    return config


def _said(m: Machine, lost: Unknown, name: str, place: int, call: Call) -> Value:
    """Return what a comment says of an argument; None without one, which is noted."""
    from shapecalc.importers.python.missing import Missing, said_of

    said = said_of(call.position)
    if name in said:
        return said[name]
    m.need(lost, call.position)
    if call.position is not None:
        m.missing.append(Missing(call.position, name, place))
    return None


_OBJECTS: Final = ("_initializer", "_regularizer", "_constraint", "device", "dtype", "seed")


def plain_value(value: Value) -> Any:  # noqa: ANN401
    """Return an argument as layers take it: modules as layers, functions by their names."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Instance):
        if isinstance(value.payload, Layer):
            return value.payload
        return Unknown(f"{value.cls.name}", value.made)
    if isinstance(value, Builtin):
        return value.name.rpartition(".")[2]
    if isinstance(value, LibraryClass):
        return value.name.rpartition(".")[2].lower() if value.layer else UNKNOWN
    if isinstance(value, Function):
        return UNKNOWN
    if isinstance(value, (list, tuple)):
        items = [plain_value(each) for each in value]
        lost = next((each for each in items if isinstance(each, Unknown)), None)
        return lost if lost is not None else type(value)(items)
    if isinstance(value, Tensor) and value.numbers is not None and not value.shape:
        return value.numbers[0]
    if isinstance(value, Tensor):
        return UNKNOWN
    return _of_python(value)


def _of_python(value: Value) -> Value:
    """Return a value as Python has it: a number of numpy is one of Python to a layer."""
    if isinstance(value, range):
        return list(value)
    return int(value) if isinstance(value, int) and type(value) not in _WHOLE else value


_WHOLE: Final = frozenset({int, bool})


class LetteredError(Exception):
    """A layer takes numbers alone where the program has sizes in letters."""


def _has_letters(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_letters, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_letters, value))
    return isinstance(value, Dim | Ratio)


def make(
    m: Machine, dialect: Dialect, name: str, config: Mapping[str, Any], position: Position | None
) -> Layer:
    """Make a layer; what it refuses is an exception of the program.

    Raises `LetteredError` where it takes numbers alone, and letters are instead of one.
    """
    m.count_layer(position)
    key = _key(dialect, name, config)
    known: Layer | None = m.layers.get(key)
    if known is not None:
        return known
    try:
        made = dialect.layer(name, **config)
        if key is not None:
            m.layers[key] = made
        return made  # noqa: TRY300  (what refuses is the constructor)
    except ShapecalcError as error:
        if _has_letters(config):
            raise LetteredError from None
        kind = "ValueError" if dialect.name != "torch" else "RuntimeError"
        entry = dialect.catalogue.find(name)
        mended = (
            [] if entry is None else split_otherwise(error, dialect.catalogue.load(entry), position)
        )
        m.refuse(error, position, kind=kind, rule="argument", rewrites=mended)


def _key(dialect: Dialect, name: str, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the plain arguments of a layer, which is then validated once; else None."""
    parts: list[Any] = [dialect.name, name]
    for key, value in config.items():
        if type(value) not in _PLAIN and not (
            type(value) is tuple and all(type(each) in _PLAIN for each in value)
        ):
            return None
        parts += (key, type(value), value)
    return tuple(parts)


_PLAIN: Final = frozenset({int, float, bool, str, type(None)})


def computed_layer(shapes: Sequence[Sequence[Size]], function: str) -> Layer:
    """Make what stands for a function whose results have these shapes."""
    from shapecalc.layers.coded import Computed

    return Computed(shapes=tuple(map(tuple, shapes)), function=function)


def held_layer(
    m: Machine, dialect: Dialect, name: str, config: Mapping[str, Any], position: Position | None
) -> Layer | None:
    """Make a layer that an object holds; None where letters stand instead of a number."""
    try:
        return make(m, dialect, name, config, position)
    except LetteredError:
        m.need(Unknown(name, position), position)
        return None


def run_layer(
    m: Machine,
    layer: Layer,
    inputs: Sequence[Tensor],
    position: Position | None,
    *,
    library: str,
    made: Position | None = None,
    label: str | None = None,
    owner: object = None,
    call: Called = PLAINLY,
    title: str | None = None,
    tied: tuple[str, ...] = (),
    frozen: tuple[str, ...] | None = (),
) -> list[Tensor]:
    """Apply a layer to tensors, on the tape where one runs."""
    tape = m.tape
    m.charge(APPLY + len(inputs) // 2, position)
    position, made = m.visible(position), made and m.visible(made)
    if tape is None:
        tape = next((t.tape for t in inputs if t.tape is not None), None)
    if library == "torch":
        compare(m, layer.called, inputs, position)
    try:
        if tape is not None and tape.library == library:
            # A layer of Keras between symbolic tensors is built, and called later.
            tape.scope.builds = library == "keras" and m.tape is None
            outputs = tape.apply(
                layer, inputs, position, made=made, label=label, owner=owner, call=call,
                title=title, tied=tied, frozen=frozen,
            )  # fmt: skip
            if library == "torch":
                lay_out(layer, inputs, outputs)
                check_kinds(m, layer, inputs, position)
            return outputs
        scope = Scope(dialect=dialect_of(library))
        scope.call = dict(call.values)
        worked = inputs[: len(inputs) - len(call.masks)]
        result = called(layer, [tensor.shape for tensor in worked], scope)
    except ShapeError as error:
        kind = "RuntimeError" if library == "torch" else "ValueError"
        subject = "" if tape is not None else f"{title or layer.called} "
        said = error.replaced(message=f"{subject}{error.message}")
        m.refuse(said, position, made, kind=kind, rule=rule_of(error))
    outputs = [Tensor(shape, library) for shape in result.outputs]
    if library == "torch":
        lay_out(layer, inputs, outputs)
        check_kinds(m, layer, inputs, position)
    return outputs


def argument_of(name: str, _m: Machine, instance: Instance) -> Value:
    """Return an argument that a layer was made of; torch has one number for each spatial axis."""
    value = getattr(instance.payload, name, UNKNOWN)
    rank = getattr(instance.payload, "rank", 0)
    spreads = hasattr(instance.payload, "in_channels") and name in _PER_AXIS
    return (value,) * rank if spreads and isinstance(value, int) else value


_PER_AXIS: Final = frozenset({"kernel_size", "stride", "dilation", "padding", "output_padding"})


def dialect_of(library: str) -> Dialect:
    """Return the dialect of a library."""
    from shapecalc.dialects import find

    return find("torch" if library == "torch" else "keras")


def applied(m: Machine, instance: Instance, call: Call) -> Value:
    """Apply the layer that an object is, as its library does."""
    library = instance.library()
    if library is not None:
        for each in library.mro:
            if each.apply is not None:
                return each.apply(m, instance, call)
    return UNKNOWN


def whole_size(value: Value) -> bool:
    """Return whether a value is a size: a whole number, or letters."""
    return isinstance(value, Dim) or (isinstance(value, int) and not isinstance(value, bool))
