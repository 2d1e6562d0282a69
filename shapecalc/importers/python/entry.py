"""Which of the models of a program is meant, and for which inputs it is called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.candidates import (
    begin,
    from_classes,
    from_functions,
    layer_alone,
    objects,
)
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.hints import Hint, hints
from shapecalc.importers.python.kinds import (
    is_layer,
    is_model,
    is_module,
    is_written_layer,
)
from shapecalc.importers.python.layers import applied, dialect_of, holds_unknown
from shapecalc.importers.python.models import Recorded, called_model, forward_of, framework_of
from shapecalc.importers.python.open import Found, open_in
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.searching import Search
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    Bound,
    Class,
    Function,
    Instance,
    LibraryClass,
    Module,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.letters import free_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.importers.python.machine import Machine

#: How often a model is called anew, with more known about its inputs.
_MAX_CALLS: Final = 24


def chosen(m: Machine, frame: Frame, expression: ast.expr | None) -> list[Recorded]:
    """Return the models that are meant, each called."""
    if expression is not None:
        return _by_expression(m, frame, expression)
    if m.given.inputs:
        candidates = [model.value for model in m.models] or list(objects(m, frame))
        if candidates:
            return [_recorded(m, candidates[-1])]
    if m.models:
        called = [_as_said(m, each) for each in _latest(m, m.models)]
        if called:
            return called
    made = from_functions(m, frame)
    if m.models:
        called = _latest(m, m.models)
        if called:
            return called
    found = [*objects(m, frame), *made] or from_classes(m, frame) or layer_alone(m, frame)
    return _all_recorded(m, found or from_classes(m, frame, layers=True))


def _as_said(m: Machine, model: Recorded) -> Recorded:
    """Call a model anew whose source says its inputs, which comes before a call of it."""
    value = model.value
    if not is_module(value) or not hints(value, _forward(m, value)):
        return model
    return _recorded(m, value)


def _all_recorded(m: Machine, values: Sequence[Instance]) -> list[Recorded]:
    """Call models, those whose inputs can be found."""
    found = []
    failed: SpecError | None = None
    for value in values:
        try:
            found.append(_recorded(m, value))
        except SpecError as error:
            failed = error
    if failed is not None and not found:
        raise failed
    return found


def _latest(m: Machine, models: Sequence[Recorded]) -> list[Recorded]:
    """Return the last call of each model, in the order of the last calls."""
    found: dict[int, Recorded] = {}
    for model in models:
        found.pop(id(model.value), None)
        found[id(model.value)] = model
    settled: list[Recorded] = []
    failed: SpecError | None = None
    for each in found.values():
        try:
            model_now = _now(m, each)
        except SpecError as error:
            failed = error
            continue
        settled += [] if model_now is None else [model_now]
    if failed is not None and not settled:
        raise failed
    return settled


def _now(m: Machine, model: Recorded) -> Recorded | None:
    """Return a model as it is at the end; None for a stack in which there is nothing."""
    if not isinstance(model.value, Instance) or framework_of(model.value.cls) != "keras":
        return model
    from shapecalc.importers.python.library.kerasmodels import latest

    return latest(m, model)


def _by_expression(m: Machine, frame: Frame, expression: ast.expr) -> list[Recorded]:
    before = len(m.models)
    frame, expression = _apart(frame, expression)
    value = m.evaluate(expression, frame)
    if isinstance(value, Class | Function | LibraryClass):
        here = Position(frame.module, expression)
        value = m.call(value, [], {}, value.position if isinstance(value, Class) else here)
    is_alone = is_layer(value) or is_written_layer(m, value)
    if len(m.models) > before and not is_model(value) and not is_alone:
        return m.models[-1:]
    if not is_model(value) and not is_alone:
        raise SpecError(f"{ast.unparse(expression)} is not a model")
    if not m.given.inputs:
        for model in reversed(m.models):
            if model.value is value:
                return _latest(m, [model])
    return [_recorded(m, value)]


def _apart(frame: Frame, expression: ast.expr) -> tuple[Frame, ast.expr]:
    """Return an expression as a text of its own, in which its places are, with the file's names."""
    text = ast.unparse(expression)
    module = Module(frame.module.name, f"{frame.module.path}:expression", text)
    module.attrs = frame.module.attrs
    return Frame(module), ast.parse(text, mode="eval").body


def _forward(m: Machine, value: Instance) -> Function | None:
    """Return the function that a module of the program has as forward."""
    found = forward_of(m, value)
    if isinstance(found, Bound) and isinstance(found.function, Function):
        return found.function
    return None


def _recorded(m: Machine, value: Instance) -> Recorded:
    """Call a model with the inputs that are given, or found."""
    m.begun = value.cls.position if isinstance(value.cls, Class) else value.made
    if is_layer(value) and forward_of(m, value) is None:
        library = framework_of(value.cls) or "keras"
        return called_with_inputs(m, value, _inputs_of_layer(m), value.made, library=library)
    if not is_module(value):
        from shapecalc.importers.python.library.kerasmodels import recorded

        made: Recorded = recorded(m, value)
        return made
    forward = _forward(m, value)
    if forward is None:
        names, where = ["input"], value.made
    else:
        args = forward.args
        names = [each.arg for each in (*args.posonlyargs, *args.args)][1:]
        count = len(args.defaults)
        names = names[: len(names) - count] if count else names
        if args.vararg is not None and not names and not count:
            names = [args.vararg.arg]
        where = Position(forward.module, begin(forward))
    return called_with_inputs(m, value, names, where, forward=forward)


def _inputs_of_layer(m: Machine) -> list[str]:
    """Return the names of the inputs of a layer by itself: it has as many as are given."""
    given = m.given.inputs
    if len(given) < 2:  # noqa: PLR2004  (several)
        return [key if isinstance(key, str) else "input" for key in given] or ["input"]
    places = enumerate(given, 1)
    return [key if isinstance(key, str) else f"input{place}" for place, key in places]


def _call(m: Machine, value: Instance, args: list[Value], where: Position | None) -> None:
    """Call a model; a layer by itself is a model of one layer."""
    if is_written_layer(m, value):
        from shapecalc.importers.python.library.keraslayers import call_layer

        # What it made for an input of which nothing was known is made anew.
        value.attrs.pop("?built", None)
        called_model(m, value, Call(m, args, {}, where), lambda call: call_layer(m, value, call))
        if open_in(args) is not None and holds_unknown(m.models[-1].output) is not None:
            m.models.pop()
        return
    if not is_layer(value) or forward_of(m, value) is not None:
        m.call(value, args, {}, where)
        return
    if len(args) > 1 and value.payload.merges:
        args = [args]
    called_model(m, value, Call(m, args, {}, where), lambda call: applied(m, value, call))
    if not m.models[-1].network.nodes:
        # It takes any shape, and so says nothing of its input.
        m.models.pop()


def called_with_inputs(
    m: Machine,
    value: Instance,
    names: Sequence[str],
    where: Position | None,
    *,
    library: str = "torch",
    forward: Function | None = None,
) -> Recorded:
    """Call a model; the shapes of inputs that are not given are found."""
    said = {} if m.given.inputs else hints(value, forward)
    fixed = _given(m, names, library, said)
    search = Search(value, fixed, library)
    search.look_for(names)
    # What shapes are is found in letters, and said with what stands for these.
    values = m.given.values
    if search.is_open:
        m.given.values = {}
    try:
        model = _searched(m, value, names, where, search, library)
    finally:
        m.given.values = values
    if values and search.is_open:
        m.models.remove(model)
        m.called.clear()
        _call(m, value, [search.of(name) for name in names], where)
        model = m.models[-1]
    return model


def _searched(
    m: Machine,
    value: Instance,
    names: Sequence[str],
    where: Position | None,
    search: Search,
    library: str,
) -> Recorded:
    """Call a model until the shapes of its inputs are found; raises what ends the search."""
    for _ in range(_MAX_CALLS):
        before = len(m.models)
        try:
            _call(m, value, [search.of(name) for name in names], where)
        except Found as found:
            m.tape = None
            m.given.batch = Dim("N" if library == "torch" else "B")
            search.take(found)
            continue
        except Raised as error:
            m.tape = None
            if not search.goes_on(error, names):
                break
            continue
        if len(m.models) == before:
            break
        model: Recorded = m.models[-1]
        each = [part for name in names for part in search.parts(name)]
        settled = _settled(m, model, search.given, each) if search.is_open else None
        if settled is None:
            return model
        search.given = settled
    raise search.failure(value)


def _settled(
    m: Machine, model: Recorded, given: dict[str, Value], names: Sequence[str]
) -> dict[str, Value] | None:
    """Put in the sizes that a model takes alone; None where all that can be said is."""
    from shapecalc.tracing.walk import trace_network

    network = model.network
    asked, training = m.given.asked_of(network), m.given.trains(network)
    trace = trace_network(network, asked=asked, training=training)
    changed = dict(given)
    for name in names:
        tensor = given.get(name)
        if isinstance(tensor, Tensor):
            shape = [trace.facts.simplify(size) for size in tensor.shape]
            fixed = [
                b if isinstance(b, int) else a for a, b in zip(tensor.shape, shape, strict=True)
            ]
            if tuple(fixed) != tensor.shape:
                changed[name] = Tensor(fixed, tensor.library)
    return None if changed == given else changed


def _given(
    m: Machine, names: Sequence[str], library: str, said: Mapping[str, Hint]
) -> dict[str, Value]:
    """Return the inputs that are given, by the names of the parameters or in order.

    Or said in source.
    """
    found: dict[str, Value] = {name: hint.shape for name, hint in said.items() if name in names}
    used: set[str] = set()
    order = [key for key in m.given.inputs if not isinstance(key, str)]
    if library == "keras" and len(names) == 1 and len(order) > 1:
        # A model of Keras takes several inputs in a list.
        names = [f"{names[0]}[{place}]" for place in range(len(order))]
    for place, key in enumerate(order):
        if place >= len(names):
            raise SpecError(f"forward takes {len(names)} inputs, but {len(order)} are given")
        found[names[place]] = m.given.inputs[key]
    for key, shape in m.given.inputs.items():
        if isinstance(key, str):
            if key not in names:
                raise SpecError(
                    f"there is no input {key}", help=f"the inputs are {', '.join(names)}"
                )
            found[key] = shape
    for shape in found.values():
        for size in shape:
            used.update(size.letters if isinstance(size, Dim) else ())
    letters = dialect_of(library).letters
    return {
        name: Tensor(
            [free_letter(letter, used) if size is None else size
             for letter, size in zip(letters.of(len(shape)), shape, strict=True)],
            library,
            whole=said[name].whole if name in said else None,
        )
        for name, shape in found.items()
    }  # fmt: skip


def described(model: Recorded, frame: Frame) -> str:
    """Return the name of a model: of the variable that has it, or of its class."""
    for name, value in frame.names.items():
        if value is model.value:
            return name
    if isinstance(model.value, Unknown):
        return "model"
    name = model.value.attrs.get("name")
    return name if isinstance(name, str) else model.value.cls.name
