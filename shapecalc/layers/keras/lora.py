"""Low-rank adaptation: two thin tensors that learn in place of a frozen one."""

from __future__ import annotations

from typing import Annotated

from shapecalc.dims import Shape, Size
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import integer
from shapecalc.layers.keras.policies import Policy
from shapecalc.layers.result import Weight

Rank = Annotated[int | None, integer(0).or_none()]


def refuse_constrained(rank: int | None, name: str, constraint: object) -> None:
    """Refuse a constraint on weights that lora_rank freezes."""
    if rank and constraint is not None:
        raise ValueError(f"lora_rank and {name} cannot both be given")


def refuse_low_rank(rank: int | None, policy: Policy) -> None:
    """Refuse lora_rank where the kernel is cut to blocks."""
    if rank and policy.mode in {"gptq", "awq"}:
        raise ShapeError(f"cannot have a lora_rank where it is quantized by {policy.mode}")


def low_rank(name: str, rows: Shape, columns: Size, rank: int | None) -> list[Weight]:
    """Return the two thin tensors that learn instead of a frozen one; none without a rank.

    Each forward pass multiplies them with each other, whatever the input is.
    """
    if not rank:
        return []
    thin = Weight(f"{name}_b", (rank, columns), places=rows)
    return [Weight(f"{name}_a", (*rows, rank)), thin]
