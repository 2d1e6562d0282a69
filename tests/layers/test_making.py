"""Layers are made as pydantic makes them, and refused where it refuses them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from failing import failing
from layers.keras.test_ground_truth import CASES as KERAS_CASES
from layers.torch.test_ground_truth import CASES as TORCH_CASES
from pydantic import Field, ValidationError

from shapecalc.dims import Dim
from shapecalc.layers.arguments import integer
from shapecalc.layers.catalogue import Catalogue
from shapecalc.layers.keras.dialect import CATALOGUE as KERAS
from shapecalc.layers.layer import Layer
from shapecalc.layers.making import Maker, maker
from shapecalc.layers.problems import ArgumentError, validate
from shapecalc.layers.torch.dialect import CATALOGUE as TORCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What is tried for each parameter, right or wrong.
VALUES: list[Any] = [None, True, 0, -1, 3, 0.5, "same", Dim("T"), [2, 3], (), {}, object()]
#: Each parameter is tried with one of so many of them.
STEP = 9
FRAMEWORKS = {"keras": (KERAS, KERAS_CASES), "torch": (TORCH, TORCH_CASES)}
#: The classes whose arguments only pydantic reads: they have older names, or any are taken.
ONLY_PYDANTIC = {
    "keras": {"InputLayer"},
    "torch": {"Identity", "Embedding", "FractionalMaxPool2d", "FractionalMaxPool3d"},
}


def by_pydantic(cls: type[Layer], config: dict[str, Any]) -> Layer | None:
    try:
        made: Layer = cls.__pydantic_validator__.validate_python(config)
    except ValidationError:
        return None
    return made


def is_made_alike(makes: Maker, cls: type[Layer], config: dict[str, Any]) -> None:
    made, known = makes.made(config), by_pydantic(cls, config)
    assert (made is None) == (known is None), config
    if known is not None:
        assert type(made) is type(known)
        assert list(vars(made).items()) == list(vars(known).items()), config
        assert made.model_fields_set == known.model_fields_set
        assert made == known


def classes(catalogue: Catalogue, names: Iterable[str]) -> Iterator[type[Layer]]:
    for name in names:
        entry = catalogue.find(name)
        assert entry is not None
        yield catalogue.load(entry)


def makes_alike(cls: type[Layer], config: dict[str, Any]) -> None:
    makes = maker(cls)
    assert makes is not None
    is_made_alike(makes, cls, config)
    is_made_alike(makes, cls, {**config, "no_such": 1})
    is_made_alike(makes, cls, {})
    for place, parameter in enumerate(cls.__pydantic_fields__):
        for value in VALUES[place % STEP :: STEP]:
            is_made_alike(makes, cls, {**config, parameter: value})


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_layers_are_made_as_pydantic_makes_them(framework: str) -> None:
    catalogue, cases = FRAMEWORKS[framework]
    known = {cls: cases[cls.__name__][0]["config"] for cls in classes(catalogue, cases)}
    assert {cls.__name__ for cls in known if maker(cls) is None} == ONLY_PYDANTIC[framework]
    assert not failing(makes_alike, [(cls, config) for cls, config in known.items() if maker(cls)])


class Doubled(Layer):
    """A layer of a plugin, with a parameter that pydantic alone checks."""

    units: int = Field(default=2, gt=1)


def test_what_only_pydantic_checks_is_checked() -> None:
    assert maker(Doubled) is None
    assert validate(Doubled, {"units": "3"}, "doubled").units == 3


class Scaled(Layer):
    """A layer whose default would be shared if it could be changed."""

    factor: Annotated[int, integer(1)] = 2


def test_what_is_refused_is_said_by_pydantic() -> None:
    assert maker(Scaled) is not None
    with pytest.raises(ArgumentError, match="factor takes a whole number of at least 1, not 0"):
        validate(Scaled, {"factor": 0}, "scaled")


def test_a_maker_stays_that_of_its_class() -> None:
    (cls,) = classes(KERAS, ["Dense"])
    assert pickle.loads(pickle.dumps(maker(cls))) is maker(cls)  # noqa: S301  (of this test)


def test_defaults_cannot_be_changed() -> None:
    for catalogue, cases in FRAMEWORKS.values():
        for cls in classes(catalogue, cases):
            for field in cls.__pydantic_fields__.values():
                hash(field.get_default(call_default_factory=True))
