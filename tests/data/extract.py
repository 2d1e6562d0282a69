"""Copies from the recorded ground truth what the tests use: ``extract.py FOLDER``.

The folder holds ``keras/layers.jsonl``, one case of real Keras on each line. Kept are the cases of
layers that the catalogue knows, inner layers too, on which Keras agrees with itself; so are those
of ``keras/suite.jsonl``, which Keras's own tests do, but for what depends on a backend. Of
``costs/macs.jsonl``, one counted layer on each line, those of Keras and of torch are kept apart.
Of its files ``receptive.jsonl``, ``peak.jsonl`` and ``letters.jsonl`` only what is tested is kept.
Of ``torch/layers.jsonl`` those are kept that are about shapes, not about types and libraries.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

from shapecalc.layers.keras.dialect import CATALOGUE

#: Cases in which the record contradicts itself or the real run, each with the reason.
WRONG = (
    # 6 and 4 in one axis fit for no value of the unknown size between them; Keras loses sight of
    # the 6 once it has joined it with None.
    ("Average", {}, [[None, 6], [None, None], [None, 4], [None, 4]]),
    # multi_hot drops the axis before the last when it is 1, as all other records of it show.
    (
        "IntegerLookup",
        {"vocabulary": [10, 11, 12, 13, 14, 15], "num_oov_indices": 0, "output_mode": "multi_hot"},
        [[None, 2, 1]],
    ),
)
#: The equation of the one product that was counted by its name alone.
COUNTED_EQUATION = "bchw,cd->bdhw"
KEPT = ("layer", "config", "input_shapes", "output_shapes", "params", "trainable", "error")
KEPT_OF_TORCH = (*KEPT, "buffers", "training", "forward_kwargs")
SUITE = (*KEPT, "construct_only")
RECEPTIVE = ("spec", "axis", "at", "size", "stride", "first")
PEAK = ("spec", "set", "order", "live_elements_per_B", "peak_elements_per_B", "peak_at")
LETTERS = ("spec", "layers", "macs_by_layer", "macs", "params", "values")
COSTS = ("layer", "config", "spec", "input_shapes", "call", "macs", "formula")


def known(value: Any) -> bool:
    """Whether all layers that stand in a config are in the catalogue."""
    if isinstance(value, dict):
        inner = value.get("layer")
        named = "config" in value and isinstance(inner, str)
        return (not named or CATALOGUE.find(inner) is not None) and all(map(known, value.values()))
    return not isinstance(value, list) or all(map(known, value))


def main(folder: str) -> None:
    here = Path(__file__).parent
    lines = (Path(folder) / "keras" / "layers.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    kept = [
        {key: case[key] for key in KEPT if key in case}
        for case in cases
        if known(case) and "disputed" not in case and "unknown_only" not in case
        if (case["layer"], case["config"], case["input_shapes"]) not in WRONG
    ]
    text = "".join(json.dumps(case, separators=(",", ":")) + "\n" for case in kept)
    (here / "keras_layers.jsonl").write_text(text, encoding="utf-8")
    copy_suite(Path(folder) / "keras" / "suite.jsonl", here / "keras_suite")
    copy_torch(Path(folder) / "torch" / "layers.jsonl", here / "torch_layers")
    counted = Path(folder) / "costs" / "macs.jsonl"
    copy_costs(counted, here / "keras_macs.jsonl", torch=False)
    copy_costs(counted, here / "torch_macs.jsonl", torch=True)
    for name, kept in (("receptive", RECEPTIVE), ("peak", PEAK), ("letters", LETTERS)):
        copy_keys(Path(folder) / "costs" / f"{name}.jsonl", here / f"{name}.jsonl", kept)
    copy_models(Path(folder) / "keras" / "models", here / "models")


def copy_torch(source: Path, target: Path) -> None:
    """Copy what real PyTorch said, packed, without the cases about types and empty tensors."""
    cases = map(json.loads, source.read_text(encoding="utf-8").splitlines())
    kept = [
        {key: case[key] for key in KEPT_OF_TORCH if key in case}
        for case in cases
        if "degenerate" not in case
        and case.get("error_kind") not in {"dtype", "backend"}
        and not any(word in case.get("error", "") for word in ("'Half'", "got Long"))
    ]
    pack(target, "".join(json.dumps(case, separators=(",", ":")) + "\n" for case in kept))


def copy_suite(source: Path, target: Path) -> None:
    """Copy, packed, what the tests of Keras do; of each weight its shape, and whether it learns."""
    lines = []
    for case in map(json.loads, source.read_text(encoding="utf-8").splitlines()):
        kept = {key: case[key] for key in SUITE if key in case}
        if case.get("weights"):
            kept["weights"] = [[shape, trainable] for _, shape, trainable in case["weights"]]
        if not {"disputed", "unknown_only", "error_kind"} & case.keys():
            lines.append(json.dumps(kept, separators=(",", ":")) + "\n")
    pack(target, "".join(lines))


def copy_costs(source: Path, target: Path, *, torch: bool) -> None:
    """Copy what was counted of the layers of one framework."""
    counted = map(json.loads, source.read_text(encoding="utf-8").splitlines())
    kept = []
    for case in counted:
        if (case["framework"] == "torch") is not torch:
            continue
        case["layer"] = re.sub(r"^(F|torch)\.", "", case["layer"])
        if case["layer"] == "einsum":
            case["config"]["equation"] = COUNTED_EQUATION
        if "." not in case["layer"].removeprefix("ops."):
            kept.append({key: case[key] for key in COSTS if case.get(key) is not None})
    text = "".join(json.dumps(case, separators=(",", ":")) + "\n" for case in kept)
    target.write_text(text, encoding="utf-8")


def copy_keys(source: Path, target: Path, keys: tuple[str, ...]) -> None:
    """Copy some keys of each case."""
    cases = map(json.loads, source.read_text(encoding="utf-8").splitlines())
    lines = [
        json.dumps({key: case[key] for key in keys}, separators=(",", ":")) + "\n" for case in cases
    ]
    target.write_text("".join(lines), encoding="utf-8")


def copy_models(source: Path, target: Path) -> None:
    """Copy the recorded models, packed; those of one application are one line."""
    target.mkdir(exist_ok=True)
    for name in ("small", "legacy", "failing"):
        pack(target / name, (source / f"{name}.jsonl").read_text(encoding="utf-8"))
    lines = []
    for total in sorted((source / "applications").glob("*.total.json")):
        base = total.name.removesuffix(".total.json")
        shapes = (total.parent / f"{base}.shapes.jsonl").read_text(encoding="utf-8")
        model = json.loads((total.parent / f"{base}.json").read_text(encoding="utf-8"))
        known = json.loads(total.read_text(encoding="utf-8"))
        known |= {"id": base, "json": model, "layers": list(map(json.loads, shapes.splitlines()))}
        lines.append(json.dumps(known, separators=(",", ":")) + "\n")
    pack(target / "applications", "".join(lines))


def pack(path: Path, text: str) -> None:
    """Write a text that is the same whenever it is packed."""
    with gzip.GzipFile(path.with_suffix(".jsonl.gz"), "wb", mtime=0) as stream:
        stream.write(text.encode())


if __name__ == "__main__":
    main(sys.argv[1])
