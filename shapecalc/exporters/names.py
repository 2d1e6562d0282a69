"""The names of variables, made of labels and of the names of rows."""

from __future__ import annotations

import builtins
import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.layers.layer import Layer

#: What every ``nn.Module`` has, so that no module that it holds can be called so.
MODULE_ATTRIBUTES: Final = frozenset(
    {
        *("T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init"),
        *("children", "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr"),
        *("float", "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule"),
        *("half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers"),
        *("named_children", "named_modules", "named_parameters", "parameters"),
        *("register_backward_hook", "register_buffer", "register_forward_hook"),
        *("register_forward_pre_hook", "register_full_backward_hook"),
        *("register_full_backward_pre_hook", "register_load_state_dict_post_hook"),
        *("register_load_state_dict_pre_hook", "register_module", "register_parameter"),
        *("register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_"),
        *("set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty"),
        *("train", "training", "type", "xpu", "zero_grad"),
    }
)
_BUILTINS: Final = frozenset(dir(builtins))


class Names:
    """Hands out names that are free: no keyword, no builtin, nothing that is imported."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with names that something else has."""
        self._taken = set(taken)

    def reserve(self, *names: str) -> None:
        """Keep names from being handed out."""
        self._taken.update(names)

    def new(self, wanted: str) -> str:
        """Return a free name as near to the wanted text as can be, and keep it."""
        base = identifier(wanted)
        name, number = base, 0
        while self.is_taken(name):
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name

    def is_taken(self, name: str) -> bool:
        """Return whether a name cannot be given."""
        return name in self._taken or name in _BUILTINS or iskeyword(name)


def state_name(layer: Layer, port: int, label: str | None) -> str:
    """Return the name of a state of a recurrent layer: ``h`` or ``c``, behind its label."""
    inner = [type(each).__name__ for each in (layer, *layer.inside())]
    letter = "c" if port % 2 == 0 and any("LSTM" in name for name in inner) else "h"
    return f"{identifier(label)}_{letter}" if label else letter


def identifier(text: str) -> str:
    """Return a text as an identifier, which may be a keyword or a builtin still."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return name if name[:1].isalpha() or name[:1] == "_" else f"x{name}" if name else "x"
