"""Records what real PyTorch makes of calls of its functions: ``python record_torch_functions.py``.

Runs with the extra ``oracle``. The calls are drawn anew, the same each time; right ones and wrong
ones. They are written, packed, to ``torch_functions.jsonl.gz``.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

TARGET = Path(__file__).parent / "torch_functions.jsonl.gz"
EACH = 60
SIZES = (1, 2, 3, 4, 6, 8, 12)

Draw = Callable[[random.Random, list[int]], tuple[dict[str, Any], list[list[int]]]]


def shape(dice: random.Random, least: int = 1, most: int = 4) -> list[int]:
    return [dice.choice(SIZES) for _ in range(dice.randint(least, most))]


def dim(dice: random.Random, x: list[int]) -> int:
    return dice.randint(-len(x) - (dice.random() < 0.1), len(x) - (dice.random() > 0.1))


def dims(dice: random.Random, x: list[int]) -> list[int]:
    count = dice.randint(1, max(len(x), 1))
    return [dim(dice, x) for _ in range(count)]


def similar(dice: random.Random, x: list[int]) -> list[int]:
    return [n if dice.random() < 0.75 else dice.choice((1, n + 1)) for n in x]


def target(dice: random.Random, x: list[int]) -> list[int]:
    total, sizes = 1, []
    for n in x:
        total *= n
    while total > 1 and len(sizes) < 4:
        factor = dice.choice([n for n in range(1, total + 1) if total % n == 0])
        sizes.append(factor)
        total //= factor
    sizes.append(total)
    if dice.random() < 0.5:
        sizes[dice.randrange(len(sizes))] = -1
    if dice.random() < 0.2:
        sizes[dice.randrange(len(sizes))] = dice.choice(SIZES)
    return sizes


def order(dice: random.Random, x: list[int]) -> list[int]:
    found = dice.sample(range(len(x)), len(x))
    return [n - len(x) if dice.random() < 0.2 else n for n in found][dice.random() < 0.1 :]


def inner(dice: random.Random, x: list[int], rank: int) -> list[int]:
    y = [*similar(dice, x[:-2]), x[-1], dice.choice(SIZES)][-rank:]
    if dice.random() < 0.15:
        y[-2:-1] = [dice.choice(SIZES)]
    return y


def alone(config: Callable[[random.Random, list[int]], dict[str, Any]]) -> Draw:
    return lambda dice, x: (config(dice, x), [x])


def pair(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    return {}, [x, similar(dice, x)[dice.randint(0, len(x)) if dice.random() < 0.3 else 0 :]]


def several(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    place = dim(dice, x)
    others = []
    for _ in range(dice.randint(1, 3)):
        other = list(x) if dice.random() < 0.8 else similar(dice, x)
        if dice.random() < 0.5 and -len(x) <= place < len(x):
            other[place] = dice.choice(SIZES)
        others.append(other)
    return {"dim": place}, [x, *others]


def reducing(dice: random.Random, x: list[int]) -> dict[str, Any]:
    if dice.random() < 0.2:
        return {}
    return {"dim": dims(dice, x), "keepdim": dice.random() < 0.4}


def one_reducing(dice: random.Random, x: list[int]) -> dict[str, Any]:
    return {"dim": dim(dice, x), "keepdim": dice.random() < 0.4}


DRAWS: dict[str, Draw] = {
    "View": alone(lambda dice, x: {"shape": target(dice, x)}),
    "Reshape": alone(lambda dice, x: {"shape": target(dice, x)}),
    "Permute": alone(lambda dice, x: {"dims": order(dice, x)}),
    "Transpose": alone(lambda dice, x: {"dim0": dim(dice, x), "dim1": dim(dice, x)}),
    "Squeeze": alone(lambda dice, x: {"dim": [dim(dice, x)]} if dice.random() < 0.7 else {}),
    "Unsqueeze": alone(lambda dice, x: {"dim": dice.randint(-len(x) - 2, len(x) + 1)}),
    "Select": alone(lambda dice, x: {"dim": dim(dice, x), "index": dice.randint(-9, 8)}),
    "Narrow": alone(
        lambda dice, x: {
            "dim": dim(dice, x), "start": dice.randint(-4, 4), "length": dice.randint(0, 6),
        }
    ),
    "Chunk": alone(lambda dice, x: {"chunks": dice.randint(1, 5), "dim": dim(dice, x)}),
    "Split": alone(
        lambda dice, x: {
            "split_size_or_sections": dice.choice([dice.randint(1, 5), [2, 2], [1, 3, 2], [4]]),
            "dim": dim(dice, x),
        }
    ),
    "Expand": alone(
        lambda dice, x: {
            "sizes": shape(dice, 0, 1) + [dice.choice((-1, n, n, dice.choice(SIZES))) for n in x]
        }
    ),
    "Repeat": alone(lambda dice, x: {"sizes": shape(dice, max(len(x) - 1, 1), len(x) + 1)}),
    "Cat": several,
    "Stack": several,
    "Add": pair,
    "Sub": pair,
    "Mul": pair,
    "Div": pair,
    "Matmul": lambda dice, x: ({}, [x, inner(dice, [1, *x], dice.randint(1, 4))]),
    "Bmm": lambda dice, x: ({}, [x, inner(dice, [1, *x], len(x))]),
    "Mean": alone(reducing),
    "Sum": alone(reducing),
    "Amax": alone(reducing),
    "Amin": alone(reducing),
    "Argmax": alone(one_reducing),
    "Argmin": alone(one_reducing),
    "Max": alone(one_reducing),
    "Min": alone(one_reducing),
}  # fmt: skip


def called(name: str, config: dict[str, Any], tensors: list[torch.Tensor]) -> Any:
    """What the function gives."""
    values = tuple(config.values())
    if name in {"View", "Expand", "Repeat"}:
        return getattr(tensors[0], name.lower())(*values[0])
    if name in {"Cat", "Stack"}:
        return getattr(torch, name.lower())(tensors, **config)
    given = {key: tuple(v) if isinstance(v, list) else v for key, v in config.items()}
    if name in {"Split", "Reshape", "Permute"}:
        return getattr(torch, name.lower())(tensors[0], *config.values())
    return getattr(torch, name.lower())(*tensors, **given)


def main() -> None:
    dice, lines = random.Random(20), []  # noqa: S311  (no secret)
    for name, draw in DRAWS.items():
        for _ in range(EACH):
            most = 3 if name == "Bmm" else 4
            config, shapes = draw(dice, shape(dice, 3 if name == "Bmm" else 1, most))
            case = {"layer": name, "config": config, "input_shapes": shapes}
            try:
                made = called(name, config, [torch.zeros(each) for each in shapes])
                outputs = [made] if isinstance(made, torch.Tensor) else list(made)
                case["output_shapes"] = [list(each.shape) for each in outputs]
            except (RuntimeError, IndexError, TypeError, ValueError) as error:
                case["error"] = str(error).splitlines()[0]
            lines.append(json.dumps(case, separators=(",", ":")))
    with gzip.GzipFile(TARGET, "wb", mtime=0) as stream:
        stream.write("".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    main()
