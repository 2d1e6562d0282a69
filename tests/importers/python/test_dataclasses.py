"""Classes of named fields: dataclasses, named tuples, enumerations."""

from __future__ import annotations

import pytest
from importers.python.reading import names

from shapecalc.dims import Dim
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import Unknown

T = Dim("T")


def test_dataclass() -> None:
    """Fields in order, of base classes first, and what the class makes of them."""
    text = """
    from dataclasses import dataclass, field, asdict, replace
    from typing import ClassVar
    @dataclass
    class Base:
        width: int = 3
        kind: ClassVar[str] = "a"
    @dataclass(frozen=True)
    class Plan(Base):
        layers: list = field(default_factory=lambda: [1, 2])
        deep: int | None = None
        def __post_init__(self):
            self.total = self.width * len(self.layers)
    plan = Plan(4)
    x = asdict(plan), plan.total, replace(plan, layers=[1]).total, plan.kind
    """
    expected = {"width": 4, "layers": [1, 2], "deep": None}
    assert names(text)["x"] == (expected, 8, 4, "a")


def test_dataclass_refuses() -> None:
    """A field that is not there is refused as Python does."""
    text = "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\nA(y=3)"
    with pytest.raises(Raised, match="unexpected keyword argument 'y'"):
        names(text)


def test_named_tuple_and_enum() -> None:
    """Members are objects, and fields are attributes and items."""
    text = """
    from typing import NamedTuple
    from enum import Enum
    class P(NamedTuple):
        a: int
        b: int = 2
    class Mode(Enum):
        MEAN = "mean"
        LAST = "last"
    p = P(1)
    c, d = p
    x = p.a, p[1], d, len(p), p._replace(b=5).b, Mode.MEAN.value, Mode("last").name
    y = Mode.MEAN is Mode.MEAN, Mode.MEAN == Mode.LAST
    z = [mode.name for mode in Mode], Mode["LAST"].value
    """
    found = names(text)
    assert found["x"] == (1, 2, 2, 2, 5, "mean", "LAST")
    assert found["y"] == (True, False)
    assert found["z"] == (["MEAN", "LAST"], "last")


def test_the_init_of_a_dataclass_is_its_own_function() -> None:
    """Classes made of it call it, and inherit it."""
    found = names(
        """
    from collections import namedtuple
    from dataclasses import KW_ONLY, InitVar, dataclass, field

    @dataclass
    class Config:
        width: int
        depth: int = 4

    class Wide(Config):
        def __init__(self, width, more):
            super().__init__(width * 2)
            self.more = more

    class Same(Config):
        pass

    @dataclass
    class Late(Config):
        by: InitVar[int] = 3
        _: KW_ONLY
        heads: int = 5
        total: int = field(init=False)

        def __post_init__(self, by):
            self.total = by + self.width

    class Pair(namedtuple("Pair", "a b")):
        @property
        def sum(self):
            return self.a + self.b

    wide, late, pair = Wide(3, 7), Late(1, 2, 7, heads=9), Pair(1, 2)
    first, second = pair
    given = [wide.width, wide.depth, wide.more, Same(5).width, late.total, late.heads, pair.sum]
    """
    )
    assert found["given"] == [6, 4, 7, 5, 8, 9, 3]
    assert (found["first"], found["second"]) == (1, 2)


def test_a_decorator_that_is_not_known_may_give_a_class_fields() -> None:
    found = names("import flax\n@flax.struct.dataclass\nclass A:\n    x: int\na = A(x=3)\nb = a.y")
    assert isinstance(found["b"], Unknown)
