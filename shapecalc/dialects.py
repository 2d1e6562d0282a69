"""The dialects in which layers are read."""

from __future__ import annotations

from typing import Final

#: The names, of which the first is the default.
DIALECTS: Final = ("keras", "keras1")
