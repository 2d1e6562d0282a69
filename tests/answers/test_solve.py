"""Backwards: from outputs to inputs and to arguments."""

from __future__ import annotations

from itertools import product

import pytest
from terminal import called, cells

import shapecalc
from shapecalc.answers.question import ask
from shapecalc.answers.solve import Solution, solve
from shapecalc.answers.unknown import MAX_SUMS, MAX_WORK, SUM
from shapecalc.dims import spent
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.shapes import read_shape


@pytest.mark.parametrize(
    ("spec", "output", "where", "values"),
    [
        (
            "in:B:H:W:3,conv2d:8:3:s=2,maxpool2d:2",
            "B,7,7,8",
            "29 <= H <= 32 and 29 <= W <= 32",
            {"H": [29, 30, 31, 32], "W": [29, 30, 31, 32]},
        ),
        (
            "in:B:H:4,maxpool1d:2,tconv1d:8:2:s=2",
            "B,28,8",
            "28 <= H <= 29",
            {"H": [28, 29]},
        ),
        ("in:B:H:4,conv1d:8:3,flatten", "B,64", "H == 10", {"H": [10]}),
        ("in:B:T:4,conv1d:8:3:s=2", "B,N,8", "T >= 3 and 2*N + 1 <= T <= 2*N + 2", None),
        ("in:B:T:4,upsample1d:3", "B,N,4", "T == N//3 and N % 3 == 0", None),
        ("in:B:T:4,conv1d:8:3", "_,_,8", "T >= 3", None),
        ("in:B:4,dense:3", "B,3", "True", None),
    ],
)
def test_inputs(spec: str, output: str, where: str, values: dict[str, list[int]] | None) -> None:
    (solution,) = shapecalc.solve(spec, output)
    assert solution.where == where
    assert solution.values == values
    for name, numbers in (values or {}).items():
        others = {other: ns[0] for other, ns in (values or {}).items()}
        for number in range(1, max(numbers) + 5):
            try:
                shape = shapecalc.trace(spec, set=others | {name: number}).output
                fits = ",".join(map(str, shape)) == output
            except ShapeError:
                fits = False
            assert fits == (number in numbers)


def holds(text: str, values: dict[str, int]) -> bool:
    """Whether a condition, which is a Python expression, is true for these numbers."""
    known = {"max": max, "min": min, **values}
    return bool(eval(text, {"__builtins__": {}}, known))  # noqa: S307  (our own text)


def pairs(solutions: list[Solution]) -> set[tuple[int, ...]]:
    """All combinations of values of the solutions."""
    found: set[tuple[int, ...]] = set()
    for solution in solutions:
        assert solution.values is not None
        found |= set(product(*solution.values.values()))
    return found


def test_letters_that_hang_together_are_listed_together() -> None:
    found = shapecalc.solve("in:B:T:C,flatten", "B,12")
    assert [list(each.values or ()) for each in found] == [["T", "C"]] * 6
    assert pairs(found) == {(1, 12), (2, 6), (3, 4), (4, 3), (6, 2), (12, 1)}
    assert found[1].where == "T == 2 and C == 6"
    found = shapecalc.solve("in:B:H:W:3,conv2d:8:3:s=2,flatten", "B,72")
    assert [each.where for each in found] == [
        "3 <= H <= 4 and 19 <= W <= 20",
        "7 <= H <= 8 and 7 <= W <= 8",
        "19 <= H <= 20 and 3 <= W <= 4",
    ]
    found = shapecalc.solve("in:B:H:W:4,flatten", f"B,{4 * 1_000_003}")
    assert pairs(found) == {(1, 1_000_003), (1_000_003, 1)}
    found = shapecalc.solve("in:B:T:C,relu", "B,C+3,C", where="T <= 9")
    assert pairs(found) == {(c + 3, c) for c in range(1, 7)}
    (endless,) = shapecalc.solve("in:B:T:C,relu", "B,C+3,C")
    assert endless.values is None
    assert endless.examples == {"T": [4, 5, 6, 7, 8], "C": [1, 2, 3, 4, 5]}


@pytest.mark.parametrize(
    ("spec", "output", "where", "numbers"),
    [
        ("in:B:T:4,conv1d:8:3:s=2", "B,T-3,8", "4 <= T <= 5", [4, 5]),
        ("in:B:T:4,maxpool1d:2,tconv1d:8:2:s=2", "B,T-1,8", None, None),
        ("in:B:T:4,maxpool1d:2:same", "B,T//3+2,4", "T in (5, 7, 8, 9, 10, 12)", None),
        ("in:B:T:4,maxpool1d:320", "B,49,4", "15680 <= T <= 15999", list(range(15680, 16000))),
    ],
)
def test_only_values_that_work(
    spec: str, output: str, where: str | None, numbers: list[int] | None
) -> None:
    (solution,) = shapecalc.solve(spec, output)
    assert where is None or solution.where == where
    if numbers is not None:
        assert solution.values == {"T": numbers}
    for number in range(1, 60):
        try:
            shape = shapecalc.trace(spec, set={"T": number}).output
            fits = shape[1] == eval(output.split(",")[1], {"T": number})  # noqa: S307  (our own)
        except ShapeError:
            fits = False
        assert fits == holds(solution.where, {"T": number}), (spec, number)


def test_what_is_taken_for_granted_is_said() -> None:
    spec = "in:B:T:4@t,in:B:S:4@s,@t,add:@s"
    (solution,) = shapecalc.solve(spec, "B,5,4")
    assert solution.assumptions == ["T == S"]
    assert solution.values == {"T": [5], "S": [5]}
    assert solution.to_dict()["assumptions"] == ["T == S"]
    assert called("solve", spec, "-o", "B,5,4").out.endswith("\tassumes T == S\n")
    table = called("solve", spec, "-o", "B,5,4", "-f", "table").out
    assert cells(table) == [
        ["when", "T", "S", "assumes"],
        ["T == 5 and S == 5", "5", "5", "T == S"],
    ]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve(spec, "B,5,3")
    assert caught.value.notes == ["axis 2 is always 4", "this assumes T == S"]


@pytest.mark.parametrize(
    ("spec", "output", "first"),
    [
        ("in:B:100:4,conv1d:16:?:s=2", "B,48,16", "in:B:100:4,conv1d:16:5:s=2"),
        ("in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=?", "B,14,14,8",
         "in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=1"),
        ("in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=?", "B,14,13,8",
         "in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=1x0"),
        ("in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=(?,?)", "B,14,13,8",
         "in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=1x0"),
        ("in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=?x0", "B,14,13,8",
         "in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=1x0"),
        ("in:B:9:9:4,conv2d:8:3x?", "B,7,5,8", "in:B:9:9:4,conv2d:8:3x5"),
        ("in:B:9:9:9:4,conv3d:8:?", "B,7,5,9,8", "in:B:9:9:9:4,conv3d:8:3x5x1"),
        ("in:B:9:9:4,pad2d:((?,?),(?,0))", "B,10,11,4", "in:B:9:9:4,pad2d:(0x1,2x0)"),
        ("in:B:5:6,permute:2:?", "B,6,5", "in:B:5:6,permute:2:1"),
        ("dense:?", "B,64", "dense:64"),
        ("dense:?", "B,1000000", "dense:1000000"),
        ("dense:?", "B,N", "dense:1"),
        ("in:B:T:6,bi-lstm:?:seq", "B,T,8", "in:B:T:6,bi-lstm:4:seq"),
        ("in:B:T:6,rnn(lstmcell:4|lstmcell:?)", "B,8", "in:B:T:6,rnn(lstmcell:4|lstmcell:8)"),
        ("in:B:T:6,3x-conv1d:8:?", "B,T-6,8", "in:B:T:6,3x-conv1d:8:3"),
        ("in:B:T:6,add(relu|dense:8,dense:?)", "B,T,6", "in:B:T:6,add(relu|dense:8,dense:1)"),
        ("in:B:T:4,dense:?,flatten", "B,10*T", "in:B:T:4,dense:10,flatten"),
        ("in:B:12:4,reshape:?:8", "B,6,8", "in:B:12:4,reshape:6:8"),
        ("in:B:T:16,conv1d:16:3:s=?", "B,T//3,16", "in:B:T:16,conv1d:16:3:s=3"),
        ("in:B:T:4,conv1d:8:?", "B,N,8", "in:B:T:4,conv1d:8:1"),
        ("in:B:10:4,conv1d:8:?", "B,N,N", "in:B:10:4,conv1d:8:3"),
        ("in:B:T:4,relu:name='what: ?',dense:?", "B,T,3",
         'in:B:T:4,relu:name="what: ?",dense:3'),
    ],
)  # fmt: skip
def test_arguments(spec: str, output: str, first: str) -> None:
    assert shapecalc.solve(spec, output)[0].spec == first


def test_a_question_mark_in_a_shape_or_a_text_is_none() -> None:
    assert shapecalc.solve("in:B:?:4,conv1d:8:3", "B,5,8")[0].values == {"T": [7]}
    assert shapecalc.solve("in:B:5:4,is:B:?:4,dense:8", "B,5,8")[0].where == "True"
    assert shapecalc.solve("in:B:5:4,dense:8:name='a:?' # or:?", "B,5,8")[0].where == "True"


@pytest.mark.parametrize(
    ("spec", "message", "part"),
    [
        ("dense:3:wat=?", "dense has no parameter wat", "wat"),
        ("nolayer:?", "there is no layer nolayer", "nolayer"),
        ("dense:?,nolayer", "there is no layer nolayer", "nolayer"),
        ("conv1d:8:3:padding=?", "conv1d: padding takes valid, same or causal, not ?", "padding=?"),
        ("conv1d:8:?:s=2:d=2", "conv1d: strides 2 and dilation_rate 2 cannot both be above 1",
         "conv1d:8:?:s=2:d=2"),
        ("dense:?,dense:?", "only one argument can be ?", "?"),
        ("relu:?:?", "only one argument can be ?", "?"),
        ("conv1d:?x", "'?x' does not belong here", None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_where_it_stands(
    spec: str, message: str, part: str | None
) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.solve(spec, "B,3")
    if part is None:
        return
    assert caught.value.message == message
    assert caught.value.source == spec
    assert caught.value.span is not None
    assert spec[slice(*caught.value.span)] == part
    assert called("solve", spec, "-o", "B,3").code == 2


def test_what_no_number_can_mend_is_said_at_once() -> None:
    tried: list[bool] = []
    with pytest.raises(ShapeError, match="conv2d needs a 4-D input") as caught:
        solve(ask("in:B:10:4,conv2d:8:?"), read_shape("B,8,8"), tried.append)
    assert caught.value.span == (10, 20)
    assert tried in ([], [False])  # 0 is not a kernel
    with pytest.raises(ShapeError, match="lstm needs a 3-D input"):
        solve(ask("in:B:4,lstm:8,dense:?"), read_shape("B,8"), tried.append)
    assert tried in ([], [False])  # 0 is not a kernel


def test_a_search_ends() -> None:
    tried: list[bool] = []
    with pytest.raises(ShapeError) as caught:
        solve(ask("in:B:100:4,conv1d:8:?"), read_shape("B,101,8"), tried.append)
    assert caught.value.notes == ["with 1 the output is (B, 100, 8)"]
    assert len(tried) < 1000
    tried.clear()
    layers = ",".join(f"conv1d:{n}:1" for n in range(1, 200))
    with pytest.raises(ShapeError):
        solve(ask(f"in:B:T:4,conv1d:8:3:s=?,{layers}"), read_shape("B,T//3+9,199"), tried.append)
    assert len(tried) < 100
    with pytest.raises(ShapeError, match=r"no number up to [0-9]+ gives this output"):
        solve(ask("in:B:T:4,conv1d:8:?:s=2"), read_shape("B,T,8"))
    with pytest.raises(ShapeError, match="no number gives this output") as caught:
        solve(ask("dense:?,repeat:3,flatten"), read_shape("B,10"))
    assert caught.value.notes == ["axis 1 can be 9 (? == 3) and 12 (? == 4), nearest to 10"]


@pytest.mark.parametrize(
    ("spec", "output", "where"),
    [
        ("in:B:T:4,reshape:?:-1", "B,T,4", "? == T"),
        ("in:B:T:4,reshape:?:2", "B,2*T,2", "? == 2*T"),
        ("in:B:T:4,dense:?", "B,T,2*T - 1", "? == 2*T - 1"),
        ("in:B:T:4,lstm:?", "B,T-3", "? == T - 3"),
        ("in:B:H:W:4,td-conv1d:?:3:same", "B,H,W,H+W", "? == H + W"),
        ("in:B:F,repeat:?", "B,F,F", "? == F"),
    ],
)
def test_an_argument_that_takes_a_size_is_an_expression(spec: str, output: str, where: str) -> None:
    assert [each.where for each in shapecalc.solve(spec, output)] == [where]


def test_none_says_what_is_near() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("in:B:T:4,maxpool1d:2,tconv1d:8:2:s=2", "B,7,8")
    assert caught.value.notes == ["axis 1 can be 6 (T == 6) and 8 (T == 8), nearest to 7"]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("in:B:T:4,maxpool1d:2,tconv1d:8:2:s=2", "B,2000001,8")
    assert caught.value.notes == [
        "axis 1 can be 2000000 (T == 2000000) and 2000002 (T == 2000002), nearest to 2000001"
    ]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("in:B:T:4,maxpool1d:2,tconv1d:8:2:s=2", "B,9,8", where="T <= 7")
    assert caught.value.notes == ["axis 1 can be 6 (T == 6), nearest to 9"]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("in:B:T:4,reshape:T%5+1:-1:4", "B,8,_,4")
    assert caught.value.notes == ["axis 1 can be 4 (T == 8), nearest to 8"]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("dense:3", "B,4")
    assert caught.value.notes == ["axis 1 is always 3"]


def test_what_is_near_is_left_out_where_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, facts = "in:B:H:W:4,reshape:H*W%7+1:-1:4", "H == W"
    with pytest.raises(ShapeError, match="no input gives this output") as caught:
        shapecalc.solve(spec, "B,10,_,4", where=facts)
    assert caught.value.notes
    monkeypatch.setattr("shapecalc.answers.nearest.MAX_SUMS", 1)
    with pytest.raises(ShapeError, match="no input gives this output") as caught:
        shapecalc.solve(spec, "B,10,_,4", where=facts)
    assert caught.value.notes == []


def test_a_size_of_0_can_be_asked_for() -> None:
    (found,) = shapecalc.solve('in:B:T:4,slice:":,5:"', "B,0,4")
    assert found.where == "T <= 5"


def test_facts_simplify_sizes_and_conditions() -> None:
    spec = "in:B:H:4,maxpool1d:2,maxpool1d:2,upsample1d:4"
    assert shapecalc.trace(spec).conditions == ["H >= 4"]
    trace = shapecalc.trace(spec, where="H % 8 == 0")
    assert (str(trace.output[1]), trace.conditions) == ("H", [])
    trace = shapecalc.trace(spec, where="H >= 10")
    assert (str(trace.output[1]), trace.conditions) == ("4*(H//4)", [])
    with pytest.raises(ShapeError, match="maxpool1d needs"):
        shapecalc.trace(spec, where="H < 4")
    with pytest.raises(ShapeError, match="contradicts the other"):
        shapecalc.trace(spec, where="H > 4, H < 3")


def test_a_zero_is_found_where_the_argument_takes_one() -> None:
    found = shapecalc.solve("in:B:8:4,pad1d:(?,0)", "B,8,4")
    assert [solution.values["?"] for solution in found] == [[0]]


@pytest.mark.parametrize(
    ("spec", "output", "expression"),
    [
        ("in:N:C:L,flatten,linear:?:10", "N,10", "C*L"),
        ("in:N:F,linear:?:10", "N,10", "F"),
        (
            "in:N:3:H:W,conv2d:3:6:5,maxpool2d:2,flatten,linear:?:10",
            "N,10",
            "6*(H//2 - 2)*(W//2 - 2)",
        ),
        ("in:N:3:L,conv1d:3:16:3:2:1,flatten,linear:?:10", "N,10", "16*((L + 1)//2)"),
        ("in:N:C:T,conv1d:?:6:1", "N,6,T", "C"),
    ],
)
def test_what_a_module_declares_of_letters_is_their_expression(
    spec: str, output: str, expression: str
) -> None:
    (found,) = shapecalc.solve(spec, output, dialect="torch")
    assert (found.where, found.values) == (f"? == {expression}", {"?": [expression]})
    assert found.spec is not None
    traced = shapecalc.trace(found.spec)
    assert traced.output == shapecalc.trace(spec.replace("?", "_"), dialect="torch").output


def test_what_a_module_declares_of_numbers_is_a_number() -> None:
    (found,) = shapecalc.solve("in:N:3:32:32,flatten,linear:?:10", "N,10", dialect="torch")
    assert found.values == {"?": [3072]}


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ("20x(pad2d:?,reshape:H:W:-1)", "B,H,12,_"),
        ("3x(pad1d:1,reshape:T:-1),mul(conv1d:4:?:same|),maxpool1d:4", "B,T,_"),
        ("in:B:H:4,33x(pad1d:?,flatten,reshape:T:-1)", "B,97,_"),
    ],
)
def test_a_search_ends_by_the_work_it_makes(spec: str, output: str) -> None:
    begin = spent()
    with pytest.raises(ShapeError, match=r"no number up to [0-9]+ gives this output"):
        shapecalc.solve(spec, output)
    assert spent() - begin < MAX_SUMS + 2 * MAX_WORK / SUM


def test_an_output_that_has_other_axes_whatever_the_number_ends_it() -> None:
    tried: list[bool] = []
    with pytest.raises(ShapeError) as caught:
        solve(ask("in:B:12:4,conv1d:4:?:same"), read_shape("B,4"), tried.append)
    assert caught.value.message == "the output has 3 axes, not 2"
    assert len(tried) < 100
    (found,) = shapecalc.solve("dialect:torch,in:1:2:3:4,flatten:0:?", "24")
    assert found.values == {"?": [3]}


def test_a_quotient_that_is_exact_is_divided_into_its_factors() -> None:
    """``H*C//4 == 10`` and ``H*C % 4 == 0`` come to ``H*C == 40``."""
    found = shapecalc.solve("in:B:H:C,reshape:-1:4", "B,10,4")
    values = [each.values for each in found]
    assert values == [{"H": [n], "C": [40 // n]} for n in (1, 2, 4, 5, 8, 10, 20, 40)]
