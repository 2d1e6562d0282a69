"""Functions and classes that stand in the code above its modules, where PyTorch has no such one."""

from __future__ import annotations

from typing import Final

from shapecalc.exporters.port.snippets.attention import ATTENTION
from shapecalc.exporters.port.snippets.copying import COPYING
from shapecalc.exporters.port.snippets.functions import FUNCTIONS
from shapecalc.exporters.port.snippets.modules import MODULES
from shapecalc.exporters.port.snippets.recurrent import RECURRENT

#: The text of each by its name; what a text names is put above it.
SNIPPETS: Final = FUNCTIONS | MODULES | ATTENTION | RECURRENT | COPYING
