"""A dialect, as a value: the names of layers, arguments and rows, and which rules differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shapecalc.layers.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shapecalc.layers.catalogue import Catalogue
    from shapecalc.layers.layer import Layer


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How specs of a framework are written, and how its rules differ from those of other dialects.

    Attributes:
        name: what `-d` and the step ``dialect:`` call it; no two dialects have the same.
        catalogue: its layers by their names.
        short_keys: short keys of arguments, each with the parameters that it may stand for, of
            which a layer has one.
        prefixes: the class of the wrapper that each prefix of the grammar, ``td`` or ``bi``,
            stands for, as far as there is one.
        row_name: how rows are named, from the name of a class.
        input_name: what an input is called that has no name.
        letters: what unknown sizes are called.
        counterparts: what to write for names, prefixes and flags of other frameworks; the keys
            are folded.
        has_buffers: whether its layers keep numbers that are not parameters, counted apart.
        laws: what its rules do otherwise, which they ask their `Scope` for.
    """

    name: str
    catalogue: Catalogue = field(compare=False)
    short_keys: Mapping[str, tuple[str, ...]] = field(compare=False)
    row_name: Callable[[str], str] = field(compare=False)
    input_name: str = field(default="input", compare=False)
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False)
    counterparts: Mapping[str, str] = field(default_factory=dict, compare=False)
    letters: Letters = field(default=Letters(), compare=False)
    has_buffers: bool = field(default=False, compare=False)
    laws: frozenset[str] = field(default=frozenset(), compare=False)

    def layer(self, class_name: str, /, **config: Any) -> Layer:  # noqa: ANN401
        """Make one validated layer by itself, whose rule follows the laws of this dialect.

        Raises `SpecError` for an unknown class or argument.
        """
        made = self.catalogue.layer(class_name, **config)
        object.__setattr__(made, "_dialect", self)
        return made

    def prefix_of(self, cls: str) -> str | None:
        """Return the prefix that stands for a class of wrappers."""
        return self._prefixes.get(cls)

    def short_key_of(self, parameter: str) -> str | None:
        """Return the short key that may stand for a parameter."""
        return self._short_keys.get(parameter)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return {wrapper: prefix for prefix, wrapper in self.prefixes.items()}

    @cached_property
    def _short_keys(self) -> dict[str, str]:
        return {name: key for key, names in self.short_keys.items() for name in names}
