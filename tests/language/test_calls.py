"""What a layer is called with beside what it works on: masks, and flags of the call."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.errors import ShapeError, SpecError


@pytest.mark.parametrize(
    ("spec", "conditions"),
    [
        ("in:B:T:S@m,in:B:T:16,mha:2:8:attention_mask=@m", ["S == T or S == 1"]),
        ("in:T:T@m,in:B:T:16,mha:2:8:attention_mask=@m", []),
        ("in:1:T:T@m,in:B:T:16,mha:2:8:attention_mask=@m", []),
        ("in:B:1:1:T@m,in:B:T:16,mha:2:8:attention_mask=@m", []),
        ("in:B:2:T:T@m,in:B:T:16,gqa:8:2:1:attention_mask=@m", []),
        ("in:B:S@m,in:B:T:9,lstm:8:mask=@m", ["S == T"]),
        ("in:B:7@m,in:B:T:9,bi-gru:8:mask=@m", ["T == 7"]),
        ("in:B:T@m,in:B:T:9,gap1d:mask=@m", []),
        ("in:B:T@m,in:B:T:9,td-dense:3:mask=@m", []),
        ("in:9@m,in:B:T:9,softmax:mask=@m", []),
        ("in:B:T@q,in:B:S@v,in:B:S:8@x,in:B:T:8,attn:kv=@x:mask=(@q,@v)", []),
        ("in:B:T@q,in:B:S@v,in:B:S:8@x,in:B:T:8,mha:2:4:kv=@x:query_mask=@q:value_mask=@v", []),
    ],
)
def test_mask_fits(spec: str, conditions: list[str]) -> None:
    trace = shapecalc.trace(spec)
    assert trace.conditions == conditions
    assert str(trace.network) == spec
    assert shapecalc.parse(str(trace.network)) == trace.network


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("in:B:6@m,in:B:7:9,lstm:8:mask=@m", r"a mask of shape \(B, 7\), but gets \(B, 6\)"),
        ("in:B:7:9@m,in:B:7:9,lstm:8:mask=@m", r"a mask of shape \(B, 7\)"),
        (
            "in:B:3:5:5@m,in:B:5:16,mha:2:8:attention_mask=@m",
            r"cannot repeat the attention_mask \(B, 3, 5, 5\) to \(B, 2, 5, 5\)",
        ),
        ("in:5@m,in:B:5:16,mha:2:8:attention_mask=@m", "cannot repeat the attention_mask"),
        ("in:B:5@m,in:B:5:16,attn:mask=@m", r"mask=\(@q,@v\)"),
        ("in:B:4@m,in:B:5:9,softmax:mask=@m", "cannot repeat the mask"),
    ],
)
def test_mask_that_does_not_fit_is_refused(spec: str, why: str) -> None:
    with pytest.raises(ShapeError, match=why):
        shapecalc.trace(spec)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("in:B:4@m,in:B:4,dense:3:mask=@m", "dense has no parameter mask"),
        ("in:B:T:4,dense:3:reverse", "dense takes no flag reverse"),
        ("in:B:T:4,mha:2:2:use_causal_mask=3", "use_causal_mask takes True or False"),
        ("in:B:T:4,lstm:2:mask=True", "mask takes the label of a mask"),
        ("in:B:T@m,in:B:T:4,lstm:2:mask=@m:mask=@m", "mask is given twice"),
        ("in:B:T@m,in:B:T:S:4,td-bi-lstm:3:mask=@m", "a mask is not allowed in bi in td"),
        ("in:B:4,dense:4@d,use:@d:units=3", "use: takes a label, and what the layer is called"),
        ("in:B:4,(dense:4,relu)@d,use:@d:training", "@d is not a single layer to call"),
        ("in:B:4@m,in:B:4,dense:3", "nothing reads this input"),
    ],
)
def test_what_no_layer_is_called_with_is_refused(spec: str, why: str) -> None:
    with pytest.raises(SpecError, match=why):
        shapecalc.parse(spec)


def test_scores_are_a_second_output() -> None:
    trace = shapecalc.trace("in:B:T:16,mha:2:8:return_attention_scores@a,dense:4,@a.1,softmax")
    assert (
        str(trace.layers[0].outputs)
        == "((Dim('B'), Dim('T'), 16), (Dim('B'), 2, Dim('T'), Dim('T')))"
    )
    assert str(trace.output) == "(Dim('B'), 2, Dim('T'), Dim('T'))"


def test_layer_is_called_again_in_another_way() -> None:
    spec = "in:B:T,reversibleembedding:50:8@e,dense:8,use:@e:reverse"
    trace = shapecalc.trace(spec)
    assert str(trace.network) == spec
    assert str(trace.output) == "(Dim('B'), Dim('T'), 50)"
    assert trace.params == 50 * 8 + 72


def test_layer_is_called_again_without_its_mask() -> None:
    spec = "in:B:T@m,in:B:T:8,lstm:8:seq:mask=@m@l,use:@l,use:@l:mask=None"
    nodes = shapecalc.parse(spec).nodes
    assert [len(node.inputs) for node in nodes[2:]] == [2, 2, 1]
    assert shapecalc.parse(str(shapecalc.parse(spec))) == shapecalc.parse(spec)
