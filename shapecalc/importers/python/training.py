"""What a program says of training: the loss of a model, and the data and labels it is fed."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.values import Builtin, Instance, Tensor, Unknown, Value
from shapecalc.network import BATCH_SIZE, Said

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.models import Recorded
    from shapecalc.importers.python.values import Module

#: What the class of each loss of torch has in its name, and its function.
LOSS_NAME: Final = re.compile(r"loss|entropy|kl_div", re.IGNORECASE)


class LossValue(Unknown):
    """A loss of Keras that the program made; what it gives is not known."""

    __slots__ = ("text",)

    def __init__(self, text: str, position: Position | None) -> None:
        super().__init__("", position)
        self.text = text


class Compared(NamedTuple):
    """A loss that the program applied: its class, the output and the target, and where."""

    name: str
    output: Tensor
    target: Tensor
    position: Position | None


def said(
    m: Machine, model: Recorded, tree: ast.Module, *, alone: bool
) -> Said | Callable[[], Said]:
    """Return what a program says of the training of a model, which may be its only one.

    Or what tells it, where the program has to be searched for it, which few questions ask.
    """
    from shapecalc.importers.python.layers import flat

    attrs = model.value.attrs
    if "?compiled" in attrs or "?fitted" in attrs:
        return _of_keras(attrs)
    outputs = {(id(t.tape), t.port) for t in flat(model.output)}
    for each in reversed(m.losses):
        if (id(each.output.tape), each.output.port) in outputs:
            place = each.position.place if each.position else None
            return Said({}, {None: each.target.shape}, {None: each.name}, place=place)
    if not alone:
        return Said()
    return partial(_searched, tree, m.modules["__main__"])


def _searched(tree: ast.Module, module: Module) -> Said:
    if LOSS_NAME.search(module.source) is None:
        return Said()
    # All losses of torch, which few programs without one of these words need.
    from shapecalc.importers.python.unfollowed import stated

    found = stated(tree, module.source)
    if found is None:
        return Said()
    name, node = found
    return Said(losses={None: name}, place=Position(module, node).place)


def _of_keras(attrs: Mapping[str, Any]) -> Said:
    if "?fitted" not in attrs:
        # What it was trained with before says more than a loss that was never used.
        attrs = {**attrs, **attrs.get("?trained", {})}
    loss, where = attrs.get("?compiled") or (None, None)
    x, y, batch = attrs.get("?fitted", (None, None, None))
    losses = {key: text for key, each in _parts(loss) if (text := _written(each)) is not None}
    return Said(
        {key: each.shape for key, each in _parts(x) if isinstance(each, Tensor) and each.shape},
        {key: each.shape for key, each in _parts(y) if isinstance(each, Tensor) and each.shape},
        losses,
        batch_size=batch if isinstance(batch, int) else BATCH_SIZE,
        place=where.place if where is not None and losses else None,
    )


def _parts(value: Value) -> Iterator[tuple[Any, Value]]:
    """Yield the parts of a structure, by name or number; one value alone by None."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
    elif value is not None:
        yield None, value


def _written(value: Value) -> str | None:
    """Return how a loss is written; None for what is not one of Keras."""
    if isinstance(value, LossValue):
        return value.text
    if isinstance(value, Builtin) and value.name.startswith("keras.losses."):
        return value.name.rpartition(".")[2]
    return value if isinstance(value, str) else None


def keras_loss(name: str) -> Value:
    """Return what a name of ``keras.losses`` stands for."""
    from shapecalc.layers.keras.losses import LOSSES

    last = name.rpartition(".")[2]
    if LOSSES.find(last) is None:
        return Unknown("")

    def made(_m: Machine, call: Any) -> Value:  # noqa: ANN401
        if not last[0].isupper():
            return Unknown("")
        named = "Focal" in last  # where other arguments come first
        logits = call.kwargs.get("from_logits") if named else call.get(0, "from_logits")
        if logits is not None and not isinstance(logits, bool):
            return Unknown("")
        return LossValue(f"{last}(from_logits=True)" if logits else last, call.position)

    return Builtin(name, made)


def compare(m: Machine, name: str, inputs: Any, position: Position | None) -> None:  # noqa: ANN401
    """Note a loss of torch that is applied."""
    if name.endswith("Loss") and len(inputs) == 2:  # noqa: PLR2004  (output and target)
        m.losses.append(Compared(name, inputs[0], inputs[1], position))


def compile_call(instance: Instance, call: Any) -> None:  # noqa: ANN401
    """Note the loss with which a model of Keras is compiled; data before are of another loss."""
    if "?fitted" in instance.attrs:
        instance.attrs["?trained"] = {k: instance.attrs.get(k) for k in ("?compiled", "?fitted")}
        del instance.attrs["?fitted"]
    instance.attrs["?compiled"] = (call.get(1, "loss"), call.position)


def fit_call(instance: Instance, call: Any) -> None:  # noqa: ANN401
    """Note the data on which a model of Keras is trained."""
    x, y = call.get(0, "x"), call.get(1, "y")
    instance.attrs["?fitted"] = (x, y, call.get(2, "batch_size"))
