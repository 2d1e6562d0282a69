"""Losses of torch that stand where a program is not followed: in loops over its data."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from shapecalc.layers.torch.losses import LOSSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WORD: Final = re.compile(r"\w+")


def stated(tree: ast.Module, text: str) -> tuple[str, ast.AST] | None:
    """Return the loss that is applied to the output of a model, as it is, and where it is first.

    None where there is none, or where there are several.
    """
    if not any(map(LOSSES.find, set(_WORD.findall(text)))):
        return None
    found = list(_applied(tree))
    return found[0] if len({name for name, _ in found}) == 1 else None


def _applied(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield the losses that are applied to the output of a model."""
    nodes = list(ast.walk(tree))
    made = _made(nodes)
    for function in nodes:
        if not isinstance(function, ast.Module | ast.FunctionDef):
            continue
        own = list(_own(function))
        called = [
            (name, each)
            for each in own
            if isinstance(each, ast.Call) and each.args and (name := _loss_of(each, made))
        ]
        outputs = _outputs(own) if called else ()
        for name, call in called:
            first = call.args[0]
            if _calls_model(first) or (isinstance(first, ast.Name) and first.id in outputs):
                yield name, call


def _loss_of(call: ast.Call, made: Mapping[str, str]) -> str | None:
    """Return the loss that a call applies."""
    return made.get(_last(call.func)) or _loss_function(call.func)


def _made(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return the names to which losses are assigned, each with its class."""
    return {
        target.id if isinstance(target, ast.Name) else target.attr: name
        for node in nodes
        if isinstance(node, ast.Assign) and (name := _loss_class(node.value)) is not None
        for target in node.targets
        if isinstance(target, ast.Name | ast.Attribute)
    }


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function, but for those of functions and classes within it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _outputs(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that are the output of a model, whatever else becomes of it."""
    found: dict[str, bool] = {}
    for node in nodes:
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
    return name if name.endswith("Loss") and LOSSES.find(name) is not None else None


def _loss_function(node: ast.expr) -> str | None:
    """Return the loss of a function of torch."""
    if not isinstance(node, ast.Attribute) or _last(node.value) not in {"F", "functional"}:
        return None
    found = LOSSES.find(node.attr)
    return None if found is None else found.name
