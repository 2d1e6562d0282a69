"""The names of variables."""

from __future__ import annotations

from keyword import iskeyword

import pytest

from shapecalc.exporters.names import Names, identifier


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("enc", "enc"), ("block1/conv", "block1_conv"), ("1x1", "x1x1"), ("", "x"), ("é", "_"),
     ("max", "max_1"), ("class", "class_1"), ("keras", "keras_1")],
)  # fmt: skip
def test_names_are_free_identifiers(wanted: str, name: str) -> None:
    assert Names({"keras"}).new(wanted) == name


def test_no_name_is_given_twice() -> None:
    names = Names()
    found = [names.new(wanted) for wanted in ("x", "x_1", "x", "x", "is", "is")]
    assert len(set(found)) == len(found)
    assert all(each.isidentifier() and not iskeyword(each) for each in found)


def test_what_is_reserved_is_not_given() -> None:
    names = Names()
    names.reserve("T")
    assert names.new("T") == "T_1"
    assert identifier("T") == "T"
