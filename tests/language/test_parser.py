"""Text to steps: places, values, and everything unreadable in one run."""

from __future__ import annotations

import pytest

from shapecalc.errors import SpecError
from shapecalc.language.parser import MAX_DEPTH, Parser
from shapecalc.language.syntax import Ref, Step, Value


def steps(text: str) -> list[Step]:
    return Parser(text).parse()


def only(text: str) -> Step:
    (step,) = steps(text)
    return step


def value(argument: str, layer: str = "dense") -> Value:
    return only(f"{layer}:{argument}").form.args[0].value


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("64", "int", "64"),
        ("-1", "int", "-1"),
        ("0.5", "float", "0.5"),
        ("1e-3", "float", "0.001"),
        ("-2.0", "float", "-2.0"),
        ("True", "const", "True"),
        ("None", "const", "None"),
        ("3x3", "tuple", "(3, 3)"),
        ("2x1x2", "tuple", "(2, 1, 2)"),
        ("T", "size", "T"),
        ("2T", "size", "2*T"),
        ("2 * T", "size", "2*T"),
        ("T//2", "size", "T//2"),
        ("T % 4", "size", "T % 4"),
        ("(T + 1)//2", "size", "(T + 1)//2"),
        ("max(T, 3)", "size", "max(T, 3)"),
        ("2*3", "int", "6"),
        ("(2)", "int", "2"),
        ("seq", "word", "seq"),
        ('"Zeros"', "text", "Zeros"),
        ("'a,b:(c)'", "text", "a,b:(c)"),
        ("_", "any", "None"),
        ("?", "unknown", "None"),
    ],
)
def test_values(text: str, kind: str, said: str) -> None:
    read = value(text)
    assert (read.kind, str(read.value)) == (kind, said)


def test_refs_have_a_label_and_a_port() -> None:
    assert value("@enc.1").value == Ref("enc", 1)
    assert only("@skip").form.ref == Value("ref", Ref("skip", None), (0, 5))


def test_lists_nest() -> None:
    read = value("((1,2),[3,4])")
    assert read.kind == "list"
    assert [[item.value for item in inner.value] for inner in read.value] == [[1, 2], [3, 4]]
    assert [item.value for item in value("(2,)").value] == [2]


def test_every_token_has_its_place() -> None:
    text = "relu, 3x-td-dense : units=3 : relu@x"
    step = steps(text)[1]
    form = step.form

    def said(span: tuple[int, int]) -> str:
        start, end = step.place(span)
        return text[start:end]

    assert [said(prefix.span) for prefix in form.prefixes] == ["3x", "td"]
    assert form.name is not None
    assert said(form.name.span) == "dense"
    assert [said(argument.span) for argument in form.args] == ["units=3", "relu"]
    assert [said(argument.value.span) for argument in form.args] == ["3", "relu"]
    assert step.label is not None
    assert text[slice(*step.label.span)] == "@x"
    assert text[slice(*step.span)] == "3x-td-dense : units=3 : relu"


def test_newlines_are_commas_and_comments_end_lines() -> None:
    assert len(steps("dense:3 # three, not four\n\n,relu,,\n# all\nsoftmax")) == 3


def test_blocks_hold_branches() -> None:
    step = only("add(conv2d:64:3:same,bn|):name=x@y")
    assert [len(branch) for branch in step.branches or []] == [2, 0]
    assert step.label is not None


def test_the_same_text_is_read_once() -> None:
    first, second = steps("dense:3:relu,dense:3:relu@x")
    assert first.form is second.form
    assert (first.start, second.start) == (0, 13)


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("dense:3,(relu", "( is not closed", "("),
        ("dense:3)", "unmatched )", ")"),
        ("reshape:(3]", "] does not close (", "]"),
        ('act:"relu', "this quote is not closed", '"'),
        ("dense:{3,4}", "{ is not allowed here", "{"),
        ("a|b", "| is only allowed inside a block", "|"),
        ("dense:3 relu", "'relu' does not belong here", "relu"),
        ("dense:", "a value is expected here", ":"),
        ("dense:true", "true is not a value", "true"),
        ("3-dense:3", "a layer is expected here, not '3-dense'", "3-dense"),
        ("0x-dense:3", "a repeat counts from 1 up to 18 digits, not 0", "0"),
        ("foo-dense:3", "foo is not a prefix", "foo"),
        ("td", "td wraps a layer", "td"),
        ("relu@X", "X is not a label", "@X"),
        ("relu@in", "in is reserved", "@in"),
        ("repeat:t-1", "t is not a size", "t"),
        ("reshape:T/2", "sizes are divided with //, which rounds down", "/"),
        ("reshape:T//0", "the divisor 0 is not certainly positive", "//0"),
        ("reshape:" + "9" * 41, "a number has at most 40 digits, this one has 41", "9" * 41),
        ("dense:\u0663", "'\u0663' is not a value", "\u0663"),
    ],
)
def test_unreadable(text: str, message: str, part: str) -> None:
    with pytest.raises(SpecError) as caught:
        steps(text)
    error = caught.value.errors[0]
    assert error.message == message
    assert error.span is not None
    assert text[slice(*error.span)] == part


def test_all_errors_of_a_text_are_found() -> None:
    with pytest.raises(SpecError) as caught:
        steps("dense:,relu,0x-relu,add(foo-x|relu@X),dense:3")
    assert len(caught.value.errors) == 4


def test_depth_has_a_limit() -> None:
    fine = "(" * MAX_DEPTH + "relu" + ")" * MAX_DEPTH
    assert len(steps(fine)) == 1
    with pytest.raises(SpecError, match="blocks nest at most 100 deep"):
        steps(f"({fine})")
    with pytest.raises(SpecError, match="nest at most"):
        steps("(" * 100_000 + ")" * 100_000)
    with pytest.raises(SpecError, match="lists nest at most 8 deep"):
        steps("reshape:" + "(" * 9 + "1,2" + ",)" * 9)


def test_a_number_behind_a_comma_is_a_value_of_the_layer_before() -> None:
    for text, meant in (("lstm,64", "lstm:64"), ("add(conv1d:8 , 3|)", "conv1d:8:3")):
        with pytest.raises(SpecError) as caught:
            steps(text)
        assert caught.value.errors[-1].help == f"values follow a colon: {meant}"
