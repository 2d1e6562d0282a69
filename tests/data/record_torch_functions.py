"""Records what real PyTorch makes of calls of its functions: ``python record_torch_functions.py``.

Runs with the extra ``oracle``. The calls are drawn anew, the same each time; right ones and wrong
ones. They are written, packed, to ``torch_functions.jsonl.gz``.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import torch
from torch_calls import DRAWS, RANKS, shape

TARGET = Path(__file__).parent / "torch_functions.jsonl.gz"
EACH = 60

#: The types of the tensors that hold no numbers with fractions.
TYPES = {
    "Where": [torch.bool],
    "MaskedFill": [torch.float, torch.bool],
    "Gather": [torch.float, torch.long],
    "IndexSelect": [torch.float, torch.long],
    "OneHot": [torch.long],
}
#: Functions that only tensors have, or that take their numbers one by one.
METHODS = {"View", "Expand", "Repeat", "Contiguous", "MaskedFill"}
#: Functions of torch.nn.functional.
FUNCTIONAL = {"Normalize", "OneHot", "ScaledDotProductAttention", "Interpolate", "Pad"}
#: Functions whose numbers are given in order.
IN_ORDER = {"Split", "Reshape", "Permute", "Gather", "IndexSelect"}


def called(name: str, config: dict[str, Any], tensors: list[torch.Tensor]) -> Any:
    """What the function gives."""
    word = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    given = {key: tuple(v) if isinstance(v, list) else v for key, v in config.items()}
    first, *others = tensors
    if name == "Index":
        return first[eval(f"({slices(config['key'])},)")]  # noqa: S307  (what was drawn above)
    if name == "Einsum":
        return torch.einsum(config["equation"], *tensors)
    if name in {"Cat", "Stack"}:
        return getattr(torch, word)(tensors, **config)
    if name == "MaskedFill":
        return first.masked_fill(*others, config["value"])
    if name == "Where":
        left = iter(others)
        return torch.where(
            first, *(config[each] if each in config else next(left) for each in ("input", "other"))
        )
    if name in METHODS:
        return getattr(first, word)(*next(iter(config.values()), ()))
    if name in {"Gather", "IndexSelect"}:
        return getattr(torch, word)(first, config["dim"], *others)
    if name in IN_ORDER:
        return getattr(torch, word)(first, *config.values())
    return getattr(torch.nn.functional if name in FUNCTIONAL else torch, word)(*tensors, **given)


def slices(key: str) -> str:
    """The parts of what stands in brackets, each written so that it has a value of its own."""
    parts = []
    for part in key.split(","):
        bounds = ", ".join(each or "None" for each in part.split(":"))
        parts.append(f"slice({bounds})" if ":" in part else part)
    return ", ".join(parts)


def main() -> None:
    dice, lines = random.Random(20), []  # noqa: S311  (no secret)
    for name, draw in DRAWS.items():
        for _ in range(EACH * 3 if name in {"Index", "Einsum", "Pad", "Interpolate"} else EACH):
            config, shapes = draw(dice, shape(dice, *RANKS.get(name, (1, 4))))
            count = 3 if name == "ScaledDotProductAttention" else len(shapes)
            case = {"layer": name, "config": config, "input_shapes": shapes[:count]}
            if shapes[count:]:
                case["forward_kwargs"] = {"attn_mask": shapes[count]}
            try:
                types = [*TYPES.get(name, []), *[torch.float] * len(shapes)]
                tensors = [torch.zeros(n, dtype=t) for n, t in zip(shapes, types, strict=False)]
                made = called(name, config, tensors)
                outputs = [made] if isinstance(made, torch.Tensor) else list(made)
                case["output_shapes"] = [list(each.shape) for each in outputs]
            except (RuntimeError, IndexError, TypeError, ValueError) as error:
                case["error"] = str(error).splitlines()[0]
            lines.append(json.dumps(case, separators=(",", ":")))
    with gzip.GzipFile(TARGET, "wb", mtime=0) as stream:
        stream.write("".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    main()
