"""Names that torch does not have: what Python says of them, and which name is meant."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from shapecalc.errors import suggestions
from shapecalc.importers.python.library import torchnames
from shapecalc.importers.python.rewrites import with_name
from shapecalc.importers.python.values import LibraryClass, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Collection

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: How near a name must be to one that is known for it to be a mistake, where not all are listed.
_NEAR: Final = 0.8


def of_tensor(m: Machine, name: str, known: Collection[str], where: Position | None) -> Value:
    """Refuse an attribute that no tensor has; one that some have gives nothing known."""
    close = suggestions(name, known)[:1]
    sure = m.tape is not None or (bool(close) and _likeness(name, close[0]) >= _NEAR)
    others = name.startswith("_") or name in torchnames.OF_TENSORS or name in set_names(m)
    if others or not sure:
        # Outside of models it may be a tensor of a class that another library makes of it.
        return Unknown(f"torch.Tensor.{name}", where)
    return _refuse(m, "'Tensor' object", name, known, where)


def of_module(m: Machine, home: str, name: str, where: Position | None) -> None:
    """Refuse a name that a module of torch certainly does not have."""
    if home not in _HOMES or name.startswith("_"):
        return
    known, others = _listed(home)
    if name in others:
        return
    close = suggestions(name, known)[:1]
    absent = name in _ABSENT.get(home, ())
    sure = home == "torch.nn" and name[:1].isupper()
    if absent or sure or (close and _likeness(name, close[0]) >= _NEAR):
        _refuse(m, f"module '{home}'", name, known, where)


#: Sizes that layers declare: one that does not has no attribute of the name.
_DECLARED: Final = frozenset({
    "in_features", "out_features", "in_channels", "out_channels", "num_features", "hidden_size",
    "input_size", "embedding_dim", "num_embeddings",
})  # fmt: skip


def of_layer(m: Machine, cls: LibraryClass, name: str, where: Position | None) -> None:
    """Refuse an attribute that a layer does not have, and that nothing may have set on it."""
    others = name.startswith(("_", "weight_", "bias_")) or name in torchnames.OF_LAYERS
    if others and name not in _DECLARED:
        return
    known = [key for each in cls.mro for key in each.attributes]
    if m.gives_away and not any(_likeness(name, key) >= _NEAR for key in known):
        return
    _refuse(m, f"'{cls.name.rpartition('.')[2]}' object", name, known, where)


def set_names(m: Machine) -> set[str]:
    """Return the names of attributes that a program sets on tensors."""
    found: set[str] = m.state.setdefault("attributes of tensors", set())
    return found


_HOMES: Final = frozenset({"torch", "torch.nn", "torch.nn.functional"})
_ABSENT: Final = {
    "torch": torchnames.NOT_IN_TORCH,
    "torch.nn.functional": torchnames.NOT_IN_FUNCTIONAL,
}


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a.lower(), b.lower()).ratio()


def _listed(home: str) -> tuple[Collection[str], Collection[str]]:
    """Return the names of a module that are known, and others that it has."""
    if home == "torch.nn":
        from shapecalc.importers.python.library.torch import public

        return list(public(home)), torchnames.OF_NN
    from shapecalc.importers.python.library.torchcomputed import COMPUTED
    from shapecalc.importers.python.library.torchcreating import CREATING
    from shapecalc.importers.python.library.torchfunctions import FUNCTIONS, SAME
    from shapecalc.importers.python.library.torchweighted import WEIGHTED

    names = {*FUNCTIONS, *SAME, *WEIGHTED}
    if home == "torch":
        names |= {*COMPUTED, *CREATING}
    others = torchnames.OF_TORCH if home == "torch" else torchnames.OF_FUNCTIONAL
    return names - _ABSENT[home], others


def _refuse(
    m: Machine, owner: str, name: str, known: Collection[str], where: Position | None
) -> Value:
    close = suggestions(name, known)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    mended = with_name(where, name, close[0]) if close else ()
    text = f"{owner} has no attribute '{name}'{hint}"
    return m.fail("AttributeError", text, where, rule="name", rewrites=mended)
