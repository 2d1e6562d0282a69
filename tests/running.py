"""Code of Keras and of PyTorch, run: what the model is, row by row.

Nothing here needs shapecalc, so that it runs where only a framework is installed:
``python running.py keras < requests``, a JSON object with ``code`` and ``expected`` on each line.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def differences(framework: str, code: str, expected: dict[str, Any]) -> list[str]:
    """How the model that code makes differs from what is expected of it."""
    run = _keras if framework == "keras" else _torch
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102  (code that was just written)
    return list(run(scope["model"], expected))


def _keras(model: Any, expected: dict[str, Any]) -> Any:
    import keras

    if isinstance(model, keras.Sequential) and not model.built:
        model.build(tuple(expected["inputs"][0]))
    functional = model._functional if isinstance(model, keras.Sequential) else model  # noqa: SLF001
    given: dict[str, list[Any]] = {}
    for nodes in functional._nodes_by_depth.values():  # noqa: SLF001
        for node in nodes:
            if not node.is_input:
                shapes = [list(tensor.shape) for tensor in node.output_tensors]
                given.setdefault(node.operation.name, []).append((node.operation, shapes))
    for row in expected["rows"]:
        name = row["name"]
        if name is None:
            continue
        found = given.get(name, [])
        if row["outputs"] not in [shapes for _, shapes in found]:
            yield f"{name} gives {[shapes for _, shapes in found]}, not {row['outputs']}"
        elif row["params"] not in (None, found[0][0].count_params()):
            yield f"{name} has {found[0][0].count_params()} parameters, not {row['params']}"
    yield from _ends([list(each.shape) for each in model.outputs], model.count_params(), expected)


def _torch(model: Any, expected: dict[str, Any]) -> Any:
    import torch
    from torch import nn

    calls: list[list[list[int]]] = []
    for module in model.eval().modules():
        own = type(module).__module__.startswith("torch.nn")
        if own and not isinstance(module, (nn.Sequential, nn.ModuleList)):
            module.register_forward_hook(lambda *given: calls.append(_shapes(given[2])))
    failed: Exception | None = None
    for kind in (torch.float32, torch.int64):
        tensors = [torch.ones(shape).to(kind) for shape in expected["inputs"]]
        calls.clear()
        try:
            with torch.no_grad():
                outputs = _shapes(model(*tensors))
        except (RuntimeError, IndexError, TypeError) as error:
            failed = failed or error
            continue
        break
    else:
        yield f"it cannot be called: {failed}"
        return
    rest = iter(calls)
    for number, row in enumerate(expected["rows"]):
        if not any(call[: len(row["outputs"])] == row["outputs"] for call in rest):
            yield f"row {number} does not give {row['outputs']}"
            break
    count = sum(each.numel() for each in model.parameters())
    yield from _ends(outputs, count, expected)


def _shapes(value: Any) -> list[list[int]]:
    """The shapes of the tensors in a structure."""
    if isinstance(value, (list, tuple)):
        return [shape for each in value for shape in _shapes(each)]
    return [list(value.shape)] if hasattr(value, "shape") else []


def _ends(outputs: list[list[Any]], params: int, expected: dict[str, Any]) -> Any:
    if outputs != expected["outputs"]:
        yield f"it gives {outputs}, not {expected['outputs']}"
    if expected["params"] not in (None, params):
        yield f"it has {params} parameters, not {expected['params']}"


def main(framework: str) -> None:
    """Run what stands on standard input, and count."""
    equal, other = 0, 0
    for line in sys.stdin:
        request = json.loads(line)
        if framework == "keras":
            import keras

            keras.backend.clear_session()
        try:
            found = differences(framework, request["code"], request["expected"])
        except Exception as error:  # noqa: BLE001  (whatever a framework raises)
            found = [f"{type(error).__name__}: {error}"]
        equal, other = equal + (not found), other + bool(found)
        if found:
            print(request["id"], *found[:3], sep="\n    ")  # noqa: T201
    print(f"{framework}: {equal} equal, {other} not")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
