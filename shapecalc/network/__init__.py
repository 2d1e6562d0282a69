"""A network: inputs, layers and requirements, and which reads what, in a dialect; its edits.

All is plain data. It says nothing of text and nothing of what the shapes become. Nodes stand in an
order in which each reads only earlier ones.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from shapecalc.network.graph import Network, Source
from shapecalc.network.nodes import (
    PLAINLY,
    STATES,
    Apply,
    Called,
    Input,
    Node,
    Origin,
    Requirement,
    Tensor,
    call_with,
    first_output,
)
from shapecalc.network.said import BATCH_SIZE, Said

if TYPE_CHECKING:
    from shapecalc.network.edits import (
        Append,
        Edit,
        Insert,
        Joined,
        LeaveOut,
        Read,
        Replace,
        Reshape,
    )

__all__ = [
    "BATCH_SIZE",
    "PLAINLY",
    "STATES",
    "Append",
    "Apply",
    "Called",
    "Edit",
    "Input",
    "Insert",
    "Joined",
    "LeaveOut",
    "Network",
    "Node",
    "Origin",
    "Read",
    "Replace",
    "Requirement",
    "Reshape",
    "Said",
    "Source",
    "Tensor",
    "call_with",
    "first_output",
]


def __getattr__(name: str) -> object:
    """Import the edits for who makes some; most networks are only read."""
    if name in __all__:
        return getattr(import_module("shapecalc.network.edits"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
