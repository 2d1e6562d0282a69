"""What objects must have done before they get parts: ``super().__init__()`` was called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.importers.python.values import Instance, Tensor, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position


def require_ready(m: Machine, owner: Instance, value: Value, where: Position | None) -> None:
    """Refuse a module as the attribute of another one whose base was not made before."""
    if owner.is_ready or not m.making:
        return
    if (
        isinstance(value, Tensor)
        and value.trained
        and owner.is_part
        and not getattr(owner.cls, "is_open", True)
    ):
        text = "cannot assign parameters before Module.__init__() call"
        m.fail("AttributeError", text, where)
    if not isinstance(value, Instance):
        return
    homes = [each.name for each in (owner.library(), value.library()) if each is not None]
    if owner.cls.mro and getattr(owner.cls, "is_open", True):
        return
    if all(name.startswith("torch.nn.") for name in homes) and len(homes) == 2:  # noqa: PLR2004
        text = "cannot assign module before Module.__init__() call"
        m.fail("AttributeError", text, where)
    if all(name.startswith("keras.") for name in homes) and len(homes) == 2:  # noqa: PLR2004
        text = f"in {owner.cls.name}, super().__init__() is not called first"
        m.fail("RuntimeError", text, where)
