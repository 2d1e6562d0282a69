"""The scope of a layer that is asked alone has all that any other scope has."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.layers.scope import LoneScope, Scope


@pytest.mark.parametrize("name", Scope.__slots__)
def test_a_lone_scope_has_what_a_scope_has(name: str) -> None:
    lone = LoneScope(layer("Dense", units=3), None, {})
    assert type(getattr(lone, name)) is type(getattr(Scope(), name))
    assert getattr(lone, name) is getattr(lone, name)


def test_a_lone_scope_has_nothing_else() -> None:
    lone = LoneScope(layer("Dense", units=3), None, {})
    with pytest.raises(AttributeError, match="no_such"):
        _ = lone.no_such
