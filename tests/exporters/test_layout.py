"""Code as text: what ruff would leave."""

from __future__ import annotations

import pytest
from formatting import formatted, problems

from shapecalc.exporters.document import (
    Assign,
    Blank,
    Call,
    Comment,
    Comprehension,
    Document,
    Evaluate,
    Expression,
    Import,
    Operation,
    Prefixed,
    Return,
    Statement,
    class_,
    function,
    listed,
    literal,
    loop,
    quoted,
    tupled,
)
from shapecalc.exporters.layout import WIDTH, text_of

LONG = "a_rather_long_name"


def dense(name: str, *more: tuple[str, Expression]) -> Call:
    return Call("layers.Dense", ["64"], [*more, ("name", quoted(name))])


def expressions() -> list[Expression]:
    """Expressions of all kinds, each at many widths around the end of the line."""
    found: list[Expression] = []
    for width in [*range(1, 90, 7), *range(40, 62)]:
        name = "n" * width
        found += [
            dense(name),
            Call(dense(name), ["x"]),
            Call(dense(name, ("activation", '"relu"')), ["x"]),
            Call(dense(name), ["first", "second"]),
            Call(dense(name), [listed("first", "second")]),
            Call(dense(name), ["x"], [("initial_state", listed("h", f"c_{name}"))]),
            Call("layers.TimeDistributed", [dense(name)]),
            Call(Call("layers.Bidirectional", [dense(name)]), ["x"]),
            Call("keras.Sequential", [listed(dense("a"), dense(name), dense("b"))]),
            Call("keras.Model", [listed("a", f"b_{name}"), "x"]),
            Call("nn.Sequential", [dense("a"), dense(name)]),
            Call("nn.Sequential", [Prefixed("*", Comprehension(dense(name), "for _ in range(3)"))]),
            Call("torch.cat", [listed("x", f"y_{name}")], [("dim", "1")]),
            listed("a", f"b_{name}"),
            tupled("a", f"b_{name}"),
            literal({"alpha": 0.5, "name": name, "sizes": (1, 2)}),
            Operation("+", ["x", f"y_{name}", LONG]),
        ]
    return found


def whole(body: list[Statement]) -> str:
    names = (
        ("keras",),
        ("math",),
        ("keras", "layers"),
        ("keras", "ops"),
        ("torch", "nn"),
        ("torch.nn.functional", "", "F"),
    )
    return text_of(Document(body, {Import(*parts) for parts in names}))


def values(expression: Expression) -> list[Statement]:
    """The statements in which an expression may stand."""
    return [
        Assign("x", expression),
        Assign(f"{LONG}, {LONG}_1", expression),
        Assign(", ".join(f"{LONG}_{number}" for number in range(5)), expression),
        Assign(f"self.{LONG}", expression),
    ]


def test_ruff_leaves_every_line_as_it_is() -> None:
    body = [each for expression in expressions() for each in values(expression)]
    body += [Evaluate(each) for each in expressions() if isinstance(each, Call)]
    nested = function("build", ["x"], [*body, Return("x")], [("T", "None")])
    text = whole([*body, nested, Assign("model", Call("build"))])
    assert formatted(text) == text


def test_ruff_leaves_what_is_returned() -> None:
    functions = [
        function(f"f_{number}", ["x"], [Return(expression)])
        for number, expression in enumerate(expressions())
    ]
    text = whole(functions)
    assert formatted(text) == text


@pytest.mark.parametrize("width", range(20, 90, 9))
def test_definitions_and_loops(width: int) -> None:
    name = "n" * width
    body = [
        Comment(f"The {name} of a model that has many words to say about itself and its kind."),
        class_(
            "Model",
            "nn.Module",
            [
                function("__init__", ["self"], [Evaluate("super().__init__()")], [(name, "None")]),
                function(
                    "forward",
                    ["self", f"x_{name}", "y"],
                    [
                        loop("i", "range(3)", [Assign("x", "i")]),
                        loop(
                            "a, b",
                            listed(tupled("1", name)),
                            [Assign("x", "a"), Blank(), Assign("x", "b")],
                        ),
                        Return(tupled("x", f"x_{name}", "y")),
                    ],
                ),
            ],
        ),
        Assign("model", Call("Model")),
    ]
    text = whole(body)
    assert formatted(text) == text


def test_no_line_is_longer_than_it_must_be() -> None:
    text = whole([Assign("x", Call(dense("n" * 30), ["x"]))])
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_layer_breaks_rather_than_what_it_is_called_on() -> None:
    call = Call(dense("n" * 41, ("use_bias", "False")), ["x"])
    assert text_of(Document([Assign("x", call)])) == (
        'x = layers.Dense(\n    64,\n    use_bias=False,\n    name="' + "n" * 41 + '",\n)(x)\n'
    )


@pytest.mark.parametrize("text", ["a", "it's", 'say "x"', "\\", "a\nb", "é", "both ' and \""])
def test_quotes_are_those_of_ruff(text: str) -> None:
    code = f"x = {quoted(text)}\n"
    assert formatted(code) == code
    assert eval(quoted(text)) == text  # noqa: S307  (its own text)


def test_imports_are_sorted() -> None:
    text = whole([Evaluate("print(keras, math, layers, ops, nn, F)")])
    assert not problems(text)
    assert text.startswith(
        "import math\n\nimport keras\nimport torch.nn.functional as F\nfrom keras import "
    )


@pytest.mark.parametrize("value", [1, -2, 0.5, 1e-3, True, None, "relu", (1,), (1, 2), [3], {}])
def test_values_are_written_as_python_has_them(value: object) -> None:
    code = text_of(Document([Assign("x", literal(value))]))
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102  (its own text)
    assert scope["x"] == value
    assert formatted(code) == code
