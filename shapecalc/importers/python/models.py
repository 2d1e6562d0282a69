"""The models that a program makes or calls: each call of one is a network of its own."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Dim
from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.calling import parameters
from shapecalc.importers.python.layers import dialect_of, flat, holds_unknown
from shapecalc.importers.python.open import OpenList
from shapecalc.importers.python.tape import Tape
from shapecalc.importers.python.values import Class, Instance, LibraryClass, Tensor, Value
from shapecalc.layers.layer import Layer
from shapecalc.network import Apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.network import Network


#: The classes of which models are made, and whose they are.
_MODELS: Final = {"torch.nn.Module": "torch", "keras.Model": "keras"}


def framework_of(cls: Class | LibraryClass) -> str:
    """Return whose models the objects of a class are, without its tables; "" where they are none.

    A layer of torch is a module as its models are.
    """
    found = (_MODELS.get(each.name, "") for each in cls.mro if isinstance(each, LibraryClass))
    return next(filter(None, found), "")


def forward_of(m: Machine, instance: Instance) -> Value:
    """Return what a module runs: its own attribute of the name, or the method of its class."""
    from shapecalc.importers.python.attributes import method

    own = instance.attrs.get("forward")
    return method(m, instance, "forward") if own is None else own


class Recorded(NamedTuple):
    """A model with the network that it is.

    Attributes:
        value: the object.
        network: what it did when it was called, or is made of.
        output: what it gave.
        position: where it was called or made.
    """

    value: Any
    network: Network
    output: Value
    position: Position | None


def is_within(m: Machine, instance: Instance) -> bool:
    """Return whether a module is called inside of a model that runs, or is a layer by itself."""
    return m.tape is not None or (instance.payload is not None and not _has_children(instance))


def _has_children(instance: Instance) -> bool:
    return any(isinstance(each, Instance) for each in instance.attrs.values())


def called_model(
    m: Machine, instance: Instance, call: Call, body: Callable[[Call], Value]
) -> Value:
    """Call a model from outside: its inputs come in, and what it does is recorded."""
    from shapecalc.importers.python.attributes import method

    library = framework_of(instance.cls) or "keras"
    training = library == "torch" and instance.attrs.get("training", True) is not False
    # What reads the output of a model of torch goes on where that one ended; a model of Keras is
    # what lies between its own inputs and outputs.
    given = flat([*call.args, *call.kwargs.values()]) if library == "torch" else ()
    before = [each.tape for each in given if each.tape]
    key = None if before else (id(instance), training, _key([call.args, call.kwargs]))
    known = m.called.get(key)
    if known is not None and known.changes == m.changes:
        # Nothing was changed since it was called on the same shapes.
        m.models.append(known.model)
        return known.model.output
    tape = before[-1] if before else Tape(dialect_of(library), library, m.given, training=training)
    if library == "torch":
        _name_parts(instance)
        names = parameters(forward_of(m, instance))
    else:
        names = parameters(method(m, instance, "call"))
    inputs = _Entering(tape, names, call.position)
    args = [inputs.enter(value, place) for place, value in enumerate(call.args)]
    kwargs = {key: inputs.enter(value, key) for key, value in call.kwargs.items()}
    m.tape = tape
    try:
        output = body(type(call)(m, args, kwargs, call.position))
        _add_unread(tape, instance, library)
    finally:
        m.tape = None
    lost = holds_unknown(output)
    if lost is not None:
        m.need(lost, call.position)
    model = Recorded(instance, tape.ended(flat(output)), output, call.position)
    m.models.append(model)
    if key is not None and key[-1] is not None:
        m.called[key] = Known(m.changes, model)
    return output


def _add_unread(tape: Tape, instance: Instance, library: str) -> None:
    """Record the weights that a model holds and that nothing in it has read."""
    if library == "torch":
        _add_uncalled(tape, instance)
        return
    from shapecalc.importers.python.library.kerasgraph import unread

    for node in list(unread(tape, [instance])):
        tape.tracer.add(node)


def _name_parts(model: Instance) -> None:
    """Tell the modules and the tensors of a model the paths by which it holds them."""
    from shapecalc.importers.python.library.torchholding import walk

    for path, each in walk(model):
        if isinstance(each, Tensor):
            each.held = path
        elif isinstance(each, Instance):
            each.attrs["?path"] = path or None


class Known(NamedTuple):
    """A call of a model, and how many attributes had been set by then."""

    changes: int
    model: Recorded


def _key(value: Value) -> Any:  # noqa: ANN401
    """Return what a call depends on: shapes, and values of Python.

    None where it is more than that.
    """
    if isinstance(value, Tensor):
        numbers = None if value.numbers is None else tuple(value.numbers)
        return ("tensor", value.shape, value.whole, numbers, value.reach)
    if isinstance(value, list | tuple | dict):
        items = value.items() if isinstance(value, dict) else value
        keys = [_key(each) for each in items]
        return None if None in keys else (type(value).__name__, *keys)
    plain = isinstance(value, int | float | str | bool | Dim)
    return ("value", value) if plain else "none" if value is None else None


class _Entering:
    """Lets the tensors of a call come in, under the names of the parameters."""

    def __init__(self, tape: Tape, names: list[str], position: Position | None) -> None:
        self._tape = tape
        self._names = names
        self._position = position
        self._known: dict[int, Tensor] = {}

    def enter(self, value: Value, name: int | str) -> Value:
        if isinstance(name, int):
            name = self._names[name] if name < len(self._names) else "input"
        if isinstance(value, Tensor):
            if value.tape is self._tape:
                return value
            if id(value) not in self._known:
                made = self._tape.input(value.shape, name, self._position, whole=value.whole)
                made.numbers, made.strides, made.mask = value.numbers, value.strides, value.mask
                made.reach = value.reach
                self._known[id(value)] = made
            return self._known[id(value)]
        if isinstance(value, list | tuple):
            items = [self.enter(each, name) for each in value]
            if isinstance(value, OpenList):
                return OpenList(value.name, items)
            return items if isinstance(value, list) else tuple(items)
        if isinstance(value, dict):
            return {key: self.enter(each, str(key)) for key, each in value.items()}
        return value


def _add_uncalled(tape: Tape, instance: Instance) -> None:
    """Count what a model holds and did not use: its parameters are there all the same."""
    from shapecalc.importers.python.library.torchholding import walk

    used = set(tape.owners)
    for path, each in walk(instance):
        if isinstance(each, Instance) and isinstance(each.payload, Layer):
            if id(each) not in used:
                _add_layer(tape, each, path)
        elif isinstance(each, Tensor) and each.trained and not tape.has(each):
            from shapecalc.layers.coded import Parameter

            still = None if each.frozen else ()
            tape.tracer.add(Apply(Parameter(shape=each.shape), (), path, frozen=still))


def _add_layer(tape: Tape, instance: Instance, path: str) -> None:
    """Count the parameters of a layer that is not used; nothing where it has none."""
    from shapecalc.importers.python.library.torchholding import frozen, held_weights, tied
    from shapecalc.layers.coded import Uncalled

    if held_weights(instance.payload):
        held = Uncalled(layer=instance.payload)
        node = Apply(held, (), path, tied=tied(instance), frozen=frozen(instance))
        with suppress(ShapecalcError):
            tape.tracer.add(node)
