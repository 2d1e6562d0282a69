"""What stands in quotes, and the other values of arguments: printed, they read as the same."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers.keras.test_ground_truth import CASES

import shapecalc
from shapecalc import layer
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.choices import Choices
from shapecalc.language.literals import data_text, read_text, text_literal
from shapecalc.language.printer import layer_text
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.network import Apply

ESCAPE = re.compile(r"\\u\{[0-9A-Fa-f]{1,6}\}")
#: Of all texts, those that stumble over marks of the language more often than chance has it.
TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["'", '"', "\\", "\n", "\r", "\t", "\x00", "\u2028", "\u202e", "é", "😀", "\ud800", " ",
             "\\u{", "}", "{a,b}", "u", "(", ")", "[", "|", ",", ":", "#", "@a", "?", "=", "None",
             "max", "inf", "nan", "1e9", "T", "x", "\\n"]
        )
    ).map("".join),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        TEXTS,
        st.integers(),
        st.integers(-(10**1000), 10**1000),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


def argument(text: str) -> Any:
    """The value of an argument that takes any."""
    network = shapecalc.parse(f"embedding:9:3:weights={text}")
    (node,) = [n for n in network.nodes if isinstance(n, Apply)]
    return node.layer.weights


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ("Zeros", '"Zeros"'),
        ('say "a"', "'say \"a\"'"),
        ("it's", '"it\'s"'),
        ("'a\"", '"\'a\\u{22}"'),
        ("a\nb\tc\x00", '"a\\u{a}b\\u{9}c\\u{0}"'),
        ("\u202eabc", '"\\u{202e}abc"'),
        ("größe 模型 😀", '"größe 模型 😀"'),
        (r"C:\new\users\table" + "\\", '"C:\\new\\users\\table\\"'),
        (r"\d+\n\u00e9", r'"\d+\n\u00e9"'),
        (r"\u{a}", r'"\u{5c}u{a}"'),
        (r"\\u{a} \u{}", r'"\\u{5c}u{a} \u{}"'),
    ],
)
def test_a_text_in_quotes(text: str, written: str) -> None:
    assert text_literal(text) == written
    assert argument(written) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1e-7, "1e-07"),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        ("inf", "inf"),
        ("max", '"max"'),
        (True, "True"),
        ([1], "(1,)"),
        ([3, 5], "3x5"),
        ([], "()"),
        ([True, 2], "(True,2)"),
        ([-1, [0.5, "a b"]], '(-1,(0.5,"a b"))'),
        (10**40 + 7, "(1*10**40+7)"),
        ([10**41, 3], "((10*10**40+0),3)"),
        (-(10**80), "-((1*10**40+0)*10**40+0)"),
    ],
)
def test_a_value(value: object, written: str) -> None:
    assert data_text(value) == written
    assert repr(argument(written)) == repr(value)


@given(VALUES)
def test_any_value_is_read_as_it_was_written(value: object) -> None:
    written = data_text(value)
    assert written.isprintable()
    assert repr(argument(written)) == repr(value)
    assert data_text(argument(written)) == written


@given(TEXTS, st.sampled_from("'\""))
def test_without_an_escape_a_text_is_what_stands_there(text: str, quote: str) -> None:
    inner = ESCAPE.sub("", text.replace(quote, "").replace("\n", ""))
    if not ESCAPE.search(inner):
        assert read_text(inner) == inner
        assert argument(quote + inner + quote) == inner


@given(TEXTS)
def test_braces_in_quotes_are_no_choices(text: str) -> None:
    spec = f"embedding:9:3:weights={text_literal(text)}"
    assert list(Choices(spec)) == [spec]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**1300])
def test_what_no_spec_has_cannot_be_written(value: float) -> None:
    with pytest.raises(SpecError, match="cannot be written in a spec"):
        data_text([value])


def test_lists_too_deep_for_a_spec_cannot_be_written() -> None:
    value: object = 1
    for _ in range(8):
        value = [value]
    assert argument(data_text(value)) == value
    with pytest.raises(SpecError, match="a list more than 8 deep cannot be written in a spec"):
        data_text([value])


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9.5e400"])
def test_a_number_too_large_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.parse(f"dense:3,lstm:8:dropout={text}")
    assert caught.value.message == f"{text} is too large a number"
    assert caught.value.span == (23, 23 + len(text))


def test_a_text_ends_on_its_line() -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.parse('dense:3:name="a\nb",relu')
    assert caught.value.message == "this quote is not closed"
    assert caught.value.help == r"a string must be on one line; a line feed in it is \u{a}"


@cache
def slots() -> list[tuple[Layer, str]]:
    """Each parameter of each layer that takes any text, with a layer to which it can be given."""
    found = []
    for name, cases in CASES.items():
        entry = CATALOGUE.find(name)
        good = [case for case in cases if "error" not in case]
        if entry is None or not good:
            continue
        made = layer(name, **good[0]["config"])
        cls = CATALOGUE.load(entry)
        found += [
            (made, each) for each in parameters(cls) if _with(made, each, "'\"\n") is not None
        ]
    return found


def _with(made: Layer, parameter: str, text: str) -> Layer | None:
    """The layer with a text as one more argument; None where it takes none such."""
    config = {name: getattr(made, name) for name in made.model_fields_set}
    try:
        return layer(type(made).__name__, **{**config, parameter: text})
    except ShapecalcError:
        return None


def test_there_are_such_parameters_beside_those_of_all_layers() -> None:
    names = {parameter for _, parameter in slots()}
    assert {"name", "weights", "vocabulary", "oov_token", "mask_value", "mode"} <= names
    assert len(slots()) > 200


def _slot(data: st.DataObject, *, alone: bool = False) -> tuple[Layer, str]:
    """A layer and a parameter of it, rare ones as often as those that all layers have."""
    found = [slot for slot in slots() if not (alone and (slot[0].merges or slot[0].holds))]
    name = data.draw(st.sampled_from(sorted({parameter for _, parameter in found})))
    return data.draw(st.sampled_from([slot for slot in found if slot[1] == name]))


@given(st.data(), TEXTS)
def test_any_text_of_any_layer_is_read_as_it_was_written(data: st.DataObject, text: str) -> None:
    made, parameter = _slot(data)
    with_text = _with(made, parameter, text)
    if with_text is None:
        return
    given_inputs = ("in:B:4@one,in:B:4,", ":@one") if made.merges else ("", "")
    spec = given_inputs[0] + layer_text(with_text, KERAS) + given_inputs[1]
    network = shapecalc.parse(spec)
    (node,) = [each for each in network.nodes if isinstance(each, Apply)]
    assert node.layer == with_text
    printed = str(network)
    assert printed.isprintable()
    assert shapecalc.parse(printed) == network
    assert str(shapecalc.parse(printed)) == printed


@given(st.data(), TEXTS)
def test_any_text_of_a_model_file_is_read_as_it_was_written(data: st.DataObject, text: str) -> None:
    made, parameter = _slot(data, alone=True)
    with_text = _with(made, parameter, text)
    if with_text is None or parameter in {"name", "input_shape"}:
        return
    stored = {"class_name": type(made).__name__, "config": with_text.config()}
    entry = {"class_name": "InputLayer", "config": {"batch_shape": [None, None, 4]}}
    network = shapecalc.load({"class_name": "Sequential", "config": {"layers": [entry, stored]}})
    (node,) = [each for each in network.nodes if isinstance(each, Apply)]
    assert getattr(node.layer, parameter) == getattr(with_text, parameter)
    printed = str(network)
    (again,) = [each for each in shapecalc.parse(printed).nodes if isinstance(each, Apply)]
    assert again.layer == node.layer


@given(st.lists(TEXTS.filter(lambda text: text and "/" not in text), max_size=3, unique=True))
def test_any_name_of_a_model_file_is_kept(names: list[str]) -> None:
    entry = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "input"}}
    layers = [{"class_name": "Dense", "config": {"units": 3, "name": name}} for name in names]
    last = {"class_name": "ReLU", "config": {"name": "end"}}
    network = shapecalc.load(
        {"class_name": "Sequential", "config": {"layers": [entry, *layers, last]}}
    )
    printed = str(network)
    assert printed.isprintable()
    again = shapecalc.trace(printed)
    assert [row.name for row in again.layers] == [
        row.name for row in shapecalc.trace(network).layers
    ]
