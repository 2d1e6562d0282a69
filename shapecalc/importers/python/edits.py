"""Edits of source code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.program import Program
    from shapecalc.network import Edit


def edited(program: Program, edits: Sequence[Edit]) -> Program:
    """Return the program with edits in it; raises `SpecError` where one cannot be written."""
    raise SpecError(f"{len(edits)} changes of {program.path} cannot be written")
