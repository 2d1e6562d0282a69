"""A network: inputs, layers and requirements, and which reads what, in a dialect; its edits.

All is plain data. It says nothing of text and nothing of what the shapes become. Nodes stand in an
order in which each reads only earlier ones.
"""

from shapecalc.network.edits import Append, Edit, Insert, Joined, LeaveOut, Read, Replace, Reshape
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
)
from shapecalc.network.said import BATCH_SIZE, Said

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
]
