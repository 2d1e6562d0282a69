"""Types of numbers."""

from __future__ import annotations

from typing import Final

#: How many bytes a number takes, by the name of its type.
WIDTHS: Final = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
