"""The syntax trees of programs, which are read anew for each question, and parsed once."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import Final

#: The length of texts whose trees are kept.
_MOST: Final = 200_000


def tree_of(text: str) -> ast.Module:
    """Parse a text; raises what `ast.parse` does. The tree may be that of an earlier call."""
    return _kept(text) if len(text) <= _MOST else _parsed(text)


@lru_cache(16)
def _kept(text: str) -> ast.Module:
    return _parsed(text)


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # What Python finds odd, such as an unknown escape, says nothing of shapes.
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(text)
