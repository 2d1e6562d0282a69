"""What a program says of training: the loss of a model, and the data and labels it is fed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.importers.python.values import Builtin, Instance, Tensor, Unknown, Value
from shapecalc.network import BATCH_SIZE, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.models import Recorded
    from shapecalc.importers.python.positions import Position


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


def said(m: Machine, model: Recorded, tree: ast.Module, *, alone: bool) -> Said:
    """Return what a program says of the training of a model, which may be its only one."""
    from shapecalc.importers.python.layers import flat

    attrs = model.value.attrs
    if "?compiled" in attrs or "?fitted" in attrs:
        return _of_keras(attrs)
    outputs = {(id(t.tape), t.port) for t in flat(model.output)}
    for each in reversed(m.losses):
        if (id(each.output.tape), each.output.port) in outputs:
            place = each.position.place if each.position else None
            return Said({}, {None: each.target.shape}, {None: each.name}, place=place)
    found = list(_torch_losses(tree)) if alone else []
    if len({name for name, _ in found}) != 1:
        return Said()
    name, node = found[0]
    frame = model.position.module if model.position else None
    place = None if frame is None else type(model.position)(frame, node).place  # type: ignore[misc]
    return Said(losses={None: name}, place=place)


def _of_keras(attrs: Mapping[str, Any]) -> Said:
    loss, where = attrs.get("?compiled", (None, None))
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


# Losses of torch that stand where a program is not followed: in loops over its data.


def _torch_losses(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield the losses that are applied to the output of a model, as it is."""
    made = {
        target.id if isinstance(target, ast.Name) else target.attr: name
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (name := _loss_class(node.value)) is not None
        for target in node.targets
        if isinstance(target, ast.Name | ast.Attribute)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.Module | ast.FunctionDef):
            continue
        outputs = _outputs(function)
        for node in _own(function):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = made.get(_last(node.func)) or _loss_function(node.func)
            first = node.args[0]
            is_output = isinstance(first, ast.Name) and first.id in outputs
            if name is not None and (is_output or _calls_model(first)):
                yield name, node


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, but for those of functions and classes within it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _outputs(function: ast.AST) -> set[str]:
    """Return the names that are the output of a model, whatever else becomes of it."""
    found: dict[str, bool] = {}
    for node in _own(function):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For):
            targets = [node.target]
        value = node.value if isinstance(node, ast.Assign) else None
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    is_model = isinstance(target, ast.Name) and _calls_model(value)
                    found[name.id] = found.get(name.id, True) and is_model
    return {name for name, is_model in found.items() if is_model}


def _calls_model(node: ast.AST | None) -> bool:
    """Return whether an expression calls what has the name of a model."""
    if not isinstance(node, ast.Call):
        return False
    name = _last(node.func).lower()
    return any(word in name for word in ("model", "net")) or name in {"cnn", "rnn", "mlp", "lstm"}


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _loss_class(node: ast.expr) -> str | None:
    """Return the loss that a call makes; through ``.to(device)`` too."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"to", "cuda"}:
        return _loss_class(node.func.value)
    name = _last(node.func)
    return name if name.endswith("Loss") and _is_loss(name) else None


def _loss_function(node: ast.expr) -> str | None:
    from shapecalc.layers.torch.losses import LOSSES

    if not isinstance(node, ast.Attribute) or _last(node.value) not in {"F", "functional"}:
        return None
    found = LOSSES.find(node.attr)
    return None if found is None else found.name


def _is_loss(name: str) -> bool:
    from shapecalc.layers.torch.losses import LOSSES

    return LOSSES.find(name) is not None


def compare(m: Machine, name: str, inputs: Any, position: Position | None) -> None:  # noqa: ANN401
    """Note a loss of torch that is applied."""
    if name.endswith("Loss") and len(inputs) == 2:  # noqa: PLR2004  (output and target)
        m.losses.append(Compared(name, inputs[0], inputs[1], position))


def compile_call(instance: Instance, call: Any) -> None:  # noqa: ANN401
    """Note the loss with which a model of Keras is compiled."""
    instance.attrs["?compiled"] = (call.get(1, "loss"), call.position)


def fit_call(instance: Instance, call: Any) -> None:  # noqa: ANN401
    """Note the data on which a model of Keras is trained."""
    x, y = call.get(0, "x"), call.get(1, "y")
    instance.attrs["?fitted"] = (x, y, call.get(2, "batch_size"))
