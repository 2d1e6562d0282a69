"""The names of a function while it runs, and those around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapecalc.importers.python.values import Class, Instance, Module, Value


class Frame:
    """Names and their values; those of a module, a class body or a function.

    ``returned`` are the values of returns on which it is not known whether they are reached.
    """

    __slots__ = ("cls", "declared", "module", "names", "outer", "owner", "returned")

    def __init__(
        self,
        module: Module,
        outer: Frame | None = None,
        names: dict[str, Value] | None = None,
    ) -> None:
        self.module = module
        self.outer = outer
        self.names: dict[str, Value] = module.attrs if names is None else names
        #: Names that stand elsewhere, because of ``global`` or ``nonlocal``.
        self.declared: dict[str, Frame] = {}
        #: The class in which the function is defined, and its first argument, for ``super()``.
        self.cls: Class | None = None
        self.owner: Value = None
        self.returned: list[Value] = []

    @property
    def top(self) -> Frame:
        """The frame of the module."""
        frame = self
        while frame.outer is not None:
            frame = frame.outer
        return frame

    def find(self, name: str) -> Value:
        """Look up a name, here and around; raises `KeyError`."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            if name in frame.declared:
                frame = frame.declared[name]
                continue
            frame = frame.outer
        raise KeyError(name)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        self.declared.get(name, self).names[name] = value

    def declare(self, names: list[str], *, everywhere: bool) -> None:
        """Say that names are those of the module, or of the function around."""
        for name in names:
            frame = self.outer
            while frame is not None and frame.outer is not None:
                if not everywhere and name in frame.names:
                    break
                frame = frame.outer
            if frame is not None:
                self.declared[name] = frame


class AttributeDict(dict[str, Any]):
    """The attributes of an object as ``__dict__`` has them: what is put in is one."""

    def __init__(self, instance: Instance) -> None:
        super().__init__({k: v for k, v in instance.attrs.items() if not k.startswith("?")})
        self._held = instance.attrs

    def __setitem__(self, name: str, value: Value) -> None:
        super().__setitem__(name, value)
        self._held[name] = value

    def update(self, *others: Any, **named: Value) -> None:  # noqa: ANN401
        """Set attributes."""
        for name, value in dict(*others, **named).items():
            self[name] = value
