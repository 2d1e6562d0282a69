"""Records whole stacks of PyTorch, module by module: ``python record_torch_sequential.py``.

Runs with the extra ``oracle``. Each stack in ``torch_sequential.jsonl`` is made and run again, and
so are those of `STACKS`, written as specs are: a module for each word, with its arguments in order.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

TARGET = Path(__file__).parent / "torch_sequential.jsonl"

#: Small stacks: a name, the shape of the input, and the modules.
STACKS: tuple[tuple[str, list[int], str], ...] = (
    (
        "squeeze_small",
        [2, 3, 64, 64],
        "Conv2d(3,16,7,2) ReLU MaxPool2d(3,2,ceil_mode=True) Conv2d(16,8,1) Conv2d(8,32,3,padding=1)"
        " Dropout(0.5) Conv2d(32,10,1) AdaptiveAvgPool2d(1) Flatten",
    ),
    (
        "mobile_block",
        [4, 16, 32, 32],
        "Conv2d(16,64,1,bias=False) BatchNorm2d(64) ReLU6 Conv2d(64,64,3,2,1,groups=64,bias=False)"
        " BatchNorm2d(64) ReLU6 Conv2d(64,24,1,bias=False) BatchNorm2d(24)",
    ),
    (
        "patch_embedding",
        [2, 3, 224, 224],
        "Conv2d(3,192,16,16) Flatten(2) LayerNorm(196) Linear(196,64) GELU",
    ),
    (
        "segmenter",
        [1, 3, 65, 97],
        "Conv2d(3,8,3,1,2,dilation=2) PReLU(8) MaxPool2d(2) Conv2d(8,16,3,1,padding='same')"
        " GroupNorm(4,16) ConvTranspose2d(16,8,3,2,1,1) Conv2d(8,2,1) Softmax2d",
    ),
    (
        "sound",
        [2, 1, 16000],
        "Conv1d(1,32,80,16) BatchNorm1d(32) ReLU MaxPool1d(4) Conv1d(32,64,3,dilation=2) ELU"
        " LPPool1d(2,3) AdaptiveMaxPool1d(4) Flatten Linear(256,35) LogSoftmax(1)",
    ),
    (
        "video",
        [2, 3, 8, 32, 32],
        "Conv3d(3,16,(3,5,5),(1,2,2),(1,2,2)) InstanceNorm3d(16,affine=True) SELU"
        " AvgPool3d((1,2,2)) Conv3d(16,32,3,groups=4) AdaptiveAvgPool3d((1,None,2)) Flatten",
    ),
    ("tagger", [7, 2], "Embedding(100,16,0) LSTM(16,20,2,bidirectional=True)"),
    (
        "unbatched_image",
        [3, 28, 28],
        "Conv2d(3,4,3) ReLU MaxPool2d(2) AdaptiveAvgPool2d(3) Flatten(0) Linear(36,5)",
    ),
    (
        "upscaler",
        [1, 3, 16, 24],
        "ReplicationPad2d(2) Conv2d(3,36,5) PixelShuffle(2) Upsample(scale_factor=1.5)"
        " ReflectionPad2d((1,2,0,1)) LazyConv2d(4,3) UpsamplingNearest2d(size=20)",
    ),
    (
        "gated",
        [3, 10, 32],
        "Linear(32,64) GLU LayerNorm((10,32)) Hardswish Unflatten(1,(2,5)) Flatten(0,1)"
        " LazyLinear(7) Tanh",
    ),
    ("fails_after_pool", [2, 3, 10, 10], "Conv2d(3,8,3) MaxPool2d(2) MaxPool2d(2) Conv2d(8,4,3)"),
    ("fails_flattened_too_far", [2, 3, 8, 8], "Conv2d(3,8,3) Flatten(0) Linear(288,5)"),
    ("fails_norm_of_steps", [2, 20, 16], "Linear(16,32) BatchNorm1d(32)"),
    ("fails_no_tuple", [5, 2, 8], "LSTM(8,16) Linear(16,4)"),
    ("fails_unflattened", [2, 30], "Linear(30,24) Unflatten(1,(5,5)) Flatten"),
    ("fails_transposed_groups", [1, 6, 9, 9], "Conv2d(6,9,3) ConvTranspose2d(9,6,2,groups=2)"),
)


def read(text: str) -> dict[str, Any]:
    """A module as it is written: its class, and its arguments by name."""

    def given(*values: Any, **named: Any) -> dict[str, Any]:
        names = list(inspect.signature(getattr(nn, layer)).parameters)
        return dict(zip(names, values, strict=False)) | named

    layer, bracket, _ = text.partition("(")
    arguments = text[len(layer) :] if bracket else "()"
    if layer in {"LSTM", "GRU", "RNN"}:
        names = ("input_size", "hidden_size", "num_layers")
        values, named = eval(f"(lambda *a, **k: (a, k)){arguments}")  # noqa: S307  (is above)
        return {"layer": layer, "config": dict(zip(names, values, strict=False)) | named}
    config = eval(f"given{arguments}", {"given": given})  # noqa: S307  (is above)
    return {"layer": layer, "config": json.loads(json.dumps(config))}


def made(module: dict[str, Any]) -> nn.Module:
    """The module, in evaluation; a list of sizes is a tuple."""
    config = {k: tuple(v) if isinstance(v, list) else v for k, v in module["config"].items()}
    return getattr(nn, module["layer"])(**config).eval()


def shapes(output: Any) -> list[Any]:
    """The shape of what comes out; of a tuple those of its tensors, one after the other."""
    return list(output.shape) if isinstance(output, torch.Tensor) else list(tensors(output))


def tensors(output: Any) -> Iterator[list[int]]:
    """The shapes of all tensors in a tuple."""
    for part in output:
        yield from [list(part.shape)] if isinstance(part, torch.Tensor) else tensors(part)


def record(stack: dict[str, Any]) -> dict[str, Any]:
    """What real PyTorch makes of a stack, up to where it refuses it."""
    kind = getattr(torch, stack.get("input_dtype", "float32"))
    tensor: Any = torch.zeros(stack["input_shape"], dtype=kind)
    known = {key: stack[key] for key in ("id", "modules", "input_shape")}
    known |= {"input_dtype": stack["input_dtype"]} if "input_dtype" in stack else {}
    outputs, params = [], []
    with torch.no_grad():
        for place, each in enumerate(stack["modules"]):
            try:
                module = made(each)
                tensor = module(tensor)
            except Exception as error:  # noqa: BLE001  (whatever it refuses with)
                said = str(error).splitlines()[0]
                return known | {"shapes_before": outputs, "fails_at": place, "error": said}
            outputs.append(shapes(tensor))
            params.append(sum(p.numel() for p in module.parameters()))
    return known | {"output_shapes": outputs, "params": params, "total_params": sum(params)}


def words(text: str) -> list[str]:
    """The modules of a stack."""
    return text.replace(", ", ",").split()


def main() -> None:
    stacks = [json.loads(line) for line in TARGET.read_text(encoding="utf-8").splitlines()]
    there = {stack["id"] for stack in stacks}
    for name, shape, text in STACKS:
        if name not in there:
            stack = {"id": name, "modules": [read(word) for word in words(text)]}
            whole = {"input_dtype": "int64"} if text.startswith("Embedding") else {}
            stacks.append(stack | {"input_shape": shape} | whole)
    lines = [json.dumps(record(stack), separators=(",", ":")) for stack in stacks]
    TARGET.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
