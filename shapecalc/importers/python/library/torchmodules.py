"""Modules of torch: nn.Module, its containers, and the layers as objects."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.layers import (
    argument_of,
    config_of,
    flat,
    held_layer,
    holds_unknown,
    make,
    run_layer,
)
from shapecalc.importers.python.library.freezing import module_requires_grad
from shapecalc.importers.python.library.torchcalling import named_arguments, taken, takes_one
from shapecalc.importers.python.library.torchcontainers import (
    CONSTRUCTORS,
    CONTAINER_ATTRIBUTES,
)
from shapecalc.importers.python.library.torchholding import (
    children,
    frozen,
    named_parameters,
    parameters,
    tied,
    walk,
    weight,
)
from shapecalc.importers.python.library.torchhooks import after, before, hooked
from shapecalc.importers.python.library.torchnumbers import within
from shapecalc.importers.python.library.torchpacked import PACKED, packed, unpacked
from shapecalc.importers.python.models import called_model, forward_of, is_within
from shapecalc.importers.python.open import Open, open_in
from shapecalc.importers.python.reading import needed, needed_mask
from shapecalc.importers.python.rewrites import first_of, with_size
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
    method_of,
)
from shapecalc.layers.layer import Layer
from shapecalc.layers.torch.dialect import CATALOGUE, TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_CONTAINERS: Final = frozenset({"ModuleList", "ParameterList", "ModuleDict", "ParameterDict"})


def is_module(value: Value) -> bool:
    """Return whether a value is a module."""
    return isinstance(value, Instance) and MODULE in value.cls.mro


# Making and calling modules.


def _leaf(m: Machine, instance: Instance, call: Call) -> None:
    """Make a layer of its arguments."""
    library = instance.library()
    name = next((each.layer for each in (library.mro if library else []) if each.layer), "")
    entry = CATALOGUE.find(name)
    assert entry is not None  # noqa: S101  (there is a class of that name)
    for dropped in ("device", "dtype"):
        call.kwargs.pop(dropped, None)
    config = config_of(m, CATALOGUE.load(entry), call, frozenset({"_weight", "weight"}), 2)
    instance.payload = None
    if config is not None:
        instance.payload = held_layer(m, TORCH, name, config, call.position)
    instance.made = instance.made or call.position


def _called(m: Machine, instance: Instance, call: Call) -> Value:
    """Call a module: what its class says in forward, or what torch's does."""
    if "?prehooks" in instance.attrs:
        before(m, instance, call)
    unknown = holds_unknown([*call.args, *call.kwargs.values()])
    forward = forward_of(m, instance)
    if not is_within(m, instance):
        if unknown is not None and any(isinstance(each, Unknown) for each in call.args):
            return Unknown(unknown.name, unknown.position or call.position)
        return called_model(m, instance, call, lambda call: _forward(m, instance, forward, call))
    return _forward(m, instance, forward, call)


def _forward(m: Machine, instance: Instance, forward: Value, call: Call) -> Value:
    output = _output(m, instance, forward, call)
    return after(m, instance, call, output) if "?hooks" in instance.attrs else output


def _output(m: Machine, instance: Instance, forward: Value, call: Call) -> Value:
    if forward is not None:
        return m.call(forward, call.args, call.kwargs, call.position)
    return _plain(m, instance, call)


def _plain(m: Machine, instance: Instance, call: Call) -> Value:
    """Call what a module of torch is, past what the program says."""
    library = instance.library()
    name = library.name.rpartition(".")[2] if library else ""
    if name == "Sequential":
        value = call.get(0, "input")
        if not instance.attrs["?items"] and isinstance(value, Tensor):
            same = make(m, TORCH, "Identity", {}, call.position)
            path = instance.attrs.get("?path")
            return run_layer(
                m, same, [value], call.position, library="torch", label=path, title="Sequential"
            )[0]
        for child in list(instance.attrs["?items"].values()):
            where = child.made if isinstance(child, Instance) and child.made else call.position
            value = m.call(child, [value], {}, where)
        return value
    if isinstance(instance.payload, Layer):
        reads_packed = any(isinstance(each, Instance) and each.cls is PACKED for each in call.args)
        return (_of_packed if reads_packed else _applied)(m, instance, instance.payload, call)
    if name in _CONTAINERS or name == "Module":
        cls = instance.cls.name.rpartition(".")[2]
        text = f"{cls} has no forward, and cannot be called"
        m.fail("NotImplementedError", text, call.position)
    return Unknown(instance.cls.name, instance.made)


def _applied(m: Machine, instance: Instance, layer: Layer, call: Call) -> Value:
    """Apply a layer to the tensors of a call."""
    cls = type(layer)
    lost = holds_unknown([*call.args, *call.kwargs.values()])
    if lost is not None:
        m.need(lost, call.position)
        return lost.lost()
    opened = open_in(call)
    if opened is not None:
        return _opened(opened, layer, call)
    first = call.args[0] if call.args else None
    if isinstance(first, tuple | list) and flat(list(first)) and not cls.merges:
        text = f"{layer.called} reads one tensor, but gets a {type(first).__name__} of {len(first)}"
        mended = first_of(flat(list(first))[0])
        m.fail("TypeError", text, call.position, rule="states", rewrites=mended)
    if first is None and not call.kwargs:
        call.fail(f"{layer.called}.forward() missing a required argument: 'input'")
    inputs, masked, given = taken(cls, call)
    if any(each.library == "numpy" for each in inputs):
        text = f"{layer.called} reads a tensor, but gets an array: torch.from_numpy makes one"
        m.fail("TypeError", text, call.position, rule="argument")
    if not inputs:
        call.fail(f"{layer.called}.forward() is called without a tensor")
    if takes_one(cls) and len(call.args) > 1:
        call.fail(f"{layer.called}.forward() takes one tensor, but {len(call.args)} were given")
    if cls.__name__ == "Embedding" and inputs and inputs[0].whole is False:
        text = "Embedding reads integers, but gets floats: .long() converts them"
        m.fail("RuntimeError", text, call.position, rule="argument")
    if cls.__name__.startswith("Embedding") and inputs:
        larger = partial(with_size, layer, "num_embeddings", instance.made)
        what = f"{cls.__name__} has num_embeddings"
        within(m, inputs[0], getattr(layer, "num_embeddings", 0), what, call.position, larger)
    label = instance.attrs.get("?path")
    outputs = run_layer(
        m, layer, [*inputs, *masked], call.position, library="torch", made=instance.made,
        label=label, owner=instance, call=given, tied=tied(instance),
        frozen=frozen(instance),
    )  # fmt: skip
    return structured(layer, outputs)


def _opened(opened: Open, layer: Layer, call: Call) -> Value:
    """Say what a layer reads, as an input or as a mask."""
    given = named_arguments(type(layer), call)
    name = next((name for name, each in given.items() if each is opened), "")
    if name in {*layer.masks, *layer.call_arguments}:
        others = [each for key, each in given.items() if key not in layer.call_arguments]
        needed_mask(opened, layer, name, others, call)
    return needed(opened, layer, call)


def _of_packed(m: Machine, instance: Instance, layer: Layer, call: Call) -> Value:
    """Apply a recurrent layer: the steps of a packed sequence are those of the padded one."""
    x, like = unpacked(m, call, batch_first=getattr(layer, "batch_first", False))
    plain = type(call)(m, [x, *call.args[1:]], call.kwargs, call.position)
    output, states = _applied(m, instance, layer, plain)
    return packed(output, like, call), states


def structured(layer: Layer, outputs: list[Tensor]) -> Value:
    """Return outputs as torch nests them."""
    name = layer.called
    if name == "LSTM":
        return outputs[0], (outputs[1], outputs[2])
    if name == "MultiheadAttention" and len(outputs) == 1:
        return outputs[0], None
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def normed(call: Call) -> Value:
    """``weight_norm``: the weight is kept as a direction and a length, one number a channel."""
    module = call.get(0, "module", UNKNOWN)
    if isinstance(module, Instance) and isinstance(module.payload, Layer):
        length = getattr(module.payload, "out_channels", None) or getattr(
            module.payload, "out_features", None
        )
        if length is not None:
            module.attrs["weight_g"] = Tensor((length, 1, 1), "torch", trained=True)
            module.attrs["weight_g"].held = "weight_g"
    return module


# What modules have.


def _itself(_m: Machine, instance: Instance, _call: Call) -> Value:
    return instance


def _mode(*, training: bool | None) -> Callable[[Machine, Instance, Call], Value]:
    def set_mode(_m: Machine, instance: Instance, call: Call) -> Value:
        mode = call.get(0, "mode", True) if training is None else training
        for _, each in walk(instance):
            if isinstance(each, Instance):
                each.attrs["training"] = mode
        return instance

    return set_mode


def _add(_m: Machine, instance: Instance, call: Call) -> Value:
    name, value = call.get(0, "name"), call.get(1, "module")
    if isinstance(name, str):
        home = instance.attrs.get("?items", instance.attrs)
        home[name] = value
    elif isinstance(name, Unknown):
        instance.attrs["?open"] = True


def _register_buffer(m: Machine, instance: Instance, call: Call) -> Value:
    name, value = call.get(0, "name"), call.get(1, "tensor")
    if isinstance(name, Tensor):
        text = "the name of a buffer is a text, but comes a tensor"
        m.fail("TypeError", text, call.position, rule="argument")
    if isinstance(value, Tensor):
        value.held = str(name)
    instance.attrs[str(name)] = value


def _modules(_m: Machine, instance: Instance, _call: Call) -> Value:
    return [each for _, each in walk(instance) if is_module(each)]


def _named_modules(_m: Machine, instance: Instance, _call: Call) -> Value:
    return [(path, each) for path, each in walk(instance) if is_module(each)]


def _children(_m: Machine, instance: Instance, _call: Call) -> Value:
    return [each for _, each in children(instance) if is_module(each)]


def _named_children(_m: Machine, instance: Instance, _call: Call) -> Value:
    return [(name, each) for name, each in children(instance) if is_module(each)]


def _apply(m: Machine, instance: Instance, call: Call) -> Value:
    function = call.get(0, "fn")
    for _, each in walk(instance):
        if is_module(each):
            m.call(function, [each], {}, call.position)
    return instance


_MODULE_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    **{
        name: method_of(_itself)
        for name in "to cuda cpu half float double share_memory type bfloat16 "
        "zero_grad compile xpu".split()
    },
    "register_forward_hook": method_of(hooked("?hooks")),
    "register_forward_pre_hook": method_of(hooked("?prehooks")),
    "train": method_of(_mode(training=None)),
    "eval": method_of(_mode(training=False)),
    "training": lambda _m, _instance: True,
    "requires_grad_": method_of(module_requires_grad),
    "add_module": method_of(_add),
    "register_module": method_of(_add),
    "register_parameter": method_of(_add),
    "register_buffer": method_of(_register_buffer),
    "parameters": method_of(parameters),
    "named_parameters": method_of(named_parameters),
    "buffers": method_of(lambda _m, _instance, _call: UNKNOWN),
    "state_dict": method_of(lambda _m, _instance, _call: UNKNOWN),
    "load_state_dict": method_of(lambda _m, _instance, _call: UNKNOWN),
    "modules": method_of(_modules),
    "named_modules": method_of(_named_modules),
    "children": method_of(_children),
    "named_children": method_of(_named_children),
    "apply": method_of(_apply),
    "__call__": lambda m, instance: Builtin(
        "__call__", lambda _m, call: _called(m, instance, call)
    ),
}

MODULE: Final = LibraryClass(
    "torch.nn.Module",
    construct=lambda _m, _instance, _call: None,
    apply=_called,
    plain=_plain,
    attributes=_MODULE_ATTRIBUTES,
)


@cache
def module_class(name: str, *, leaf: bool = False) -> LibraryClass | None:
    """Return a container or, with ``leaf``, a layer as a class."""
    if name in CONSTRUCTORS:
        attributes = CONTAINER_ATTRIBUTES
        return LibraryClass(
            f"torch.nn.{name}", MODULE, construct=CONSTRUCTORS[name], attributes=attributes
        )
    if not leaf:
        return None
    weights = {key: weight(key) for key in ("weight", "bias")}
    attributes = weights | _fields(name)
    if name.startswith("Embedding"):
        attributes["from_pretrained"] = partial(_from_pretrained, name)
    return LibraryClass(
        f"torch.nn.{name}", MODULE, construct=_leaf, attributes=attributes, layer=name
    )


def _from_pretrained(name: str, _m: Machine, table: Value) -> Value:
    """``Embedding.from_pretrained(table)``: a layer of the size of a table of vectors."""

    def construct(m: Machine, call: Call) -> Value:
        if not isinstance(table, Tensor):
            return table if isinstance(table, Unknown) else UNKNOWN
        for dropped in ("freeze", "sparse", "scale_grad_by_freq"):
            call.kwargs.pop(dropped, None)
        return m.call(module_class(name, leaf=True), list(table.shape), call.kwargs, call.position)

    return Builtin("from_pretrained", construct)


def _fields(name: str) -> dict[str, Callable[[Machine, Instance], Value]]:
    """Return the arguments of a layer, which are attributes of the object."""
    from shapecalc.layers.parameters import parameters

    entry = CATALOGUE.find(name)
    assert entry is not None  # noqa: S101  (there is a class of that name)
    names = [key for key in parameters(CATALOGUE.load(entry)) if key not in {"name", "bias"}]
    return {key: partial(argument_of, key) for key in names}
