"""The mark between edits that an expert would try first, and those that only happen to fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shapecalc.network import Edit

#: No edits: what follows comes after what further edits of those before lead to.
LATER: Final[tuple[Edit, ...]] = ()
