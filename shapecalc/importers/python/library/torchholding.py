"""What modules of torch hold: modules, parameters and buffers, and the weights of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.values import UNKNOWN, Instance, Tensor, Value
from shapecalc.layers.layer import Layer
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.dialect import TORCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.result import Weight


def children(instance: Instance) -> Iterator[tuple[str, Value]]:
    """Yield the modules and parameters that a module holds, by their names."""
    for name, value in instance.attrs.items():
        if name == "?items":
            yield from value.items()
        elif not name.startswith("?") and isinstance(value, Instance | Tensor):
            yield name, value


def walk(root: Instance) -> Iterator[tuple[str, Value]]:
    """Yield every module and tensor below a module, each once, by its path."""
    from shapecalc.importers.python.library.torchmodules import is_module

    seen: set[int] = set()
    waiting: list[tuple[str, Value]] = [("", root)]
    while waiting:
        path, value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield path, value
        if isinstance(value, Instance):
            below = [
                (f"{path}.{name}" if path else name, each)
                for name, each in children(value)
                if isinstance(each, Tensor) or is_module(each)
            ]
            waiting += reversed(below)


# The weights of layers.


def weight(name: str) -> Callable[[Machine, Instance], Value]:
    """Return a weight of a layer as a tensor, the same each time."""

    def given(_m: Machine, instance: Instance) -> Value:
        if not isinstance(instance.payload, Layer):
            return UNKNOWN
        return weights(instance).get(name)

    return given


def weights(instance: Instance) -> dict[str, Tensor]:
    """Return the weights of a layer as tensors, by their names; they are made once."""
    kept: dict[str, Tensor] | None = instance.attrs.get("?weights")
    if kept is None:
        kept = instance.attrs["?weights"] = {}
        if isinstance(instance.payload, Layer):
            for each in held_weights(instance.payload):
                if not each.buffer:
                    kept[each.name] = Tensor(each.shape, "torch", whole=False)
    return kept


def kept(instance: Instance, name: str) -> Tensor | None:
    """Return a weight or a buffer of a layer by its name, such as ``running_mean``."""
    if not isinstance(instance.payload, Layer):
        return None
    found = weights(instance).get(name)
    buffers: dict[str, Tensor] = instance.attrs.setdefault("?buffers", {})
    for each in held_weights(instance.payload) if found is None and name not in buffers else ():
        if each.name == name:
            buffers[name] = Tensor(each.shape, "torch", whole=False)
    return buffers.get(name) if found is None else found


def held_weights(layer: Layer) -> Sequence[Weight]:
    """Return the weights of a layer before it is called; none where its input decides them."""
    if type(layer).__name__.startswith("Lazy"):
        return ()
    from shapecalc.layers.coded import Uncalled

    held = Uncalled(layer=layer)
    try:
        return held.infer(held, Scope(dialect=TORCH)).weights
    except (ShapecalcError, ValueError, TypeError):
        # It has no input that it is made for, and no weights.
        return ()


#: What the axes of the weight of a layer are.
_AXES: Final = {
    "Linear": ("out_features", "in_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
}


def reweighted(instance: Instance, weight: Tensor) -> None:
    """Let a layer work as its new weight makes it, whose shape may be another one."""
    layer = instance.payload
    axes = _AXES.get(type(layer).__name__)
    if axes is not None and len(weight.shape) == len(axes):
        sizes = dict(zip(axes, weight.shape, strict=True))
        if any(getattr(layer, name) != size for name, size in sizes.items()):
            instance.payload = layer.model_copy(update=sizes)


def tied(instance: Instance) -> tuple[str, ...]:
    """Return the names of the weights of a layer that the program has replaced."""
    return tuple(
        name for name in ("weight", "bias") if isinstance(instance.attrs.get(name), Tensor)
    )


def frozen(instance: Instance) -> tuple[str, ...]:
    """Return the names of the weights of a layer that are not trained."""
    kept: dict[str, Tensor] = instance.attrs.get("?weights") or {}
    return tuple(name for name, each in kept.items() if each.frozen)


def _parameters(instance: Instance) -> Iterator[tuple[str, Tensor]]:
    """Yield the parameters of a module, each once, by their paths."""
    seen: set[int] = set()
    for path, each in walk(instance):
        if isinstance(each, Tensor):
            found = [(path, each)] if each.trained else []
        else:
            held = {**weights(each), **{name: each.attrs[name] for name in tied(each)}}
            found = [(f"{path}.{name}" if path else name, value) for name, value in held.items()]
        for name, value in found:
            if id(value) not in seen:
                seen.add(id(value))
                yield name, value


def parameters(m: Machine, instance: Instance, call: Call) -> Value:
    """``model.parameters()``."""
    named = named_parameters(m, instance, call)
    return [each for _, each in named] if isinstance(named, list) else named


def named_parameters(m: Machine, instance: Instance, call: Call) -> Value:
    """``model.named_parameters()``."""
    found = list(_parameters(instance))
    m.charge(3 * len(found), call.position)
    return found or UNKNOWN
