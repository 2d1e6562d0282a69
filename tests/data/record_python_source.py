"""Records what scripts do under a real framework: ``python record_python_source.py [SCRIPT …]``.

Runs with the extra ``oracle``. Each case of ``python_source.jsonl.gz`` from the folder ``more`` is run
again under the frameworks that are installed, and each SCRIPT is added to them. A script whose model
is called from outside says so in its head: ``#! entry: Net()`` and ``#! input: N,3,32,32; N,20:int500``,
where a letter is the batch, which is run with 2 and with 5, and ``:int500`` marks numbers below 500.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import io
import json
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "python_source.jsonl.gz"
FOLDER = "more/"
BATCHES = (2, 5)
_HEAD = re.compile(r"^#! (\w+): (.*)$", re.MULTILINE)


class Calls:
    """What a script calls of layers, in order, and where it made and called them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        self.running: list[tuple[object, dict[str, Any]]] = []
        self.made: dict[int, tuple[object, int | None]] = {}
        #: The models that were called from outside, and where their rows begin.
        self.outer: list[tuple[Any, Any, int]] = []

    def line(self, owner: object = None) -> int | None:
        """Return the line of the script that runs now, outside of the methods of an object."""
        frame = sys._getframe(1)  # noqa: SLF001  (nothing else gives it)
        while frame is not None:
            inside = owner is not None and frame.f_locals.get("self") is owner
            if frame.f_code.co_filename == self.path and not inside:
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def make(self, layer: object) -> None:
        self.made.setdefault(id(layer), (layer, self.line(layer)))

    def enter(self, layer: object) -> None:
        own = type(layer).__module__ == "__main__"
        row = {"cls": type(layer).__name__, "own": own, "leaf": True, "line": self.line()}
        if self.running:
            self.running[-1][1]["leaf"] = False
        self.running.append((layer, row))
        self.rows.append(row)

    def leave(self, outputs: Any) -> None:
        layer, row = self.running.pop()
        row["out"] = shapes(outputs)
        if not self.running:
            self.outer.append((layer, row["out"], self.rows.index(row)))

    def lines(self, error: BaseException) -> list[int]:
        """Return the lines that say where an error is: those it came through, and of the layer."""
        frames = traceback.extract_tb(error.__traceback__)
        found = {each.lineno for each in frames if each.filename == self.path}
        if self.running:
            layer, row = self.running[-1]
            found |= {row["line"], self.made.get(id(layer), (None, None))[1]}
        return sorted(line for line in found if line)

    def leaves(self, begin: int = 0) -> list[list[Any]]:
        """Return the layers of the framework that were called, with their shapes."""
        rows = [row for row in self.rows[begin:] if row["leaf"] and not row["own"]]
        return [[row["cls"], row["out"]] for row in rows if row["cls"] != "InputLayer"]


def shapes(value: Any) -> list[list[int | None]]:
    """Return the shapes of the tensors in a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and not hasattr(value, "batch_sizes"):
        return [shape for each in value for shape in shapes(each)]
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return shapes([getattr(value, name) for name in fields])
    sizes = getattr(value, "shape", None)
    return [] if sizes is None else [[None if s is None else int(s) for s in sizes]]


class OfTorch:
    """Runs scripts under PyTorch."""

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.calls = Calls("")
        module = torch.nn.Module
        construct = module.__init__

        def init(layer: Any, *args: Any, **kwargs: Any) -> None:
            self.calls.make(layer)
            construct(layer, *args, **kwargs)

        module.__init__ = init  # type: ignore[method-assign]
        hooks: Any = torch.nn.modules.module
        hooks.register_module_forward_pre_hook(lambda layer, _: self.calls.enter(layer))
        hooks.register_module_forward_hook(lambda _layer, _args, out: self.calls.leave(out))

    def begin(self, calls: Calls) -> None:
        self.calls = calls
        self.torch.manual_seed(0)

    def numbers(self, shape: list[int], below: int | None) -> Any:
        return self.torch.randn(*shape) if below is None else self.torch.randint(below, shape)

    def call(self, model: Any, inputs: list[Any]) -> None:
        model(*inputs)

    def found(self, _names: dict[str, Any]) -> dict[str, Any]:
        """Return the last model that was called from outside."""
        model, output, begin = self.calls.outer[-1]
        params = {id(each): each.numel() for each in model.parameters()}
        rows = self.calls.leaves(begin)
        return {"final_output": output, "total_params": sum(params.values()), "rows": rows}


class OfKeras:
    """Runs scripts under Keras."""

    def __init__(self) -> None:
        import keras

        self.keras = keras
        self.calls = Calls("")
        keras.config.disable_traceback_filtering()
        construct, apply = keras.Layer.__init__, keras.Layer.__call__

        def init(layer: Any, *args: Any, **kwargs: Any) -> None:
            self.calls.make(layer)
            construct(layer, *args, **kwargs)

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if self.calls.running and self.calls.running[-1][0] is layer:
                return apply(layer, *args, **kwargs)
            self.calls.enter(layer)
            output = apply(layer, *args, **kwargs)
            self.calls.leave(output)
            return output

        keras.Layer.__init__, keras.Layer.__call__ = init, call  # type: ignore[method-assign]

    def begin(self, calls: Calls) -> None:
        self.calls = calls
        self.keras.backend.clear_session()

    def numbers(self, shape: list[int], below: int | None) -> Any:
        import numpy as np

        drawn = np.random.default_rng(0)
        return (
            drawn.random(shape, "float32") if below is None else drawn.integers(below, size=shape)
        )

    def call(self, model: Any, inputs: list[Any]) -> None:
        model(inputs[0] if len(inputs) == 1 else inputs)

    def found(self, names: dict[str, Any]) -> dict[str, Any]:
        """Return the last model that the script has, as it was built or called."""
        model = [each for each in names.values() if isinstance(each, self.keras.Model)][-1]
        called = [output for each, output, _ in self.calls.outer if each is model]
        try:
            output = shapes(model.output)
        except (AttributeError, ValueError):
            # A model of a class of the script has no tensors of its own.
            output = called[-1]
        params = model.count_params()
        return {"final_output": output, "total_params": params, "rows": self.calls.leaves()}


def run(case: dict[str, Any], framework: OfTorch | OfKeras, batch: int) -> dict[str, Any]:
    """Run a script; return what came of it."""
    calls = Calls(case["file"])
    framework.begin(calls)
    module = types.ModuleType("__main__")
    module.__file__ = case["file"]
    before, sys.modules["__main__"], sys.argv = sys.modules["__main__"], module, [case["file"]]
    names = module.__dict__
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(case["text"], case["file"], "exec"), names)  # noqa: S102  (of this folder)
            if case["input"]:
                names["?model"] = eval(case["entry"], names)  # noqa: S307
                framework.call(names["?model"], list(inputs_of(case, framework.numbers, batch)))
    except ModuleNotFoundError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever is raised is recorded)
        said = (str(error).splitlines() or [""])[0][:200]
        message = f"{type(error).__name__}: {said}"
        return {"verdict": "refused", "lines": calls.lines(error), "error": message}
    finally:
        sys.modules["__main__"] = before
    return {"verdict": "good", **framework.found(names)}


def inputs_of(
    case: dict[str, Any], numbers: Callable[[list[int], int | None], Any], batch: int
) -> Iterator[Any]:
    """Yield the inputs of a model that is called from outside."""
    for text in case["input"]:
        sizes, _, kind = text.partition(":int")
        shape = [int(size) if size.strip().isdigit() else batch for size in sizes.split(",")]
        yield numbers(shape, int(kind) if kind else None)


def free(one: Any, other: Any) -> Any:
    """Return what two runs with other batches have in common: None for sizes that differ."""
    if isinstance(one, list):
        return [free(a, b) for a, b in zip(one, other, strict=True)]
    return one if one == other else None


def record(case: dict[str, Any], framework: OfTorch | OfKeras) -> dict[str, Any]:
    """Return a case with what came of its runs."""
    found = [run(case, framework, batch) for batch in (BATCHES if case["input"] else BATCHES[:1])]
    made = found[0]
    if made["verdict"] == "good" and len(found) > 1:
        made = {**made, **{key: free(made[key], found[1][key]) for key in ("final_output", "rows")}}
    empty = {"final_output": None, "total_params": None, "lines": [], "error": ""}
    if made["verdict"] == "good" and case.get("rows") == []:
        # Of some scripts the rows are not the calls, and none are compared.
        made["rows"] = []
    return {key: value for key, value in case.items() if key != "rows"} | empty | made


def added(path: Path) -> dict[str, Any]:
    """Return the case of a new script."""
    text = path.read_text(encoding="utf-8")
    head = dict(_HEAD.findall(text))
    inputs = [each.strip() for each in head["input"].split(";")] if "input" in head else None
    framework = "torch" if re.search(r"^(import|from) torch", text, re.MULTILINE) else "keras"
    names = {"name": path.stem, "file": FOLDER + path.name, "framework": framework}
    return {**names, "input": inputs, "entry": head.get("entry"), "text": text}


def main(paths: list[str]) -> None:
    """Record the scripts again, and new ones; say what changed."""
    lines = gzip.decompress(TARGET.read_bytes()).decode().splitlines()
    cases = [json.loads(line) for line in lines]
    known = {case["name"]: case for case in cases}
    known.update((case["name"], case) for case in map(added, map(Path, paths)))
    kinds = {"torch": OfTorch, "keras": OfKeras}
    for name, kind in kinds.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: its scripts stay as they are")  # noqa: T201
            continue
        framework = kind()
        for key, case in known.items():
            if case["framework"] == name and case["file"].startswith(FOLDER):
                try:
                    known[key] = record(case, framework)
                except ModuleNotFoundError as error:
                    print(f"{key} stays as it is: {error}")  # noqa: T201
                if known[key] != case:
                    print(f"{key}: {known[key]['verdict']}")  # noqa: T201
    text = "".join(json.dumps(case) + "\n" for case in known.values())
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(sys.argv[1:])
