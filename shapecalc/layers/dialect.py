"""A dialect, as a value: the names of layers, arguments and rows, and which rules differ."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from shapecalc.layers.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shapecalc.layers.catalogue import Catalogue
    from shapecalc.layers.layer import Layer


_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_LETTERS: Final = Letters()


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

    def __init__(
        self,
        *,
        name: str,
        catalogue: Catalogue,
        short_keys: Mapping[str, tuple[str, ...]],
        row_name: Callable[[str], str],
        input_name: str = "input",
        prefixes: Mapping[str, str] = _NONE,
        counterparts: Mapping[str, str] = _NONE,
        letters: Letters = _LETTERS,
        has_buffers: bool = False,
        laws: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.catalogue = catalogue
        self.short_keys = short_keys
        self.row_name = row_name
        self.input_name = input_name
        self.prefixes = prefixes
        self.counterparts = counterparts
        self.letters = letters
        self.has_buffers = has_buffers
        self.laws = laws

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialect) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<Dialect {self.name}>"

    def replaced(self, **changes: Any) -> Dialect:  # noqa: ANN401
        """Return a dialect that differs from this one in the attributes that are given."""
        given = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return Dialect(**given | changes)

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
