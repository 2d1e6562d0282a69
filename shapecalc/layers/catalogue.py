"""The names of layers: which class each stands for, and the file in which that is.

A catalogue is made of a framework's table of names. Files are imported only when one of their
layers is asked for.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import UnknownLayerError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.layers.plugins import Plugins

#: The origin of the layers that are there without plugins.
OURS: Final = "shapecalc"


class Entry(NamedTuple):
    """A layer as a name leads to it, with the arguments that the name stands for."""

    cls: str
    family: str
    name: str
    preset: tuple[tuple[str, Any], ...] = ()


@lru_cache(maxsize=1024)
def fold(name: str) -> str:
    """Return what names are compared by: they ignore case and ``_``."""
    return name.replace("_", "").lower()


class Catalogue:
    """The layers of a framework by their names: its own, and those that plugins add.

    Attributes:
        framework: the name of the framework, which plugins say that they add to.
        package: where its layers are, those of a family in the module of its name.
        families: the classes of each family, each with its names in specs.
        files: the modules of classes that have another than their family.
    """

    def __init__(
        self,
        framework: str,
        package: str,
        families: Mapping[str, Mapping[str, str]],
        presets: Sequence[Entry] = (),
        files: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Take a table of names; those of ``presets`` stand back behind the others."""
        self.framework = framework
        self.package = package
        self.families = families
        self.files = files
        self._presets = presets
        self._classes: dict[tuple[str, str], type[Layer]] = {}
        self._spec_names: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Catalogue of {self.framework}>"

    @cached_property
    def index(self) -> dict[str, Entry]:
        """All names but those of plugins, folded."""
        found: dict[str, Entry] = {}
        for family, layers in self.families.items():
            for cls, names in layers.items():
                entry = Entry(cls, family, names.split()[0])
                for name in (cls, *names.split()):
                    found[fold(name)] = entry
        for preset in self._presets:
            found.setdefault(fold(preset.name), preset)
        return found

    @cached_property
    def plugins(self) -> Plugins:
        """What plugins add."""
        from shapecalc.layers.plugins import added_to

        return added_to(self)

    def find(self, name: str) -> Entry | None:
        """Look up a name; None where there is no such layer, of ours or of a plugin."""
        folded = fold(name)
        return self.index.get(folded) or self.plugins.names.get(folded)

    def load(self, entry: Entry) -> type[Layer]:
        """Import the class of an entry from its file, or give that of a plugin."""
        key = (entry.family, entry.cls)
        found = self._classes.get(key)
        if found is None:
            if entry.family in self.families:
                found = getattr(import_module(f"{self.package}.{self.file(entry)}"), entry.cls)
            else:
                found = self.plugins.classes[entry.cls]
            self._classes[key] = found
        return found

    def file(self, entry: Entry) -> str:
        """Return the module in the package where the class of one of its own entries is."""
        return self.files.get(entry.cls, entry.family)

    def listed(self) -> list[tuple[Entry, tuple[str, ...]]]:
        """Return every layer class with its names in specs: by family, then those of plugins."""
        ours = [
            (Entry(cls, family, names.split()[0]), tuple(names.split()))
            for family, layers in self.families.items()
            for cls, names in layers.items()
        ]
        return ours + self.plugins.listed

    def origin(self, entry: Entry) -> str:
        """Return the distribution that a layer comes from."""
        return OURS if entry.family in self.families else entry.family

    def names(self) -> list[str]:
        """Return all names, short ones first."""
        entries = [*self.index.values(), *self.plugins.names.values()]
        names = {entry.name for entry in entries} | {*self.index, *self.plugins.names}
        return sorted(names, key=len)

    def hint(self, name: str) -> str | None:
        """Return the names that may be meant by one that is unknown."""
        return did_you_mean(name, self.names())

    def spec_name(self, cls: str) -> str:
        """Return the name that specs print for a class."""
        found = self._spec_names.get(cls)
        if found is None:
            entry = self.find(cls)
            found = entry.name if entry and entry.cls == cls else cls.lower()
            self._spec_names[cls] = found
        return found

    def preset_of(self, layer: Layer) -> Entry | None:
        """Return the name that stands for a layer together with one of its arguments."""
        for entry in self._presets_by_class.get(type(layer).__name__, ()):
            if all(getattr(layer, name) == value for name, value in entry.preset):
                return entry
        return None

    @cached_property
    def _presets_by_class(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._presets:
            if self.index[fold(entry.name)] is entry:
                found.setdefault(entry.cls, []).append(entry)
        return found

    def layer(self, class_name: str, /, **config: Any) -> Layer:  # noqa: ANN401
        """Make one validated layer from a class name and the framework's arguments.

        Raises `SpecError` for an unknown class, and for arguments that the class does not take.
        """
        from shapecalc.layers.problems import validate

        entry = self.find(class_name)
        if entry is None:
            classes = [known.cls for known, _ in self.listed()]
            hint = did_you_mean(class_name, classes)
            raise UnknownLayerError(class_name, help=hint)
        return validate(self.load(entry), dict(entry.preset) | config, entry.cls)
