"""What networks cost is what real runs do, in letters and at numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from failing import failing
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.dims import Size, letters, parse_size, substitute
from shapecalc.tracing.costs import Costs, live

DATA = Path(__file__).parents[1] / "data"
LETTERS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "letters.jsonl").read_text().splitlines()
]
PEAKS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "peak.jsonl").read_text().splitlines()
]


def at(text: int | str, values: dict[str, int]) -> Size:
    """A size of JSON at numbers."""
    return substitute(parse_size(str(text)), values)


def stack_costs_what_real_keras_does(case: dict[str, Any]) -> None:
    trace = shapecalc.trace(case["spec"])
    data = trace.to_dict(costs=True)
    assert [row.name for row in trace.layers] == case["layers"]
    for point in case["values"]:
        if "error" in point:
            with pytest.raises(shapecalc.ShapeError):
                shapecalc.trace(case["spec"], set=point["at"])
            continue
        numbers = shapecalc.trace(case["spec"], set=point["at"])
        assert numbers.macs == point["macs"]
        assert at(data["macs"], point["at"]) == point["macs"]
        assert at(data["flops"], point["at"]) == 2 * point["macs"]
        for row, text in zip(data["layers"], case["macs_by_layer"], strict=True):
            assert at(row["macs"], point["at"]) == at(text, point["at"])
    assert len(str(data["macs"])) <= len(case["macs"])


def test_stacks_cost_what_real_keras_does() -> None:
    assert len(LETTERS) > 10
    assert not failing(stack_costs_what_real_keras_does, LETTERS)


def peak_is_that_of_a_run(case: dict[str, Any]) -> None:
    trace = shapecalc.trace(case["spec"], set={**case["set"], "B": 1})
    assert [row.name for row in trace.layers] == case["order"]
    assert live(trace) == case["live_elements_per_B"]
    assert trace.peak is not None
    assert (trace.peak.size, list(trace.peak.layers)) == (
        case["peak_elements_per_B"],
        case["peak_at"],
    )
    general = shapecalc.trace(case["spec"]).peak
    assert general is not None
    assert substitute(general.size, {**case["set"], "B": 1}) == case["peak_elements_per_B"]
    assert set(case["peak_at"]) <= set(general.layers)


def test_the_peak_is_that_of_a_run() -> None:
    assert len(PEAKS) > 8
    assert not failing(peak_is_that_of_a_run, PEAKS)


@pytest.mark.parametrize(
    ("model", "macs"), [("MobileNetV2", 300_774_272), ("ResNet50", 3_857_973_248)]
)
def test_whole_models(model: str, macs: int) -> None:
    trace = shapecalc.trace(shapecalc.load(recorded("applications")[model]["json"]), set={"B": 1})
    assert (trace.macs, trace.flops) == (macs, 2 * macs)
    assert trace.peak is not None
    assert isinstance(trace.peak.size, int)


def test_the_total_is_the_sum_of_the_rows_where_that_is_shorter() -> None:
    trace = shapecalc.trace("in:B:H:W:3,conv2d:8:3:s=2,maxpool2d:2,conv2d:16:3")
    said = trace.to_dict(costs=True)["macs"]
    assert said == "72*B*(3*((H - 1)//2)*((W - 1)//2) + 16*((H - 9)//4)*((W - 9)//4))"
    assert parse_size(said) == trace.macs


def test_sizes_are_as_they_are_under_the_conditions() -> None:
    unet = "in:B:H:W:8,conv2d:8:3:same@s,maxpool2d,conv2d:8:3:same,tconv2d:8:2:s=2,concat:@s"
    trace = shapecalc.trace(unet)
    assert str(trace.macs) == "784*B*H*W"
    assert trace.peak is not None
    assert (str(trace.peak.size), trace.peak.layers) == ("32*B*H*W", ("concatenate",))


def test_a_peak_may_be_either_of_two() -> None:
    peak = shapecalc.trace("in:B:T:8,dense:16,gap1d,dense:900").peak
    assert peak is not None
    assert str(peak.size) == "4*B*max(4*T + 4, 6*T, 229)"
    assert peak.layers == ("dense", "global_average_pooling1d", "dense_1")
    larger = shapecalc.trace("in:B:T:8,dense:16,gap1d,dense:900", where="T >= 40").peak
    assert larger is not None
    assert (str(larger.size), larger.layers) == ("24*B*T", ("dense",))


def test_plain_json_has_no_costs() -> None:
    trace = shapecalc.trace("dense:3")
    plain, counted = trace.to_dict(), trace.to_dict(costs=True)
    assert set(counted) - set(plain) == {"macs", "flops", "peak"}
    (before,), (after,) = plain["layers"], counted["layers"]
    assert set(after) - set(before) == {"macs", "flops", "memory", "receptive"}


def test_what_is_not_known_has_no_number() -> None:
    spec = "in:N:64@x,in:N@y,@x,adaptivelogsoftmaxwithloss:64:1000:(10,100):@y"
    trace = shapecalc.trace(spec, dialect="torch")
    assert (trace.macs, trace.flops, trace.layers[0].macs) == (None, None, None)
    assert trace.to_dict(costs=True)["macs"] is None


@pytest.mark.parametrize(
    ("spec", "times"),
    [
        # The first layer wants no gradient of the input, the others of both factors.
        ("in:7:5,dense:6", [2]),
        ("in:7:5,dense:6,dense:4", [2, 3]),
        ("in:7:5,dense:6:frozen,dense:4", [1, 2]),
        ("in:7:5,dense:6,dense:4:frozen", [2, 2]),
        ("in:7:5,dense:6:frozen", [1]),
        ("in:7:4:5,dense:6,attn", [2, 3]),
        ("in:7:4:5,attn", [1]),
        ("in:7:4:5@x,dense:6@d,@x,use:@d", [2, 2]),
    ],
)
def test_training_wants_the_gradients_that_somebody_needs(spec: str, times: list[int]) -> None:
    trace = shapecalc.trace(spec)
    costs = Costs(trace, training=True)
    assert [costs.macs(row) for row in trace.layers] == [
        row.macs * n for row, n in zip(trace.layers, times, strict=True)
    ]


def test_what_a_layer_makes_itself_wants_its_gradient() -> None:
    trace = shapecalc.trace("in:3:7:5,lstm:4:seq")
    features, state = (3 * 7 * size * 16 for size in (5, 4))
    assert Costs(trace, training=True).macs(trace.layers[0]) == 2 * features + 3 * state


def test_the_norm_of_a_kernel_is_found_without_gradients() -> None:
    trace = shapecalc.trace("in:3:7,dense:7,spectralnormalization(dense:6)", training=True)
    costs = Costs(trace, training=True)
    assert costs.macs(trace.layers[1]) == 3 * 3 * 42 + 3 * 42 + 6


def test_bytes_are_those_of_a_type() -> None:
    trace = shapecalc.trace("in:2:8,dense:4")
    for dtype, width in {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}.items():
        costs = Costs(trace, dtype)
        assert costs.memory(trace.layers[0]) == 8 * width
        assert costs.peak is not None
        assert costs.peak.size == 24 * width


def test_scores_are_apart_from_the_peak() -> None:
    trace = shapecalc.trace("in:B:T:64,mha:4:16")
    assert {str(size): rows for size, rows in Costs(trace).within.items()} == {
        "4*B*T**2": ["multi_head_attention"]
    }
    assert trace.peak is not None
    assert letters(trace.peak.size) == {"B", "T"}
    assert str(trace.peak.size) == "128*B*T"


def test_a_peak_that_would_be_the_largest_of_many_sizes_is_not_said() -> None:
    assert shapecalc.trace("in:B:T:8,40x(conv1d:8:3:s=3,upsample1d:2)").peak is None
    assert shapecalc.trace("in:B:T:8,2x(conv1d:8:3:s=3,upsample1d:2)").peak is not None
