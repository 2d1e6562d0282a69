"""Draws calls of PyTorch's functions for `record_torch_functions`: right ones and wrong ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

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


def key(dice: random.Random, x: list[int]) -> dict[str, Any]:
    """What stands in brackets: numbers, slices, new axes, dots."""
    parts = []
    for size in [*x, *[2] * (dice.random() < 0.2)][: dice.randint(1, len(x) + 1)]:
        start, stop = (dice.choice(("", dice.randint(-size - 1, size + 1))) for _ in range(2))
        step = dice.choice(("", "", ":2", ":3", ":-1" if dice.random() < 0.2 else ""))
        number = str(dice.randint(-size - (dice.random() < 0.3), size - (dice.random() > 0.3)))
        parts.append(dice.choice((number, ":", f"{start}:{stop}{step}")))
    if dice.random() < 0.3:
        parts.insert(dice.randint(0, len(parts)), "None")
    if dice.random() < 0.3:
        parts.insert(dice.randint(0, len(parts)), "...")
    return {"key": ",".join(parts)}


def indexed(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    index = [max(1, dice.randint(1, n + (dice.random() < 0.1))) for n in x]
    place = dim(dice, x)
    if -len(x) <= place < len(x):
        index[place] = dice.choice(SIZES)
    return {"dim": place}, [x, index[dice.random() < 0.05 :]]


def choosing(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    shapes = [similar(dice, x)[dice.random() < 0.2 :] for _ in range(dice.randint(0, 2))]
    names = ("input", "other")[len(shapes) :]
    return dict.fromkeys(names, 1.5), [x, *shapes]


def equation(dice: random.Random, _x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    sizes = {letter: dice.choice(SIZES) for letter in "abcdXY"}
    count, dots = dice.randint(1, 3), dice.random() < 0.3
    terms = ["".join(dice.choices("abcdXY", k=dice.randint(1, 3))) for _ in range(count)]
    batch = [dice.choice(SIZES) for _ in range(dice.randint(0, 2))]
    shapes = []
    for place, term in enumerate(terms):
        shape = [sizes[letter] if dice.random() < 0.93 else 1 for letter in term]
        if dots and dice.random() < 0.7:
            where = dice.randint(0, len(term))
            shape[where:where] = batch
            terms[place] = f"{term[:where]}...{term[where:]}"
        shapes.append(shape[dice.random() < 0.05 :])
    named = sorted({letter for term in terms for letter in term if letter != "."})
    right = "".join(dice.sample(named, dice.randint(0, len(named))))
    if dice.random() < 0.05:
        right += "z"
    if dots:
        right = f"...{right}" if dice.random() < 0.8 else right
    arrow = f"->{right}" if dice.random() < 0.8 else ""
    return {"equation": ",".join(terms) + arrow}, shapes


def attending(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    batch, steps = [dice.choice((1, 2, 4)) for _ in x[2:]], dice.choice(SIZES)
    query = [*batch, *x[-2:]]
    others = [n if dice.random() < 0.9 else dice.choice((1, 2)) for n in batch]
    keys = [*others, steps, x[-1] + (dice.random() < 0.05)]
    values = [*others, steps + (dice.random() < 0.05), dice.choice((x[-1], *SIZES))]
    config: dict[str, Any] = {}
    shapes = [query, keys, values]
    if dice.random() < 0.3:
        config["is_causal"] = True
    if dice.random() < 0.2 and batch:
        config["enable_gqa"] = True
        query[-3] = dice.choice((2, 4, 6))
    if dice.random() < 0.35:
        shapes.append(similar(dice, [*batch, x[-2], steps])[dice.randint(0, len(batch)) :])
    return config, shapes


def resampling(dice: random.Random, x: list[int]) -> dict[str, Any]:
    spatial = max(len(x) - 2, 1)
    config: dict[str, Any] = {}
    if dice.random() < 0.5:
        config["size"] = dice.choice((dice.choice(SIZES), [dice.choice(SIZES)] * spatial))
    if not config or dice.random() < 0.05:
        factor = dice.choice((2, 3, 0.5, 1.5, 0.3))
        config["scale_factor"] = dice.choice((factor, [factor] * spatial))
    modes = ("nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear")
    config["mode"] = dice.choice((*modes[:3], modes[min(spatial + 2, 6)], *modes))
    if dice.random() < 0.2:
        config["antialias"] = True
    return config


def padding(dice: random.Random, x: list[int]) -> dict[str, Any]:
    count = min(dice.randint(1, len(x)), 3) + (dice.random() < 0.05)
    mode = dice.choice(("constant", "constant", "reflect", "replicate", "circular"))
    if mode != "constant" and dice.random() < 0.8:
        count = max(len(x) - dice.choice((1, 2)), 1)
    ends = [dice.choice((0, 1, 1, 2, 3, -1)) for _ in range(2 * count - (dice.random() < 0.03))]
    config: dict[str, Any] = {"pad": ends, "mode": mode}
    if dice.random() < 0.2:
        config["value"] = 1.5
    return config


def norming(dice: random.Random, x: list[int]) -> dict[str, Any]:
    config = {"p": dice.choice(("fro", 1, 2, 0.5, "nuc"))} if dice.random() < 0.6 else {}
    return config | reducing(dice, x)


def places(dice: random.Random, x: list[int]) -> dict[str, Any]:
    source = order(dice, x)[: dice.randint(1, len(x))] or [0]
    return {"source": source, "destination": [dim(dice, x) for _ in source]}


def rolling(dice: random.Random, x: list[int]) -> dict[str, Any]:
    if dice.random() < 0.2:
        return {"shifts": dice.choice((2, [1], [1, 2]))}
    found = dims(dice, x)
    return {"shifts": [dice.randint(-3, 3) for _ in found][dice.random() < 0.1 :], "dims": found}


def vectors(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    other = similar(dice, x)
    return {}, [x[: 1 + (dice.random() < 0.1)], other[: 1 + (dice.random() < 0.1)]]


def adding(dice: random.Random, x: list[int]) -> tuple[dict[str, Any], list[list[int]]]:
    y = inner(dice, x, len(x))
    added = similar(dice, [*x[:-1], y[-1]])
    return {}, [added[dice.randint(0, 2) if dice.random() < 0.4 else 0 :], x, y]


def same(_dice: random.Random, _x: list[int]) -> dict[str, Any]:
    return {}


def one(dice: random.Random, x: list[int]) -> dict[str, Any]:
    return {"dim": dim(dice, x)}


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
    "Exp": alone(same),
    "Log": alone(same),
    "Sqrt": alone(same),
    "Rsqrt": alone(same),
    "Abs": alone(same),
    "Neg": alone(same),
    "Sin": alone(same),
    "Cos": alone(same),
    "Erf": alone(same),
    "Round": alone(same),
    "Contiguous": alone(same),
    "Clamp": alone(
        lambda dice, _x: dice.choice(({"min": 0.5}, {"max": 2}, {"min": 0, "max": 6}, {}))
    ),
    "Cumsum": alone(one),
    "Normalize": alone(lambda dice, x: one(dice, x) if dice.random() < 0.7 else {}),
    "Sort": alone(
        lambda dice, x: one(dice, x) | {"descending": True} if dice.random() < 0.7 else {}
    ),
    "Index": alone(key),
    "Unbind": alone(one),
    "IndexSelect": lambda dice, x: (one(dice, x), [x, shape(dice, 1, 1 + (dice.random() < 0.1))]),
    "Gather": indexed,
    "Topk": alone(lambda dice, x: {"k": dice.randint(0, 6)} | one(dice, x)),
    "Diagonal": alone(
        lambda dice, x: {
            "offset": dice.randint(-4, 4), "dim1": dim(dice, x), "dim2": dim(dice, x),
        }
    ),
    "Flip": alone(lambda dice, x: {"dims": dims(dice, x)}),
    "Roll": alone(rolling),
    "Movedim": alone(places),
    "Swapaxes": alone(lambda dice, x: {"axis0": dim(dice, x), "axis1": dim(dice, x)}),
    "Tile": alone(lambda dice, _x: {"dims": shape(dice)}),
    "RepeatInterleave": alone(
        lambda dice, x: {"repeats": dice.randint(0, 4)} | (one(dice, x) if dice.random() < 0.8 else {})
    ),
    "Tril": alone(lambda dice, _x: {"diagonal": dice.randint(-3, 3)}),
    "Triu": alone(lambda dice, _x: {"diagonal": dice.randint(-3, 3)}),
    "OneHot": alone(lambda dice, _x: {"num_classes": dice.choice(SIZES)}),
    "Pow": lambda dice, x: pair(dice, x) if dice.random() < 0.7 else ({"exponent": 2}, [x]),
    "Maximum": pair,
    "Minimum": pair,
    "MaskedFill": lambda dice, x: ({"value": 0.5}, pair(dice, x)[1]),
    "Where": choosing,
    "Mm": lambda dice, x: ({}, [x[:2], inner(dice, x[:2], 2)]),
    "Einsum": equation,
    "ScaledDotProductAttention": attending,
    "Interpolate": alone(resampling),
    "Pad": alone(padding),
    "Prod": alone(lambda dice, x: one_reducing(dice, x) if dice.random() < 0.8 else {}),
    "Var": alone(reducing),
    "Std": alone(reducing),
    "Logsumexp": alone(lambda dice, x: reducing(dice, x) or {"dim": [0]}),
    "Norm": alone(norming),
    "Floor": alone(same),
    "Ceil": alone(same),
    "Sign": alone(same),
    "Square": alone(same),
    "Reciprocal": alone(same),
    "Cumprod": alone(one),
    "All": alone(reducing),
    "Any": alone(reducing),
    "Median": alone(lambda dice, x: one_reducing(dice, x) if dice.random() < 0.8 else {}),
    "Gt": pair,
    "Ge": pair,
    "Lt": pair,
    "Le": pair,
    "Eq": pair,
    "Ne": pair,
    "Dot": vectors,
    "Outer": vectors,
    "Addmm": adding,
    "Baddbmm": adding,
    "T": alone(same),
}  # fmt: skip


#: How many axes the drawn tensor has at least and at most, where not 1 to 4.
RANKS = {
    "Addmm": (2, 2),
    "Baddbmm": (3, 3),
    "T": (1, 3),
    "Bmm": (3, 3),
    "ScaledDotProductAttention": (2, 4),
    "Mm": (2, 3),
    "Interpolate": (2, 5),
}
